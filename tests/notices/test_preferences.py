"""消息设置: what people wish of messages, their own address, and trying it out."""

from datetime import time, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from notices import hours
from notices.enums import ChannelKind, Manner, Outcome
from notices.forms import PreferenceForm
from notices.models import Channel, Delivery, Preference
from notices.services import preferences
from notices.services.telling import tell
from portal.models import AuditEvent
from schools.enums import Role
from schools.rules import NotAllowed
from tests.factories import NOW, UserFactory, at, person
from tests.pages import form_on

pytestmark = pytest.mark.django_db

FREE = "127.0.0.1", 9  # nobody listens there


def as_(user):
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


def typed(**changed):
    return {
        "email": "zhang@example.com", "ordinary_mail": "on", "digest_hour": "8", "quiet_from": "21:00",
        "quiet_until": "07:00", **changed,
    }  # fmt: skip


def errors(**changed):
    form = PreferenceForm(typed(**changed))
    return [str(error) for found in form.errors.values() for error in found]


def events():
    return list(AuditEvent.objects.order_by("pk").values_list("action", "detail"))


# What may be typed ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, []),
        ({"email": ""}, []),
        ({"email": "张示例"}, ["电子邮箱格式不正确，请核对，如 name@example.com。"]),
        ({"email": "a@例子.中国"}, ["电子邮箱只能含英文字母、数字和英文标点，请更换邮箱。"]),
        ({"digest_hour": "5"}, ["请选择6点至21点。"]),
        ({"digest_hour": "22"}, ["请选择6点至21点。"]),
        ({"quiet_from": "25:00"}, ["时间格式不正确，请填写如21:00。"]),
        ({"quiet_from": ""}, ["请填写时间，如21:00。"]),
        ({"quiet_from": "16:59"}, ["免打扰时段最长14小时，请缩短。"]),
        ({"quiet_until": "08:01"}, ["每日汇总时间在免打扰时段之内，请调整其中一项。"]),
        ({"quiet_until": "08:00"}, []),
        ({"quiet_from": "12:00", "quiet_until": "12:00", "digest_hour": "12"}, []),
    ],
)
def test_each_slip_has_its_sentence(changed, said):
    assert errors(**changed) == said


@given(
    begins=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    ends=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    hour=st.integers(6, 21),
)
def test_whatever_is_accepted_the_digest_goes_out_at_its_hour_every_day(begins, ends, hour):
    if errors(quiet_from=f"{begins:%H:%M}", quiet_until=f"{ends:%H:%M}", digest_hour=str(hour)):
        return
    wishes = Preference(digest_hour=hour, quiet_from=begins, quiet_until=ends)
    midnight = at(3, 2, 0)
    assert hours.next_digest(midnight, wishes, sent_today=False) == at(3, 2, hour)
    assert hours.next_digest(midnight, wishes, sent_today=True) == at(3, 3, hour)


# Writing it down --------------------------------------------------------------------------------------


@pytest.fixture
def me():
    return UserFactory(email="old@example.com")


def test_wishes_and_address_are_written_with_a_trace_each(me):
    wishes = Preference(user=me, ordinary_mail=False, quiet_from=time(20))
    preferences.change(me, wishes, email="new@example.com", at=NOW)
    me.refresh_from_db()
    assert (me.email, preferences.wishes_of(me).ordinary_mail) == ("new@example.com", False)
    assert events() == [
        ("user.save", {"before": {"email": "old@example.com"}, "after": {"email": "new@example.com"}}),
        (
            "preference.change",
            {
                "before": {"ordinary_mail": True, "quiet_from": "21:00:00"},
                "after": {"ordinary_mail": False, "quiet_from": "20:00:00"},
            },
        ),
    ]


def test_the_same_again_leaves_no_trace(me):
    for _ in range(2):
        preferences.change(me, Preference(user=me, digest_hour=9), email=me.email, at=NOW)
    assert [action for action, _ in events()] == ["preference.change"]


def test_the_defaults_are_no_change(me):
    preferences.change(me, Preference(user=me), email=me.email, at=NOW)
    assert (events(), Preference.objects.count()) == ([], 0)


def test_what_is_mandatory_goes_out_without_being_asked(me):
    preferences.change(me, Preference(user=me, ordinary_mail=False), email=me.email, at=NOW)
    for manner in Manner:
        tell([me], matter=manner, title="请看", at=NOW, manner=manner)
    assert set(Delivery.objects.values_list("manner", flat=True)) == {Manner.DEADLINE, Manner.URGENT}


