"""Reviewing by keyboard, and on a phone without one."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from submissions.models import Review
from submissions.services import reasons
from tests.browser.conftest import SignIn
from tests.factories import NOW, County, assigned, at, handed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def three(place: County) -> None:
    """Three pieces that wait: 甲, 乙, 丙."""
    owed = assigned(place)
    for number, title in enumerate("甲乙丙", 1):
        handed_in(owed, place.secretary, number=number, title=title, at=at(3, 2 + number))


def heading(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def decided() -> list[tuple[str, str, str]]:
    return list(Review.objects.order_by("pk").values_list("version__title", "verdict", "reason"))


def test_a_queue_is_worked_off_by_keyboard(
    place: County, three: None, sign_in: SignIn, complaints: list[str]
) -> None:
    page = sign_in(place.officer)
    page.goto(reverse("queue"))
    press(page, "j", "j", "Enter")
    heading(page, "乙")
    press(page, "a", "Enter")
    heading(page, "丙")
    expect(page.get_by_text("《乙》已通过。")).to_be_visible()
    press(page, "k")
    heading(page, "甲")
    press(page, "e")
    page.keyboard.insert_text("请补充数据。")
    press(page, "Escape", "r", "Enter")
    heading(page, "丙")
    press(page, "q")
    heading(page, "材料审核")
    assert decided() == [("乙", "accept", ""), ("甲", "return", "请补充数据。")]
    assert complaints == []


def test_a_letter_alone_decides_nothing(place: County, three: None, sign_in: SignIn) -> None:
    page = sign_in(place.officer)
    page.goto(reverse("queue"))
    press(page, "k", "Enter")
    heading(page, "甲")
    press(page, "a", "r", "Control+a", "Alt+r")
    expect(page.get_by_role("button", name="退回")).to_be_focused()
    assert decided() == []


def test_who_is_typing_types(place: County, three: None, sign_in: SignIn) -> None:
    page = sign_in(place.officer)
    page.goto(reverse("queue"))
    press(page, "j", "Enter")
    opinion = page.get_by_label("审核意见")
    opinion.click()
    page.keyboard.type("jkarqe")
    expect(opinion).to_have_value("jkarqe")
    expect(opinion).to_be_focused()
    heading(page, "甲")


def test_a_word_that_is_being_composed_moves_nothing(place: County, three: None, sign_in: SignIn) -> None:
    page = sign_in(place.officer)
    page.goto(reverse("queue"))
    page.evaluate(
        "document.body.dispatchEvent("
        "new KeyboardEvent('keydown', { key: 'j', isComposing: true, bubbles: true }))"
    )
    assert page.evaluate("document.activeElement === document.body")
    press(page, "j")
    expect(page.locator("[data-row] a.task").first).to_be_focused()


def test_rows_are_ticked_by_keyboard_and_accepted_together(
    place: County, three: None, sign_in: SignIn
) -> None:
    page = sign_in(place.officer)
    page.goto(reverse("queue"))
    press(page, "j", "x", "j", "x", "j", "x", "x")
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="通过勾选的材料").click()
    expect(page.get_by_text("已通过2篇材料。")).to_be_visible()
    assert [title for title, *_ in decided()] == ["甲", "乙"]


def test_a_phone_reviews_without_a_keyboard(
    place: County, three: None, sign_in: SignIn, complaints: list[str]
) -> None:
    reasons.keep(place.bureau, ["请补充数据"], by=place.officer, at=NOW)
    page = sign_in(place.officer, phone=True)
    page.goto(reverse("queue"))
    expect(page.locator(".keys")).to_be_hidden()
    page.get_by_role("link", name="从第一篇开始审").click()
    expect(page.locator(".keys")).to_be_hidden()
    page.locator("summary", has_text="常用意见").click()
    page.get_by_label("请补充数据").check()
    page.get_by_role("button", name="退回").click()
    heading(page, "乙")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert (decided(), complaints) == ([("甲", "return", "请补充数据")], [])
