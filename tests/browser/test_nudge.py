"""催办 from the list of who is behind to the inbox of the school and the mail of the day."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from notices.models import Delivery, Preference
from notices.services import delivering
from notices.workdays import end_of
from schools.enums import Role
from schools.models import Unit
from submissions.models import Assignment, Nudge
from tests.browser.axe import report_of
from tests.browser.conftest import SignIn
from tests.browser.test_sessions import RESTORED, come_in
from tests.factories import County, UnitFactory, assigned, person
from tests.notices.peers import HOST, MailPeer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = "请今天下班前报送。\n有困难请致电党办。"


@pytest.fixture
def peer(settings) -> Iterator[MailPeer]:
    """A mail server, which the settings name."""
    with MailPeer() as peer:
        settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, peer.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.DEFAULT_FROM_EMAIL = "portal@example.com"
        yield peer


@pytest.fixture
def late(place: County) -> Assignment:
    """What three schools have not handed in since yesterday; one has a secretary with an address."""
    third = UnitFactory(name="东镇第三小学", parent=place.township)
    person(Role.SECRETARY, third, name="李示例")
    owed = assigned(place)
    Assignment.objects.update(due_at=end_of(timezone.localdate() - timedelta(days=1)))
    place.secretary.email = "zhang@example.com"
    place.secretary.save()
    Preference.objects.create(user=place.secretary, quiet_from="00:00", quiet_until="00:00")
    return owed


def looked_at(page: Page, *names: str) -> Page:
    """From the list of who is behind to the page that shows whom a nudge would tell."""
    page.goto(reverse("all_behind"))
    for name in names:
        page.get_by_label(f"选中{name}").check()
    page.get_by_role("button", name="催办所选").click()
    expect(page.get_by_role("heading", name="催办", exact=True)).to_be_visible()
    return page


def row(page: Page, unit: Unit | str) -> Locator:
    return page.get_by_role("row").filter(has_text=str(unit))


def delivered() -> dict[str, int]:
    """The worker's run of tomorrow noon, when every digest of today or tomorrow is due."""
    now = timezone.localtime().replace(hour=12, minute=0) + timedelta(days=1)
    return delivering.deliver(lambda: now, until=now + timedelta(seconds=50))


def test_a_nudge_reaches_the_inbox_at_once_and_the_mailbox_with_the_digest(
    place: County, late: Assignment, peer: MailPeer, sign_in: SignIn, complaints: list[str]
) -> None:
    page = looked_at(sign_in(place.officer), "东镇中心小学", "示例县第一初级中学")
    expect(row(page, place.middle)).to_contain_text("没有在用的信息员或负责人")
    expect(row(page, place.school)).to_contain_text(
        f"{place.secretary.name}（信息员）站内消息、邮件（今日汇总）"
    )
    assert report_of(page) == []
    page.get_by_label("催办内容").fill(TEXT)
    page.get_by_role("button", name="发送，通知1人").click()
    expect(page.get_by_text("催办已发出：通知1个单位，另有1个单位未通知。")).to_be_visible()
    expect(row(page, place.school)).to_have_text(
        f"东镇中心小学 已催办 {place.secretary.name} 未读 0/1人 1项 1项"
    )
    assert report_of(page) == []
    result = page.url

    school = sign_in(place.secretary, phone=True)
    school.get_by_role("link", name="消息").click()
    school.get_by_role("button", name="催办：1项报送任务已逾期").click()
    expect(school.get_by_text("请今天下班前报送。")).to_be_visible()
    expect(school.get_by_text(late.name)).to_be_visible()
    school.get_by_role("link", name="查看相关事项").click()
    expect(school.get_by_role("heading", name="我的报送")).to_be_visible()

    page.goto(result)
    expect(row(page, place.school)).to_have_text(re.compile(r"已读\s+1/1人\s+1项\s+1项\s*$"))
    assert peer.taken == []
    assert delivered() == {"accepted": 1}
    [mail] = peer.taken
    assert mail.to == ("zhang@example.com",)
    body = mail.letter.get_content()
    assert all(line in body for line in (*TEXT.split("\n"), late.name))
    assert delivered() == {}
    assert complaints == []


def test_all_are_nudged_with_one_button_and_not_twice(
    place: County, late: Assignment, sign_in: SignIn
) -> None:
    page = looked_at(sign_in(place.officer), "东镇第三小学")
    page.get_by_role("button", name="发送，通知1人").dblclick()
    expect(page.get_by_role("heading", name="催办结果")).to_be_visible()
    page.goto(reverse("all_behind"))
    page.get_by_role("button", name="催办所选").click()
    expect(page.get_by_role("alert")).to_have_text("还没有选择单位，请勾选后再点“催办所选”。")
    expect(page).to_have_url(re.compile(reverse("all_behind")))
    page.get_by_label("全选本页").check()
    expect(page.locator("[name=unit]:checked")).to_have_count(3)
    page.get_by_role("button", name="催办全部3个单位").click()
    expect(row(page, "东镇第三小学")).to_contain_text("24小时内已催办")
    page.get_by_role("button", name="发送，通知1人").click()
    expect(page.get_by_text("催办已发出：通知1个单位，另有2个单位未通知。")).to_be_visible()
    page.get_by_role("link", name="催办记录").click()
    expect(page.locator(".task .side")).to_have_text(
        [re.compile(r"^\s*通知1个单位\s*所选3个\s*$"), "通知1个单位"]
    )
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("together", [True, False])
def test_text_and_units_outlive_an_expired_session(
    place: County, late: Assignment, sign_in: SignIn, together: bool
) -> None:
    page = sign_in(place.officer)
    if together:
        page.goto(reverse("all_behind"))
        page.get_by_role("button", name="催办全部3个单位").click()
    else:
        looked_at(page, "东镇中心小学")
    page.get_by_label("催办内容").fill(TEXT)
    Session.objects.all().delete()
    page.get_by_role("button", name="发送").click()
    come_in(page, place.officer)
    expect(page.get_by_text(RESTORED)).to_be_visible()
    expect(page.get_by_label("催办内容")).to_have_value(TEXT)
    if together:
        page.get_by_role("button", name="查看名单").click()
        expect(page.get_by_label("催办内容")).to_have_value(TEXT)
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("heading", name="催办结果")).to_be_visible()
    made = Nudge.objects.get()
    assert (made.text, made.units.count()) == (TEXT, 3 if together else 1)
