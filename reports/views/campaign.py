"""How one campaign stands: tasks by phase, requirement, township, kind and ownership; and what came of it."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campaigns.models import Requirement
from reports import sums, workbooks
from reports.content import duties, meetings, readings, topics, works
from reports.content.common import asked_for, branches, plan_topics, sees_all
from reports.course import status, trend
from reports.course.forecasting import ahead
from reports.looking import Look, look
from reports.sums import Numbers, Sums
from reports.tables import FIGURE_COLUMNS, STACKED, Cell, Column, Line, Table, figure_cells
from reports.views.listed import named
from schools.access import roles_required, scope_of
from schools.enums import Ownership, Role, UnitKind
from submissions.figures import COUNTED

Tiles = list[tuple[Column, Cell]]
#: What asks for something first; what is due is said in a sentence.
TILES = (
    *("overdue", "returned", "owed", "handed", "accepted", "waiting", "missing", "not_due"),
    *("in_time", "late", "exempt"),
)


@dataclass(frozen=True)
class Section:
    """A part of the page that the contents lead to; `also` is a template with what is no table."""

    key: str
    title: str
    tables: list[Table]
    tiles: Tiles = field(default_factory=list)
    also: str = ""


@require_safe
@roles_required(*Role.overseeing())
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures of one campaign, or with `?table=` one of its tables as a workbook."""
    seen = look(request, pk)
    groups = sums.GROUPS | {"below": sums.below(seen.depth), "occurrence": "occurrence"}
    found = sums.read(seen.counters(), seen.at, groups)
    expected = ahead(seen)
    concerned = sees_all(seen) or found.total["owed"] + found.total["exempt"] > 0
    sections = [
        Section("course", "趋势", [trend.table(expected)]),
        _tasks(seen, found),
        *_content(seen),
    ] if concerned else []  # fmt: skip
    if key := request.GET.get("table"):
        tables = [table for section in sections for table in section.tables]
        return workbooks.respond(named(tables, key), seen.campaign.title, seen.at)
    coming = status.next_due(expected)
    cells = zip(FIGURE_COLUMNS, figure_cells(found.total, seen), strict=True)
    total = {column.key: (column, cell) for column, cell in cells}
    context = {
        "campaign": seen.campaign,
        "look": seen,
        "now": seen.at,
        "changeable": scope_of(request.user, Role.OFFICER).covers(seen.campaign.host),
        "phases": seen.campaign.phases.all(),
        "leadership": seen.campaign.leadership.select_related("user"),
        "groups": duties.groups(seen),
        "titles": works.titles(seen),
        "figures": COUNTED,
        "light": status.light(expected, coming),
        "next": coming,
        "total": {key: cell for key, (_, cell) in total.items()},
        "tiles": [total[key] for key in TILES],
        "sections": sections,
    }
    return render(request, "reports/campaign.html", context)


def _content(seen: Look) -> list[Section]:
    """What came in and what came of it; without what the plan has not got."""
    plan = plan_topics(seen)
    measured = readings.read(seen, plan)
    by_topic = topics.read(seen, plan, [one.topic for one in measured if one.reported])
    planned, held = list(meetings.activities(seen)), meetings.meeting_table(seen)
    found = [
        Section("content", "专题", [topics.table(seen, by_topic)], topics.tiles(seen, by_topic)),
        Section(
            "held",
            "会议活动",
            [meetings.activity_table(seen, planned), held],
            [*meetings.activity_tiles(seen, planned), *meetings.meeting_tiles(seen, held)],
        ),
        Section("measured", "指标", [readings.table(seen, measured)], readings.tiles(seen, measured)),
    ]
    if works.answers_here(seen):
        found.append(Section("proposed", "建议", [works.suggestion_table(seen)]))
    found.append(Section("excellent", "优秀成果", [works.works_table(seen)], also="reports/titles.html"))
    found.append(Section("answer", "领导和包挂", [duties.table(seen)], also="reports/duties.html"))
    return [one for one in found if one.also or any(table.lines for table in one.tables)]


def _tasks(seen: Look, found: Sums) -> Section:
    phases = [(one.pk, one.name) for one in seen.campaign.phases.all()]
    parts = (
        ("phase", "按阶段", "阶段", "phase", phases),
        ("kind", "按单位类别", "单位类别", "unit_kind", UnitKind.choices),
        ("ownership", "按办学性质", "办学性质", "ownership", Ownership.choices),
    )
    by = {
        key: Table(
            key, title, first, FIGURE_COLUMNS, _lines(seen, found.of[key], parameter, names), "stack", STACKED
        )
        for key, title, first, parameter, names in parts
    }
    tables = [by["phase"], _by_requirement(seen, found), by_branch(seen, found.of["below"])]
    return Section("tasks", "报送任务", [*tables, by["kind"], by["ownership"]])


def _lines(seen: Look, numbers: dict[Any, Numbers], parameter: str, names: Any) -> list[Line]:
    """One line for each named group that has counters, in the order of `names`."""
    return [
        Line(name, figure_cells(numbers[key], seen, **{parameter: key}))
        for key, name in names
        if key in numbers
    ]


def _by_requirement(seen: Look, found: Sums) -> Table:
    """What is asked for again and again says how many periods there are, and leads to them."""
    numbers = found.of["requirement"]
    asked = asked_for(seen.campaign, found.of["occurrence"])
    lines = [_requirement(seen, one, name, numbers[one.pk]) for one, name in asked if one.pk in numbers]
    return Table("requirement", "按报送要求", "报送要求", FIGURE_COLUMNS, lines, "stack", STACKED)


def _requirement(seen: Look, one: Requirement, name: str, numbers: Numbers) -> Line:
    cells = figure_cells(numbers, seen, requirement=one.pk)
    return Line(name, cells, seen.address("occurrences", requirement=one.pk) if one.recurs else "")


def by_branch(seen: Look, numbers: dict[str, Numbers]) -> Table:
    """What lies one level below, each leading further down; first what hangs under the bureau itself.

    Compared by the share of what is due (column `due_percent`); before anything is, of all that is owed.
    """
    lines = [
        Line(
            one.name,
            figure_cells(numbers[one.path], seen, **one.narrowed),
            seen.address("campaign", **one.narrowed) if one.further else "",
        )
        for one in branches(seen, numbers)
    ]
    is_due = any(one["due"] for one in numbers.values())
    share, note = ("due_percent", "图示到期报送率。") if is_due else ("percent", "图示报送率。")
    return Table("branch", "按镇街", "镇街或教育局", FIGURE_COLUMNS, lines, "compare", (share,), note)
