"""Channels in the admin: set up within reach, secrets written and never read, tested by a button."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from notices.admin import channel_forms
from notices.enums import ChannelKind, Manner, Outcome
from notices.models import Attempt, Bucket, Channel, Delivery
from notices.sealing import unseal
from notices.services import channels
from portal.models import AuditEvent
from schools.enums import Role
from schools.rules import NotAllowed
from tests import pages
from tests.factories import NOW, UnitFactory, person
from tests.notices.peers import HOST, MailPeer, Refuse, Reply, RobotPeer
from tests.pages import address, errors

MODEL = "notices_channel"
TOKEN = "0123456789abcdef-XYZ"
DINGTALK = f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"


@pytest.fixture
def system(place):
    return person(Role.SYSTEM, place.section, email="system@example.cn")


@pytest.fixture
def desk(client, system):
    client.force_login(system)
    return client


@pytest.fixture
def robots(settings, monkeypatch):
    monkeypatch.setenv("NO_PROXY", HOST)
    with RobotPeer({TOKEN: "SECmiyao"}) as peer:
        settings.DINGTALK_URL = settings.WECOM_URL = settings.FEISHU_URL = peer.url
        yield peer


def add(desk, kind, **typed):
    where = f"{address(MODEL, 'add')}?kind={kind}"
    return desk.post(where, pages.filled(desk.get(where), "channel_form", **typed))


def change(desk, channel, **typed):
    where = address(MODEL, "change", channel.pk)
    return desk.post(where, pages.filled(desk.get(where), "channel_form", **typed))


def add_robot(desk, unit, **typed) -> Channel:
    given = {"unit": unit.pk, "name": "示例县信息员群", "new_token": DINGTALK, "new_secret": "SECmiyao"}
    assert add(desk, "dingtalk", **given | typed).status_code == 302
    return Channel.objects.latest("pk")


def add_mail(desk, unit, port=465, **typed) -> Channel:
    given = {
        "unit": unit.pk, "name": "示例县教育局邮件", "host": HOST, "port": port, "tls": "none",
        "sender": "portal@example.edu.cn",
    }  # fmt: skip
    assert add(desk, "mail", **given | typed).status_code == 302
    return Channel.objects.latest("pk")


def press_test(desk, channel) -> str:
    """What the page then says last."""
    page = desk.post(reverse("admin:notices_channel_test", args=[channel.pk]), follow=True)
    return [str(one) for one in page.context["messages"]][-1]


def said(page) -> str:
    return page.content.decode()


# Setting up -------------------------------------------------------------------------------------------------


def test_first_the_kind_is_chosen(desk):
    page = desk.get(address(MODEL, "add"))
    assert [kind for kind, _, _ in page.context["kinds"]] == list(ChannelKind)
    assert desk.get(address(MODEL, "add") + "?kind=fax").context["title"] == "新增消息通道"


def test_a_robot_is_set_up_by_its_whole_address(desk, place, system):
    channel = add_robot(desk, place.bureau)
    assert (unseal(channel.token), unseal(channel.secret)) == (TOKEN, "SECmiyao")
    assert (channel.kind, channel.unit, channel.is_active) == ("dingtalk", place.bureau, True)
    event = AuditEvent.objects.get(action="channel.create")
    assert (event.actor, event.detail["after"]) == (
        system,
        {"unit": place.bureau.pk, "kind": "dingtalk", "name": "示例县信息员群", "is_active": True}
        | {"token": "已设置", "secret": "已设置", "host": "", "tls": "", "username": "", "sender": ""},
    )


def test_a_mail_server_is_set_up(desk, place):
    channel = add_mail(desk, place.bureau, tls="ssl", username="portal", new_secret="Mima-123")
    assert (channel.host, channel.port, channel.tls, unseal(channel.secret)) == (HOST, 465, "ssl", "Mima-123")


def test_what_is_secret_is_never_shown(desk, place):
    channel = add_robot(desk, place.bureau)
    where = address(MODEL, "change", channel.pk)
    shown = [desk.get(where), change(desk, channel, name="", new_token=DINGTALK, new_secret="SECgeng")]
    shown += [
        desk.get(address(MODEL, page, *args))
        for page, args in (("changelist", ()), ("history", [channel.pk]))
    ]
    assert [page.status_code for page in shown] == [200] * 4
    secrets = (TOKEN, "SECmiyao", "SECgeng")
    assert [secret for page in shown for secret in secrets if secret in said(page)] == []
    assert (
        str(AuditEvent.objects.filter(action__startswith="channel.").values_list("detail")).count("SEC") == 0
    )
    assert channel_forms.SET in said(shown[0])


def test_what_is_left_empty_stays_and_what_is_typed_replaces(desk, place):
    channel = add_robot(desk, place.bureau)
    change(desk, channel, name="改名")
    channel.refresh_from_db()
    assert (channel.name, unseal(channel.token), unseal(channel.secret)) == ("改名", TOKEN, "SECmiyao")
    change(desk, channel, new_token="another-token", new_secret="SECgeng")
    channel.refresh_from_db()
    assert (unseal(channel.token), unseal(channel.secret)) == ("another-token", "SECgeng")
    events = AuditEvent.objects.filter(action="channel.save").order_by("pk")
    assert [event.detail["after"] for event in events] == [
        {"name": "改名"}, {"token": "已更换", "secret": "已更换"},
    ]  # fmt: skip


def test_a_secret_is_cleared_by_a_tick(desk, place):
    channel = add_robot(desk, place.bureau)
    assert errors(change(desk, channel, clear_secret="on", new_secret="x")) == [channel_forms.BOTH]
    change(desk, channel, clear_secret="on")
    channel.refresh_from_db()
    assert (unseal(channel.token), bytes(channel.secret)) == (TOKEN, b"")
    assert "清除加签密钥" not in said(desk.get(address(MODEL, "change", channel.pk)))


def test_saving_the_same_again_leaves_no_trace(desk, place):
    change(desk, add_robot(desk, place.bureau))
    assert AuditEvent.objects.filter(action="channel.save").count() == 0


def test_a_channel_is_taken_out_of_use_and_not_deleted(desk, place):
    channel = add_robot(desk, place.bureau)
    data = pages.filled(desk.get(address(MODEL, "change", channel.pk)), "channel_form")
    del data["is_active"]
    desk.post(address(MODEL, "change", channel.pk), data)
    channel.refresh_from_db()
    assert channel.is_active is False
    assert desk.post(address(MODEL, "delete", channel.pk), {"post": "yes"}).status_code == 403


def test_the_robot_of_wecom_knows_no_signature(desk, place):
    page = desk.get(f"{address(MODEL, 'add')}?kind=wecom")
    assert list(page.context["adminform"].form.fields) == ["unit", "name", "is_active", "new_token"]


# What is wrong is said --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        ({"new_token": ""}, [channel_forms.NO_ADDRESS]),
        (
            {"new_token": f"https://open.feishu.cn/open-apis/bot/v2/hook/{TOKEN}"},
            ["这不是钉钉群机器人的地址，请到群机器人的设置中复制完整地址。"],
        ),
        ({"new_token": "abc"}, ["钉钉群机器人地址中的密钥不完整，请到群机器人的设置中重新复制。"]),
    ],
)
def test_what_is_wrong_with_a_robot(desk, place, typed, sentences):
    given = {"unit": place.bureau.pk, "name": "群", "new_token": DINGTALK}
    assert errors(add(desk, "dingtalk", **given | typed)) == sentences


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        ({"host": "https://smtp.example.cn"}, [channel_forms.WRONG_HOST]),
        ({"host": "smtp.example.cn:465"}, [channel_forms.WRONG_HOST]),
        ({"host": "a..b"}, [channel_forms.WRONG_HOST]),
        ({"port": 65536}, ["端口在1至65535之间。"]),
        ({"username": "portal"}, [channel_forms.NO_PASSWORD]),
        ({"new_secret": "Mima-123"}, [channel_forms.NO_USERNAME]),
        ({"sender": "portal"}, ["输入一个有效的 Email 地址。"]),
        ({"sender": "a@例子.中国"}, ["电子邮箱只能含英文字母、数字和英文标点，请更换邮箱。"]),
    ],
)
def test_what_is_wrong_with_a_mail_server(desk, place, typed, sentences):
    given = {"unit": place.bureau.pk, "name": "邮件", "host": "smtp.example.cn", "sender": "a@example.cn"}
    assert errors(add(desk, "mail", **given | typed)) == sentences


@pytest.mark.parametrize(
    "moved", [{"host": "smtp.evil.cn"}, {"port": 25}, {"tls": "none"}, {"username": "root"}]
)
def test_a_stored_password_goes_to_no_other_server(desk, place, moved):
    channel = add_mail(desk, place.bureau, tls="ssl", username="portal", new_secret="Mima-123")
    assert errors(change(desk, channel, **moved)) == [channel_forms.MOVED]
    assert change(desk, channel, **moved, new_secret="Mima-124").status_code == 302


def test_without_a_user_name_no_password_is_kept(desk, place):
    channel = add_mail(desk, place.bureau, username="portal", new_secret="Mima-123")
    change(desk, channel, username="")
    channel.refresh_from_db()
    assert bytes(channel.secret) == b""


def test_a_unit_has_one_mail_server_in_use(desk, place):
    add_mail(desk, place.bureau)
    page = add(desk, "mail", unit=place.bureau.pk, name="又一个", host="b.example.cn", sender="a@example.cn")
    assert errors(page) == ["这个单位已有在用的邮件服务器，请先停用原来的。"]


def test_a_closed_unit_gets_no_channel(desk, place):
    closed = UnitFactory(parent=place.bureau, closed_at=NOW)
    assert errors(add(desk, "wecom", unit=closed.pk, name="群", new_token=TOKEN)) == [channel_forms.CLOSED]


# Who --------------------------------------------------------------------------------------------------------


def test_only_channels_within_reach_are_there(desk, client, place, robots):
    elsewhere = UnitFactory(name="邻县教育局")
    hidden = Channel.objects.create(unit=elsewhere, kind=ChannelKind.WECOM, name="邻县群")
    shown = add_robot(desk, place.school)
    assert list(desk.get(address(MODEL, "changelist")).context["cl"].result_list) == [shown]
    assert desk.get(address(MODEL, "change", hidden.pk)).status_code == 302
    test = reverse("admin:notices_channel_test", args=[hidden.pk])
    assert desk.post(test).status_code == 404
    page = add(desk, "wecom", unit=elsewhere.pk, name="群", new_token=TOKEN)
    assert errors(page) == ["所选单位不存在或不在您的管辖范围内，请重新选择。"]
    client.force_login(person(Role.OFFICER, place.section))
    assert client.post(reverse("admin:notices_channel_test", args=[shown.pk])).status_code == 403
    assert robots.asked == 0


# Testing ----------------------------------------------------------------------------------------------------


def test_the_button_shows_what_the_channel_says(desk, place, robots):
    channel = add_robot(desk, place.bureau)
    robots.then(Reply(200, {"errcode": 310000, "errmsg": "keywords not in content"}))
    assert press_test(desk, channel) == (
        "测试结果：对方拒绝。请核对加签密钥、关键词和IP地址段（310000 keywords not in content）"
    )
    assert press_test(desk, channel) == channels.TOO_SOON
    assert (robots.asked, robots.said) == (1, [])


def test_a_mail_test_goes_to_who_asks_for_it(desk, place, system):
    with MailPeer() as peer:
        channel = add_mail(desk, place.bureau, port=peer.port)
        assert press_test(desk, channel) == "测试结果：对方已接收。250 OK queued as 1"
        [taken] = peer.taken
        assert (taken.to, str(taken.letter["Subject"])) == ((system.email,), channels.TEST_TITLE)


def test_without_an_address_no_mail_is_tried(desk, place, system):
    channel = add_mail(desk, place.bureau)
    system.email = ""
    system.save()
    assert press_test(desk, channel) == channels.NO_ADDRESS
    assert AuditEvent.objects.filter(action="channel.test").count() == 0


def test_a_test_by_a_get_does_nothing(desk, place, robots):
    channel = add_robot(desk, place.bureau)
    assert desk.get(reverse("admin:notices_channel_test", args=[channel.pk])).status_code == 405
    assert robots.asked == 0


@pytest.fixture
def robot(place, robots, system):
    channel = Channel(unit=place.bureau, kind=ChannelKind.DINGTALK, name="示例县信息员群")
    channels.save(channel, token=TOKEN, secret="SECmiyao", at=NOW, by=system)
    return channel


def outcome_of(channel, by, seconds) -> str:
    try:
        return channels.send_test(channel, at=NOW + timedelta(seconds=seconds), by=by).outcome
    except NotAllowed as refusal:
        return str(refusal)


def test_tests_are_rare_and_leave_a_trace(robot, system):
    assert [outcome_of(robot, system, seconds) for seconds in (0, 9, 10)] == [
        Outcome.ACCEPTED, channels.TOO_SOON, Outcome.ACCEPTED,
    ]  # fmt: skip
    trail = AuditEvent.objects.filter(actor=system).order_by("pk")
    assert list(trail.values_list("action", "detail"))[1:] == [
        ("channel.test", {}), ("channel.answer", {"outcome": "accepted", "words": "0 ok"}),
    ] * 2  # fmt: skip


def test_a_test_keeps_to_the_limit_of_the_robot(robot, system):
    Bucket.objects.create(channel=robot, level=0, at=NOW)
    assert outcome_of(robot, system, 0) == "消息发送已达平台限制，请于09:00:06以后再试。"


def test_a_busy_robot_is_left_alone(robot, robots, system):
    robots.then(Reply(200, {"errcode": 130101, "errmsg": "send too fast"}))
    assert outcome_of(robot, system, 0) == Outcome.BUSY
    assert Bucket.objects.get().blocked_until == NOW + timedelta(minutes=10)


def test_one_that_is_not_in_use_can_be_tried_out(robot, system):
    robot.is_active = False
    channels.save(robot, at=NOW, by=system)
    assert outcome_of(robot, system, 0) == Outcome.ACCEPTED


# The list ---------------------------------------------------------------------------------------------------


def attempt(by, outcome, **to):
    delivery = Delivery.objects.create(manner=Manner.ORDINARY, made_at=NOW, not_before=NOW, **to)
    Attempt.objects.create(delivery=delivery, number=1, at=NOW, channel=by, via=by.name, outcome=outcome)


def column(desk, name) -> list[str]:
    page = desk.get(address(MODEL, "changelist")).context["cl"]
    return [getattr(page.model_admin, name)(row) for row in page.result_list]


def test_the_list_tells_what_became_of_the_last_message_and_test(desk, place, robots):
    mail, robot = add_mail(desk, place.bureau), add_robot(desk, place.bureau)
    add_robot(desk, place.township, name=mail.name)
    for outcome in (Outcome.ACCEPTED, Outcome.UNREACHABLE, Outcome.BEGUN):
        attempt(mail, outcome, recipient=place.secretary)
    attempt(robot, Outcome.ACCEPTED, channel=robot)
    Channel.objects.filter(pk=mail.pk).update(name="改名")
    press_test(desk, robot)
    assert column(desk, "last_sent") == ["对方已接收", "未能连接或中断", "—"]
    assert column(desk, "last_tested") == ["对方已接收", "—", "—"]


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_for_one_and_for_three(desk, place, number):
    for _ in range(number):
        add_robot(desk, place.bureau)
    desk.get(address(MODEL, "changelist"))  # the first page of a session stamps it
    with CaptureQueriesContext(connection) as captured:
        desk.get(address(MODEL, "changelist"))
    assert len(captured) == 12


def test_a_refused_test_is_in_the_trail_in_words(desk, place):
    with MailPeer() as peer:
        peer.then(Refuse("rcpt", "550 no such user"))
        press_test(desk, add_mail(desk, place.bureau, port=peer.port))
    event = AuditEvent.objects.get(action="channel.answer")
    assert (event.summary, event.detail["words"]) == (
        "示例县教育局邮件测试结果：对方拒绝",
        "550 no such user",
    )
