"""Mail servers that mean no good, and what is none: nothing they say gives a secret or a neighbour away."""

import base64
import re
import socket
import time
from itertools import repeat

import pytest

from notices.channels import Message, attempts, open_line, smtp
from notices.enums import ChannelKind, Outcome
from notices.models import Channel
from notices.sealing import seal
from schools.models import Unit
from tests.notices.odd_peers import OddPeer
from tests.notices.peers import HANG, HOST, MailPeer

LETTER = Message("1", "一", "正文", "li@example.cn")
USER, PASSWORD = "portal", "Mima>>123?"
TOO_LONG = "对方的答复过长，已断开，请核对服务器地址和端口。"
NO_SMTP = "对方的答复不符合邮件协议，请核对服务器地址和端口。"


def channel(port: int, host: str = HOST, tls: str = "none") -> Channel:
    return Channel(
        unit=Unit(pk=1, name="示例县教育局"), kind=ChannelKind.MAIL, name="邮件", host=host, port=port,
        tls=tls, sender="portal@example.edu.cn", username=USER, secret=seal(PASSWORD),
    )  # fmt: skip


def sent(port: int, **where: str) -> tuple[Outcome, str]:
    line = open_line(channel(port, **where))
    answer = line.send(LETTER)
    line.close()
    return answer.outcome, answer.words


def letting_in(then, way: bytes = b"PLAIN"):
    """A server that takes any login; from there on `then` answers."""

    def answer(line):
        if line.startswith(b"ehlo"):
            return [b"250-x\r\n250 AUTH " + way + b"\r\n"]
        return [b"235 ok\r\n"] if line.startswith(b"AUTH") else then(line)

    return answer


def unreached(port: int) -> tuple[Outcome, str]:
    return Outcome.UNREACHABLE, f"未能与服务器{HOST}:{port}建立邮件连接，请核对地址、端口和加密方式。"


# Passwords --------------------------------------------------------------------------------------------------


def in_base64(text: str) -> bytes:
    return base64.b64encode(text.encode())


@pytest.mark.parametrize("way", [b"PLAIN", b"LOGIN", b"CRAM-MD5"])
def test_of_a_refused_login_the_code_alone_is_told(way):
    def answer(line):
        if line.startswith(b"ehlo"):
            return [b"250-x\r\n250 AUTH " + way + b"\r\n"]
        return [b"334 VXNlcm5hbWU6\r\n"] if line.strip() == b"AUTH CRAM-MD5" else [b"535 bad: " + line]

    with OddPeer(b"220 x\r\n", answer) as peer:
        words = "登录失败（535），请核对用户名和密码（授权码）。"
        assert sent(peer.port) == (Outcome.UNREACHABLE, words)


@pytest.mark.parametrize(
    "said",
    [
        PASSWORD.encode(),
        in_base64(PASSWORD),
        in_base64(PASSWORD).rstrip(b"="),
        in_base64(f"\0{USER}\0{PASSWORD}"),
        in_base64(f"{USER}\0{USER}\0{PASSWORD}"),
        in_base64(f"{USER}:{PASSWORD}"),
        b"Mima%3E%3E123%3F",
        PASSWORD.encode().hex().encode(),
    ],
)
def test_who_knows_the_password_cannot_tell_it(said):
    with OddPeer(b"220 x\r\n", letting_in(lambda line: [b"550 it is " + said + b"\r\n"])) as peer:
        outcome, words = sent(peer.port)
    assert (outcome, re.fullmatch(r"550 it is \*\*\*=*", words) is not None) == (Outcome.REFUSED, True)


# Answers without end ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flood", [repeat(b"250-" + b"y" * 50 + b"\r\n"), repeat(b"250-\r\n"), [b"250 ", *[b"y" * 9000] * 10**6]]
)
def test_an_answer_without_end_is_not_listened_to(flood):
    with OddPeer(b"220 x\r\n", lambda line: flood) as peer:
        begun = time.monotonic()
        assert sent(peer.port) == (Outcome.UNREACHABLE, TOO_LONG)
        assert time.monotonic() - begun < 5


def test_a_greeting_without_end_is_no_mail_server():
    with OddPeer(b"220-y\r\n" * 20_000, lambda line: None) as peer:
        assert sent(peer.port) == unreached(peer.port)


def test_a_long_answer_is_listened_to():
    long = b"550-x\r\n" * (smtp.LINES - 1) + b"550 no\r\n"
    with OddPeer(b"220 x\r\n", letting_in(lambda line: [long])) as peer:
        assert sent(peer.port)[0] == Outcome.REFUSED


def test_a_farewell_that_drips_holds_nobody_up():
    def drip():
        while True:
            time.sleep(0.1)
            yield b"2"

    def answer(line):
        if line.startswith(b"ehlo"):
            return [b"250-x\r\n250 AUTH PLAIN\r\n"]
        return (
            drip() if line.startswith(b"quit") else [b"235 ok\r\n" if line[:4] == b"AUTH" else b"550 no\r\n"]
        )

    with OddPeer(b"220 x\r\n", answer) as peer:
        begun = time.monotonic()
        assert sent(peer.port) == (Outcome.REFUSED, "550 no")
        assert time.monotonic() - begun < 5


def test_who_asks_for_less_patience_waits_less():
    with MailPeer(login=(USER, PASSWORD)) as peer:
        peer.then(HANG)
        line = open_line(channel(peer.port), patience=0.3)
        assert line.send(LETTER) is attempts.TOO_LATE


# What is no mail server -------------------------------------------------------------------------------------


@pytest.mark.parametrize("tls", ["none", "ssl"])
@pytest.mark.parametrize(
    "greeting", [b"SSH-2.0-OpenSSH_9.6\r\n", b"-ERR secret\r\n", b"+220 x\r\n", b" 22 x\r\n"]
)
def test_another_service_is_not_told_from_nobody(greeting, tls):
    with OddPeer(greeting, lambda line: None) as peer:
        assert sent(peer.port, tls=tls) == unreached(peer.port)
    assert sent(peer.port, tls=tls) == unreached(peer.port)


def test_words_that_are_no_smtp_are_not_told():
    with OddPeer(b"220 x\r\n", letting_in(lambda line: [b"root:x:0:0\r\n"])) as peer:
        assert sent(peer.port) == (Outcome.UNREACHABLE, NO_SMTP)


# Addresses of this machine ----------------------------------------------------------------------------------


@pytest.mark.parametrize("host", [HOST, "localhost", "127.1", "2130706433"])
def test_in_production_no_channel_leads_to_this_machine(host, settings):
    settings.LOCAL = False
    with OddPeer(b"220 x\r\n", lambda line: None) as peer:
        words = f"服务器{host}指向平台所在的服务器自身或链路本地地址，不能使用，请更换。"
        assert (sent(peer.port, host=host), peer.got) == ((Outcome.UNREACHABLE, words), [])


def test_a_name_with_one_such_address_among_others_is_refused(settings, monkeypatch):
    settings.LOCAL = False
    places = [(None, None, None, "", (address, 25)) for address in ("192.0.2.1", "169.254.169.254")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: places)
    assert sent(25, host="rebind.example.cn")[1].startswith("服务器rebind.example.cn指向平台所在的服务器自身")


def test_the_server_of_the_settings_may_be_on_this_machine(settings):
    settings.LOCAL = False
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = None
    settings.DEFAULT_FROM_EMAIL = "portal@example.org"
    with MailPeer() as peer:
        settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, peer.port
        assert open_line(None).send(LETTER).outcome == Outcome.ACCEPTED
