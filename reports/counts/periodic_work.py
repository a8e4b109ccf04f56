"""Of a week or a month: phases, activities, who is behind, indicators, suggestions, excellent work."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, Sum
from django.utils import timezone

from campaigns.enums import Aggregation, PhaseState
from campaigns.models import Activity, Indicator, Phase
from notices.workdays import DAY, last_day
from reports.content.meetings import with_standing
from reports.content.readings import Measured, aggregated, target
from reports.counts.days import Days
from reports.counts.schema_periodic import Behind, Held, Reported, Step, Suggested, ToDo, Works
from reports.counts.seen import CAMPAIGN, Seen
from reports.enums import PaperState
from reports.models import Bulletin
from reports.narrowing import directly_below
from schools.enums import UnitKind
from schools.models import Unit
from submissions import access
from submissions.enums import AssignmentState, EventKind, SuggestionState
from submissions.figures import OVERDUE, RECOMMENDED, UNCORRECTED, UNSETTLED
from submissions.models import Assignment, AssignmentEvent, Reading, Review, Suggestion, Version
from submissions.sheets import shown

#: So many units that are behind, indicators, suggestions and pieces are listed; their numbers count all.
MOST_BEHIND, MOST_INDICATORS, MOST_TO_DO, MOST_WORKS = 10, 30, 20, 10

ON_ASSIGNMENT = "submission__assignment__"


# Phases and activities --------------------------------------------------------------------------------


def phases(seen: Seen) -> list[Phase]:
    """Of all campaigns, in their order."""
    order = list(seen.campaigns)
    found = Phase.objects.filter(campaign__in=order).order_by("track", "order", "pk")
    return sorted(found, key=lambda one: order.index(one.campaign_id))


def begun(found: Iterable[Phase], days: Days, at: datetime) -> list[Step]:
    """Those that a closing in the same instant skipped did not begin."""
    some = (one for one in found if one.opened_at != one.closed_at)
    return _steps(some, lambda one: _first(one, at), days)


def ended(found: Iterable[Phase], days: Days, at: datetime) -> list[Step]:
    some = (one for one in found if one.state == PhaseState.CLOSED and one.opened_at != one.closed_at)
    return _steps(some, lambda one: _last(one, at), days)


def to_begin(found: Iterable[Phase], days: Days) -> list[Step]:
    return _steps((one for one in found if one.state == PhaseState.UPCOMING), lambda one: one.starts_on, days)


def to_end(found: Iterable[Phase], days: Days) -> list[Step]:
    return _steps((one for one in found if one.state != PhaseState.CLOSED), lambda one: one.ends_on, days)


def _steps(found: Iterable[Phase], day_of: Callable[[Phase], date | None], days: Days) -> list[Step]:
    return [
        {"campaign": one.campaign_id, "name": one.name, "day": day_of(one).isoformat()}
        for one in found
        if days.has(day_of(one))
    ]


def _first(phase: Phase, at: datetime) -> date | None:
    begun = phase.opened_at
    return timezone.localdate(begun) if begun and begun <= at else None


def _last(phase: Phase, at: datetime) -> date | None:
    """The last day of a closed phase; what is over by its days is closed by a scan early on the next one."""
    over = phase.closed_at
    if over is None or over > at:
        return None
    day = last_day(over)
    return phase.ends_on if phase.ends_on and day == phase.ends_on + DAY else day


def activities(seen: Seen, days: Days) -> list[Held]:
    """Those of which a day lies in the days; of campaigns of others those that own units host."""
    arranged = Activity.objects.filter(
        Q(campaign__in=list(seen.own)) | seen.below("host"), campaign__in=list(seen.campaigns)
    )
    found = with_standing(arranged, seen.at).filter(last_day__gte=days.first, starts_on__lte=days.last)
    return [
        {
            "campaign": one.campaign_id,
            "title": one.title,
            "kind": one.get_kind_display(),
            "starts_on": one.starts_on.isoformat(),
            "ends_on": one.ends_on.isoformat() if one.ends_on else None,
            "place": one.place,
            "host": one.host.name if one.host else "",
            "standing": one.standing,
        }
        for one in found.select_related("host").order_by("starts_on", "pk")
    ]


# Who is behind ----------------------------------------------------------------------------------------


def behind(seen: Seen) -> dict[str, Any]:
    """`behind`: the units with the most overdue tasks, of those the ones that have been so for longest;
    `behind_units` how many there are; `uncorrected`: returned tasks past their correction."""
    tasks = Assignment.objects.filter(seen.tasks()).order_by()
    names = ("unit", "unit__name", "unit__path", "branch__name", "branch__kind")
    units = (
        tasks.filter(OVERDUE.condition(seen.at)).values(*names).annotate(n=Count("pk"), first=Min("due_at"))
    )
    worst = units.order_by("-n", "first", "unit__path", "branch__name")[:MOST_BEHIND]
    return {
        "behind": [_behind(row, timezone.localdate(seen.at)) for row in worst],
        "behind_units": tasks.filter(OVERDUE.condition(seen.at)).values("unit").distinct().count(),
        "uncorrected": tasks.filter(UNCORRECTED.condition(seen.at)).count(),
    }


def _behind(row: dict[str, Any], today: date) -> Behind:
    itself = row["branch__kind"] in UnitKind.bureaus()
    return {
        "unit": row["unit"],
        "name": row["unit__name"],
        "branch": directly_below(row["branch__name"]) if itself else row["branch__name"],
        "tasks": row["n"],
        "days": (today - last_day(row["first"])).days,
    }


# What came of it --------------------------------------------------------------------------------------


def indicators(seen: Seen, days: Days) -> dict[str, Any]:
    """`indicators` for which values arrived in the days, and how many more (`indicators_beyond`)."""
    arrived = AssignmentEvent.objects.filter(
        days.happened("at", seen.at), version__isnull=False, kind__in=EventKind.handing_in()
    )
    values = Reading.objects.filter(seen.below("branch"), indicator__topic__campaign__in=list(seen.campaigns))
    # Hashed once; asked of each value by itself it would be slow in a province.
    fresh = Count("pk", filter=Q(version__in=arrived.order_by().values("version")))
    counted = values.order_by().values("indicator").annotate(n=Count("pk"), total=Sum("value"), came=fresh)
    rows = {row["indicator"]: row for row in counted if row["came"]}
    order = list(seen.campaigns)
    found = sorted(
        Indicator.objects.filter(pk__in=rows).select_related("topic"),
        key=lambda one: (order.index(one.topic.campaign_id), one.topic.position, one.order, one.pk),
    )
    return {
        "indicators": [_reported(seen, one, rows[one.pk]) for one in found[:MOST_INDICATORS]],
        "indicators_beyond": len(found[MOST_INDICATORS:]),
    }


def _reported(seen: Seen, indicator: Indicator, row: dict[str, Any]) -> Reported:
    campaign = indicator.topic.campaign_id
    value = aggregated(indicator, row["total"], row["n"])
    # A sum over some of its units says nothing about a target for the whole campaign.
    judged = campaign in seen.own or indicator.aggregation == Aggregation.AVERAGE
    return {
        "campaign": campaign,
        "name": indicator.name,
        "target": target(indicator),
        "value": f"{shown(value)}{indicator.unit}",
        "how": indicator.get_aggregation_display(),
        "standing": Measured(indicator, indicator.topic, 0, row["n"], value, judged).standing,
        "fresh": row["came"],
        "reported": row["n"],
    }


def suggestions(seen: Seen, days: Days, after: Days) -> Suggested:
    """Of the bureau's own campaigns: what came, what was answered and done, what is to be done by when."""
    found = Suggestion.objects.filter(campaign__in=list(seen.own))
    carried, made = Q(state__in=SuggestionState.carried_out()), ~Q(state=SuggestionState.WITHDRAWN)
    overdue = UNSETTLED.condition(seen.at)
    due = carried & Q(done_at=None) & after.on("due_on") & ~overdue
    counted = found.aggregate(
        made=Count("pk", filter=made & days.happened("added_at", seen.at)),
        answered=Count(
            "pk",
            filter=Q(state__in=SuggestionState.answered()) & days.happened("answered_at", seen.at),
        ),
        done=Count("pk", filter=days.happened("done_at", seen.at)),
        waiting=Count("pk", filter=Q(state=SuggestionState.NEW)),
        unsettled=Count("pk", filter=overdue),
        due=Count("pk", filter=due),
    )
    listed = found.filter(overdue | due).select_related("responsible").order_by("due_on", "pk")
    today = timezone.localdate(seen.at)
    return Suggested(**counted, listed=[_to_do(one, today) for one in listed[:MOST_TO_DO]])


