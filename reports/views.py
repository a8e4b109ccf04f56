"""Dashboards: numbers from counters, each leading to exactly its rows."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.models import Campaign
from reports.figures import FIGURES, condition, totals
from schools.access import Scope, roles_required, scope_of, units_for
from schools.enums import Role, UnitKind
from schools.models import User
from submissions.models import Assignment, Standing, Submission

PER_PAGE = 50

#: What rows can be narrowed by, besides the figure: address parameter → field of an assignment or counter.
GROUPS = {
    "phase": "occurrence__requirement__phase",
    "requirement": "occurrence__requirement",
    "branch": "branch",
    "kind": "unit_kind",
}


def _overseen(user: User) -> Scope:
    return scope_of(user, *Role.overseeing())


def _campaigns(user: User) -> QuerySet[Campaign]:
    """Published campaigns hosted in or above the subtrees the person oversees."""
    return Campaign.objects.visible().for_scope(_overseen(user)).select_related("host")


@require_safe
@roles_required(*Role.overseeing())
def progress(request: HttpRequest) -> HttpResponse:
    """All campaigns in scope with their main figures."""
    now = timezone.now()
    campaigns = list(_campaigns(request.user))
    counters = Standing.objects.filter(
        _overseen(request.user).narrow("branch"), occurrence__requirement__campaign__in=campaigns
    )
    by_campaign = {
        row["occurrence__requirement__campaign"]: row
        for row in totals(counters, now, "occurrence__requirement__campaign")
    }
    lines = [
        (one, _linked(one, by_campaign[one.pk], {}) if one.pk in by_campaign else None) for one in campaigns
    ]
    return render(request, "reports/progress.html", {"rows": lines, "now": now})


@require_safe
@roles_required(*Role.overseeing())
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """How one campaign stands: in all, by phase, requirement, township and kind."""
    now = timezone.now()
    found = get_object_or_404(_campaigns(request.user).select_related("office"), pk=pk)
    counters = Standing.objects.filter(
        _overseen(request.user).narrow("branch"), occurrence__requirement__campaign=found
    )
    context = {
        "campaign": found,
        "now": now,
        "changeable": scope_of(request.user, Role.OFFICER).covers(found.host),
        "phases": found.phases.all(),
        "topics": found.topics.with_duties(),
        "leadership": found.leadership.select_related("user"),
        "figures": FIGURES,
        "total": _linked(found, totals(counters, now)[0], {}),
        "tables": [
            (
                "按阶段",
                "阶段",
                _table(found, counters, now, "phase", {p.pk: p.name for p in found.phases.all()}),
            ),
            (
                "按报送要求",
                "报送要求",
                _table(
                    found, counters, now, "requirement", {r.pk: r.title for r in found.requirements.all()}
                ),
            ),
            ("按镇街", "镇街或教育局", _table(found, counters, now, "branch", _branch_names(counters))),
            ("按单位类别", "单位类别", _table(found, counters, now, "kind", dict(UnitKind.choices))),
        ],
    }
    return render(request, "reports/campaign.html", context)


def _branch_names(counters: QuerySet[Standing]) -> dict[int, str]:
    """Branch id → its name; what hangs under a bureau itself is called its 直属."""
    found = counters.order_by("branch__path").values_list("branch", "branch__name", "branch__kind").distinct()
    return {pk: f"{name}直属" if kind in UnitKind.bureaus() else name for pk, name, kind in found}


def _table(found: Campaign, counters: QuerySet, now: Any, group: str, names: dict) -> list[dict]:
    """One line for each named group that has counters, in the order of `names`."""
    by_key = {row[GROUPS[group]]: row for row in totals(counters, now, GROUPS[group])}
    return [
        {"name": name} | _linked(found, by_key[key], {group: key})
        for key, name in names.items()
        if key in by_key
    ]


def _linked(found: Campaign, row: dict, narrowed: dict) -> dict:
    """The figures of a row, each with its number and the address of the rows behind it."""
    base = reverse("rows", args=[found.pk])
    cells = [
        {
            "figure": figure,
            "n": row[figure.key],
            "url": f"{base}?{urlencode(narrowed | {'figure': figure.key})}",
        }
        for figure in FIGURES
    ]
    owed = row["owed"]
    # Rounded down: “100%” means that nothing is missing.
    return {"cells": cells, "percent": 100 * row["handed"] // owed if owed else None}


@require_safe
@roles_required(*Role.overseeing())
def rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The assignments behind one number, with the pieces handed in."""
    now = timezone.now()
    found = get_object_or_404(_campaigns(request.user), pk=pk)
    figure = next((f for f in FIGURES if f.key == request.GET.get("figure", "owed")), None)
    if figure is None:
        raise Http404
    scope = _overseen(request.user)
    owed = Assignment.objects.filter(
        scope.narrow("branch"),
        condition(figure.key, now),
        occurrence__requirement__campaign=found,
    )
    narrowed = []
    for group, field in GROUPS.items():
        if value := request.GET.get(group):
            narrowed.append(_name_of(found, group, value, request.user))
            owed = owed.filter(**{field: value})
    units = owed.order_by().values("unit").distinct().count()
    owed = owed.with_plan().select_related("branch").prefetch_related("submissions__versions")
    ordered = owed.order_by("branch__path", "unit__path", "due_at", "pk")
    page = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    for one in page:
        one.overdue = one.is_overdue(now)
        # A unit that has moved away still counts where it was; its work is no longer to be read from here.
        one.readable = scope.covers(one.unit)
        pieces = one.submissions.all() if one.readable else ()
        one.handed = [_newest(piece) for piece in pieces if piece.versions.all()]
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "campaign": found,
        "figure": figure,
        "page": page,
        "query": query.urlencode(),
        "narrowed": narrowed,
        "units": units,
        "now": now,
    }
    return render(request, "reports/rows.html", context)


def _newest(piece: Submission) -> tuple[str, int]:
    """Title and id of a piece's newest version (prefetched)."""
    newest = max(piece.versions.all(), key=lambda version: version.number)
    return newest.title, newest.pk


def _name_of(found: Campaign, group: str, value: str, user: User) -> str:
    """What the value of an address parameter is called; 404 when there is no such thing."""
    if group == "kind":
        if value not in UnitKind.values:
            raise Http404
        return UnitKind(value).label
    things = {
        "phase": found.phases,
        "requirement": found.requirements,
        "branch": units_for(user, *Role.overseeing()),
    }
    if not value.isdecimal():
        raise Http404
    return str(get_object_or_404(things[group], pk=value))
