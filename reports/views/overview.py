"""The leader's one minute: all campaigns in scope, what has changed, what waits for a decision."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.models import Campaign
from reports import deciding, happened, workbooks
from reports.course import status
from reports.course.forecasting import Ahead, batches, forecasts
from reports.course.pace import Batch
from reports.course.status import Light, Next, State
from reports.looking import Look, campaigns_of, overseen
from reports.services import visits
from reports.sums import Numbers
from reports.tables import FIGURE_COLUMNS, Cell, Column, Line, Table, figure_cells
from schools.access import roles_required
from schools.enums import Role
from submissions.figures import COUNTED, percent
from submissions.models import Standing
from submissions.services.books import Cell as Kind

#: Ended campaigns on the page, the latest ones; the workbook has all.
MOST_ENDED = 30
SUMMED = (State.LATE, State.RISK, State.FINE, State.EARLY, State.NOTHING)


@dataclass(frozen=True)
class Card:
    """One campaign at a glance."""

    look: Look
    light: Light
    numbers: Numbers
    next: Next | None

    @property
    def campaign(self) -> Campaign:
        return self.look.campaign

    @property
    def percent(self) -> int | None:
        return percent(self.numbers["handed"], self.numbers["owed"])

    @property
    def figures(self) -> list[tuple[Column, Cell]]:
        """Every figure with its column, the numbers with the addresses of their rows."""
        return list(zip(FIGURE_COLUMNS, figure_cells(self.numbers, self.look), strict=True))

    @property
    def total(self) -> dict[str, Cell]:
        return {column.key: cell for column, cell in self.figures}


@require_safe
@roles_required(*Role.overseeing())
def progress(request: HttpRequest) -> HttpResponse:
    """The overview, or with `?table=campaigns` its figures as a workbook."""
    now = timezone.now()
    cards = _cards(request, now)
    if key := request.GET.get("table"):
        if key != "campaigns":
            raise Http404
        return workbooks.respond(_table(cards), "活动进展", now)
    ended = [one for one in cards if one.light.state is State.ENDED]
    context = {
        "now": now,
        "summary": _summary(cards),
        "cards": [one for one in cards if one.light.state is not State.ENDED],
        "ended": ended[:MOST_ENDED],
        "ended_count": len(ended),
        "waiting": deciding.waiting(request.user, now),
        **_since_last_visit(request, now),
    }
    return render(request, "reports/progress.html", context)


def _cards(request: HttpRequest, now: datetime) -> list[Card]:
    """Late campaigns first, then those at risk, on track and ended; of each kind the latest first."""
    scope = overseen(request.user)
    seen = scope.narrow("branch")
    campaigns = list(campaigns_of(request.user))
    counters = Standing.objects.filter(seen, occurrence__requirement__campaign__in=campaigns)
    due = batches(counters, now)
    expected = forecasts(campaigns, seen, now)
    cards = []
    for one in campaigns:
        ahead = Ahead(Look(one, scope, now), due.get(one.pk, []), expected[one.pk])
        coming = status.next_due(ahead)
        cards.append(Card(ahead.look, status.light(ahead, coming), _summed(ahead.due), coming))
    order = list(State)
    return sorted(cards, key=lambda card: order.index(card.light.state))


def _summed(days: list[Batch]) -> Numbers:
    return {one.key: sum(day.numbers[one.key] for day in days) for one in COUNTED}


def _summary(cards: list[Card]) -> list[tuple[State, int]]:
    """How many campaigns that run stand how; kinds with none are left out."""
    states = [one.light.state for one in cards]
    return [(one, states.count(one)) for one in SUMMED if one in states]


def _since_last_visit(request: HttpRequest, now: datetime) -> dict[str, object]:
    since = visits.since(request.user, now)
    counts = happened.counts(request.user, since.moment, now)
    moments = {"since": since.moment.isoformat(), "until": now.isoformat()}
    changes = [
        (one, counts[key], f"{reverse('recent')}?{urlencode({'kind': key} | moments)}")
        for key, one in happened.EVERY.items()
    ]
    return {"since": since, "changes": changes, "changed": any(counts.values())}


def _table(cards: list[Card]) -> Table:
    columns = (
        Column("状态", "light", kind=Kind.TEXT),
        *FIGURE_COLUMNS,
        Column("下一截止日", "next", kind=Kind.DAY),
        Column("该日应报", "next_owed"),
        Column("预计报齐", "forecast"),
    )
    return Table("campaigns", "活动一览", "活动", columns, [_line(one) for one in cards])


def _line(card: Card) -> Line:
    coming = card.next
    ahead = (Cell(coming.day), coming.owed, Cell(coming.expected)) if coming else (Cell(None),) * 3
    cells = (Cell(card.light.state.word), *figure_cells(card.numbers, card.look), *ahead)
    return Line(card.campaign.title, cells, card.look.address("campaign"))
