"""E-mail by SMTP: the mail server of a bureau, or that of the settings."""

import re
import smtplib
import socket
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from notices.channels import Answer, Message, attempts, smtp
from notices.channels.smtp import Server
from notices.enums import Outcome
from notices.models import Channel
from notices.sealing import Unreadable, unseal

#: Answers to MAIL FROM that ask for a login or for encryption: of the server's set-up, not of this mail.
NOT_LET_IN = {530, 534, 535, 538}
FAREWELL = 2  # seconds for a server to answer QUIT
NO_SMTP = "对方的答复不符合邮件协议，请核对服务器地址和端口。"


class Mail:
    """The line by one mail server; None is that of the settings. Its connection lasts from mail to mail."""

    def __init__(self, channel: Channel | None, patience: float | None = None) -> None:
        self.name = channel.name if channel else "平台邮件服务器"
        self._server: Server | None = None
        self._client: smtp.Plain | smtp.OverTLS | None = None
        self._patience = patience
        try:
            self._server = _of_channel(channel) if channel else _of_settings()
        except Unreadable:
            pass

    def send(self, message: Message) -> Answer:
        if self._server is None:
            return attempts.UNREADABLE
        for whose, address in (("发件人", self._server.sender), ("收件人", message.to)):
            if not _is_address(address):
                return Answer(Outcome.REFUSED, f"{whose}的邮箱地址有误，请更正。")
        self._client = client = self._client or self._server.client()
        letter = _letter(message, self._server)
        answer = attempts.attempt(
            lambda: _hand_over(client, self._server, message.to, letter), self._patience
        )
        if answer is attempts.TOO_LATE:
            client.give_up()
            self._client = None
        return answer

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None and client.sock is not None:
            try:
                attempts.within(FAREWELL, client.quit)
            except (smtplib.SMTPException, OSError):
                client.give_up()


def _is_address(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return address.isascii()


def _hand_over(client: smtp.Plain | smtp.OverTLS, server: Server, to: str, letter: bytes) -> Answer:
    """One mail over `client`, whose connection stays open. Runs in a thread of its own."""
    hidden = server.hidden
    begun = False
    try:
        client.open(server)
        code, said = client.mail(server.sender)
        if code == 250:
            code, said = client.rcpt(to)
            if code in (250, 251):
                begun = True
                code, said = client.data(letter)
        return _answer(code, said, hidden)
    except smtplib.SMTPDataError as error:
        return _answer(error.smtp_code, error.smtp_error, hidden)
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        client.close()
        return _failed(error, server, hidden, begun=begun)


def _of_channel(channel: Channel) -> Server:
    """Raises Unreadable."""
    return Server(
        host=channel.host,
        port=channel.port,
        tls=channel.tls,
        username=channel.username,
        password=unseal(channel.secret),
        sender=channel.sender,
        title=channel.unit.name,
        inner=settings.LOCAL,
    )


def _of_settings() -> Server:
    title, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    tls = "ssl" if settings.EMAIL_USE_SSL else "starttls" if settings.EMAIL_USE_TLS else "none"
    return Server(
        host=settings.EMAIL_HOST or "",
        port=settings.EMAIL_PORT or 0,
        tls=tls,
        username=settings.EMAIL_HOST_USER or "",
        password=settings.EMAIL_HOST_PASSWORD or "",
        sender=sender,
        title=title or "教育活动管理平台",
        inner=True,
    )


def _letter(message: Message, server: Server) -> bytes:
    """The mail as it travels. Two sendings of one message have one Message-ID."""
    made = EmailMessage(policy=SMTP)
    made["Subject"] = attempts.plain(message.title)
    made["From"] = formataddr((attempts.plain(server.title), server.sender))
    made["To"] = message.to
    made["Date"] = format_datetime(datetime.now(UTC))
    key = re.sub(r"[^A-Za-z0-9-]", "-", message.key)
    made["Message-ID"] = f"<portal.{key}@{server.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(message.body.encode("utf-8", "replace").decode(), charset="utf-8", cte="base64")
    return made.as_bytes()


def _answer(code: int, said: bytes | str, hidden: tuple[str, ...]) -> Answer:
    words = NO_SMTP if code == -1 else _words(code, said, hidden)
    if code == 250:
        return Answer(Outcome.ACCEPTED, words)
    if 500 <= code < 600 and code not in NOT_LET_IN:
        return Answer(Outcome.REFUSED, words)
    return Answer(Outcome.UNREACHABLE, words)


def _words(code: int, said: bytes | str, hidden: tuple[str, ...]) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return attempts.plain(f"{code} {text}", hidden)


def _failed(error: Exception, server: Server, hidden: tuple[str, ...], *, begun: bool) -> Answer:
    """What went wrong, in words; `begun`: the text was on its way."""
    if isinstance(error, TimeoutError):
        return attempts.TOO_LATE
    match error:
        case smtplib.SMTPResponseException(smtp_code=-1):
            words = NO_SMTP
        case smtplib.SMTPAuthenticationError():
            # None of the server's words: some repeat the command, and that is the password.
            words = f"登录失败（{error.smtp_code}），请核对用户名和密码（授权码）。"
        case smtplib.SMTPResponseException():
            words = f"服务器暂不受理：{_words(error.smtp_code, error.smtp_error, hidden)}"
        case smtplib.SMTPServerDisconnected() if begun:
            words = "正文发出后连接中断，对方可能已收到。"
        case smtplib.SMTPServerDisconnected():
            words = "与服务器的连接中断，请核对端口和加密方式。"
        case smtp.NoMailServer():
            words = f"未能与服务器{server.host}:{server.port}建立邮件连接，请核对地址、端口和加密方式。"
        case smtp.Inner():
            words = f"服务器{server.host}指向平台所在的服务器自身或链路本地地址，不能使用，请更换。"
        case smtp.TooLong():
            words = "对方的答复过长，已断开，请核对服务器地址和端口。"
        case smtplib.SMTPException():
            words = "服务器不支持所选的加密方式或登录方式，请核对。"
        case ssl.SSLCertVerificationError():
            words = f"服务器的证书未通过验证：{error.verify_message}"
        case ssl.SSLError():
            words = "加密连接失败，请核对加密方式和端口。"
        case socket.gaierror():
            words = f"找不到服务器{server.host}，请核对地址。"
        case UnicodeError():
            words = "服务器地址、用户名或密码含有不能使用的字符，请核对。"
        case _:
            words = f"与服务器{server.host}:{server.port}的连接出错，请核对地址和端口。"
    return Answer(Outcome.UNREACHABLE, attempts.plain(words, hidden))
