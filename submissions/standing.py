"""A unit's own standing: one definition for each figure; what counts the rows also lists them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet

from schools.models import Unit
from submissions.enums import AssignmentState as State
from submissions.enums import ExhibitState, Override, PieceState, ReviewStep, Verdict
from submissions.models import Assignment, Review, Submission, Version

#: What rows are, and how they lead to their assignment.
PATHS: dict[type[Model], str] = {
    Assignment: "",
    Submission: "assignment__",
    Version: "submission__assignment__",
    Review: "version__submission__assignment__",
}


@dataclass(frozen=True)
class Figure:
    """A number of `of`: its key in addresses, its Chinese name, what it means, its unit of counting, and
    whether it should be zero."""

    key: str
    name: str
    meaning: str
    of: type[Model] = Assignment
    counted: str = "项"
    bad: bool = False


FIGURES: tuple[Figure, ...] = (
    Figure("owed", "应报", "已下达的报送任务，不含免报和撤销"),
    Figure("done", "已办结", "审核通过、已签收或零报告"),
    Figure("in_time", "按时", "首次报齐时未过当时的截止时间"),
    Figure("late", "迟报", "首次报齐时已过当时的截止时间", bad=True),
    Figure("overdue", "逾期", "未报齐，且已过截止时间", bad=True),
    Figure("returns", "退回次数", "教育局退回修改的次数，不含本单位负责人退回", Review, "次", bad=True),
    Figure("exempt", "免报", "经同意不必报送"),
    Figure("nil", "零报告", "没有可报内容，已作零报告"),
    Figure("accepted", "通过篇数", "审核通过的材料", Submission, "篇"),
    Figure("recommended", "优秀推荐", "审核时推荐为优秀的材料", Version, "篇"),
    Figure("shown", "优秀展示", "正在优秀成果中展示的材料", Version, "篇"),
)


def condition(key: str, at: datetime) -> Q:
    """The figure as a filter on its rows; `at` decides what is overdue. KeyError for an unknown key."""
    sent_back = Review.objects.filter(version=OuterRef("pk"), verdict__in=Verdict.sending_back())
    praised = Review.objects.filter(version=OuterRef("pk"), recommended=True)
    return {
        "owed": Q(state__in=State.owed()),
        "done": Q(state=State.ACCEPTED),
        "in_time": Q(completed_at__isnull=False, late=False, state__in=State.owed()),
        "late": Q(late=True, state__in=State.owed()),
        "overdue": Q(state__in=State.not_handed_in(), due_at__lte=at),
        "returns": Q(verdict__in=Verdict.sending_back()) & ~Q(step=ReviewStep.SIGN),
        "exempt": Q(state=State.EXEMPT),
        "nil": Q(override=Override.NIL),
        "accepted": Q(state=PieceState.ACCEPTED),
        "recommended": Exists(praised) & ~Exists(sent_back),
        "shown": Q(exhibit__state=ExhibitState.SHOWN),
    }[key]


def of_unit(
    model: type[Model], unit: Unit, *, campaign: int | None = None, year: int | None = None
) -> QuerySet:
    """Rows of `model` of the unit, of one campaign or of those that began in `year`; what was cancelled is
    in no figure."""
    path = PATHS[model]
    chosen: dict[str, Any] = {f"{path}unit": unit}
    if campaign is not None:
        chosen[f"{path}occurrence__requirement__campaign"] = campaign
    if year is not None:
        chosen[f"{path}occurrence__requirement__campaign__starts_on__year"] = year
    return model.objects.filter(**chosen).exclude(**{f"{path}state": State.CANCELLED})


def rows(figure: Figure, unit: Unit, at: datetime, **narrowed: int | None) -> QuerySet:
    """The rows behind a number, as many as it says; `narrowed` as in `of_unit`."""
    return of_unit(figure.of, unit, **narrowed).filter(condition(figure.key, at))


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
        sums = {one.key: Count("pk", filter=condition(one.key, at)) for one in FIGURES if one.of is model}
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
    return {figure.key: 0 for figure in FIGURES}
