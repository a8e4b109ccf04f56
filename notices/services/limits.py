"""How many messages a robot bears (libraries: channel contracts), kept as a token bucket in PostgreSQL."""

from datetime import datetime

from notices.models import Channel


def take(channel: Channel, at: datetime) -> datetime | None:
    """Take one token in the caller's transaction: None, or when to come back."""
    return None


def block(channel: Channel, until: datetime) -> None:
    """Let nothing out by this channel before `until`."""
