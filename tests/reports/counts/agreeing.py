"""What must hold of the figures of any report: they agree with the rows, with each other, and are JSON."""

import json
from typing import Any

from campaigns.models import Campaign, Phase
from submissions.enums import AssignmentState
from submissions.figures import COUNTED, DUE, DUE_HANDED, LATE, OVERDUE, OWED
from submissions.models import Assignment, AssignmentQuerySet, Submission
from tests.factories import at

#: After everything that is due in `tests.reports.busy`.
MOMENT = at(5, 20)


def untold(*told: Any, **more: Any) -> None:
    """For what tells how far it has come."""


def rows(campaign: Campaign, phase: Phase | None = None) -> AssignmentQuerySet:
    found = Assignment.objects.filter(occurrence__requirement__campaign=campaign)
    return found.filter(occurrence__requirement__phase=phase) if phase else found


def check(figures: dict[str, Any], campaign: Campaign, phase: Phase | None = None, moment=MOMENT) -> None:
    owed = rows(campaign, phase)
    numbers = {one.key: owed.filter(one.condition(moment)).count() for one in COUNTED}
    assert json.loads(json.dumps(figures)) == figures
    assert figures["numbers"] == numbers
    assert numbers["owed"] == numbers["handed"] + numbers["returned"] + numbers["missing"]
    groups = ["requirements", "branches", "kinds", "ownerships", *([] if phase else ["phases"])]
    for group in groups:
        lines = [line["numbers"] for line in figures[group]]
        assert {key: sum(line[key] for line in lines) for key in numbers} == numbers, group
    _units(figures, owed, moment)
    last = figures["course"][-1] if figures["course"] else {"done": 0}
    assert last["done"] == numbers["in_time"] + numbers["late"]
    _content(figures, owed)


def _units(figures: dict[str, Any], owed: AssignmentQuerySet, moment: Any) -> None:
    def units(figure: Any) -> set[int]:
        return set(owed.filter(figure.condition(moment)).values_list("unit", flat=True))

    short = set(
        owed.filter(DUE.condition(moment))
        .exclude(DUE_HANDED.condition(moment))
        .values_list("unit", flat=True)
    )
    due = units(DUE)
    assert sum(figures["kind_units"].values()) == len(units(OWED))
    assert (figures["units"], figures["due_units"], figures["whole"]) == (
        len(units(OWED)), len(due), len(due - short),
    )  # fmt: skip
    for key, figure in (("missing", OVERDUE), ("late", LATE)):
        listed = figures[key]
        assert {one["unit"] for one in listed} == units(figure)
        assert len(listed) == figures[f"{key}_units"]
        assert sum(one["n"] for one in listed) == figures["numbers"][figure.key]
    assert figures["nil"] == owed.filter(override="nil").count()


def _content(figures: dict[str, Any], owed: AssignmentQuerySet) -> None:
    standing = owed.exclude(state=AssignmentState.CANCELLED)
    pieces = Submission.objects.filter(assignment__in=standing, current__isnull=False)
    top = [one["pieces"] for one in figures["topics"] if one["depth"] == 1]
    assert sum(top) + figures["untopical"] == figures["pieces"] == pieces.count()
    assert figures["pieces_units"] == pieces.values("assignment__unit").distinct().count()
    held = figures["meetings"]
    for key in ("meetings", "present"):
        assert sum(one[key] for one in held["branches"]) == held[key]
    said = figures["suggestions"]
    assert sum(said["states"].values()) == said["total"]
    assert len(said["taken"]) == said["adopted"]
    assert len(figures["works"]) == figures["praised"]
    for key in ("recommended", "shown"):
        assert sum(one[key] for one in figures["works"]) == figures[key]
    by_topic = [work["version"] for one in figures["topics"] for work in one["works"]]
    assert sorted(by_topic) == sorted(one["version"] for one in figures["works"] if one["topic"])
