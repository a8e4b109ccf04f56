"""At what hour of Asia/Shanghai a message may leave the house."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from notices.enums import Manner
from notices.models import Preference

DAY = timedelta(days=1)

#: Groups have no wishes of their own.
OF_GROUPS = Preference()


def when(at: datetime, manner: Manner, wishes: Preference) -> datetime:
    """When a single message of `at` goes out: urgent ones at once, others after the quiet hours."""
    return at if manner == Manner.URGENT else _after_quiet(at, wishes)


def next_digest(at: datetime, wishes: Preference, *, sent_today: bool) -> datetime:
    """When the digest goes out that was asked for at `at`: today at its hour, after that hour at once,
    and where one has gone out today, tomorrow at its hour. Never in quiet hours."""
    today = timezone.localdate(at)
    begins = _after_quiet(_clock(today + DAY, time()) if sent_today else at, wishes)
    hour = _clock(timezone.localdate(begins), time(wishes.digest_hour))
    return _after_quiet(max(begins, hour), wishes)


def _after_quiet(at: datetime, wishes: Preference) -> datetime:
    """`at`, or when the quiet hours in which it lies are over; they may span midnight."""
    here = timezone.localtime(at)
    begins, ends = wishes.quiet_from, wishes.quiet_until
    if begins <= ends:
        quiet = begins <= here.time() < ends
    else:
        quiet = here.time() >= begins or here.time() < ends
    if not quiet:
        return at
    end = _clock(here.date(), ends)
    return end if end > at else _clock(here.date() + DAY, ends)


def _clock(day: object, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))
