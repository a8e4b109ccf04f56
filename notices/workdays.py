"""Days as an office counts them: last days, due instants and working days, all in Asia/Shanghai."""

from bisect import bisect_left
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar
from django.utils import timezone

DAY = timedelta(days=1)


def end_of(day: date) -> datetime:
    """The exclusive instant at which `day` is over: “4月30日前” is 05-01 00:00 (domain invariant 5)."""
    return timezone.make_aware(datetime.combine(day + DAY, time.min))


def last_day(due_at: datetime) -> date:
    """The last day on which something due at the exclusive instant `due_at` is still in time."""
    return timezone.localtime(due_at - timedelta(microseconds=1)).date()


def is_known(day: date) -> bool:
    """Whether the State Council's calendar for the year of `day` is out."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def is_workday(day: date) -> bool:
    """Whether offices work on `day`: the State Council's calendar with its make-up days (调休).

    A year the calendar does not know yet falls back to Monday to Friday.
    """
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() < 5


def holiday(day: date) -> str:
    """The name of the holiday for which offices rest on `day` (“劳动节”); "" on other days and in a year
    the calendar does not know."""
    try:
        resting, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return ""
    return chinese_calendar.Holiday(name).chinese if resting and name else ""


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


def workdays_between(first: date, until: date) -> int:
    """Working days from `first` on and before `until`; negative when `until` comes first."""
    if until < first:
        return -workdays_between(until, first)
    whole = sum(len(_workdays_of(year)) for year in range(first.year, until.year))
    return whole + _place(until) - _place(first)


def nth_workday(day: date, count: int) -> date:
    """The working day with `count` working days before it, counted from `day` on.

    0 is `day` itself or the next working day; -1 the last working day before `day`.
    """
    year, place = day.year, _place(day) + count
    while place < 0:
        year -= 1
        place += len(_workdays_of(year))
    while place >= len(_workdays_of(year)):
        place -= len(_workdays_of(year))
        year += 1
    return _workdays_of(year)[place]


def shift(day: date, origin: date, target: date) -> date:
    """`day` of a calendar that begins on `origin`, in one that begins on `target`.

    `origin` becomes `target`, the n-th working day from the one the n-th from the other; a day of
    rest becomes the working day that ends its rest. Later days never come earlier.
    """
    count = workdays_between(origin, day)
    if day == origin or (day < origin and count == 0):
        return target
    return nth_workday(target, count)


def _place(day: date) -> int:
    """How many working days of its year lie before `day`."""
    return bisect_left(_workdays_of(day.year), day)


@lru_cache(maxsize=256)
def _workdays_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    days = (first + DAY * passed for passed in range((date(year, 12, 31) - first).days + 1))
    return [day for day in days if is_workday(day)]
