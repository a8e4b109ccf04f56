"""Lists of parts of the plan behind a number: topics, activities, indicators, periods of a requirement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.models import Indicator, Occurrence, Topic
from notices.templatetags.days import due_day
from portal.ids import as_id
from reports import narrowing, sums
from reports.content import meetings, readings, topics
from reports.content.readings import Asking
from reports.looking import Look, look
from reports.tables import FIGURE_COLUMNS, Cell, Column, Kind, Line, Table, figure_cells
from reports.views import listed
from reports.views.listed import Listed
from reports.views.pieces import BRANCH, each, version_url, words
from schools.access import roles_required
from schools.enums import Role
from schools.models import Unit
from submissions.models import Reading


def plan_topics(seen: Look) -> list[Topic]:
    """The topics of the campaign with their duties, the shallow ones first."""
    return list(seen.campaign.topics.with_duties())


@dataclass(frozen=True)
class Part:
    """`read` finds all, `table` shows some of them, `figures` are the names and conditions of some."""

    read: Callable[[Look], Sequence[Any]]
    table: Callable[[Look, list[Any]], Table]
    figures: dict[str, tuple[str, Callable[[Any], bool]]]
    counted: str


def _topics(seen: Look) -> list[topics.Entry]:
    plan = plan_topics(seen)
    measured = [one.topic for one in readings.read(seen, plan) if one.reported]
    return list(topics.read(seen, plan, measured).entries)


PARTS = {
    "topics": Part(_topics, topics.table_of, topics.FIGURES, "个"),
    "activities": Part(
        lambda seen: list(meetings.activities(seen)), meetings.activity_table, meetings.FIGURES, "场"
    ),
    "indicators": Part(
        lambda seen: readings.read(seen, plan_topics(seen)), readings.table, readings.FIGURES, "项"
    ),
}


@require_safe
@roles_required(*Role.overseeing())
def part(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """The rows of one figure of a part of the plan."""
    seen = look(request, pk)
    one = PARTS[what]
    figure = one.figures.get(request.GET.get("figure", "all"))
    if figure is None:
        raise Http404
    name, condition = figure
    found = [row for row in one.read(seen) if condition(row)]
    table = replace(one.table(seen, []), empty="没有符合条件的")
    told = (seen.below.name,) if seen.below else ()
    rows = Listed(
        f"{name}{len(found)}{one.counted}", found, lambda some: one.table(seen, list(some)).lines, table, told
    )
    return listed.respond(request, seen, rows)


@require_safe
@roles_required(*Role.overseeing())
def values(request: HttpRequest, pk: int) -> HttpResponse:
    """One indicator: its value, by what lies below, and the units with their values.

    `figure`: `reported` (their values add up to, or average to, the value shown), `asked`, or `silent`, those
    asked that have not reported.
    """
    seen = look(request, pk)
    wanted = Indicator.objects.filter(topic__campaign=seen.campaign).select_related("topic")
    indicator = get_object_or_404(wanted, pk=as_id(request.GET.get("indicator")))
    branch = narrowing.read({"branch": request.GET.get("branch", "")}, seen)
    reported = readings.of_indicator(seen, indicator).filter(branch.condition)
    figure = request.GET.get("figure", "reported")
    if figure not in NAMES:
        raise Http404
    units = {"reported": Unit.objects.filter(pk__in=reported.values("unit"))}
    if figure != "reported":
        asking = Asking(seen, plan_topics(seen))
        asked = asking.tables().filter(asking.asked(indicator.topic), branch.condition)
        units["asked"] = Unit.objects.filter(pk__in=asked.values("unit"))
        units["silent"] = units["asked"].exclude(pk__in=reported.values("unit"))
    found = units[figure].order_by("path")
    value = readings.value_of(indicator, reported)
    heading = f"{indicator.name}：{NAMES[figure]}{found.count()}个"
    said = readings.value_cell(indicator, value).shown
    told = (
        f"{indicator.get_aggregation_display()}{said}",
        f"目标{readings.target(indicator)}",
        *branch.names,
    )
    more = () if branch.names[1 if seen.below else 0 :] else (readings.levels(seen, indicator),)
    table = Table("values", NAMES[figure], "单位", VALUE_COLUMNS, (), empty="没有符合条件的单位", cards=True)
    rows = Listed(heading, found, lambda some: _values(seen, list(some), reported), table, told, more)
    return listed.respond(request, seen, rows)


NAMES = {"reported": "已填报单位", "asked": "应填报单位", "silent": "未填报单位"}
VALUE_COLUMNS = (
    BRANCH,
    Column("填报值", "value", kind=Kind.DECIMAL, counted=""),
    *words(("出自", "version"), ("期次", "period")),
    Column("报送时间", "at", kind=Kind.MOMENT),
)


def _values(seen: Look, units: list[Unit], reported: Any) -> list[Line]:
    """A line for each unit, with what it reported last."""
    task = "version__submission__assignment__occurrence__requirement"
    rows = reported.filter(unit__in=units).select_related("branch", "indicator", task)
    values = {one.unit_id: one for one in rows}
    parents = {unit.pk: unit for unit in Unit.objects.filter(pk__in=[one.parent_id for one in units])}
    return [_value(seen, unit, values.get(unit.pk), parents.get(unit.parent_id)) for unit in units]


def _value(seen: Look, unit: Unit, one: Reading | None, parent: Unit | None) -> Line:
    if one is None:
        return Line(
            unit.name, (Cell(parent.name if parent else ""), Cell(None, shown="未填报"), *[Cell("")] * 3)
        )
    version = one.version
    cells = (
        Cell(one.branch.name),
        readings.value_cell(one.indicator, one.value),
        Cell(version.title, version_url(seen, unit, version.pk)),
        Cell(version.submission.assignment.name),
        Cell(version.submitted_at, shown=f"{timezone.localtime(version.submitted_at):%Y-%m-%d %H:%M}"),
    )
    return Line(unit.name, cells)


@require_safe
@roles_required(*Role.overseeing())
def occurrences(request: HttpRequest, pk: int) -> HttpResponse:
    """The periods of one requirement, with their figures."""
    seen = look(request, pk)
    requirement = get_object_or_404(seen.campaign.requirements, pk=as_id(request.GET.get("requirement")))
    counters = seen.counters().filter(occurrence__requirement=requirement)
    numbers = sums.read(counters, seen.at, {"occurrence": "occurrence"}).of["occurrence"]
    found = list(Occurrence.objects.filter(pk__in=numbers).order_by("due_at", "pk"))

    def line(one: Occurrence) -> Line:
        name = f"{one}（{due_day(one.due_at)}前）"
        return Line(name, figure_cells(numbers[one.pk], seen, occurrence=one.pk))

    table = Table("occurrences", "各期", "期次", FIGURE_COLUMNS, ())
    told = (seen.below.name,) if seen.below else ()
    heading = f"{requirement.title}，已下达{len(found)}期"
    return listed.respond(request, seen, Listed(heading, found, each(line), table, told))
