"""How many units owe and have brought what is due, and which are missing or were late."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import nlargest
from itertools import groupby
from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Count, Q, Sum
from django.utils import timezone

from campaigns.models import Occurrence
from notices.workdays import last_day
from reports import sums
from reports.counts.part import Part
from reports.counts.schema import MOST_TASKS, MOST_UNITS, Straggler
from schools.enums import UnitKind
from schools.models import Unit
from submissions.figures import DUE, DUE_HANDED, LATE, NIL, OVERDUE, OWED, Figure


def numbers(part: Part) -> dict[str, int]:
    """`units`, `due_units`, `whole`, `nil`, `missing_units` and `late_units`; one statement."""
    at = part.look.at
    due = DUE.condition(at)
    by_unit = part.assignments().filter(OWED.condition(at)).values("unit")
    by_unit = by_unit.annotate(
        some_due=BoolOr(due),
        short=BoolOr(due & ~DUE_HANDED.condition(at)),
        missing=BoolOr(OVERDUE.condition(at)),
        was_late=BoolOr(LATE.condition(at)),
        nils=Count("pk", filter=NIL.condition(at)),
    )
    found = by_unit.aggregate(
        units=Count("unit"),
        due_units=Count("unit", filter=Q(some_due=True)),
        whole=Count("unit", filter=Q(some_due=True, short=False)),
        missing_units=Count("unit", filter=Q(missing=True)),
        late_units=Count("unit", filter=Q(was_late=True)),
        nil=Sum("nils", default=0),
    )
    return {key: int(n) for key, n in found.items()}


def by_kind(part: Part) -> dict[str, int]:
    """How many units of each kind owe anything; one statement."""
    owed = part.assignments().filter(OWED.condition(part.look.at))
    return dict(owed.values_list("unit_kind").annotate(Count("unit", distinct=True)))


def missing(part: Part, branch_names: dict[str, str]) -> list[Straggler]:
    """Units with overdue tasks: those with the longest delays, in the order of the tree."""
    at = part.look.at
    found = enumerate(_units(part, OVERDUE, branch_names, at))
    kept = nlargest(MOST_UNITS, found, key=lambda one: one[1]["days"])
    return [one for _, one in sorted(kept, key=lambda one: one[0])]


def late(part: Part, branch_names: dict[str, str]) -> list[Straggler]:
    """Units that were late with something, in the order of the tree; they are in no delay."""
    found = _units(part, LATE, branch_names, None)
    return [one for one, _ in zip(found, range(MOST_UNITS), strict=False)]


def _units(
    part: Part, figure: Figure, branch_names: dict[str, str], delayed_at: datetime | None
) -> Iterator[Straggler]:
    """The units that have tasks of `figure`, one after the other, so that memory does not grow with them."""
    look = part.look
    occurrences = Occurrence.objects.filter(requirement__campaign=look.campaign).select_related("requirement")
    names = {one.pk: one.name for one in occurrences}
    rows = (
        part.assignments()
        .filter(figure.condition(look.at))
        .order_by("unit__path", "due_at", "pk")
        .values_list(
            "unit", "unit__path", "unit__name", "unit_kind", sums.below(look.depth), "due_at", "occurrence"
        )
    )
    for _, tasks in groupby(rows.iterator(chunk_size=2000), key=lambda row: row[0]):
        yield _straggler(part, tasks, branch_names, names, delayed_at)


def _straggler(
    part: Part,
    tasks: Iterable[tuple[Any, ...]],
    branch_names: dict[str, str],
    names: dict[int, str],
    delayed_at: datetime | None,
) -> Straggler:
    """A unit, by its tasks in the order of their deadlines: the first says where it belonged then."""
    (pk, path, name, kind, branch, due_at, occurrence), *others = tasks
    asked = [occurrence, *(row[-1] for row in others)]
    days = 0 if delayed_at is None else (timezone.localdate(delayed_at) - last_day(due_at)).days
    return {
        "unit": pk,
        "name": part.look.name_of(Unit(pk=pk, name=name, path=path)),
        "branch": branch_names[branch],
        "kind": UnitKind(kind).label,
        "n": len(asked),
        "tasks": [names[one] for one in asked[:MOST_TASKS]],
        "days": days,
    }
