"""The operator's page: what left the house, with what answer, and sending it again; no words of schools."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html

from notices.admin.panel import ago, works
from notices.channels.attempts import masked
from notices.enums import ChannelKind, DeliveryState, Manner, Outcome
from notices.models import Attempt, Bucket, Channel, Delivery
from portal import broker
from portal.heartbeats import WORK, beat
from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from schools.models import User
from tests.factories import UnitFactory, UserFactory, person

pytestmark = pytest.mark.django_db
LIST = "admin:notices_delivery_changelist"
MINUTE = timedelta(minutes=1)
SECRET = "关于教师个人情况的说明"


@pytest.fixture
def system(place) -> User:
    return person(Role.SYSTEM, place.bureau, username="system1")


@pytest.fixture
def page(client, system):
    client.force_login(system, "django.contrib.auth.backends.ModelBackend")
    client.get(reverse("inbox"))  # the first page of a session stamps it
    return client


@pytest.fixture
def elsewhere():
    return UnitFactory(name="邻县教育局", kind=UnitKind.BUREAU)


def mail(to: User, state: DeliveryState = DeliveryState.FAILED, **fields) -> Delivery:
    now = timezone.now()
    to.email = to.email or f"{to.username}@example.com"
    to.save()
    fields.setdefault("manner", Manner.URGENT)
    if state not in DeliveryState.open():
        fields.setdefault("ended_at", now)
    if state == DeliveryState.SENDING:
        fields.setdefault("lease_until", now + MINUTE)
    return Delivery.objects.create(
        recipient=to, title=SECRET, body=SECRET, made_at=now, not_before=now, state=state, **fields
    )


def robot(unit, name: str = "东镇信息员群") -> Channel:
    return Channel.objects.create(unit=unit, kind=ChannelKind.DINGTALK, name=name)


def group_message(channel: Channel, state: DeliveryState = DeliveryState.FAILED) -> Delivery:
    now = timezone.now()
    return Delivery.objects.create(
        channel=channel, manner=Manner.DEADLINE, made_at=now, not_before=now, state=state, ended_at=now
    )


def change(delivery: Delivery) -> str:
    return reverse("admin:notices_delivery_change", args=[delivery.pk])


def listed(page, **query) -> str:
    return page.get(reverse(LIST, query=query)).content.decode()


def result_pks(page, **query) -> list[int]:
    return [one.pk for one in page.get(reverse(LIST, query=query)).context["cl"].result_list]


def test_a_message_is_listed_with_its_way_and_its_answer(page, place):
    mail(place.secretary, tries=3, answer="550 <secretary@example.com> unknown")
    text = listed(page)
    name = place.secretary.name
    address = f"{place.secretary.username[0]}***@example.com"
    for words in (
        f"{name}（东镇中心小学）{address}",
        "紧急",
        "发送失败",
        "550 &lt;s***@example.com&gt; unknown",
    ):
        assert words in text


def test_nowhere_stand_the_words_of_a_message_or_a_whole_address(page, place):
    delivery = mail(place.secretary, answer="550 whole.address@example.com unknown")
    Attempt.objects.create(
        delivery=delivery,
        number=1,
        at=timezone.now(),
        via="whole.address@example.com",
        answer="whole.address@a.cn",
    )
    for name, args in (
        (LIST, []),
        *((f"admin:notices_delivery_{one}", [delivery.pk]) for one in ("change", "history")),
    ):
        text = page.get(reverse(name, args=args)).content.decode()
        assert (SECRET in text, "whole.address@" in text, place.secretary.email in text) == (
            False,
            False,
            False,
        )


def test_the_page_of_a_message_tells_every_attempt(page, place):
    delivery, now = mail(place.secretary), timezone.now()
    for number, outcome in ((1, Outcome.UNREACHABLE), (2, Outcome.REFUSED)):
        Attempt.objects.create(
            delivery=delivery,
            number=number,
            at=now,
            ended_at=now,
            via="系统邮件",
            outcome=outcome,
            answer=f"答{number}",
        )
    text = page.get(reverse("admin:notices_delivery_change", args=[delivery.pk])).content.decode()
    assert [word in text for word in ("未能连接或中断", "对方拒绝", "答1", "答2", "重新发送")] == [True] * 5


def test_only_what_lies_within_reach_is_shown_counted_and_sent_again(page, place, elsewhere, system):
    other = person(Role.SECRETARY, UnitFactory(parent=elsewhere))
    mine, theirs = mail(place.secretary), mail(other)
    group, their_group = group_message(robot(place.township)), group_message(robot(elsewhere, "邻县群"))
    assert result_pks(page) == [group.pk, mine.pk]
    assert page.get(reverse(LIST)).context["panel"].counts[2].number == 2
    assert "邻县" not in listed(page)
    for hidden in (theirs, their_group):
        assert page.post(reverse("admin:notices_delivery_resend", args=[hidden.pk])).status_code == 404
    page.post(reverse("admin:notices_delivery_resend_all"))
    failed = Delivery.objects.filter(state=DeliveryState.FAILED)
    assert set(failed.values_list("pk", flat=True)) == {theirs.pk, their_group.pk}


def test_a_post_that_has_ended_gives_no_reach(page, place):
    mail(place.secretary)
    place.secretary.memberships.update(ended_at=timezone.now())
    assert result_pks(page) == []


def test_the_technical_account_sees_all(client, place, elsewhere):
    client.force_login(UserFactory(is_superuser=True), "django.contrib.auth.backends.ModelBackend")
    both = [mail(person(Role.SECRETARY, unit)).pk for unit in (place.school, elsewhere)]
    assert result_pks(client) == both[::-1]


def test_the_list_is_narrowed_by_state_manner_and_way(page, place):
    group = robot(place.township)
    told = group_message(group)
    failed, sent = mail(place.secretary), mail(place.officer, DeliveryState.SENT, manner=Manner.ORDINARY)
    assert result_pks(page, state__exact="sent") == [sent.pk]
    assert result_pks(page, manner__exact="urgent") == [failed.pk]
    assert result_pks(page, way="mail") == [sent.pk, failed.pk]
    assert result_pks(page, way=group.pk) == [told.pk]
    assert result_pks(page, q=place.officer.username) == [sent.pk]
    assert result_pks(page, q="东镇信息员群") == [told.pk]
    assert result_pks(page, q="无人") == []


def test_one_is_sent_again_and_leaves_a_trace(page, place, system):
    delivery = mail(place.secretary, tries=9)
    answer = page.post(reverse("admin:notices_delivery_resend", args=[delivery.pk]), follow=True)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries, delivery.ended_at) == (DeliveryState.WAITING, 0, None)
    assert "已重新安排发送" in answer.content.decode()
    event = AuditEvent.objects.get(action="delivery.resend")
    assert (event.actor, event.target, event.detail) == (
        system,
        f"notices.delivery:{delivery.pk}",
        {"deliveries": [delivery.pk]},
    )


def paused(to: User, **fields) -> Delivery:
    """A mail that has failed twice and waits for an hour."""
    delivery = mail(to, DeliveryState.WAITING, **({"tries": 2} | fields))
    Delivery.objects.filter(pk=delivery.pk).update(not_before=timezone.now() + 60 * MINUTE)
    return delivery


def test_one_that_waits_after_a_failure_is_tried_now_and_leaves_a_trace(page, place, system):
    delivery = paused(place.secretary)
    begun = timezone.now()
    answer = page.post(reverse("admin:notices_delivery_hasten", args=[delivery.pk]), follow=True)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == (DeliveryState.WAITING, 2)
    assert begun <= delivery.not_before <= timezone.now()
    assert "已安排立即再试" in answer.content.decode()
    event = AuditEvent.objects.get(action="delivery.hasten")
    assert (event.actor, event.target) == (system, f"notices.delivery:{delivery.pk}")
    again = page.post(reverse("admin:notices_delivery_hasten", args=[delivery.pk]), follow=True)
    assert "不需要再安排" in again.content.decode()


def test_what_has_not_failed_or_is_over_waits_for_its_time(page, place):
    """Otherwise quiet hours and digests could be pushed aside."""
    for delivery in (paused(place.secretary, tries=0), mail(place.officer, tries=2)):
        before = Delivery.objects.get(pk=delivery.pk).not_before
        page.post(reverse("admin:notices_delivery_hasten", args=[delivery.pk]))
        delivery.refresh_from_db()
        assert delivery.not_before == before
    assert not AuditEvent.objects.filter(action="delivery.hasten").exists()


def test_nobody_hastens_what_is_out_of_reach(page, elsewhere):
    theirs = paused(person(Role.SECRETARY, elsewhere))
    address = reverse("admin:notices_delivery_hasten", args=[theirs.pk])
    assert page.post(address).status_code == 404
    assert not AuditEvent.objects.filter(action="delivery.hasten").exists()


def buttons(page, address: str) -> list[str]:
    shown = html.fromstring(page.get(address).content.decode())
    return shown.xpath("//div[@id='content']//button[@class='button']/text()")


def test_each_message_offers_what_can_be_done_with_it(page, place):
    offered = {
        "failed": buttons(page, change(mail(place.secretary))),
        "paused": buttons(page, change(paused(place.secretary))),
        "new": buttons(page, change(paused(place.secretary, tries=0))),
        "sent": buttons(page, change(mail(place.secretary, DeliveryState.SENT))),
    }
    assert offered == {"failed": ["重新发送"], "paused": ["立即再试"], "new": [], "sent": []}


def test_all_are_sent_again_only_where_some_have_failed(page, place):
    assert buttons(page, reverse(LIST)) == []
    mail(place.secretary)
    assert buttons(page, reverse(LIST)) == ["全部重新发送"]


def test_the_list_says_how_many_it_has(page, place):
    def said() -> str:
        shown = html.fromstring(listed(page)).find_class("paginator")[0]
        return "".join(shown.text_content().split())

    assert said() == "共0条"
    mail(place.secretary)
    assert said() == "共1条"


def test_what_was_not_given_up_is_not_sent_again(page, place):
    delivery = mail(place.secretary, DeliveryState.SENT)
    answer = page.post(reverse("admin:notices_delivery_resend", args=[delivery.pk]), follow=True)
    assert "没有重新发送" in answer.content.decode()
    assert not AuditEvent.objects.filter(action="delivery.resend").exists()


def test_all_of_the_filter_are_sent_again_with_one_trace(page, place):
    urgent = [mail(place.secretary), mail(place.officer)]
    ordinary = mail(place.secretary, manner=Manner.ORDINARY)
    again = reverse("admin:notices_delivery_resend_all", query={"manner__exact": "urgent"})
    answer = page.post(again, follow=True)
    assert "已重新安排2条消息发送。" in answer.content.decode()
    assert answer.redirect_chain[-1][0] == reverse(LIST, query={"manner__exact": "urgent"})
    ordinary.refresh_from_db()
    assert ordinary.state == DeliveryState.FAILED
    assert AuditEvent.objects.get(action="delivery.resend").detail == {
        "deliveries": [one.pk for one in urgent]
    }


def test_a_digest_that_a_newer_one_replaces_is_told_apart(page, place):
    mail(place.secretary, manner=Manner.DEADLINE)
    mail(place.secretary, DeliveryState.WAITING, manner=Manner.DEADLINE)
    again = page.post(reverse("admin:notices_delivery_resend_all"), follow=True).content.decode()
    assert "已重新安排0条消息发送，另有1条已有更新的汇总代替，不再发送。" in again


@pytest.mark.parametrize(
    "query", ["state__exact=none", "way=none", "way=99999999999999999999", "p=-1", "e=1"]
)
def test_filters_that_make_no_sense_break_nothing(page, place, query):
    mail(place.secretary)
    assert page.get(f"{reverse(LIST)}?{query}", follow=True).status_code == 200
    assert (
        page.post(f"{reverse('admin:notices_delivery_resend_all')}?{query}", follow=True).status_code == 200
    )


def test_others_neither_look_nor_press(client, place):
    delivery = mail(place.secretary)
    for user in (place.officer, place.secretary, person(Role.SECURITY, place.bureau)):
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        addresses = (
            (LIST, []),
            ("admin:notices_delivery_resend", [delivery.pk]),
            ("admin:notices_delivery_hasten", [delivery.pk]),
            ("admin:notices_delivery_resend_all", []),
        )
        told = [client.post(reverse(name, args=args)).status_code for name, args in addresses]
        assert set(told) <= {302, 403}
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED


def test_the_panel_tells_what_waits_and_what_is_amiss(page, place, settings):
    settings.EMAIL_HOST = ""
    broker.answers.hold(False, seconds=60)
    now = timezone.now()
    late = mail(place.secretary, DeliveryState.WAITING)
    Delivery.objects.filter(pk=late.pk).update(not_before=now - 20 * MINUTE)
    Bucket.objects.create(channel=robot(place.township), level=0, at=now, blocked_until=now + 9 * MINUTE)
    for name in WORK:
        beat(name, at=now - (16 if name == "deliver" else 3) * MINUTE, seconds=1)
    shown = page.get(reverse(LIST)).context["panel"]
    assert [(count.state, count.words) for count in shown.counts] == [
        (DeliveryState.WAITING, "1条"),
        (DeliveryState.SENDING, "0条"),
        (DeliveryState.FAILED, "0条"),
    ]
    assert (shown.first, shown.first_is_late, shown.redis, shown.server) == (late, True, False, False)
    assert [bucket.channel.name for bucket in shown.blocked] == ["东镇信息员群"]
    assert [work.title for work in shown.works if work.late] == ["发送外发消息"]
    text = listed(page)
    for words in ("无法连接", "系统服务器未设置", "暂停发送至", "16分钟前", "定时任务可能已停止", "已超时"):
        assert words in text


def test_work_that_has_not_come_yet_is_no_trouble_unless_there_is_none_at_all():
    now = timezone.now()
    assert {work.late for work in works(now)} == {True}
    beat("deliver", at=now, seconds=1)
    assert {(work.done, work.late) for work in works(now)} == {("刚刚", False), ("", False)}


def test_a_list_costs_the_same_with_one_and_with_three_rows(page, place, django_assert_num_queries):
    for rows in (1, 2):
        for _ in range(rows):
            mail(person(Role.SECRETARY, place.school))
        with django_assert_num_queries(20):
            page.get(reverse(LIST))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("school001@example.com", "s***@example.com"),
        ("550 <a.b+c@x.cn>, d@y.cn", "550 <a***@x.cn>, d***@y.cn"),
        ("没有可用的邮件服务器", "没有可用的邮件服务器"),
        ("", ""),
    ],
)
def test_addresses_keep_their_first_letter(text, shown):
    assert masked(text) == shown


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "刚刚"), (1, "1分钟前"), (59, "59分钟前"), (60, "1小时前"), (2879, "47小时前"), (2880, "2天前")],
)
def test_how_long_ago(minutes, words):
    now = timezone.now()
    assert ago(now - minutes * MINUTE, now) == words
