"""每周进展 and 月度汇总: what is counted of all campaigns of a bureau in a stretch of days.

They tell of the campaigns that the bureau hosts itself, and, as far as its own units go, of those that a
bureau above it hosts: what its leader finds on the overview without what a body below it runs for itself,
which that body reports. Numbers of a campaign are those of the dashboard at the same instant.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone

from campaigns.enums import CampaignState, PhaseState, RequirementKind
from campaigns.models import Campaign, Occurrence
from notices.workdays import last_day
from portal.jobs import Report as Told
from reports.counts import periodic_work as work
from reports.counts.days import Days
from reports.counts.schema import Line
from reports.counts.schema_periodic import SCHEMA, Due, Flow, Periodic, Running
from reports.counts.seen import CAMPAIGN, Seen
from reports.happened import CHANGES
from reports.narrowing import directly_below
from reports.sums import Sums, below, read
from schools.enums import UnitKind
from schools.models import STEP, Unit
from submissions.enums import AssignmentState
from submissions.figures import COUNTED, IN_TIME, OWED
from submissions.models import Assignment, AssignmentEvent, Submission

FLOW = tuple(Flow.__annotations__)


def count(host: Unit, kind: str, starts_on: date, ends_on: date, at: datetime, told: Told) -> Periodic:
    """What happened in the days (both included), and how things stand at `at`.

    So many statements whatever the number of campaigns and units is; the caller's transaction makes them
    one moment.
    """
    told("统计任务")
    days = Days(starts_on, ends_on)
    before, after = days.before(kind), days.after(kind).left(timezone.localdate(at))
    everything = _campaigns(host, before, days, at)
    campaigns = {pk: one for pk, one in everything.items() if _ran(one, days)}
    seen, earlier = Seen(host, campaigns, at), Seen(host, everything, at)
    sums = read(seen.counters(), at, {"campaign": CAMPAIGN, "branch": below(len(host.path) + STEP)})
    flows = _flows(earlier, days)
    told("统计会议、指标、建议和成果")
    phases = work.phases(seen)
    return {
        "schema": SCHEMA,
        "kind": str(kind),
        "at": at.isoformat(),
        "host": host.name,
        "starts_on": days.first.isoformat(),
        "ends_on": days.last.isoformat(),
        "over": days.until <= at,
        "numbers": sums.total,
        "flow": _total(flows[pk] for pk in campaigns),
        "before": _total(_flows(earlier, before).values()),
        "campaigns": [
            _running(one, days, sums, flows[pk], [phase.name for phase in phases if phase.campaign_id == pk
                                            and phase.state == PhaseState.OPEN], host)
            for pk, one in campaigns.items()
        ],
        "branches": _branches(sums, len(host.path) + STEP),
        "due": _due(seen, days),
        "begun": work.begun(phases, days, at),
        "ended": work.ended(phases, days, at),
        "activities": work.activities(seen, days),
        **work.behind(seen),
        **work.indicators(seen, days),
        "suggestions": work.suggestions(seen, days, after),
        "works": work.works(seen, days),
        "bulletins": work.bulletins(host, days, at),
        "ahead": {
            "starts_on": after.first.isoformat(),
            "ends_on": after.last.isoformat(),
            "due": sorted([*_due(seen, after), *_to_come(seen, after)], key=lambda one: one["due"]),
            "begins": work.to_begin(phases, after),
            "ends": work.to_end(phases, after),
            "activities": work.activities(seen, after),
        },
    }  # fmt: skip


# Campaigns --------------------------------------------------------------------------------------------


def _campaigns(host: Unit, before: Days, days: Days, at: datetime) -> dict[int, Campaign]:
    """Those that ran in one of the stretches by id: the bureau's own first, each kind by their beginning."""
    found = Campaign.objects.visible().filter(
        Q(closed_at=None) | Q(closed_at__gte=before.since),
        published_at__lt=days.until,
        published_at__lte=at,
        host__path__in=host.ancestor_paths(),
    )
    ordered = found.select_related("host").order_by("-host__path", "starts_on", "pk")
    return {one.pk: one for one in ordered}


def _ran(campaign: Campaign, days: Days) -> bool:
    return campaign.closed_at is None or campaign.closed_at >= days.since


def _running(
    campaign: Campaign, days: Days, sums: Sums, flow: Flow, phases: list[str], host: Unit
) -> Running:
    return {
        "id": campaign.pk,
        "title": campaign.title,
        "host": "" if campaign.host_id == host.pk else campaign.host.name,
        "ended": campaign.closed_at is not None and campaign.closed_at < days.until,
        "phases": phases,
        "numbers": sums.of["campaign"].get(campaign.pk) or {one.key: 0 for one in COUNTED},
        "flow": flow,
    }


def _branches(sums: Sums, depth: int) -> list[Line]:
    """By what lies one level below the bureau, in the order of the tree."""
    by_path = {path: numbers for path, numbers in sums.of["branch"].items() if numbers[OWED.key]}
    return [
        {"key": unit.path, "name": _branch(unit, depth), "numbers": by_path[unit.path]}
        for unit in Unit.objects.filter(path__in=by_path).order_by("path")
    ]


