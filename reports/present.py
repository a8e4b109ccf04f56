"""How one unit, or a few, stand now with what running campaigns ask of them; counted among their own rows.

For everything below a bureau or a township there are counters (reports/sums.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone

from notices.workdays import DAY, end_of, last_day, nth_workday
from reports.sums import Numbers
from submissions.enums import AssignmentState
from submissions.figures import AT_PRESENT, OVERDUE, OWED, RETURNED, UNCORRECTED
from submissions.models import AssignmentQuerySet

#: What is due within so many working days, today included, is near; the same as in lists of tasks.
NEAR = 3


class Light(Enum):
    """What a unit is shown by: the style of its mark, and the word."""

    LATE = ("overdue", "逾期")
    BACK = ("returned", "待修改")
    NEAR = ("to_sign", "临近截止")
    FINE = ("accepted", "正常")
    NOTHING = ("cancelled", "无任务")

    def __init__(self, mark: str, word: str) -> None:
        self.mark, self.word = mark, word


@dataclass(frozen=True)
class Present:
    """`near`: tasks due within `NEAR` working days and not complete; `since`: the first instant (exclusive,
    like `due_at`) by which something overdue was due, None where nothing is."""

    numbers: Numbers
    near: int = 0
    since: datetime | None = None

    @property
    def late(self) -> int:
        return self.numbers[OVERDUE.key] + self.numbers[UNCORRECTED.key]

    @property
    def light(self) -> Light:
        """By the first thing that is so, the worst first (docs/figures.md)."""
        if self.late:
            return Light.LATE
        if self.numbers[RETURNED.key]:
            return Light.BACK
        if self.near:
            return Light.NEAR
        return Light.FINE if self.numbers[OWED.key] else Light.NOTHING

    def days_late(self, at: datetime) -> int | None:
        """Days since the last day on which the oldest overdue task would have been in time."""
        return (timezone.localtime(at).date() - last_day(self.since)).days if self.since else None


def read(tasks: AssignmentQuerySet, at: datetime, *by: str) -> list[tuple[tuple, Present]]:
    """How `tasks` stand for each value of `by` (paths), in one query; groups without tasks are left out."""
    unfinished = Q(state__in=AssignmentState.unfinished())
    sums: dict[str, Any] = {one.key: Count("pk", filter=one.condition(at)) for one in AT_PRESENT}
    sums["near"] = Count("pk", filter=unfinished & Q(due_at__gt=at, due_at__lte=_near(at)))
    sums["since"] = Min("due_at", filter=OVERDUE.condition(at))
    return [
        (
            tuple(row[path] for path in by),
            Present({one.key: row[one.key] for one in AT_PRESENT}, row["near"], row["since"]),
        )
        for row in tasks.order_by().values(*by).annotate(**sums)
    ]


def together(found: Iterable[Present]) -> Present:
    """Several as one."""
    found = list(found)
    return Present(
        {one.key: sum(part.numbers[one.key] for part in found) for one in AT_PRESENT},
        sum(part.near for part in found),
        min((part.since for part in found if part.since), default=None),
    )


def _near(at: datetime) -> datetime:
    """The last instant at which something due is near."""
    return end_of(nth_workday(timezone.localtime(at).date(), NEAR) - DAY)
