"""Days as an office counts them: last days, due instants and working days, all in Asia/Shanghai.

The one definition of a working day: what administrators have entered (`SpecialDays`) goes before the
State Council's calendar, and Monday to Friday stand in for a year of which the calendar knows nothing.
"""

import time as clock
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property

import chinese_calendar
from django.utils import timezone

from notices.enums import DayKind
from notices.models import SpecialDays

DAY = timedelta(days=1)
#: Other processes learn of a change within so many seconds; the one that makes it, at once.
KEPT = 60.0


@dataclass(frozen=True)
class Snapshot:
    """The special days as they were read at `taken` (monotonic seconds), those that go first in front."""

    rows: tuple[SpecialDays, ...]
    taken: float
    _years: dict[tuple[int, bool], list[date]] = field(default_factory=dict)

    @cached_property
    def decided(self) -> tuple[SpecialDays, ...]:
        """The rows that hold for everybody."""
        return tuple(row for row in self.rows if row.kind != DayKind.SCHOOL_HOLIDAY)

    @cached_property
    def school_holidays(self) -> tuple[SpecialDays, ...]:
        return tuple(row for row in self.rows if row.kind == DayKind.SCHOOL_HOLIDAY)

    def row_of(self, day: date) -> SpecialDays | None:
        """The row that says for everybody whether `day` is a working day."""
        return _first_on(day, self.decided)

    def is_workday(self, day: date, *, school: bool) -> bool:
        if row := self.row_of(day):
            return row.kind == DayKind.WORK
        if school and _first_on(day, self.school_holidays):
            return False
        try:
            return chinese_calendar.is_workday(day)
        except NotImplementedError:
            return day.weekday() < 5

    def workdays_of(self, year: int, *, school: bool) -> list[date]:
        """The working days of `year` in order, worked out once."""
        key = (year, school)
        if key not in self._years:
            first = date(year, 1, 1)
            days = (first + DAY * passed for passed in range((date(year, 12, 31) - first).days + 1))
            self._years[key] = [day for day in days if self.is_workday(day, school=school)]
        return self._years[key]


_held: list[Snapshot] = []


def hold(*rows: SpecialDays) -> Snapshot:
    """Let `rows`, those that go first in front, be the special days for the next minute."""
    fresh = Snapshot(rows, clock.monotonic())
    _held[:] = [fresh]
    return fresh


def forget() -> None:
    """Read the special days anew when they are next asked for."""
    _held.clear()


def _now_held() -> Snapshot:
    """What holds just now: one query a minute and process."""
    held = next(iter(_held), None)
    if held is None or clock.monotonic() - held.taken > KEPT:
        return hold(*SpecialDays.objects.all())
    return held


def _first_on(day: date, rows: tuple[SpecialDays, ...]) -> SpecialDays | None:
    return next((row for row in rows if row.first <= day <= row.last), None)


def end_of(day: date) -> datetime:
    """The exclusive instant at which `day` is over: “4月30日前” is 05-01 00:00 (domain invariant 5)."""
    return timezone.make_aware(datetime.combine(day + DAY, time.min))


def last_day(due_at: datetime) -> date:
    """The last day on which something due at the exclusive instant `due_at` is still in time."""
    return timezone.localtime(due_at - timedelta(microseconds=1)).date()


def is_known(day: date) -> bool:
    """Whether the holidays in the year of `day` are known: the State Council's calendar has them, or
    administrators have entered at least one."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        rests = (row for row in _now_held().decided if row.kind == DayKind.REST)
        return any(row.first.year <= day.year <= row.last.year for row in rests)
    return True


def is_workday(day: date, *, school: bool = False) -> bool:
    """Whether offices (`school`: and schools) work on `day`, make-up days (调休) included."""
    return _now_held().is_workday(day, school=school)


def holiday(day: date) -> str:
    """The name of the holiday for which offices rest on `day` (“劳动节”); "" on other days and in a year
    of which nothing is known."""
    if row := _now_held().row_of(day):
        return row.name if row.kind == DayKind.REST else ""
    try:
        resting, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return ""
    return chinese_calendar.Holiday(name).chinese if resting and name else ""


def add_workdays(day: date, count: int, *, school: bool = False) -> date:
    """The `count`-th working day after `day` (count ≥ 1; `day` itself does not count)."""
    while count > 0:
        day += DAY
        count -= is_workday(day, school=school)
    return day


def workdays_left(due_at: datetime, now: datetime) -> int:
    """Working days after today up to the last day; 0 when none is left, or it is over."""
    return max(workdays_between(timezone.localdate(now) + DAY, last_day(due_at) + DAY), 0)


def workdays_between(first: date, until: date, *, school: bool = False) -> int:
    """Working days from `first` on and before `until`; negative when `until` comes first."""
    if until < first:
        return -workdays_between(until, first, school=school)
    held = _now_held()
    whole = sum(len(held.workdays_of(year, school=school)) for year in range(first.year, until.year))
    return whole + _place(held, until, school) - _place(held, first, school)


def nth_workday(day: date, count: int, *, school: bool = False) -> date:
    """The working day with `count` working days before it, counted from `day` on.

    0 is `day` itself or the next working day; -1 the last working day before `day`.
    """
    held = _now_held()
    year, place = day.year, _place(held, day, school) + count
    while place < 0:
        year -= 1
        place += len(held.workdays_of(year, school=school))
    while place >= (days := len(held.workdays_of(year, school=school))):
        place -= days
        year += 1
    return held.workdays_of(year, school=school)[place]


def shift(day: date, origin: date, target: date) -> date:
    """`day` of a calendar that begins on `origin`, in one that begins on `target`.

    `origin` becomes `target`, the n-th working day from the one the n-th from the other; a day of
    rest becomes the working day that ends its rest. Later days never come earlier.
    """
    count = workdays_between(origin, day)
    if day == origin or (day < origin and count == 0):
        return target
    return nth_workday(target, count)


def _place(held: Snapshot, day: date, school: bool) -> int:
    """How many working days of its year lie before `day`."""
    return bisect_left(held.workdays_of(day.year, school=school), day)
