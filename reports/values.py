"""The units behind an indicator: what they reported, who was asked, who has not reported."""

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Indicator
from portal.ids import as_id
from reports import narrowing
from reports.content import readings
from reports.content.common import plan_topics
from reports.content.readings import Asking
from reports.lists import BRANCH, Listed, words
from reports.looking import Look
from reports.tables import Cell, Column, Kind, Line, Table
from schools.models import Unit
from submissions.models import Assignment, AssignmentQuerySet, Reading


def values(seen: Look, given: QueryDict) -> Listed:
    """One indicator: its value, by what lies below, and the units with their values.

    `figure`: `reported` (their values add up to, or average to, the value shown), `asked`, or `silent`, those
    asked that have not reported.
    """
    wanted = Indicator.objects.filter(topic__campaign=seen.campaign).select_related("topic")
    indicator = get_object_or_404(wanted, pk=as_id(given.get("indicator")))
    branch = narrowing.read({"branch": given.get("branch", "")}, seen)
    reported = readings.of_indicator(seen, indicator).filter(branch.condition)
    figure = given.get("figure", "reported")
    if figure not in NAMES:
        raise Http404
    units = {"reported": Unit.objects.filter(pk__in=reported.values("unit"))}
    asked = Assignment.objects.none()
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
    return Listed(heading, found, lambda some: _values(seen, list(some), reported, asked), table, told, more)


NAMES = {"reported": "已填报单位", "asked": "应填报单位", "silent": "未填报单位"}
VALUE_COLUMNS = (
    BRANCH,
    Column("填报值", "value", kind=Kind.DECIMAL, counted=""),
    *words(("出自", "version"), ("期次", "period")),
    Column("报送时间", "at", kind=Kind.MOMENT),
)


def _values(
    seen: Look, units: list[Unit], reported: QuerySet[Reading], asked: AssignmentQuerySet
) -> list[Line]:
    """A line for each unit, with what it reported last, or with the branch in which it was asked last."""
    task = "version__submission__assignment__occurrence__requirement"
    rows = reported.filter(unit__in=units).select_related("branch", "indicator", task)
    values = {one.unit_id: one for one in rows}
    silent = asked.filter(unit__in=[unit for unit in units if unit.pk not in values])
    latest = silent.order_by("unit", "-due_at", "-pk").distinct("unit")
    branches = dict(latest.values_list("unit", "branch__name"))
    return [_value(seen, unit, values.get(unit.pk), branches.get(unit.pk, "")) for unit in units]


def _value(seen: Look, unit: Unit, one: Reading | None, branch: str) -> Line:
    """Of a unit that has moved away the value adds up; which work it came from is no longer told."""
    nothing = [Cell("")] * 3
    if one is None:
        return Line(seen.name_of(unit), (Cell(branch), Cell(None, shown="未填报"), *nothing))
    version, source = one.version, nothing
    if seen.scope.covers(unit):
        source = (
            Cell(version.title, reverse("version", args=[version.pk])),
            Cell(version.submission.assignment.name),
            Cell(version.submitted_at, shown=f"{timezone.localtime(version.submitted_at):%Y-%m-%d %H:%M}"),
        )
    return Line(
        seen.name_of(unit), (Cell(one.branch.name), readings.value_cell(one.indicator, one.value), *source)
    )
