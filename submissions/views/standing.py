"""The unit's own standing: its figures by campaign and year, what is open, and everything handed in."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Exists, Max, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.enums import RequirementKind
from campaigns.models import Campaign
from portal.days import FIRST, LAST
from portal.ids import as_id
from schools.access import roles_required, scope_of
from schools.enums import Role
from schools.models import Membership, Unit
from submissions import standing, worklist
from submissions.enums import AssignmentState
from submissions.figures import OF_UNIT, OVERDUE
from submissions.models import Assignment, Version
from submissions.standing import Line
from submissions.views.reading import standing_of

PER_PAGE = 30
AT_A_GLANCE = 10  # open tasks shown on the page itself

#: What has to be done, the head's signature included.
OPEN = (worklist.RUNNING & Q(state__in=AssignmentState.unfinished())) | worklist.TO_DO


@require_safe
@roles_required(*Role.own_unit())
def overview(request: HttpRequest) -> HttpResponse:
    """How one of the person's units stands: the figures of a year, what is open, earlier years."""
    now = timezone.now()
    unit = _unit(request)
    this_year = timezone.localdate(now).year
    year = year_in(request, this_year)
    lines = standing.by_campaign(unit, now)
    years = sorted({line.year for line in lines} | {this_year}, reverse=True)
    tasks = Assignment.objects.filter(unit=unit)
    head = unit.pk in scope_of(request.user, Role.HEAD).own
    open_tasks = worklist.shown(tasks.filter(OPEN)).order_by("act_by", "pk")
    if head:  # who reads what is overdue apart
        open_tasks = open_tasks.exclude(OVERDUE.condition(now))
    context = {
        "unit": unit,
        "units": worklist.own_units(request.user),
        "now": now,
        "year": year,
        "this_year": this_year,
        "figures": OF_UNIT,
        "total": _linked(unit, standing.total(one for one in lines if one.year == year), year=year),
        "campaigns": [
            (line, _linked(unit, line.numbers, campaign=line.campaign)) for line in lines if line.year == year
        ],
        "years": [(one, _year(unit, lines, one)) for one in years],
        "open": worklist.marked(open_tasks[:AT_A_GLANCE], now),
        "head": _for_the_head(unit, now) if head else None,
    }
    return render(request, "submissions/standing.html", context)


def _year(unit: Unit, lines: list[Line], year: int) -> list[dict]:
    return _linked(unit, standing.total(line for line in lines if line.year == year), year=year)


def _linked(unit: Unit, numbers: dict[str, int], **narrowed: int) -> list[dict]:
    """Each figure with its number and the address of the rows behind it."""
    base = reverse("standing_rows")
    return [
        {
            "figure": one,
            "n": numbers[one.key],
            "url": f"{base}?{urlencode({'unit': unit.pk, **narrowed, 'figure': one.key})}",
        }
        for one in OF_UNIT
    ]


def _for_the_head(unit: Unit, now: datetime) -> dict[str, Any]:
    """What waits for the signature, what is overdue now, and who of the unit handed in when."""
    tasks = Assignment.objects.filter(unit=unit)
    overdue = tasks.filter(worklist.RUNNING & OVERDUE.condition(now))
    first = worklist.shown(overdue).order_by("due_at", "pk")[:AT_A_GLANCE]
    handed_in = Version.objects.filter(submitted_by=OuterRef("user"), submission__assignment__unit=unit)
    newest = handed_in.order_by("-submitted_at").values("submitted_at")[:1]
    people = Membership.objects.in_post(Role.SECRETARY).filter(unit=unit).select_related("user")
    return {
        "to_sign": tasks.filter(worklist.TO_SIGN).count(),
        "overdue": worklist.marked(first, now),
        "overdue_count": overdue.count(),
        "people": people.annotate(last_hand_in=Subquery(newest)).order_by("pk"),
    }


