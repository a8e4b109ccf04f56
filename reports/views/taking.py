"""Tables longer than a page: ordered here, made by a worker, fetched from the page of the job."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from reports import looking, narrowing, taking
from reports.views.rows import LISTED
from reports.views.sifting import kept
from schools.access import roles_required
from schools.enums import Role


@require_POST
@roles_required(*Role.overseeing())
def take_table(request: HttpRequest, pk: int, table: str) -> HttpResponse:
    """Have the matrix, the rows of a figure or those behind written, narrowed as the address says."""
    seen = looking.look(request, pk)
    narrowing.read(request.GET, seen)
    if table not in taking.TITLES or request.GET.get("figure", "owed") not in LISTED:
        raise Http404
    asked = kept(request.GET, *(["figure"] if table == taking.ROWS else []))
    job = taking.order(table, pk, asked, by=request.user, at=timezone.now())
    return redirect("job", job.pk)


@require_POST
@roles_required(*Role.overseeing())
def take_behind(request: HttpRequest) -> HttpResponse:
    """Have those behind in all running campaigns written."""
    looking.below(request.user, request.GET)
    narrowing.of_units(request.GET)
    job = taking.order(taking.BEHIND, None, kept(request.GET), by=request.user, at=timezone.now())
    return redirect("job", job.pk)
