"""What is typed is not lost: not with the browser, not with the session, not to somebody else."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from schools.enums import Role
from submissions.models import Assignment, Draft, Version
from submissions.services import drafts
from tests.browser.conftest import PASSWORD, SignIn
from tests.browser.hand import hasty
from tests.factories import NOW, County, assigned, drafted, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAVED = "自动保存，尚未提交"


def writing(page: Page, owed: Assignment) -> Page:
    page.goto(reverse("piece", args=[owed.pk, 1]))
    return page


def test_a_draft_saves_itself_and_is_not_handed_in(place: County, sign_in: SignIn) -> None:
    owed = assigned(place)
    page = writing(sign_in(place.secretary, phone=True), owed)
    page.get_by_label("标题").fill("家访路上")
    expect(page.get_by_text(SAVED)).to_be_visible()
    assert ([draft.title for draft in Draft.objects.all()], Version.objects.count()) == (["家访路上"], 0)


def test_what_was_typed_before_the_script_was_there_is_saved(place: County, sign_in: SignIn) -> None:
    owed = assigned(place)
    page = hasty(sign_in(place.secretary))
    script: list[Route] = []
    page.route("**/js/autosave*.js", lambda route: script.append(route))
    page.goto(reverse("piece", args=[owed.pk, 1]), wait_until="commit")
    page.get_by_label("标题").fill("家访路上")
    script[0].continue_()
    expect(page.get_by_text(SAVED)).to_be_visible()
    assert Draft.objects.get().title == "家访路上"


def test_what_was_typed_outlives_a_closed_browser(place: County, sign_in: SignIn) -> None:
    owed = assigned(place)
    page = writing(sign_in(place.secretary, phone=True), owed)
    page.route("**/autosave/", lambda route: route.abort())
    page.get_by_label("标题").fill("家访路上")
    expect(page.get_by_text("网络不通，填写的内容已存在本设备")).to_be_visible()
    again = writing(page.context.new_page(), owed)
    page.close()
    expect(again.get_by_label("标题")).to_have_value("家访路上")
    expect(again.get_by_text(SAVED)).to_be_visible()
    assert Draft.objects.get().title == "家访路上"


def test_what_was_typed_outlives_an_expired_session(place: County, sign_in: SignIn) -> None:
    owed = assigned(place)
    page = writing(sign_in(place.secretary, phone=True), owed)
    page.get_by_label("标题").fill("家访路上")
    page.get_by_label("正文").fill("写了半个小时。")
    Session.objects.all().delete()
    page.get_by_role("button", name="保存草稿").click()
    page.get_by_label("用户名").fill(place.secretary.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_label("正文")).to_have_value("写了半个小时。")
    expect(page.get_by_text(SAVED)).to_be_visible()
    assert [(draft.title, draft.body) for draft in Draft.objects.all()] == [("家访路上", "写了半个小时。")]


def test_an_expired_session_is_told_while_typing(place: County, sign_in: SignIn) -> None:
    page = writing(sign_in(place.secretary), assigned(place))
    Session.objects.all().delete()
    page.get_by_label("标题").fill("家访路上")
    expect(page.get_by_text("填写的内容已存在本设备；请重新登录后再打开本页。")).to_be_visible()
    assert Draft.objects.count() == 0


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (400, "内容过长，没有保存，请删减。"),
        (413, "内容过长，没有保存，请删减。"),
        (404, "没有找到这篇材料，请返回任务页面重新打开。"),
        (403, "登录已过期或页面已失效，填写的内容已存在本设备；请重新登录后再打开本页。"),
    ],
)
def test_what_went_wrong_is_told_as_it_is(place: County, sign_in: SignIn, status: int, sentence: str) -> None:
    page = writing(sign_in(place.secretary), assigned(place))
    page.route("**/autosave/", lambda route: route.fulfill(status=status, body="<!doctype html>"), times=1)
    page.get_by_label("标题").fill("家访路上")
    expect(page.get_by_text(sentence)).to_be_visible()
    page.get_by_label("标题").fill("家访")
    if status != 403:
        expect(page.get_by_text(SAVED)).to_be_visible()


def test_two_people_at_different_fields_both_keep_theirs(place: County, sign_in: SignIn) -> None:
    owed, other = assigned(place), person(Role.SECRETARY, place.school, name="李示例")
    drafted(owed, place.secretary, title="家访")
    mine = writing(sign_in(place.secretary), owed)
    theirs = writing(sign_in(other), owed)
    theirs.get_by_label("摘要").fill("两位教师的一次家访。")
    expect(theirs.get_by_text(SAVED)).to_be_visible()
    mine.get_by_label("标题").fill("家访路上")
    expect(mine.get_by_text("李示例刚才修改的内容已一并保留")).to_be_visible()
    expect(mine.get_by_label("摘要")).to_have_value("两位教师的一次家访。")
    found = Draft.objects.get()
    assert (found.title, found.abstract) == ("家访路上", "两位教师的一次家访。")


def test_two_people_at_one_field_are_asked_which_to_keep(place: County, sign_in: SignIn) -> None:
    owed, other = assigned(place), person(Role.SECRETARY, place.school, name="李示例")
    drafted(owed, place.secretary, title="家访")
    mine = writing(sign_in(place.secretary), owed)
    theirs = writing(sign_in(other), owed)
    theirs.get_by_label("标题").fill("家访一日")
    expect(theirs.get_by_text(SAVED)).to_be_visible()
    mine.get_by_label("标题").fill("家访路上")
    expect(mine.get_by_text("请点“保存草稿”逐处选择保留哪一份")).to_be_visible()
    assert Draft.objects.get().title == "家访一日"
    mine.get_by_role("button", name="保存草稿").click()
    expect(mine.get_by_label("标题")).to_have_value("家访路上")
    mine.get_by_label("采用李示例保存的").check()
    mine.get_by_role("button", name="保存草稿").click()
    expect(mine.get_by_text("草稿已保存，尚未提交。")).to_be_visible()
    expect(mine.get_by_label("标题")).to_have_value("家访一日")


def test_nothing_is_saved_over_anybody_before_the_choice(place: County, sign_in: SignIn) -> None:
    owed, other = assigned(place), person(Role.SECRETARY, place.school, name="李示例")
    drafted(owed, place.secretary, title="家访")
    mine = writing(sign_in(place.secretary), owed)
    drafts.save_draft(owed.pk, 1, drafts.Words("家访一日", body="正文"), by=other, at=NOW)
    mine.get_by_label("标题").fill("家访路上")
    mine.get_by_role("button", name="保存草稿").click()
    expect(mine.get_by_label("采用李示例保存的")).to_be_visible()
    mine.get_by_label("正文").fill("选定以前又写了一段。")
    mine.wait_for_timeout(3000)
    assert (Draft.objects.get().title, Draft.objects.get().body) == ("家访一日", "正文")
    again = writing(mine.context.new_page(), owed)  # the browser was closed instead of choosing
    expect(again.get_by_text("请点“保存草稿”逐处选择保留哪一份")).to_be_visible()
    assert Draft.objects.get().title == "家访一日"


def test_an_answer_that_was_lost_makes_nobody_a_stranger_to_himself(place: County, sign_in: SignIn) -> None:
    """The server took the draft, and the line broke before it could say so; then more was typed."""
    owed = assigned(place)
    page = writing(sign_in(place.secretary, phone=True), owed)
    page.route("**/autosave/", lambda route: (route.fetch(), route.abort()), times=1)
    page.get_by_label("标题").fill("家访")
    expect(page.get_by_text("网络不通，填写的内容已存在本设备")).to_be_visible()
    assert Draft.objects.get().title == "家访"
    page.get_by_label("标题").fill("家访路上")
    expect(page.get_by_text(SAVED)).to_be_visible()
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.get_by_label("正文").fill("正文")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="报送回执")).to_be_visible()
    assert [(version.title, version.body) for version in Version.objects.all()] == [("家访路上", "正文")]


def test_handing_in_waits_for_the_answer_that_is_outstanding(place: County, sign_in: SignIn) -> None:
    owed = assigned(place)
    page = writing(sign_in(place.secretary), owed)

    def slowly(route: Route) -> None:
        answer = route.fetch()
        page.wait_for_timeout(1500)
        route.fulfill(response=answer)

    page.route("**/autosave/", slowly, times=1)
    page.get_by_label("标题").fill("家访")
    expect(page.get_by_text("正在保存……")).to_be_visible()
    page.get_by_label("标题").fill("家访路上")
    page.get_by_label("正文").fill("正文")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="报送回执")).to_be_visible()
    assert Version.objects.get().title == "家访路上"