def _to_do(one: Suggestion, today: date) -> ToDo:
    return {
        "campaign": one.campaign_id,
        "text": one.text,
        "responsible": one.responsible.name if one.responsible else "",
        "due_on": one.due_on.isoformat(),
        "overdue": one.due_on < today,
    }


def works(seen: Seen, days: Days) -> Works:
    """What reviewers recommended in the days, and what came onto the shelf."""
    praised = Review.objects.filter(days.happened("at", seen.at), version=OuterRef("pk"), recommended=True)
    mine = Version.objects.filter(seen.tasks(ON_ASSIGNMENT))
    recommended = mine.filter(Exists(praised), RECOMMENDED.condition(seen.at))
    new = access.shown().filter(
        seen.tasks(f"version__{ON_ASSIGNMENT}"), days.happened("answered_at", seen.at)
    )
    listed = new.order_by("answered_at", "pk").values(
        "version__title", f"version__{ON_ASSIGNMENT}unit__name", f"version__{ON_ASSIGNMENT}{CAMPAIGN}"
    )
    return {
        "recommended": recommended.exclude(**{f"{ON_ASSIGNMENT}state": AssignmentState.CANCELLED}).count(),
        "shown": new.count(),
        "listed": [
            {
                "campaign": row[f"version__{ON_ASSIGNMENT}{CAMPAIGN}"],
                "title": row["version__title"],
                "unit": row[f"version__{ON_ASSIGNMENT}unit__name"],
            }
            for row in listed[:MOST_WORKS]
        ],
    }


def bulletins(host: Unit, days: Days, at: datetime) -> list[str]:
    """Titles of the 督查通报 that the bureau sent out in the days."""
    found = Bulletin.objects.filter(
        days.happened("ended_at", at),
        state=PaperState.SENT,
        occurrence__requirement__campaign__host=host,
    )
    return list(found.order_by("ended_at", "pk").values_list("title", flat=True))
