"""Group robots: signatures as the platforms check them, and what their answers mean."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.channels import Message, attempts, open_line, robots
from notices.channels.addresses import PLATFORMS, NotAnAddress, key_in
from notices.enums import ChannelKind, Outcome
from notices.models import Channel
from notices.sealing import seal
from tests.notices.peers import DROP, HANG, Reply, RobotPeer, Said

TOKEN = "0123456789abcdef-XYZ_"
SECRET = "SEC+/= 加签"  # what would break if it were quoted twice, or as Latin-1
DIGEST = Message(key="9", title="示例镇：尚有12所学校未交", body="征文：12所\n照片：3所")
TEXT = "示例镇：尚有12所学校未交\n征文：12所\n照片：3所"
KINDS = list(ChannelKind.robots())
CODE = {ChannelKind.DINGTALK: "errcode", ChannelKind.WECOM: "errcode", ChannelKind.FEISHU: "code"}
SIGNING = [ChannelKind.DINGTALK, ChannelKind.FEISHU]


@pytest.fixture
def peer(settings, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with RobotPeer({TOKEN: ""}) as peer:
        settings.DINGTALK_URL = settings.WECOM_URL = settings.FEISHU_URL = peer.url
        yield peer


def robot(kind, token=TOKEN, secret=""):
    return open_line(Channel(kind=kind, name="示例镇信息员群", token=seal(token), secret=seal(secret)))


def sent(line, message=DIGEST) -> tuple[Outcome, str]:
    answer = line.send(message)
    return answer.outcome, answer.words


# Contracts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_group_is_told(peer, kind):
    assert robot(kind).send(DIGEST).outcome == Outcome.ACCEPTED
    assert peer.said == [Said(kind, TOKEN, TEXT)]


@pytest.mark.parametrize("kind", SIGNING)
def test_the_signature_is_that_of_the_platform(peer, kind):
    """Several times, for some signatures hold signs that must be quoted, others do not."""
    peer.secrets[TOKEN] = SECRET
    line = robot(kind, secret=SECRET)
    assert {sent(line)[0] for _ in range(12)} == {Outcome.ACCEPTED}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (ChannelKind.DINGTALK, "请核对加签密钥、关键词和IP地址段（310000 sign not match）"),
        (
            ChannelKind.FEISHU,
            "请核对加签密钥和服务器时间（19021 sign match fail or timestamp is not within one hour）",
        ),
    ],
)
def test_a_wrong_signature_is_refused(peer, kind, words):
    peer.secrets[TOKEN] = SECRET
    assert sent(robot(kind, secret="another")) == (Outcome.REFUSED, words)
    assert robot(kind).send(DIGEST).outcome == Outcome.REFUSED
    assert peer.said == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_token_is_refused(peer, kind):
    outcome, words = sent(robot(kind, token="another-token"))
    assert (outcome, words.partition("（")[0]) == (Outcome.REFUSED, "请核对机器人地址")


@pytest.mark.parametrize("kind", KINDS)
def test_a_robot_without_an_address_asks_nobody(peer, kind):
    assert sent(robot(kind, token="")) == (Outcome.REFUSED, "尚未填写机器人地址，请在通道设置中填写。")
    assert peer.asked == 0


def test_a_text_calls_nobody(peer):
    robot(ChannelKind.FEISHU).send(Message("1", "一", '<at user_id="all">所有人</at> 3 < 5 <att>'))
    assert peer.said[0].text == '一\n＜at user_id="all">所有人＜/at> 3 < 5 <att>'


def test_a_title_that_the_body_begins_with_is_said_once(peer):
    robot(ChannelKind.WECOM).send(Message("1", "通知", "通知\n\n正文\x07\t"))
    assert peer.said[0].text == "通知\n\n正文"


# What answers mean ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("order", "outcome"),
    [
        (Reply(502, b"bad gateway"), Outcome.UNREACHABLE),
        (Reply(404, b"{}"), Outcome.UNREACHABLE),
        (Reply(302, b"", {"Location": "/elsewhere"}), Outcome.UNREACHABLE),
        (Reply(200, b"<html>"), Outcome.UNREACHABLE),
        (Reply(200, b""), Outcome.UNREACHABLE),
        (Reply(200, b"[0]"), Outcome.UNREACHABLE),
        (Reply(200, b"[" * 50_000), Outcome.UNREACHABLE),
        (Reply(200, {}), Outcome.UNREACHABLE),
        (Reply(200, {"errcode": False, "code": False}), Outcome.UNREACHABLE),
        (Reply(200, {"errcode": "0", "code": "0"}), Outcome.UNREACHABLE),
        (Reply(200, {"errcode": -1, "code": -1}), Outcome.UNREACHABLE),
        (Reply(500, {"errcode": 0, "code": 0}), Outcome.UNREACHABLE),
        (Reply(200, {"errcode": 0, "code": 0, "more": "x" * 70_000}), Outcome.UNREACHABLE),
        (Reply(200, {"errcode": 0, "code": 0}), Outcome.ACCEPTED),
        (DROP, Outcome.UNREACHABLE),
        (None, Outcome.ACCEPTED),
    ],
)
def test_only_the_code_nought_is_acceptance(peer, kind, order, outcome):
    peer.then(order)
    line = robot(kind)
    assert line.send(DIGEST).outcome == outcome
    assert peer.asked == 1  # nothing is tried again, no redirect followed
    assert line.send(DIGEST).outcome == Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("kind", "code", "wait"),
    [
        (ChannelKind.DINGTALK, 130101, timedelta(minutes=10)),
        (ChannelKind.WECOM, 45009, timedelta(minutes=1)),
        (ChannelKind.FEISHU, 11232, timedelta(minutes=1)),
    ],
)
def test_too_many_messages_are_a_reason_to_wait(peer, kind, code, wait):
    peer.then(Reply(200, {CODE[kind]: code}), Reply(429), Reply(429, headers={"Retry-After": "30"}))
    answers = [robot(kind).send(DIGEST) for _ in range(3)]
    assert [(one.outcome, one.wait) for one in answers] == [
        (Outcome.BUSY, wait), (Outcome.BUSY, wait), (Outcome.BUSY, timedelta(seconds=30)),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_who_does_not_answer_is_left(peer, kind, monkeypatch):
    monkeypatch.setattr(attempts, "PATIENCE", 0.2)
    peer.then(HANG)
    line = robot(kind)
    assert line.send(DIGEST) == attempts.TOO_LATE
    assert line.send(DIGEST).outcome == Outcome.ACCEPTED


def test_an_answer_that_is_late_in_parts_is_left_too(peer, monkeypatch):
    monkeypatch.setattr(robots, "READ", 0.2)
    peer.then(Reply(200, b"{", {"Content-Length": "100"}))
    assert robot(ChannelKind.WECOM).send(DIGEST).outcome == Outcome.UNREACHABLE


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_there(settings, monkeypatch, kind):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with RobotPeer({}) as gone:
        settings.DINGTALK_URL = settings.WECOM_URL = settings.FEISHU_URL = gone.url
    words = "未能连接或连接中断，请检查平台所在服务器能否访问外网。"
    assert sent(robot(kind)) == (Outcome.UNREACHABLE, words)


@pytest.mark.parametrize("kind", SIGNING)
def test_keys_are_in_no_answer_and_in_no_log(peer, kind, caplog):
    caplog.set_level("WARNING")
    said = f"{TOKEN} and {SECRET}\x00 are\u202e known " + "x" * 400
    peer.secrets[TOKEN] = SECRET
    peer.then(Reply(200, {CODE[kind]: 7, "errmsg": said, "msg": said}), Reply(200, b"", {"x y": "z"}), DROP)
    line = robot(kind, secret=SECRET)
    answers = [line.send(DIGEST) for _ in range(3)]
    assert answers[0].words == ("7 *** and *** are known " + "x" * 400)[:300]
    told = "".join(answer.words for answer in answers) + caplog.text
    assert [key for key in (TOKEN, SECRET) if key in told] == []


def test_what_was_sealed_by_an_unknown_key_has_to_be_entered_anew(peer, settings):
    sealed = Channel(kind=ChannelKind.WECOM, name="群", token=seal(TOKEN))
    settings.SECRET_KEY = "another"
    assert open_line(sealed).send(DIGEST) == attempts.UNREADABLE
    assert peer.asked == 0


def test_what_nobody_has_thought_of_is_an_answer_too():
    assert attempts.attempt(lambda: 1 / 0).words == "发送程序出错（ZeroDivisionError），请联系平台运维人员。"


# Length -----------------------------------------------------------------------------------------------------


def test_a_long_text_ends_with_a_line_and_says_where_the_rest_is(peer):
    lines = [f"{number}、示例镇第{number}小学未交征文" for number in range(1, 200)]
    assert robot(ChannelKind.WECOM).send(Message("1", "通报", "\n".join(lines))).outcome == Outcome.ACCEPTED
    *shown, last = peer.said[0].text.split("\n")
    assert last == "……详见平台"
    assert shown == ["通报", *lines][: len(shown)]
    assert 2048 - 60 < len(peer.said[0].text.encode()) <= 2048


@given(text=st.text(), longest=st.integers(40, 200))
def test_no_text_is_longer_than_it_may_be(text, longest):
    text = text.encode("utf-8", "ignore").decode()
    cut = robots.fit(text, longest)
    assert len(cut.encode()) <= longest
    assert cut == text or (
        cut.endswith(robots.MORE) and text.startswith(cut.removesuffix(robots.MORE).rstrip("\n"))
    )


# Addresses --------------------------------------------------------------------------------------------------

ADDRESSES = {
    ChannelKind.DINGTALK: f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}",
    ChannelKind.WECOM: f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={TOKEN}",
    ChannelKind.FEISHU: f"https://open.feishu.cn/open-apis/bot/v2/hook/{TOKEN}",
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_key_is_taken_out_of_the_address(kind):
    address = ADDRESSES[kind]
    pasted = [
        TOKEN,
        address,
        f"  {address}\n",
        address.removeprefix("https://"),
        address.upper()[:10] + address[10:],
    ]
    assert {key_in(one, kind) for one in pasted} == {TOKEN}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_another_platforms_is_refused(kind):
    own = ADDRESSES[kind]
    others = [address for other, address in ADDRESSES.items() if other != kind]
    wrong = [
        own.replace("https", "http"),
        own.replace(".c", ".evil.c"),
        "https://[",
        f"https://evil.cn/?{own}",
        "群",
    ]
    said = set()
    for pasted in [*others, *wrong, own.replace(TOKEN, ""), own.replace(TOKEN, "a b"), "", "abc"]:
        with pytest.raises(NotAnAddress) as refused:
            key_in(pasted, kind)
        said.add(str(refused.value))
    assert said == {
        f"这不是{kind.label}的地址，请到群机器人的设置中复制完整地址。",
        f"{kind.label}地址中的密钥不完整，请到群机器人的设置中重新复制。",
    }


@given(pasted=st.text(), kind=st.sampled_from(KINDS))
def test_whatever_is_pasted_gives_a_key_or_is_refused(pasted, kind):
    for text in (pasted, f"https://{PLATFORMS[kind][0]}{pasted}", f"https://{pasted}"):
        try:
            found = key_in(text, kind)
        except NotAnAddress:
            continue
        assert found.replace("-", "").replace("_", "").isalnum()
