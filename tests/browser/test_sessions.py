"""A session that ends under somebody's hands, and two people at one computer."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page, expect

from campaigns.enums import RequirementKind
from notices.models import Notice
from schools.enums import Role
from schools.models import User
from submissions.models import Draft, Review, Version
from tests.browser.conftest import PASSWORD, SignIn
from tests.factories import County, assigned, handed_in, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RESTORED = "已恢复您刚才填写的内容，请核对后重新提交。"
REASON = "请补充家访的时间、地点和人数，\n并附两张照片。"


@pytest.fixture
def version(place: County) -> Version:
    return handed_in(assigned(place), place.secretary)


def come_in(page: Page, user: User) -> None:
    page.get_by_label("用户名").fill(user.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def reviewing(page: Page, version: Version) -> Page:
    page.goto(reverse("version", args=[version.pk]) + "?sort=due")
    page.get_by_label("审核意见").fill(REASON)
    return page


def test_a_reason_outlives_an_expired_session(place: County, version: Version, sign_in: SignIn) -> None:
    page = reviewing(sign_in(place.officer), version)
    opened = page.url
    Session.objects.all().delete()
    page.get_by_role("button", name="退回").click()
    expect(page.get_by_text("登录已过期，刚才的操作没有办理；请登录后重新办理。")).to_be_visible()
    come_in(page, place.officer)
    expect(page.get_by_text(RESTORED)).to_be_visible()
    expect(page.get_by_label("审核意见")).to_have_value(REASON)
    assert page.url == opened
    page.get_by_role("button", name="退回").click()
    expect(page.get_by_text("已退回")).to_be_visible()
    assert [(one.verdict, one.reason) for one in Review.objects.all()] == [
        ("return", REASON.replace("\n", "\r\n"))
    ]
    assert page.evaluate("sessionStorage.getItem('words-sent')") is None


def test_every_line_of_a_long_form_comes_back(place: County, sign_in: SignIn) -> None:
    owed = assigned(place, kind=RequirementKind.SUGGESTION)
    page = sign_in(place.officer)
    page.goto(reverse("on_behalf", args=[owed.pk]))
    page.get_by_role("button", name="再加一条").click()
    items = page.locator("[data-items] textarea")
    items.nth(0).fill("减少表格。")
    items.nth(1).fill("统一格式。")
    page.get_by_label("标题").fill("两条建议")
    Session.objects.all().delete()
    page.locator("#behalf").evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    come_in(page, place.officer)
    expect(page.get_by_text(RESTORED)).to_be_visible()
    expect(page.get_by_label("标题")).to_have_value("两条建议")
    found = [items.nth(number).input_value() for number in range(items.count())]
    assert [text for text in found if text] == ["减少表格。", "统一格式。"]


def test_a_reason_outlives_a_broken_line(place: County, version: Version, sign_in: SignIn) -> None:
    page = reviewing(sign_in(place.officer), version)
    page.route("**/review/", lambda route: route.abort())
    page.get_by_role("button", name="退回").click()
    page.wait_for_url("chrome-error://**")
    page.go_back()
    expect(page.get_by_label("审核意见")).to_have_value(REASON)


def test_nobody_else_finds_the_words(place: County, version: Version, sign_in: SignIn) -> None:
    other = person(Role.OFFICER, place.bureau, name="李示例", password=PASSWORD)
    page = reviewing(sign_in(place.officer), version)
    Session.objects.all().delete()
    page.get_by_role("button", name="退回").click()
    come_in(page, other)
    expect(page.get_by_label("审核意见")).to_have_value("")
    expect(page.get_by_text(RESTORED)).to_have_count(0)
    assert page.evaluate("sessionStorage.getItem('words-sent')") is None


def test_a_page_does_not_act_for_who_came_after(place: County, version: Version, sign_in: SignIn) -> None:
    other = person(Role.OFFICER, place.bureau, name="李示例", password=PASSWORD)
    page = reviewing(sign_in(place.officer), version)
    second = page.context.new_page()
    second.goto(reverse("login"))
    come_in(second, other)
    expect(second.get_by_role("heading", name="材料审核")).to_be_visible()
    page.get_by_role("button", name="退回").click()
    expect(page.get_by_text("本页由另一位用户打开，现在登录的是李示例，刚才的操作没有办理")).to_be_visible()
    assert Review.objects.count() == 0
    page.get_by_role("link", name="重新打开页面").click()
    expect(page.get_by_label("审核意见")).to_have_value("")
    page.get_by_label("审核意见").fill("请补充数据。")
    page.get_by_role("button", name="退回").click()
    expect(page.get_by_text("已退回")).to_be_visible()
    assert [(one.by, one.reason) for one in Review.objects.all()] == [(other, "请补充数据。")]


def test_a_draft_is_not_saved_for_who_came_after(place: County, sign_in: SignIn) -> None:
    other = person(Role.SECRETARY, place.school, name="李示例", password=PASSWORD)
    page = sign_in(place.secretary)
    page.goto(reverse("piece", args=[assigned(place).pk, 1]))
    second = page.context.new_page()
    second.goto(reverse("login"))
    come_in(second, other)
    expect(second.locator("summary", has_text="李示例")).to_be_visible()
    page.get_by_label("标题").fill("家访路上")
    expect(page.get_by_text("本页由另一位用户打开，现在登录的是李示例，没有保存")).to_be_visible()
    assert Draft.objects.count() == 0


def test_the_same_person_in_a_second_tab_changes_nothing(
    place: County, version: Version, sign_in: SignIn
) -> None:
    page = reviewing(sign_in(place.officer), version)
    Session.objects.all().delete()
    second = page.context.new_page()
    second.goto("/")
    come_in(second, place.officer)
    expect(second.get_by_role("heading", name="材料审核")).to_be_visible()
    page.get_by_role("button", name="退回").click()
    expect(page.get_by_text("已退回")).to_be_visible()
    assert Notice.objects.filter(recipient=place.secretary).exists()
