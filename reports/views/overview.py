"""All campaigns in scope with their main figures."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from reports import sums
from reports.looking import Look, campaigns_of, overseen
from reports.tables import FIGURE_COLUMNS, figure_cells
from schools.access import roles_required
from schools.enums import Role
from submissions.models import Standing


@require_safe
@roles_required(*Role.overseeing())
def progress(request: HttpRequest) -> HttpResponse:
    """All campaigns in scope with their main figures."""
    now = timezone.now()
    scope = overseen(request.user)
    campaigns = list(campaigns_of(request.user))
    counters = Standing.objects.filter(
        scope.narrow("branch"), occurrence__requirement__campaign__in=campaigns
    )
    numbers = sums.read(counters, now, {"campaign": sums.GROUPS["campaign"]}).of["campaign"]
    lines = []
    for one in campaigns:
        seen = Look(request.user, one, scope, now)
        cells = figure_cells(numbers[one.pk], seen) if one.pk in numbers else None
        lines.append((one, cells and list(zip(FIGURE_COLUMNS, cells, strict=True))))
    return render(request, "reports/progress.html", {"rows": lines, "now": now})
