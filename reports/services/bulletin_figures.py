"""What a bulletin counts, frozen at one instant, and who has handed in since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from campaigns.models import Occurrence
from notices.workdays import last_day
from reports.models import Bulletin
from schools.enums import UnitKind
from submissions.enums import AssignmentState
from submissions.figures import HANDED, IN_TIME, LATE, NOT_DUE, OVERDUE, OWED, RETURNED
from submissions.models import Assignment

#: Of the shape below; a later one says how to read an older one.
SCHEMA = 1
COUNTED = (OWED, HANDED, RETURNED, NOT_DUE, OVERDUE, IN_TIME, LATE)
#: So many of those that were complete first are kept by name.
LEADING = 10
#: Of what recurs so many units must lag, and one in so many: a bulletin a week about one straggler is noise.
FEWEST, ONE_IN = 2, 10

Figures = dict[str, Any]
Row = dict[str, Any]


def count(occurrence: Occurrence, at: datetime) -> Figures:
    """How the units asked for `occurrence` stand at `at`; one query, so that all numbers agree.

    JSON-ready: `numbers` by the keys of COUNTED (submissions/figures.py), the same in each of `branches`;
    `leading` the first that were complete in time, `lagging` all that are overdue with `days` since their own
    last day. Who is exempt is neither counted nor named.
    """
    rows = list(_rows(occurrence, at))
    first = sorted(
        (row for row in rows if row["is_handed"] and row["is_in_time"]),
        key=lambda row: (row["completed_at"], row["unit_id"]),
    )
    today = timezone.localdate(at)
    return {
        "schema": SCHEMA,
        "numbers": _sums(rows),
        "branches": _by_branch(rows),
        "leading": [_named(row, at=row["completed_at"].isoformat()) for row in first[:LEADING]],
        "lagging": [
            _named(row, days=(today - last_day(row["due_at"])).days) for row in rows if row["is_overdue"]
        ],
    }


def call_for_one(numbers: dict[str, int], *, recurs: bool) -> bool:
    """Whether so many units are overdue that a bulletin is to be drafted."""
    overdue, owed = numbers["overdue"], numbers["owed"]
    return overdue >= FEWEST and overdue * ONE_IN >= owed if recurs else overdue > 0


def _rows(occurrence: Occurrence, at: datetime) -> Iterable[Row]:
    """A row for each unit that owes it, with `is_…` for every figure, in the order of the tree."""
    conditions = {f"is_{figure.key}": figure.condition(at) for figure in COUNTED}
    owed = Assignment.objects.filter(OWED.condition(at), occurrence=occurrence).annotate(**conditions)
    return owed.order_by("branch__path", "unit__path").values(
        *("unit_id", "unit__name", "branch_id", "branch__name", "branch__kind", "due_at", "completed_at"),
        *conditions,
    )


def _sums(rows: list[Row]) -> dict[str, int]:
    return {figure.key: sum(row[f"is_{figure.key}"] for row in rows) for figure in COUNTED}


def _by_branch(rows: list[Row]) -> list[dict[str, Any]]:
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["branch_id"], []).append(row)
    return [{"branch": _branch(some[0]), **_sums(some)} for some in groups.values()]


def _named(row: Row, **more: Any) -> dict[str, Any]:
    return {"unit": row["unit_id"], "name": row["unit__name"], "branch": _branch(row), **more}


def _branch(row: Row) -> str:
    """As dashboards call it: “东镇”, or “示例县教育局直属”."""
    return f"{row['branch__name']}{'直属' if row['branch__kind'] in UnitKind.bureaus() else ''}"


@dataclass(frozen=True)
class Since:
    """Units (by name) that a bulletin counts as overdue and that are so no longer: they have handed in, or
    their task was settled otherwise (免报, 撤销, more time)."""

    handed: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.handed or self.settled)


def since(bulletin: Bulletin, at: datetime) -> Since:
    """What has changed between `counted_at` and `at` for the units that the bulletin blames."""
    blamed = [one["unit"] for one in bulletin.figures["lagging"]]
    tasks = Assignment.objects.filter(occurrence=bulletin.occurrence_id, unit__in=blamed)
    left = tasks.exclude(OVERDUE.condition(at)).order_by("branch__path", "unit__path")
    found = list(left.values_list("unit__name", "state"))
    arrived = (*AssignmentState.handed_in(), AssignmentState.RETURNED)
    return Since(
        tuple(name for name, state in found if state in arrived),
        tuple(name for name, state in found if state not in arrived),
    )
