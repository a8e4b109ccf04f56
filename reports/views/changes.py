"""The lists behind “自上次查看以来” and “待您处理”, and the beacon that keeps when the overview was seen."""

from datetime import datetime
from functools import partial

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from portal.days import in_range
from reports import deciding, happened, listings
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
    if request.GET.get("table"):
        subject = f"{timezone.localtime(since):%-m月%-d日}以来"
        return listings.respond(request, found, subject, partial(listings.of_change, change), until)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    scope = overseen(request.user)
    for one in page:
        task = one if isinstance(one, Assignment) else one.assignment
        one.task, one.moment = task, task.due_at if task is one else one.at
        one.readable = scope.covers(task.unit)
    context = {"change": change, "page": page, "since": since, "until": until}
    context |= {"query": _query(request), "most": listings.MOST}
    return render(request, "reports/recent.html", context)


@require_safe
@roles_required(*Role.overseeing())
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, of one kind."""
    now = timezone.now()
    matter = deciding.LISTED.get(request.GET.get("kind", ""))
    if matter is None or matter not in deciding.matters_of(request.user):
        raise Http404
    found = matter.rows(request.user, now)
    if request.GET.get("table"):
        return listings.respond(request, found, request.user.name, partial(listings.of_matter, matter), now)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"matter": matter, "page": page, "now": now, "query": _query(request), "most": listings.MOST}
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
    """An instant with its offset, as `isoformat` writes it, in local time; None for anything else."""
    try:
        found = parse_datetime(typed)
        if found is None or found.tzinfo is None:
            return None
        # With the offset it came with PostgreSQL might not take it, and another day would be judged.
        local = timezone.localtime(found)
    except (ValueError, OverflowError):
        return None
    return local if in_range(local.date()) else None


def _query(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()
