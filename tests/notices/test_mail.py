"""Mail by SMTP: what the server's answers mean, one connection for many, and nothing that hangs."""

import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notices.channels import Message, attempts, open_line
from notices.enums import ChannelKind, Outcome
from notices.models import Channel
from notices.sealing import seal
from schools.models import Unit
from tests.notices.peers import DROP, HANG, HOST, MailPeer, Refuse

UNIT = Unit(pk=1, name="示例县教育局")
LETTER = Message(
    key="7-20260309080000", title="尚有3项待报", body="一、征文\n二、照片", to="zhang@example.cn"
)


def channel(port: int, **fields) -> Channel:
    password = fields.pop("password", "")
    given = {"tls": "none", "sender": "portal@example.edu.cn"} | fields
    return Channel(
        unit=UNIT, kind=ChannelKind.MAIL, name="示例县教育局邮件",
        host=HOST, port=port, secret=seal(password), **given,
    )  # fmt: skip


@pytest.fixture
def peer():
    with MailPeer() as peer:
        yield peer


@pytest.fixture
def line(peer):
    line = open_line(channel(peer.port))
    yield line
    line.close()


def sent(line, message=LETTER) -> tuple[Outcome, str]:
    answer = line.send(message)
    return answer.outcome, answer.words


# What arrives -----------------------------------------------------------------------------------------------


