"""The ways out of the house. A message has been sent only when the channel's own answer says so."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from notices.enums import ChannelKind, Outcome
from notices.models import Channel


@dataclass(frozen=True)
class Message:
    """What goes out. `key` is the same at every attempt, so that a mail sent twice can be told apart from
    two mails; `to` is a mail address, "" in a group."""

    key: str
    title: str
    body: str
    to: str = ""


@dataclass(frozen=True)
class Answer:
    """What an attempt came to (never BEGUN or INTERRUPTED), in the channel's own words; `wait`, of a channel
    that is BUSY, is for how long it wants to be left alone."""

    outcome: Outcome
    words: str
    wait: timedelta | None = None


class Line(Protocol):
    """An open way out, for one message after another; `name` is what the operator sees."""

    name: str

    def send(self, message: Message) -> Answer:
        """Hand the message over; takes at most `SECONDS`, and raises nothing."""

    def close(self) -> None: ...


#: The longest that one attempt may take; the lease of a worker is longer.
SECONDS = 30


def open_line(channel: Channel | None, patience: float | None = None) -> Line:
    """The way out by `channel`; None is the mail server of the settings. Connects at the first message.

    `patience` are the seconds after which an attempt is given up, None for the usual ones.
    """
    from notices.channels import dingtalk, feishu, mail, wecom

    makers = {
        ChannelKind.MAIL: mail.Mail,
        ChannelKind.DINGTALK: dingtalk.Robot,
        ChannelKind.WECOM: wecom.Robot,
        ChannelKind.FEISHU: feishu.Robot,
    }
    return (
        mail.Mail(None, patience) if channel is None else makers[ChannelKind(channel.kind)](channel, patience)
    )