# The page ---------------------------------------------------------------------------------------------


def test_the_page_shows_the_defaults_to_who_has_chosen_nothing(me):
    shown = form_on(as_(me).get(reverse("message_settings")), "message-settings")
    shown.pop("csrfmiddlewaretoken")
    assert shown == {name: [value] for name, value in typed(email="old@example.com").items()}


def test_what_is_mandatory_is_ticked_and_locked(me):
    tree = html.fromstring(as_(me).get(reverse("message_settings")).content.decode())
    assert tree.xpath("//input[@disabled]/@checked") == ["checked", "checked"]
    assert tree.xpath("//input[@disabled]/@name") == []


def test_what_is_typed_is_saved_and_shown_again(me):
    client, address = as_(me), reverse("message_settings")
    wanted = typed(email="new@example.com", digest_hour="9", quiet_until="06:30")
    del wanted["ordinary_mail"]
    page = client.post(address, wanted, follow=True)
    shown = form_on(page, "message-settings")
    shown.pop("csrfmiddlewaretoken")
    assert shown == {name: [value] for name, value in wanted.items()}
    assert [str(one) for one in page.context["messages"]] == ["消息设置已保存。"]


@pytest.mark.parametrize(("quiet_until", "said"), [(time(21), True), (time(7), False)])
def test_equal_times_are_put_into_words(me, quiet_until, said):
    Preference.objects.create(user=me, quiet_from=time(21), quiet_until=quiet_until)
    page = as_(me).get(reverse("message_settings")).content.decode()
    assert ("现未设免打扰" in page) is said


def test_what_cannot_be_saved_stays_typed(me):
    page = as_(me).post(reverse("message_settings"), typed(email="错", digest_hour="10"))
    assert (page.status_code, form_on(page, "message-settings")["email"]) == (422, ["错"])
    me.refresh_from_db()
    assert me.email == "old@example.com"


# Trying it out ----------------------------------------------------------------------------------------


@pytest.fixture
def served(place):
    """Somebody with an address, below a bureau whose mail server does not answer."""
    host, port = FREE
    Channel.objects.create(
        kind=ChannelKind.MAIL, unit=place.bureau, name="示例县教育局邮件", host=host, port=port, tls="none",
        sender="portal@example.com",
    )  # fmt: skip
    return person(Role.SECRETARY, place.school, email="zhang@example.com")


def test_what_the_server_says_is_handed_back_and_recorded(served):
    answer = preferences.send_test(served, at=NOW)
    assert (answer.outcome, answer.words) == (
        Outcome.UNREACHABLE,
        "未能与服务器127.0.0.1:9建立邮件连接，请核对地址、端口和加密方式。",
    )
    assert list(AuditEvent.objects.order_by("pk").values_list("action", "summary")) == [
        ("test_mail.start", "向本人邮箱发送测试邮件"),
        (
            "test_mail.failed",
            "邮件服务器答复：未能与服务器127.0.0.1:9建立邮件连接，请核对地址、端口和加密方式。",
        ),
    ]


def test_a_second_one_has_to_wait_a_minute(served):
    preferences.send_test(served, at=NOW)
    with pytest.raises(NotAllowed, match="测试邮件一分钟内只能发送一次，请稍候再试。"):
        preferences.send_test(served, at=NOW + timedelta(seconds=59))
    assert preferences.send_test(served, at=NOW + timedelta(seconds=60)).outcome == Outcome.UNREACHABLE


def test_without_an_address_there_is_nothing_to_try(served):
    served.email = ""
    served.save()
    with pytest.raises(NotAllowed, match="您还没有填写电子邮箱，请先填写并保存。"):
        preferences.send_test(served, at=NOW)


def test_without_a_server_the_person_is_told_so(me, settings):
    settings.EMAIL_HOST = ""
    with pytest.raises(NotAllowed, match="平台还没有可用的邮件服务器，请联系系统管理员。"):
        preferences.send_test(me, at=NOW)


def test_the_page_says_what_the_server_said(served):
    page = as_(served).post(reverse("test_mail"), follow=True)
    assert [str(one) for one in page.context["messages"]] == [
        "测试邮件没有发出，请核对邮箱地址。服务器答复：未能与服务器127.0.0.1:9建立邮件连接，请核对地址、端口和加密方式。"
    ]
