"""Days as an office counts them: last days, due instants and working days, all in Asia/Shanghai."""

from datetime import date, datetime, time, timedelta

import chinese_calendar
from django.utils import timezone

DAY = timedelta(days=1)


def end_of(day: date) -> datetime:
    """The exclusive instant at which `day` is over: “4月30日前” is 05-01 00:00 (domain invariant 5)."""
    return timezone.make_aware(datetime.combine(day + DAY, time.min))


def last_day(due_at: datetime) -> date:
    """The last day on which something due at the exclusive instant `due_at` is still in time."""
    return timezone.localtime(due_at - timedelta(microseconds=1)).date()


def is_workday(day: date) -> bool:
    """Whether offices work on `day`: the State Council's calendar with its make-up days (调休).

    A year the calendar does not know yet falls back to Monday to Friday.
    """
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() < 5


def add_workdays(day: date, count: int) -> date:
    """The `count`-th working day after `day` (count ≥ 1; `day` itself does not count)."""
    while count > 0:
        day += DAY
        count -= is_workday(day)
    return day


def workdays_left(due_at: datetime, now: datetime) -> int:
    """Working days from today to the last day, both included; 0 when none is left or it is over."""
    day, last = timezone.localtime(now).date(), last_day(due_at)
    left = 0
    while day <= last:
        left += is_workday(day)
        day += DAY
    return left
