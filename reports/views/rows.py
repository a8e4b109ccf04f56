"""The assignments behind one number, with the pieces handed in."""

from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from campaigns.enums import CampaignState
from reports import narrowing, paging
from reports.looking import Look, look
from reports.views import sifting
from schools.access import roles_required
from schools.enums import Role
from submissions import access
from submissions.figures import COMPLETE, COUNTED, MISSING, UNCORRECTED
from submissions.models import Submission

IN_COUNTERS = (*COUNTED, COMPLETE)
LISTED = {figure.key: figure for figure in (*IN_COUNTERS, UNCORRECTED)}


@require_safe
@roles_required(*Role.overseeing())
def rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Those of one figure, narrowed as the address says (reports/narrowing.py)."""
    seen = look(request, pk)
    figure = LISTED.get(request.GET.get("figure", "owed"))
    if figure is None:
        raise Http404
    narrowed = narrowing.read(request.GET, seen)
    condition = Q(figure.condition(seen.at), narrowed.condition)
    owed = seen.assignments().filter(condition)
    counters = seen.counters().filter(condition) if narrowed.counted and figure in IN_COUNTERS else None
    legible = Prefetch("submissions__versions", access.received(request.user))
    whole = owed.with_plan().select_related("branch").prefetch_related(legible)
    pages = paging.pages(whole, counters)
    page = pages.get_page(request.GET.get("page"))
    few = pages.count <= paging.FEW
    for one in page:
        one.overdue = one.is_overdue(seen.at)
        # A unit that has moved away still counts where it was; its work is no longer to be read from here.
        one.readable = seen.scope.covers(one.unit)
        pieces = one.submissions.all() if one.readable else ()
        one.handed = [_newest(piece) for piece in pieces if piece.versions.all()]
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "campaign": seen.campaign,
        "figure": figure,
        "page": page,
        "query": query.urlencode(),
        "narrowed": narrowed.names,
        "units": owed.order_by().values("unit").distinct().count() if few else None,
        "now": seen.at,
        "nudge": _nudge(seen, request.GET) if page.object_list else "",
    }
    return render(request, "reports/rows.html", context)


def _nudge(seen: Look, asked: QueryDict) -> str:
    """Where all are nudged who have not handed in one requirement, for the list of just these; else ""."""
    narrowed = sifting.kept(asked, "figure")
    if {*narrowed} - {"below"} != {"figure", "requirement"} or narrowed["figure"] != MISSING.key:
        return ""
    if seen.campaign.state != CampaignState.PUBLISHED:
        return ""
    narrowed.pop("figure")
    whom = {"campaign": seen.campaign.pk, "everybody": 1, "missing": 1}
    return reverse("new_nudge", query=whom | narrowed)


def _newest(piece: Submission) -> tuple[str, int]:
    """Title and id of a piece's newest version among those prefetched."""
    newest = max(piece.versions.all(), key=lambda version: version.number)
    return newest.title, newest.pk
