"""What portal.js adds for people with a bad line and five other jobs."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.factories import County, assigned, handed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_withdrawing_is_asked_about_first(place: County, sign_in: SignIn) -> None:
    version = handed_in(assigned(place), place.secretary)
    page = sign_in(place.secretary)
    page.goto(reverse("assignment", args=[version.submission.assignment_id]))
    page.once("dialog", lambda asked: asked.dismiss())
    page.get_by_role("button", name="撤回").click()
    version.submission.refresh_from_db()
    assert version.submission.state == "pending"
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="撤回").click()
    expect(page.get_by_text("已撤回，修改后请重新提交。")).to_be_visible()


def test_the_text_is_counted_while_it_is_typed(place: County, sign_in: SignIn) -> None:
    page = sign_in(place.secretary, phone=True)
    page.goto(reverse("piece", args=[assigned(place, words_min=8).pk, 1]))
    page.get_by_label("正文").fill("家访，2026年。")
    expect(page.get_by_text("正文共6字（要求不少于8字）")).to_have_class("small-note mt-1 mb-0 flag-soon")
    page.get_by_label("正文").fill("家访，2026年三月。")
    expect(page.get_by_text("正文共8字（要求不少于8字）")).to_have_class("small-note mt-1 mb-0")


def test_the_menu_opens_and_logs_out(place: County, sign_in: SignIn) -> None:
    page = sign_in(place.secretary, phone=True)
    page.locator("summary", has_text=place.secretary.name).click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_text("已安全退出。")).to_be_visible()


def test_the_address_of_a_calendar_is_copied_at_a_press_and_never_cut(place: County, sign_in: SignIn) -> None:
    page = sign_in(place.secretary, phone=True)
    page.goto(reverse("calendar_feed"))
    page.get_by_role("button", name="建立订阅地址").click()
    field = page.get_by_label("订阅地址")
    expect(field).to_be_visible()
    assert field.evaluate("box => box.scrollWidth <= box.clientWidth && box.scrollHeight <= box.clientHeight")
    page.get_by_role("button", name="复制").click()
    expect(page.get_by_text("已复制")).to_be_visible()
    field.evaluate("box => { box.readOnly = false; box.value = ''; box.focus(); }")
    page.keyboard.press("Control+V")
    expect(field).to_have_value(field.text_content())
