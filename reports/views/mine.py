"""我的学校: the units that a person answers for, and the rows behind every number of them."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from portal.ids import as_id
from reports import listings, present, workbooks
from reports import mine as about
from reports.looking import campaigns_of
from reports.mine import Charge, Way
from reports.tables import Table
from schools.access import roles_required
from schools.enums import Role
from schools.rules import keeps_map
from submissions import access, worklist
from submissions.figures import AT_PRESENT
from submissions.models import AssignmentQuerySet

PER_PAGE = 50
LISTED = {figure.key: figure for figure in AT_PRESENT}


@require_safe
@roles_required(*Role.overseeing())
def mine(request: HttpRequest) -> HttpResponse:
    """What the person answers for, in all running campaigns or one (`campaign`), or what came one `way`."""
    charge = _charge(request)
    way = _way(request, charge)
    if key := request.GET.get("table"):
        return _workbook(charge, key)
    shown = [way] if way else charge.ways
    stands = present.together(charge.stands(one) for one in shown)
    narrowed = {"way": way.key} if way else {}
    chosen = {"campaign": charge.campaign.pk} if charge.campaign else {}
    context = {
        "charge": charge,
        "way": way,
        "campaign": charge.campaign,
        "now": charge.at,
        "tiles": list(zip(about.COLUMNS, about.cells(charge, stands, **narrowed), strict=True)),
        "summaries": [] if way or not charge.ways else _summaries(charge),
        "groups": [_group(request, charge, one, whole=bool(way)) for one in shown],
        "keeps_map": keeps_map(request.user),
        "query": urlencode(narrowed | chosen),
        "table_query": urlencode(chosen),
    }
    return render(request, "reports/mine.html", context)


def _charge(request: HttpRequest) -> Charge:
    """The person's charge, in the campaign chosen if any; 404 for one that does not run or is not to be seen:
    neither asked of these units nor overseen."""
    charge = Charge(request.user, timezone.now())
    typed = request.GET.get("campaign", "")
    if not typed:
        return charge
    asked = charge.tasks().order_by().values("occurrence__requirement__campaign")
    seen = Q(pk__in=asked) | Q(pk__in=campaigns_of(request.user).values("pk"))
    running = Campaign.objects.filter(seen, state=CampaignState.PUBLISHED)
    campaign = get_object_or_404(running, pk=as_id(typed))
    return Charge(request.user, charge.at, campaign)


def _way(request: HttpRequest, charge: Charge) -> Way | None:
    typed = request.GET.get("way", "")
    if not typed:
        return None
    found = next((one for one in charge.ways if one.key == typed), None)
    if found is None:
        raise Http404
    return found


def _summaries(charge: Charge) -> list[Table]:
    ways = [about.by_way(charge)] if len(charge.ways) > 1 else []
    return [*ways, *([] if charge.campaign else [about.by_campaign(charge)])]


def _group(request: HttpRequest, charge: Charge, way: Way, *, whole: bool) -> dict[str, Any]:
    """The units of one way, the latest first: a page of them when it is looked at alone, else the first."""
    ranked = Paginator(charge.ranked(charge.came[way.key]), PER_PAGE)
    page = ranked.get_page(request.GET.get("page") if whole else 1)
    return {
        "way": way,
        "page": page,
        "table": about.of_units(charge, way, list(page)),
        "more": "" if whole or not page.has_next() else charge.address("mine", way=way.key),
    }


def _workbook(charge: Charge, key: str) -> HttpResponse:
    """One of the page's tables; of a way all its units."""
    name = f"{charge.user}包挂的单位"
    for table in _summaries(charge):
        if table.key == key:
            return workbooks.respond(table, name, charge.at)
    for way in charge.ways:
        if key == f"units-{way.key}":
            table = about.of_units(charge, way, charge.ranked(charge.came[way.key]))
            return workbooks.respond(table, name, charge.at)
    raise Http404


@require_safe
@roles_required(*Role.overseeing())
def rows(request: HttpRequest) -> HttpResponse:
    """The tasks behind one number: of `figure`, of one `unit`, one `way` or one `campaign`."""
    charge = _charge(request)
    figure = LISTED.get(request.GET.get("figure", ""))
    if figure is None:
        raise Http404
    found, names = _narrowed(request, charge, charge.tasks().filter(figure.condition(charge.at)))
    legible = Prefetch("submissions__versions", access.received(request.user))
    listed = worklist.dated(found).with_plan().select_related("branch").order_by("unit__path", "act_by", "pk")
    if request.GET.get("table"):
        table = partial(listings.of_tasks, figure.name)
        return listings.respond(request, listed, f"{charge.user}包挂的单位", table, charge.at)
    page = Paginator(listed.prefetch_related(legible), PER_PAGE).get_page(request.GET.get("page"))
    for one in page:
        one.readable = True  # a charge is of the units that are there now
        one.overdue = one.is_overdue(charge.at)
        pieces = [list(piece.versions.all()) for piece in one.submissions.all()]
        newest = [max(versions, key=lambda version: version.number) for versions in pieces if versions]
        one.handed = [(version.title, version.pk) for version in newest]
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "figure": figure,
        "page": page,
        "query": query.urlencode(),
        "most": listings.MOST,
        "narrowed": names,
        "campaign": charge.campaign,
        "now": charge.at,
    }
    return render(request, "reports/mine_rows.html", context)


def _narrowed(
    request: HttpRequest, charge: Charge, owed: AssignmentQuerySet
) -> tuple[AssignmentQuerySet, list[str]]:
    """Those of `owed` that the address asks for by way, unit and campaign, and these in words."""
    way, unit = _way(request, charge), None
    if way:
        owed = owed.filter(unit__in=[one.pk for one in charge.came[way.key]])
    if typed := request.GET.get("unit"):
        unit = charge.units.get(as_id(typed) or 0)
        if unit is None:
            raise Http404
        owed = owed.filter(unit=unit)
    return owed, [str(one) for one in (way and way.name, unit, charge.campaign) if one]
