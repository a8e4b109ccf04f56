"""How many messages a robot bears, kept as a token bucket in PostgreSQL: one row for each robot.

A bucket lets at most `burst + rate × t` messages out in t seconds. A message may reach the robot up to
SECONDS after its token was taken, so what was taken within W + SECONDS can reach it within W; `rate` is such
that even these are no more than it bears in W.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from notices.channels import SECONDS
from notices.enums import ChannelKind
from notices.models import Bucket, Channel

#: What robots bear: so many messages in so many seconds.
BEARS = {
    ChannelKind.DINGTALK: ((20, 60),),
    ChannelKind.WECOM: ((20, 60),),
    ChannelKind.FEISHU: ((100, 60), (5, 1)),
}
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
NEARLY = 1 - 1e-6  # a level that was reckoned back from the time to come back


@dataclass(frozen=True)
class Pace:
    """`burst` messages at once, and `rate` a second in the long run."""

    burst: int
    rate: float


def pace_of(kind: str) -> Pace:
    """How fast messages may follow each other on a robot of this kind."""
    bears = BEARS[ChannelKind(kind)]
    burst = min(number for number, _ in bears) // 4
    return Pace(burst, min((number - burst) / (seconds + SECONDS) for number, seconds in bears))


def take(channel: Channel, at: datetime) -> datetime | None:
    """Take one token in the caller's transaction: None, or when to come back. Mail has no limit.

    A caller whose clock is behind the last one's has the time of that one.
    """
    if not channel.is_robot:
        return None
    pace = pace_of(channel.kind)
    bucket = _lock(channel, pace)
    now = max(at, bucket.at)
    if bucket.blocked_until and bucket.blocked_until > now:
        return bucket.blocked_until
    level = min(pace.burst, bucket.level + pace.rate * (now - bucket.at).total_seconds())
    if level < NEARLY:
        return now + timedelta(seconds=(1 - level) / pace.rate)
    bucket.level, bucket.at = level - 1, now
    bucket.save(update_fields=["level", "at"])
    return None


def block(channel: Channel, until: datetime) -> None:
    """Let nothing out by this channel before `until`; in the caller's transaction."""
    if not channel.is_robot:
        return
    bucket = _lock(channel, pace_of(channel.kind))
    bucket.blocked_until = max(until, bucket.blocked_until or until)
    bucket.save(update_fields=["blocked_until"])


def _lock(channel: Channel, pace: Pace) -> Bucket:
    Bucket.objects.get_or_create(channel=channel, defaults={"level": pace.burst, "at": LONG_AGO})
    return Bucket.objects.select_for_update().get(channel=channel)
