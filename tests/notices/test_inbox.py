"""The inbox: what is shown, opened, and noted as read."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from notices.enums import Manner
from notices.models import Notice
from notices.services.telling import tell
from notices.templatetags.previews import run_on
from tests.factories import NOW, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def me():
    return UserFactory()


@pytest.fixture
def mine(me):
    client = Client()
    client.force_login(me, backend=settings.AUTHENTICATION_BACKENDS[1])
    client.get(reverse("inbox"))  # the first page of a session stamps it
    return client


def told(me, title="请报送", manner=Manner.ORDINARY, **more):
    told = tell([me], matter=title, title=title, at=NOW, manner=manner, **more)
    return Notice.objects.get(pk=told[me.pk])


def words(response, path):
    tree = html.fromstring(response.content.decode())
    return [" ".join(found.text_content().split()) for found in tree.xpath(path)]


def listed(client, **query):
    return words(client.get(reverse("inbox"), query), "//button[contains(@class, 'task')]")


def test_what_is_unread_and_what_is_urgent_is_said_in_words(me, mine):
    told(me)
    told(me, "已退回", Manner.URGENT, body="请补充。")
    assert listed(mine) == ["未读： 紧急 已退回 请补充。 3月2日 09:00", "未读： 请报送 3月2日 09:00"]


def test_opening_a_notice_notes_it_as_read_and_shows_all_of_it(me, mine):
    body = "\n".join(f"第{number}项，尚未报送" for number in range(60))
    one = told(me, "报送提醒", Manner.DEADLINE, body=body, url="/work/")
    page = mine.post(reverse("open_notice", args=[one.pk]), follow=True)
    one.refresh_from_db()
    assert one.read_at is not None
    assert html.fromstring(page.content.decode()).xpath("//div[contains(@class, 'prose')]/text()") == [body]
    assert words(page, "//a[@href='/work/' and contains(@class, 'btn')]") == ["查看相关事项"]


def test_looking_at_it_by_its_address_notes_nothing(me, mine):
    one = told(me)
    page = mine.get(reverse("notice", args=[one.pk]))
    one.refresh_from_db()
    assert (one.read_at, words(page, "//main//button")) == (None, ["标为已读"])


def test_what_has_been_read_leaves_the_unread_ones(me, mine):
    first = told(me)
    told(me, "下一件")
    mine.post(reverse("open_notice", args=[first.pk]))
    assert (listed(mine, show="unread"), len(listed(mine))) == (["未读： 下一件 3月2日 09:00"], 2)


def test_nothing_unread_is_said(mine):
    assert words(mine.get(reverse("inbox"), {"show": "unread"}), "//li[@class='empty']") == ["没有未读消息"]


def test_pages_of_unread_ones_stay_unread_ones(me, mine):
    for number in range(31):
        told(me, f"第{number}件")
    page = mine.get(reverse("inbox"), {"show": "unread"})
    [following] = html.fromstring(page.content.decode()).xpath("//a[text()='下一页']/@href")
    assert following == "?show=unread&page=2"


@pytest.mark.parametrize("show", ["", "unread"])
@pytest.mark.parametrize("count", [1, 3])
def test_the_inbox_takes_as_many_queries_for_three_notices_as_for_one(me, mine, count, show):
    for number in range(count):
        told(me, f"第{number}件")
    with CaptureQueriesContext(connection) as captured:
        mine.get(reverse("inbox"), {"show": show})
    assert len(captured) == 6


def test_a_notice_takes_five_queries(me, mine):
    one = told(me, body="很长" * 500)
    with CaptureQueriesContext(connection) as captured:
        mine.get(reverse("notice", args=[one.pk]))
    assert len(captured) == 5


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("一句话。", "一句话。"),
        ("征文：还有1个工作日\n纪要：今天截止", "征文：还有1个工作日；纪要：今天截止"),
        ("请尽快办理：\n征文\n\n 纪要 ", "请尽快办理：征文；纪要"),
        ("一二三四五六七八九十\n一二三四五六七八九", "一二三四五六七八九十；一二三四五六七八九"),
        ("一二三四五六七八九十\n一二三四五六七八九十", "一二三四五六七八九十；一二三四五六七……"),
        ("", ""),
    ],
)
def test_a_preview_runs_the_lines_on(body, shown):
    assert run_on(body, 20) == shown
