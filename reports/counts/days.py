"""A week or a month of a paper, with the one before and the one after."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from notices.workdays import DAY, end_of
from reports.enums import ReportKind


@dataclass(frozen=True)
class Days:
    """From `first` to `last`, both included, in Asia/Shanghai."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """The instant at which the first day begins."""
        return end_of(self.first - DAY)

    @property
    def until(self) -> datetime:
        """The exclusive instant at which the last day is over."""
        return end_of(self.last)

    def due(self, path: str = "due_at") -> Q:
        """Rows whose last day, by the exclusive instant at `path`, is one of the days."""
        return Q(**{f"{path}__gt": self.since, f"{path}__lte": self.until})

    def happened(self, path: str, at: datetime) -> Q:
        """Rows whose instant at `path` lies in the days, and not after `at`."""
        return Q(**{f"{path}__gte": self.since, f"{path}__lt": self.until, f"{path}__lte": at})

    def on(self, path: str) -> Q:
        """Rows whose day at `path` is one of the days; ISO strings in JSON are compared alike."""
        return Q(**{f"{path}__gte": self.first, f"{path}__lte": self.last})

    def has(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last

    def left(self, today: date) -> "Days":
        """What is left of the days, `today` included; beginning behind its own end where all are over."""
        return Days(max(self.first, today), self.last)

    def before(self, kind: str) -> "Days":
        last = self.first - DAY
        return Days(last.replace(day=1) if kind == ReportKind.MONTH else last - 6 * DAY, last)

    def after(self, kind: str) -> "Days":
        first = self.last + DAY
        if kind == ReportKind.MONTH:
            return Days(first, (first.replace(day=1) + 31 * DAY).replace(day=1) - DAY)
        return Days(first, first + 6 * DAY)