@require_safe
@roles_required(*Role.own_unit())
def rows(request: HttpRequest) -> HttpResponse:
    """The rows behind one number of the standing."""
    now = timezone.now()
    unit = _unit(request)
    figure = next((one for one in OF_UNIT if one.key == request.GET.get("figure")), None)
    if figure is None:
        raise Http404
    campaign, year = campaign_in(request, unit), year_in(request)
    found = standing.rows(figure, unit, now, campaign=campaign.pk if campaign else None, year=year)
    page = Paginator(standing.with_plan(figure, found), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "unit": unit,
        "figure": figure,
        "campaign": campaign,
        "year": year,
        "page": page,
        "lines": [standing.row(one) for one in page],
        "query": _query(unit, figure=figure.key, campaign=campaign and campaign.pk, year=year),
        "now": now,
    }
    return render(request, "submissions/standing_rows.html", context)


@require_safe
@roles_required(*Role.own_unit())
def history(request: HttpRequest) -> HttpResponse:
    """Everything the unit has handed in, the newest first."""
    unit = _unit(request)
    campaign, year = campaign_in(request, unit), year_in(request)
    kind = request.GET.get("kind", "")
    if kind and kind not in RequirementKind.values:
        raise Http404
    everything = Version.objects.filter(submission__assignment__unit=unit)
    plan = "submission__assignment__occurrence__requirement"
    chosen = {
        f"{plan}__campaign": campaign,
        f"{plan}__campaign__starts_on__year": year,
        f"{plan}__kind": kind,
    }
    found = (
        everything.filter(**{path: value for path, value in chosen.items() if value})
        .select_related(f"{plan}__campaign", "submitted_by")
        .prefetch_related("reviews")
        .annotate(newest=Max("submission__versions__number"))
        .order_by("-submitted_at", "-pk")
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    for one in page:
        one.mark, one.word = standing_of(one.submission, one, one.number == one.newest)
    used = everything.order_by().values_list(f"{plan}__campaign", f"{plan}__kind").distinct()
    campaigns = Campaign.objects.filter(pk__in={pk for pk, _ in used})
    context = {
        "unit": unit,
        "units": worklist.own_units(request.user),
        "page": page,
        "campaign": campaign,
        "year": year,
        "kind": kind,
        "campaigns": campaigns,
        "years": sorted({one.starts_on.year for one in campaigns}, reverse=True),
        "kinds": [one for one in RequirementKind if one in {used_kind for _, used_kind in used}],
        "query": _query(unit, campaign=campaign and campaign.pk, year=year, kind=kind),
    }
    return render(request, "submissions/standing_history.html", context)


# What was chosen --------------------------------------------------------------------------------------


def _unit(request: HttpRequest) -> Unit:
    """The unit chosen among the person's own, or the first of these; 404 for any other."""
    units = worklist.own_units(request.user)
    typed = request.GET.get("unit", "")
    found = next((one for one in units if str(one.pk) == typed), None) if typed else units[0]
    if found is None:
        raise Http404
    return found


def campaign_in(request: HttpRequest, unit: Unit) -> Campaign | None:
    """The campaign chosen, if any; 404 for one that asked nothing of the unit."""
    typed = request.GET.get("campaign", "")
    if not typed:
        return None
    asked = Assignment.objects.filter(unit=unit, occurrence__requirement__campaign=OuterRef("pk"))
    found = Campaign.objects.filter(Exists(asked), pk=as_id(typed)).first()
    if found is None:
        raise Http404
    return found


def year_in(request: HttpRequest, otherwise: int | None = None) -> int | None:
    """A year as chosen; `otherwise` when there is none that the portal reckons with."""
    typed = request.GET.get("year", "")
    if not (typed.isdecimal() and len(typed) == 4):
        return otherwise
    return int(typed) if FIRST.year <= int(typed) <= LAST.year else otherwise


def _query(unit: Unit, **chosen: Any) -> str:
    return urlencode({"unit": unit.pk} | {name: value for name, value in chosen.items() if value})
