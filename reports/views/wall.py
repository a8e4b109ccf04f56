"""大屏: one running campaign after the other, or one alone, to be read from five metres."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns.enums import CampaignState, PhaseState
from campaigns.models import Campaign
from reports import behind, sums
from reports.course import status, trend
from reports.course.forecasting import ahead
from reports.looking import Look, campaigns_of, look
from reports.narrowing import Narrowed
from reports.tables import FIGURE_COLUMNS, Line, Table, figure_cells
from reports.views.campaign import by_branch
from schools.access import roles_required
from schools.enums import Role

BARS, NAMES = 9, 5  # that can be read from afar
BIG = ("owed", "handed", "overdue", "returned", "late")


def _running(request: HttpRequest) -> QuerySet[Campaign]:
    today = timezone.localdate()
    return campaigns_of(request.user).filter(state=CampaignState.PUBLISHED, starts_on__lte=today)


@require_safe
@roles_required(*Role.overseeing())
def first(request: HttpRequest) -> HttpResponse:
    """The running campaigns in turn, the latest first."""
    found = _running(request).values_list("pk", flat=True).first()
    if found is None:
        messages.info(request, "现在没有正在开展的活动，大屏暂无内容。")
        return redirect("progress")
    return redirect(reverse("wall", args=[found], query={"turn": 1}))


@require_safe
@roles_required(*Role.overseeing())
def wall(request: HttpRequest, pk: int) -> HttpResponse:
    """One campaign on the wall; with `?turn=1` the next running one follows a minute later."""
    seen = look(request, pk)
    found = sums.read(seen.counters(), seen.at, {"below": sums.below(seen.depth)})
    cells = dict(zip((one.key for one in FIGURE_COLUMNS), figure_cells(found.total, seen), strict=True))
    share = "percent" if cells["due_percent"].value is None else "due_percent"
    turning = "turn" in request.GET
    expected = ahead(seen)
    context = {
        "campaign": seen.campaign,
        "look": seen,
        "now": seen.at,
        "light": status.light(expected, status.next_due(expected)),
        "phase": seen.campaign.phases.filter(state=PhaseState.OPEN).first(),
        "share": next((column, cells[column.key]) for column in FIGURE_COLUMNS if column.key == share),
        "figures": [(column, cells[column.key]) for column in FIGURE_COLUMNS if column.key in BIG],
        "tables": [*_compared(by_branch(seen, found.of["below"])), trend.table(expected)],
        "behind": _longest_overdue(seen),
        "next": _next(request, seen.campaign) if turning else seen.campaign.pk,
        "turning": turning,
    }
    return render(request, "reports/wall.html", context)


def _compared(table: Table) -> list[Table]:
    """As many branches as a wall can show, those who have the least first; of one alone nothing."""
    if len(table.lines) < 2:
        return []

    [key] = table.series
    place = [column.key for column in table.columns].index(key)

    def share(line: Line) -> int:
        value = line.cells[place].value
        return 100 if value is None else value

    lines = sorted(table.lines, key=share)
    name = table.columns[place].name
    title = f"{name}后{BARS}位" if len(lines) > BARS else f"各镇街{name}"
    bars = [Line(line.name, (line.cells[place],), line.url) for line in lines[:BARS]]
    return [Table("branches", title, table.first, (table.columns[place],), bars, "compare", (key,))]


def _longest_overdue(seen: Look) -> list[Line]:
    found = behind.of_campaign(seen, Narrowed(), {})
    return found.lines([one for one in found.ranked() if one.since][:NAMES])


def _next(request: HttpRequest, shown: Campaign) -> int:
    running = list(_running(request).values_list("pk", flat=True))
    if shown.pk in running:
        return running[(running.index(shown.pk) + 1) % len(running)]
    return running[0] if running else shown.pk


@require_POST
@roles_required(*Role.overseeing())
def stay(request: HttpRequest) -> HttpResponse:
    """A wall that is on says so every hour, and its session goes on as long as it does."""
    request.session.modified = True
    return HttpResponse(status=204)
