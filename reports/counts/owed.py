"""What was owed and what came of it, in all and by group, and day by day."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Sum
from django.utils import timezone

from notices.workdays import DAY, last_day
from reports import sums
from reports.content.common import asked_for, branches
from reports.counts.part import Part
from reports.counts.schema import Day, Line, Numbers
from reports.course.trend import MOST_DAYS
from reports.sums import Sums
from schools.enums import Ownership, UnitKind
from submissions.enums import AssignmentState
from submissions.figures import OWED, RETURNS
from submissions.models import Pace, Review

ON_ASSIGNMENT = "version__submission__assignment"


@dataclass(frozen=True)
class Tasks:
    """The counters of a part, read in one statement; `branch_names` are by path as they are grouped."""

    part: Part
    found: Sums
    branch_names: dict[str, str]

    @property
    def numbers(self) -> Numbers:
        return self.found.total

    def phases(self) -> list[Line]:
        return self._lines("phase", [(one.pk, one.name) for one in self.part.look.campaign.phases.all()])

    def requirements(self) -> list[Line]:
        asked = asked_for(self.part.look.campaign, self.found.of["occurrence"])
        return self._lines("requirement", [(one.pk, name) for one, name in asked])

    def branches(self) -> list[Line]:
        return self._lines("below", self.branch_names.items())

    def kinds(self) -> list[Line]:
        return self._lines("kind", UnitKind.choices)

    def ownerships(self) -> list[Line]:
        return self._lines("ownership", Ownership.choices)

    def _lines(self, group: str, names: Iterable[tuple[Any, str]]) -> list[Line]:
        """A line for each named group that has counters, in the order of `names`."""
        numbers = self.found.of[group]
        return [{"key": key, "name": name, "numbers": numbers[key]} for key, name in names if key in numbers]

    def course(self) -> list[Day]:
        """Nothing where nothing has been due or complete."""
        part = self.part
        due: dict[date, int] = defaultdict(int)
        for until, numbers in self.found.of["due"].items():
            due[last_day(until)] += numbers[OWED.key]
        counted = part.counters(Pace).order_by("completed_on").values_list("completed_on").annotate(Sum("n"))
        done = {day: n for day, n in counted if n}
        today = timezone.localdate(part.look.at)
        moved = [day for day in {*done, *(day for day, n in due.items() if n)} if day <= today]
        if not moved:
            return []
        begins = (part.phase or part.look.campaign).starts_on
        return [
            {
                "day": day.isoformat(),
                "done": sum(n for one, n in done.items() if one <= day),
                "due": sum(n for one, n in due.items() if one <= day),
            }
            for day in _days(min([*moved, *([begins] if begins else [])]), min(today, _last(due, done)))
        ]


def read(part: Part) -> Tasks:
    groups = sums.GROUPS | {
        "below": sums.below(part.look.depth),
        "occurrence": "occurrence",
        "due": F("due_at"),
    }
    found = sums.read(part.counters(), part.look.at, groups)
    return Tasks(part, found, {one.path: one.name for one in branches(part.look, found.of["below"])})


def returns(part: Part) -> int:
    """How often the bureau sent a piece back, of assignments that stand."""
    campaign = {f"{ON_ASSIGNMENT}__{sums.GROUPS['campaign']}": part.look.campaign}
    found = Review.objects.filter(part.look.narrow(f"{ON_ASSIGNMENT}__branch"), part.narrow(ON_ASSIGNMENT))
    found = found.filter(RETURNS.condition(part.look.at), **campaign)
    return found.exclude(**{f"{ON_ASSIGNMENT}__state": AssignmentState.CANCELLED}).count()


def _last(due: dict[date, int], done: dict[date, int]) -> date:
    return max([*done, *(day for day, n in due.items() if n)])


def _days(first: date, last: date) -> list[date]:
    """Every day, or of many every seventh, the last one among them."""
    step = DAY if (last - first).days < MOST_DAYS else timedelta(days=7)
    return [last - n * step for n in range((last - first) // step, -1, -1)]
