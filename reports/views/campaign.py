"""How one campaign stands: in all, by phase, requirement, township, kind and ownership."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reports import sums, workbooks
from reports.looking import Look, look
from reports.narrowing import directly_below
from reports.sums import Numbers, Sums
from reports.tables import FIGURE_COLUMNS, STACKED, Line, Table, figure_cells
from schools.access import roles_required, scope_of
from schools.enums import Ownership, Role, UnitKind
from schools.models import Unit
from submissions.figures import COUNTED


@require_safe
@roles_required(*Role.overseeing())
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures of one campaign, or with `?table=` one of its tables as a workbook."""
    seen = look(request, pk)
    found = sums.read(seen.counters(), seen.at, sums.GROUPS | {"below": sums.below(seen.depth)})
    tables = _tables(seen, found)
    if key := request.GET.get("table"):
        table = next((one for one in tables if one.key == key), None)
        if table is None:
            raise Http404
        return workbooks.respond(table, seen.campaign.title, seen.at)
    context = {
        "campaign": seen.campaign,
        "look": seen,
        "now": seen.at,
        "changeable": scope_of(request.user, Role.OFFICER).covers(seen.campaign.host),
        "phases": seen.campaign.phases.all(),
        "topics": seen.campaign.topics.with_duties(),
        "leadership": seen.campaign.leadership.select_related("user"),
        "figures": COUNTED,
        "total": figure_cells(found.total, seen),
        "tiles": list(zip(FIGURE_COLUMNS, figure_cells(found.total, seen), strict=True)),
        "tables": tables,
    }
    return render(request, "reports/campaign.html", context)


def _tables(seen: Look, found: Sums) -> list[Table]:
    phases = [(one.pk, one.name) for one in seen.campaign.phases.all()]
    requirements = [(one.pk, one.title) for one in seen.campaign.requirements.all()]
    parts = (
        ("phase", "按阶段", "阶段", "phase", phases),
        ("requirement", "按报送要求", "报送要求", "requirement", requirements),
        ("kind", "按单位类别", "单位类别", "unit_kind", UnitKind.choices),
        ("ownership", "按办学性质", "办学性质", "ownership", Ownership.choices),
    )
    tables = {
        key: Table(
            key, title, first, FIGURE_COLUMNS, _lines(seen, found.of[key], parameter, names), "stack", STACKED
        )
        for key, title, first, parameter, names in parts
    }
    return [
        tables["phase"],
        tables["requirement"],
        by_branch(seen, found.of["below"]),
        tables["kind"],
        tables["ownership"],
    ]


def _lines(seen: Look, numbers: dict[Any, Numbers], parameter: str, names: Any) -> list[Line]:
    """One line for each named group that has counters, in the order of `names`."""
    return [
        Line(name, figure_cells(numbers[key], seen, **{parameter: key}))
        for key, name in names
        if key in numbers
    ]


def by_branch(seen: Look, numbers: dict[str, Numbers]) -> Table:
    """What lies one level below, each leading further down; first what hangs under the bureau itself."""
    units = {unit.path: unit for unit in Unit.objects.filter(path__in=numbers).order_by("path")}
    lines = []
    for path, unit in units.items():
        # A shorter path is a branch itself: nothing lies between it and its schools.
        further = len(path) == seen.depth
        narrowed = {"below": unit.pk} if further else {"branch": unit.pk}
        name = directly_below(unit.name) if unit.kind in UnitKind.bureaus() and not further else unit.name
        url = seen.address("campaign", below=unit.pk) if further else ""
        lines.append(Line(name, figure_cells(numbers[path], seen, **narrowed), url))
    return Table("branch", "按镇街", "镇街或教育局", FIGURE_COLUMNS, lines, "compare", ("percent",))
