"""One unit's page for those above it: how it stands, who answers for it, what it owes, did and reported."""

from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from reports import listings, workbooks
from reports import unit as about
from reports.looking import overseen
from reports.present import Present
from reports.tables import Cell, Column, Table
from schools.access import Scope, people_of, roles_required, units_for
from schools.enums import Role, UnitKind
from schools.models import Pairing, Unit, User
from schools.responsibility import Answer, answering_for
from submissions import access, standing
from submissions.figures import (
    AT_PRESENT,
    OF_UNIT,
    OVERDUE,
    RETURNED,
    UNCORRECTED,
    UNFINISHED,
    WAITING,
    Figure,
)
from submissions.models import Version
from submissions.views.reading import standing_of
from submissions.views.standing import campaign_in, year_in

PER_PAGE = 30
#: What a leader sees first.
NOW = (OVERDUE, UNCORRECTED, RETURNED, WAITING, UNFINISHED)
LISTED = {figure.key: figure for figure in (*OF_UNIT, *AT_PRESENT)}


@require_safe
@roles_required(*Role.overseeing())
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one unit, or with `?table=` one of its tables as a workbook."""
    at = timezone.now()
    found = _unit(request, pk)
    scope = overseen(request.user)
    lines = standing.by_campaign(found, at)
    this_year = timezone.localdate(at).year
    branch = found.kind in UnitKind.branches()
    tables = {
        "below": about.below(request.user, found, at) if branch else None,
        "campaigns": about.by_campaign(request.user, found, lines),
        "years": about.by_year(found, lines),
        "indicators": about.indicators(found),
    }
    if key := request.GET.get("table"):
        if tables.get(key) is None:
            raise Http404
        return workbooks.respond(tables[key], found.name, at)
    total = standing.total(one for one in lines if one.year == this_year)
    present = about.now(found, at)
    done = about.pieces(request.user, found)
    context = {
        "unit": found,
        "now": at,
        "owes": bool(lines),
        "school": found.kind in (*UnitKind.schools(), UnitKind.OTHER),
        "present": present,
        "days_late": present.days_late(at),
        "tiles_now": _now(found, present),
        "year": this_year,
        "tiles": list(zip(about.COLUMNS, about.cells(found, total, year=this_year), strict=True)),
        "tables": tables,
        "answers": _answers(found, scope, request.user),
        "pairs": _pairs(found, scope),
        "people": about.people(request.user, found),
        "owing": about.owing(found, at),
        "pieces": _marked(done[: about.AT_A_GLANCE]),
        "piece_count": done.count(),
        "exhibits": access.exhibits(request.user)
        .filter(version__submission__assignment__unit=found)
        .select_related("version__submission__assignment__occurrence__requirement__campaign"),
        "events": about.events(found),
        **_places(found, scope, request.user),
    }
    return render(request, "reports/unit.html", context)


def _unit(request: HttpRequest, pk: int) -> Unit:
    """The unit; 404 where the person oversees it not."""
    units = units_for(request.user, *Role.overseeing()).select_related("successor")
    return get_object_or_404(units, pk=pk)


def _now(found: Unit, present: Present) -> list[tuple[Column, Cell]]:
    """What running campaigns ask for now, each number with its rows."""
    return [
        (
            Column(one.name, one.key, one.meaning, bad=one.bad),
            Cell(present.numbers[one.key], about.rows(found, figure=one.key, running=1)),
        )
        for one in NOW
    ]


def _answers(found: Unit, scope: Scope, viewer: User) -> list[dict[str, Any]]:
    """Who answers for the unit, in which way; a section's page shows its people.

    The telephone only of leaders with a post in a unit that the viewer oversees: not of those above.
    """
    answers = answering_for(found)
    leaders = {one.leader.pk for one in answers if one.leader}
    within = people_of(viewer, *Role.overseeing())
    near = set(User.objects.filter(within, pk__in=leaders).values_list("pk", flat=True))
    return [
        {
            "answer": one,
            "way": one.way(found),
            "page": _page(one, scope),
            "phone": one.leader.phone if one.leader and one.leader.pk in near else "",
        }
        for one in answers
    ]


def _page(one: Answer, scope: Scope) -> Unit | None:
    return one.section if one.leader is None and scope.covers(one.section) else None


def _pairs(found: Unit, scope: Scope) -> list[dict[str, Any]]:
    """The units it is paired with, each with whether the person oversees it as well."""
    rows = Pairing.objects.in_force().for_unit(found).select_related("unit", "partner")
    others = [(one.other(found), one.note) for one in rows]
    return [{"unit": other, "note": note, "seen": scope.covers(other)} for other, note in others]


def _places(found: Unit, scope: Scope, user: User) -> dict[str, Any]:
    """Where the unit stands in the tree, what it was called, and what became of it and of others in it."""
    above = Unit.objects.filter(path__in=found.ancestor_paths()[:-1]).order_by("path")
    return {
        "above": [(one, scope.covers(one)) for one in above],
        "former_names": found.former_names.all(),
        "successor_seen": found.successor and scope.covers(found.successor),
        "merged": units_for(user, *Role.overseeing()).filter(successor=found),
    }


def _marked(pieces: Any) -> list[Version]:
    """Pieces (`about.pieces`) with `mark` and `word`: how they stand."""
    pieces = list(pieces)
    for one in pieces:
        one.mark, one.word = standing_of(one.submission, one, newest=True)
    return pieces


@require_safe
@roles_required(*Role.overseeing())
def rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows behind one number of the page: `figure`, narrowed by `campaign`, `year` or `running`."""
    at = timezone.now()
    found = _unit(request, pk)
    figure: Figure | None = LISTED.get(request.GET.get("figure", ""))
    if figure is None:
        raise Http404
    campaign, year = campaign_in(request, found), year_in(request)
    running = bool(request.GET.get("running"))
    narrowed = {"campaign": campaign and campaign.pk, "year": year, "running": running}
    listed = standing.with_plan(figure, standing.rows(figure, found, at, **narrowed))
    if request.GET.get("table"):
        table = partial(listings.of_figure, figure.name, figure.of)
        return listings.respond(request, listed, found.name, table, at)
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "unit": found,
        "figure": figure,
        "campaign": campaign,
        "year": year,
        "running": running,
        "page": page,
        "lines": [standing.row(one) for one in page],
        "query": query.urlencode(),
        "most": listings.MOST,
        "now": at,
    }
    return render(request, "reports/unit_rows.html", context)


@require_safe
@roles_required(*Role.overseeing())
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Every piece of the unit that has reached the bureau, the latest first."""
    found = _unit(request, pk)
    pieces = about.pieces(request.user, found)
    if request.GET.get("table"):
        return listings.respond(request, pieces, found.name, _taken, timezone.now())
    page = Paginator(pieces, PER_PAGE).get_page(request.GET.get("page"))
    context = {"unit": found, "page": page, "pieces": _marked(page), "most": listings.MOST}
    return render(request, "reports/unit_history.html", context)


def _taken(pieces: Any) -> Table:
    return listings.of_pieces(_marked(pieces))
