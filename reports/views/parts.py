"""Lists of parts of the plan behind a number: topics, activities, indicators, periods of a requirement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from campaigns.models import Occurrence
from notices.templatetags.days import due_day
from portal.ids import as_id
from reports import sums
from reports.content import meetings, readings, topics
from reports.content.common import plan_topics
from reports.lists import Listed, each
from reports.looking import Look, look
from reports.tables import FIGURE_COLUMNS, Line, Table, figure_cells
from reports.views import listed
from schools.access import roles_required
from schools.enums import Role


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