def test_a_mail_arrives_whole(peer, line):
    assert sent(line) == (Outcome.ACCEPTED, "250 OK queued as 1")
    [taken] = peer.taken
    letter = taken.letter
    assert (taken.sender, taken.to) == ("portal@example.edu.cn", ("zhang@example.cn",))
    assert letter.get_content() == "一、征文\r\n二、照片\r\n"
    heads = ("Subject", "From", "To", "Message-ID", "Auto-Submitted")
    assert [str(letter[head]) for head in heads] == [
        "尚有3项待报",
        "示例县教育局 <portal@example.edu.cn>",
        "zhang@example.cn",
        "<portal.7-20260309080000@example.edu.cn>",
        "auto-generated",
    ]
    assert (letter.get_content_type(), letter.get_content_charset()) == ("text/plain", "utf-8")
    assert abs(parsedate_to_datetime(letter["Date"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_two_sendings_of_one_message_have_one_number(peer, line):
    sent(line)
    sent(line)
    assert len({str(taken.letter["Message-ID"]) for taken in peer.taken}) == 1


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\u2028", "\x00"])
def test_a_title_adds_no_head(peer, line, sign):
    assert sent(line, Message("1", f"一{sign}Bcc: evil@example.cn", "正文", "li@example.cn"))[0] == "accepted"
    [taken] = peer.taken
    assert (taken.letter["Bcc"], taken.to) == (None, ("li@example.cn",))
    assert str(taken.letter["Subject"]) == "一 Bcc: evil@example.cn"


@pytest.mark.parametrize(
    "to", ["", "li", "li@example.cn\r\nRCPT TO:<evil@example.cn>", "李@example.cn", "a b@c.cn"]
)
def test_what_is_no_address_is_refused_here(peer, line, to):
    assert sent(line, Message("1", "一", "正文", to)) == (Outcome.REFUSED, "收件人的邮箱地址有误，请更正。")
    assert peer.connections == 0


def test_lines_of_dots_and_odd_signs_come_through(peer, line):
    assert sent(line, Message("1", "一", ".\r\n.\r\n..二\udc80", "li@example.cn"))[0] == "accepted"
    assert peer.taken[0].letter.get_content() == ".\r\n.\r\n..二?\r\n"


# What answers mean ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "outcome", "words"),
    [
        (Refuse("rcpt", "550 5.1.1 no such user"), Outcome.REFUSED, "550 5.1.1 no such user"),
        (Refuse("rcpt", "450 4.2.1 try later"), Outcome.UNREACHABLE, "450 4.2.1 try later"),
        (Refuse("mail", "553 5.7.1 sender not allowed"), Outcome.REFUSED, "553 5.7.1 sender not allowed"),
        (Refuse("mail", "530 5.7.0 log in first"), Outcome.UNREACHABLE, "530 5.7.0 log in first"),
        (Refuse("data", "554 5.6.0 spam"), Outcome.REFUSED, "554 5.6.0 spam"),
        (Refuse("data", "452 4.3.1 disk full"), Outcome.UNREACHABLE, "452 4.3.1 disk full"),
        (DROP, Outcome.UNREACHABLE, "正文发出后连接中断，对方可能已收到。"),
    ],
)
def test_only_250_to_the_whole_text_is_acceptance(peer, line, order, outcome, words):
    peer.then(order)
    assert sent(line) == (outcome, words)
    assert sent(line)[0] == Outcome.ACCEPTED  # the next one goes


def test_one_connection_carries_many_mails(peer, line):
    peer.then(None, Refuse("rcpt", "550 no"), Refuse("data", "451 later"))
    assert [sent(line)[0] for _ in range(5)] == [
        Outcome.ACCEPTED, Outcome.REFUSED, Outcome.UNREACHABLE, Outcome.ACCEPTED, Outcome.ACCEPTED,
    ]  # fmt: skip
    assert peer.connections == 1


def test_a_connection_that_the_server_has_closed_is_opened_anew(peer, line):
    sent(line)
    peer.hang_up()
    assert sent(line)[0] == Outcome.ACCEPTED
    assert (peer.connections, len(peer.taken)) == (2, 2)


def test_who_does_not_answer_is_left(peer, line, monkeypatch):
    monkeypatch.setattr(attempts, "PATIENCE", 0.3)
    peer.then(HANG)
    assert sent(line) == (Outcome.UNREACHABLE, "对方没有在规定时间内答复。")
    assert sent(line)[0] == Outcome.ACCEPTED
    assert len(peer.taken) == 1


def test_nobody_there():
    with MailPeer() as gone:
        port = gone.port
    words = f"未能与服务器{HOST}:{port}建立邮件连接，请核对地址、端口和加密方式。"
    assert sent(open_line(channel(port))) == (Outcome.UNREACHABLE, words)


# Login and encryption ---------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # without TLS, as the peer remarks
def test_login():
    with MailPeer(login=("portal", "Mima-123")) as peer:
        right = channel(peer.port, username="portal", password="Mima-123")
        wrong = channel(peer.port, username="portal", password="Mima-124")
        assert sent(open_line(right))[0] == Outcome.ACCEPTED
        words = "登录失败（535），请核对用户名和密码（授权码）。"
        assert sent(open_line(wrong)) == (Outcome.UNREACHABLE, words)
        assert sent(open_line(channel(peer.port)))[0] == Outcome.UNREACHABLE  # 530 without a login


def test_a_password_is_in_no_answer(peer, line):
    line = open_line(channel(peer.port, password="Mima-123"))
    peer.then(Refuse("rcpt", "550 who says Mima-123?\x1b[31m"))
    assert sent(line) == (Outcome.REFUSED, "550 who says ***? [31m")


def test_what_was_sealed_by_an_unknown_key_has_to_be_entered_anew(peer, settings):
    sealed = channel(peer.port, username="portal", password="Mima-123")
    settings.SECRET_KEY = "another"
    assert open_line(sealed).send(LETTER) == attempts.UNREADABLE
    assert (attempts.UNREADABLE.outcome, peer.connections) == (Outcome.REFUSED, 0)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for loopback that no authority has signed: the file, and a server's context."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(HOST))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    where = tmp_path_factory.mktemp("tls") / "both.pem"
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    where.write_bytes(key.private_bytes(pem, *plain) + made.public_bytes(pem))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(where)
    return where, context


@pytest.mark.parametrize("way", ["ssl", "starttls"])
def test_encryption_by_a_certificate_that_is_trusted_alone(certificate, monkeypatch, way):
    file, context = certificate
    with MailPeer(**{"tls" if way == "ssl" else "starttls": context}) as peer:
        outcome, words = sent(open_line(channel(peer.port, tls=way)))
        assert (outcome, words.partition("：")[0]) == (Outcome.UNREACHABLE, "服务器的证书未通过验证")
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        line = open_line(channel(peer.port, tls=way))
        assert [sent(line)[0] for _ in range(2)] == [Outcome.ACCEPTED] * 2
        assert len(peer.taken) == 2


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("ssl", "未能与服务器{place}建立邮件连接，请核对地址、端口和加密方式。"),
        ("starttls", "服务器不支持所选的加密方式或登录方式，请核对。"),
    ],
)
def test_encryption_that_the_server_does_not_know(peer, way, words):
    words = words.format(place=f"{HOST}:{peer.port}")
    assert sent(open_line(channel(peer.port, tls=way))) == (Outcome.UNREACHABLE, words)


# The server of the settings ---------------------------------------------------------------------------------


def test_without_a_channel_the_server_of_the_settings_sends(peer, settings):
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, peer.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = None
    settings.DEFAULT_FROM_EMAIL = "portal@example.org"
    line = open_line(None)
    assert sent(line)[0] == Outcome.ACCEPTED
    assert str(peer.taken[0].letter["From"]) == "教育活动管理平台 <portal@example.org>"
    line.close()
