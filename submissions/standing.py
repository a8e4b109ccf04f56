"""How one unit stands: its figures, and the rows behind them; for itself and for those above it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Model, OuterRef, QuerySet, Subquery

from campaigns.enums import CampaignState
from schools.models import Unit
from submissions import worklist
from submissions.enums import AssignmentState as State
from submissions.figures import OF_UNIT, Figure
from submissions.models import Assignment, Review, Submission, Version

#: What rows are, and how they lead to their assignment.
PATHS: dict[type[Model], str] = {
    Assignment: "",
    Submission: "assignment__",
    Version: "submission__assignment__",
    Review: "version__submission__assignment__",
}


def of_unit(
    model: type[Model],
    unit: Unit,
    *,
    campaign: int | None = None,
    year: int | None = None,
    running: bool = False,
) -> QuerySet:
    """Rows of `model` of the unit: of one campaign, of those that began in `year`, of `running` ones; what
    was cancelled is in no figure."""
    path = PATHS[model]
    chosen: dict[str, Any] = {f"{path}unit": unit}
    if campaign is not None:
        chosen[f"{path}occurrence__requirement__campaign"] = campaign
    if year is not None:
        chosen[f"{path}occurrence__requirement__campaign__starts_on__year"] = year
    if running:
        chosen[f"{path}occurrence__requirement__campaign__state"] = CampaignState.PUBLISHED
    return model.objects.filter(**chosen).exclude(**{f"{path}state": State.CANCELLED})


def rows(figure: Figure, unit: Unit, at: datetime, **narrowed: int | None) -> QuerySet:
    """The rows behind a number, as many as it says; `narrowed` as in `of_unit`."""
    return of_unit(figure.of, unit, **narrowed).filter(figure.condition(at))


def with_plan(figure: Figure, found: QuerySet) -> QuerySet:
    """The rows with what a list shows of them (`row`), the latest first."""
    path = PATHS[figure.of]
    plan = (f"{path}occurrence__requirement__campaign", f"{path}occurrence__requirement__phase")
    ordered = found.order_by(f"-{path}due_at", "-pk").select_related(*plan)
    if figure.of is Assignment:
        return worklist.dated(ordered)
    if figure.of is Submission:
        newest = Version.objects.filter(submission=OuterRef("pk")).order_by("-number").values("pk", "title")
        return ordered.annotate(
            version=Subquery(newest.values("pk")[:1]), version_title=Subquery(newest.values("title")[:1])
        )
    return ordered


def row(one: Assignment | Submission | Version | Review) -> dict[str, Any]:
    """What a list shows of a row: its task, the version it is about, and for a return when and why."""
    if isinstance(one, Assignment):
        return {"task": one}
    if isinstance(one, Submission):
        return {"task": one.assignment, "version": one.version, "title": one.version_title}
    version = one.version if isinstance(one, Review) else one
    review = one if isinstance(one, Review) else None
    return {
        "task": version.submission.assignment,
        "version": version.pk,
        "title": version.title,
        "review": review,
    }


@dataclass(frozen=True)
class Line:
    """The figures of one campaign in one unit."""

    campaign: int
    title: str
    year: int
    numbers: dict[str, int]


def by_campaign(unit: Unit, at: datetime) -> list[Line]:
    """Every campaign that asked something of the unit, the latest first: one query for each kind of row."""
    found: dict[int, Line] = {}
    for model, path in PATHS.items():
        plan = f"{path}occurrence__requirement__campaign"
        sums = {one.key: Count("pk", filter=one.condition(at)) for one in OF_UNIT if one.of is model}
        listed = of_unit(model, unit).order_by().values(plan, f"{plan}__title", f"{plan}__starts_on__year")
        for row in listed.annotate(**sums).order_by(f"-{plan}__starts_on", f"-{plan}"):
            begun = Line(row[plan], row[f"{plan}__title"], row[f"{plan}__starts_on__year"], _nothing())
            found.setdefault(row[plan], begun).numbers.update({key: row[key] for key in sums})
    return list(found.values())


def total(lines: Iterable[Line]) -> dict[str, int]:
    """The figures of several campaigns together."""
    sums = _nothing()
    for line in lines:
        for key, number in line.numbers.items():
            sums[key] += number
    return sums


def _nothing() -> dict[str, int]:
    return {figure.key: 0 for figure in OF_UNIT}
