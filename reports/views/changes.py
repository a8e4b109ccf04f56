"""The lists behind “自上次查看以来” and “待您处理”, and the beacon that keeps when the overview was seen."""

from datetime import datetime

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from portal.days import in_range
from reports import deciding, happened
from reports.looking import overseen
from reports.services import visits
from schools.access import roles_required
from schools.enums import Role
from submissions.models import Assignment

PER_PAGE = 50


@require_safe
@roles_required(*Role.overseeing())
def recent(request: HttpRequest) -> HttpResponse:
    """What happened of one kind between the moments `since` and `until` of the address."""
    change = happened.EVERY.get(request.GET.get("kind", ""))
    since, until = (_moment(request.GET.get(name, "")) for name in ("since", "until"))
    if change is None or since is None or until is None:
        raise Http404
    since = max(since, until - visits.LONGEST)
    found = happened.listed(request.user, change, since, until)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    scope = overseen(request.user)
    for one in page:
        task = one if isinstance(one, Assignment) else one.assignment
        one.task, one.moment = task, task.due_at if task is one else one.at
        one.readable = scope.covers(task.unit)
    context = {"change": change, "page": page, "since": since, "until": until, "query": _query(request)}
    return render(request, "reports/recent.html", context)


@require_safe
@roles_required(*Role.overseeing())
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, of one kind."""
    now = timezone.now()
    matter = deciding.LISTED.get(request.GET.get("kind", ""))
    if matter is None or matter not in deciding.matters_of(request.user):
        raise Http404
    page = Paginator(matter.rows(request.user, now), PER_PAGE).get_page(request.GET.get("page"))
    context = {"matter": matter, "page": page, "now": now, "query": _query(request)}
    return render(request, "reports/waiting.html", context)


@require_POST
@roles_required(*Role.overseeing())
def seen(request: HttpRequest) -> HttpResponse:
    """A script tells that the overview is being looked at, and of which moment it is."""
    at = _moment(request.POST.get("at", ""))
    if at is None:
        return HttpResponseBadRequest()
    visits.record(request.user, at=min(at, timezone.now()))
    return HttpResponse(status=204)


def _moment(typed: str) -> datetime | None:
    """An instant with its offset, as `isoformat` writes it; None for anything else."""
    try:
        found = parse_datetime(typed)
    except ValueError:
        return None
    return found if found and found.tzinfo and in_range(found.date()) else None


def _query(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()
