"""A month as a calendar shows it: weeks from Monday to Sunday, and what each day is for an office."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from notices.workdays import end_of, holiday, is_known, is_workday
from portal.days import in_range

_TYPED = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


@dataclass(frozen=True)
class Month:
    """A month within the days that the portal reckons with."""

    first: date

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.replace(day=1))

    @classmethod
    def read(cls, typed: str, today: date) -> "Month":
        """“2026-03”; for anything else the month of `today`."""
        found = _TYPED.fullmatch(typed)
        if found is None or not 1 <= int(found[2]) <= 12:
            return cls.of(today)
        year, month = map(int, found.groups())
        if not in_range(date(max(year, 1), month, 1)):
            return cls.of(today)
        return cls(date(year, month, 1))

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def last(self) -> date:
        return self.first.replace(day=calendar.monthrange(self.first.year, self.first.month)[1])

    @property
    def previous(self) -> "Month | None":
        day = self.first - timedelta(days=1)
        return Month.of(day) if in_range(day) else None

    @property
    def next(self) -> "Month | None":
        day = self.last + timedelta(days=1)
        return Month.of(day) if in_range(day) else None

    @property
    def is_known(self) -> bool:
        """Whether the holidays of its year are published."""
        return is_known(self.first)

    def weeks(self) -> list[list[date | None]]:
        """Seven days a week, Monday first; None outside the month."""
        weeks = calendar.monthcalendar(self.first.year, self.first.month)
        return [[self.first.replace(day=day) if day else None for day in week] for week in weeks]


def instants(first: date, last: date) -> tuple[datetime, datetime]:
    """(after, until): what is due after the one and not after the other has its last day in that span.

    Due instants are exclusive, so that the midnight that ends `last` belongs to it.
    """
    return end_of(first - timedelta(days=1)), end_of(last)


def note(day: date) -> str:
    """What is out of the ordinary: “劳动节”, “班” on a worked weekend, else nothing."""
    if is_workday(day):
        return "班" if day.weekday() >= 5 else ""
    return holiday(day)
