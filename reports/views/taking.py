"""Tables longer than a page: ordered here, made by a worker, fetched from the page of the job."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from reports import looking, narrowing, taking
from reports.long import LISTS
from reports.views.rows import LISTED
from reports.views.sifting import kept
from schools.access import roles_required
from schools.enums import Role


@require_POST
@roles_required(*Role.overseeing())
def take_table(request: HttpRequest, pk: int, table: str) -> HttpResponse:
    """Have the matrix, the rows of a figure, those behind or a long list written, as the address says."""
    seen = looking.look(request, pk)
    narrowing.read(request.GET, seen)
    if found := LISTS.get(table):
        found.make(seen, request.GET)
        asked = {key: value for key, value in request.GET.dict().items() if key not in ("page", "table")}
    elif table in taking.TITLES and request.GET.get("figure", "owed") in LISTED:
        asked = kept(request.GET, *(["figure"] if table == taking.ROWS else []))
    else:
        raise Http404
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
