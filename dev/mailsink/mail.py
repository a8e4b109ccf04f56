"""The mail server's side: takes every mail for anybody."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from dev.mailsink.store import MAILS, Store

LARGEST = 2 * 1024 * 1024


class Taker:
    """aiosmtpd's handler: says that a mail was taken once it is on disk."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.store.take(
            MAILS,
            sender=header(mail, "From") or envelope.mail_from,
            receiver=", ".join(envelope.rcpt_tos),
            subject=header(mail, "Subject"),
            body=text_of(mail),
        )
        return "250 OK"


def server(store: Store, port: int) -> Controller:
    """A mail server on the loopback address; `start()` and `stop()` it."""
    return Controller(Taker(store), hostname="127.0.0.1", port=port, data_size_limit=LARGEST)


def header(mail: EmailMessage, name: str) -> str:
    """A header in words; as it came where it cannot be read."""
    try:
        return str(mail.get(name, ""))
    except (ValueError, LookupError, IndexError):
        return dict(mail.raw_items()).get(name, "")


def text_of(mail: EmailMessage) -> str:
    """The text to be read; of a mail in HTML alone, its source."""
    try:
        part = mail.get_body(("plain", "html"))
        return "" if part is None else part.get_content().replace("\r\n", "\n").rstrip()
    except (ValueError, LookupError, AttributeError):
        return mail.as_bytes().decode("utf-8", "replace")