def _branch(unit: Unit, depth: int) -> str:
    """A shorter path is the bureau itself: nothing lies between it and its schools."""
    itself = unit.kind in UnitKind.bureaus() and len(unit.path) < depth
    return directly_below(unit.name) if itself else unit.name


# What moved -------------------------------------------------------------------------------------------


def _flows(seen: Seen, days: Days) -> dict[int, Flow]:
    """Campaign → what happened in the days; three statements."""
    found = {pk: Flow(**dict.fromkeys(FLOW, 0)) for pk in seen.campaigns}
    for rows in (_events(seen, days), _deadlines(seen, days), _minutes(seen, days)):
        for row in rows:
            found[row.pop("campaign")].update(row)
    return found


def _events(seen: Seen, days: Days) -> QuerySet:
    changes = {one.key: Count("pk", filter=one.condition) for one in CHANGES}
    owed = Q(assignment__state__in=AssignmentState.owed())
    found = AssignmentEvent.objects.filter(seen.tasks("assignment__"), owed, days.happened("at", seen.at))
    return found.order_by().values(campaign=F(f"assignment__{CAMPAIGN}")).annotate(**changes)


def _deadlines(seen: Seen, days: Days) -> QuerySet:
    sums = {
        "due": Sum("n", filter=OWED.condition(seen.at), default=0),
        "in_time": Sum("n", filter=IN_TIME.condition(seen.at), default=0),
    }
    found = seen.counters().filter(days.due(), due_at__lte=seen.at).order_by()
    return found.values(campaign=F(CAMPAIGN)).annotate(**sums)


def _minutes(seen: Seen, days: Days) -> QuerySet:
    """Minutes that are with the bureau, by the day on which the meeting was held."""
    found = Submission.objects.filter(
        seen.tasks("assignment__"),
        current__isnull=False,
        assignment__occurrence__requirement__kind=RequirementKind.MINUTES,
    ).exclude(assignment__state=AssignmentState.CANCELLED)
    held = found.annotate(held_on=KeyTextTransform("held_on", "current__sheet")).filter(
        held_on__gte=days.first.isoformat(), held_on__lte=days.last.isoformat()
    )
    present = Cast(KeyTextTransform("present", "current__sheet"), IntegerField())
    by_campaign = held.order_by().values(campaign=F(f"assignment__{CAMPAIGN}"))
    return by_campaign.annotate(meetings=Count("pk"), present=Sum(present, default=0))


def _total(flows: Iterable[Flow]) -> Flow:
    summed: Counter[str] = Counter()
    for one in flows:
        summed.update(one)
    return Flow(**{key: summed[key] for key in FLOW})


# Deadlines --------------------------------------------------------------------------------------------


def _due(seen: Seen, days: Days) -> list[Due]:
    """What was handed out and is due in the days, by day; of an occurrence whose day lies elsewhere the tasks
    whose own deadline lies here."""
    sums = {f"f_{one.key}": Sum("n", filter=one.condition(seen.at), default=0) for one in COUNTED}
    rows = seen.counters().filter(days.due(), OWED.condition(seen.at)).order_by("due_at", "occurrence")
    rows = rows.values("occurrence", "due_at").annotate(**sums)
    found: dict[int, Due] = {}
    occurrences = _occurrences(row["occurrence"] for row in rows)
    for row in rows:
        one = occurrences[row["occurrence"]]
        numbers = {key[2:]: row[key] for key in sums}
        if line := found.get(one.pk):
            line["numbers"] = {key: n + numbers[key] for key, n in line["numbers"].items()}
            if line["extended"]:
                line["due"] = last_day(row["due_at"]).isoformat()
            continue
        own = last_day(one.due_at)
        shown = own if days.has(own) else last_day(row["due_at"])
        found[one.pk] = _line(one, shown, numbers, extended=not days.has(own))
    return sorted((one for one in found.values() if one["numbers"][OWED.key]), key=lambda one: one["due"])


def _occurrences(ids: Iterable[int]) -> dict[int, Occurrence]:
    return Occurrence.objects.select_related("requirement").in_bulk(set(ids))


def _line(one: Occurrence, day: date, numbers: dict[str, int], *, extended: bool = False) -> Due:
    return {
        "campaign": one.requirement.campaign_id,
        "name": one.name,
        "kind": one.requirement.get_kind_display(),
        "due": day.isoformat(),
        "extended": extended,
        "numbers": numbers,
    }


def _to_come(seen: Seen, days: Days) -> list[Due]:
    """Occurrences due in the days that have not been handed out yet; of running campaigns of the bureau's
    own, for whom those of others are meant is known when they come."""
    mine = [pk for pk, one in seen.own.items() if one.state == CampaignState.PUBLISHED]
    there = Assignment.objects.filter(occurrence=OuterRef("pk"))
    found = Occurrence.objects.filter(
        days.due(),
        ~Exists(there),
        requirement__campaign__in=mine,
        requirement__issued_at__isnull=False,
        requirement__withdrawn_at=None,
    )
    ordered = found.select_related("requirement").order_by("due_at", "pk")
    return [_line(one, last_day(one.due_at), {}) for one in ordered]
