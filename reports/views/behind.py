"""Who is behind, in one campaign or in all that run."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from reports import behind as ranking
from reports import looking, narrowing
from reports.behind import Behind
from reports.looking import look
from reports.views import sifting
from schools.access import roles_required
from schools.enums import Role
from schools.models import Unit
from submissions.models import Standing
from submissions.services.nudging import MOST

PER_PAGE = 50


@require_safe
@roles_required(*Role.overseeing())
def behind(request: HttpRequest, pk: int) -> HttpResponse:
    """Of one campaign."""
    seen = look(request, pk)
    found = ranking.of_campaign(seen, narrowing.read(request.GET, seen), sifting.kept(request.GET))
    return _page(request, found, seen.below, sifting.sifter(request.GET, seen, having=False))


@require_safe
@roles_required(*Role.overseeing())
def all_behind(request: HttpRequest) -> HttpResponse:
    """Of all running campaigns, by unit."""
    below, scope = looking.below(request.user, request.GET), looking.overseen(request.user)
    narrowed = narrowing.of_units(request.GET)
    found = ranking.of_all(request.user, timezone.now(), narrowed, below)
    counters = Standing.objects.filter(scope.narrow("branch"))
    return _page(request, found, below, sifting.of_units(request.GET, counters, scope, below))


def _page(request: HttpRequest, found: Behind, below: Unit | None, choices: list) -> HttpResponse:
    late = found.ranked()
    page = Paginator(late, PER_PAGE).get_page(request.GET.get("page"))
    reached = found.within_reach(late)
    context = {
        "campaign": found.campaign,
        "below": below,
        "page": page,
        "table": ranking.table(found.lines(page.object_list)),
        "reached": len(reached),
        "ids": ",".join(map(str, reached)) if len(reached) <= MOST else "",
        "most": MOST,
        "now": found.at,
        "choices": choices,
        "sought": sifting.sought(request.GET),
        "under": sifting.address(request.GET),
        "query": sifting.address(request.GET),
        "here": request.GET.urlencode(),
    }
    return render(request, "reports/behind.html", context)
