"""What publishing would ask of whom: the numbers and the burden, before anything is written.

The burden meter answers the local rules that limit what schools are asked for (domain.md §6): how many
pieces, how many hours, and which weeks are full already.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain

from django.db.models import Count, F
from django.db.models.functions import TruncWeek

from campaigns.audience import units_owing
from campaigns.enums import CampaignState, Frequency
from campaigns.models import Campaign, Occurrence, Requirement
from notices.workdays import last_day
from schools.enums import UnitKind
from schools.models import Unit
from submissions.enums import AssignmentState
from submissions.models import Assignment
from submissions.services.publishing import horizon_of

CLICK_MINUTES = 5  # what a click (签收) takes with reading what is signed for
MOST_BURDENED = 20
EXCLUSIVE = timedelta(microseconds=1)  # between an exclusive instant and the last day before it


@dataclass
class Load:
    """What one unit is asked for in all: tasks, pieces at least, minutes of work."""

    tasks: int = 0
    pieces: int = 0
    minutes: int = 0

    def add(self, requirement: Requirement, times: int) -> None:
        pieces = 0 if requirement.by_click else requirement.min_pieces * times
        self.tasks += times
        self.pieces += pieces
        self.minutes += pieces * requirement.effort_minutes or CLICK_MINUTES * times

    @property
    def hours(self) -> float:
        return _hours(self.minutes)


def _hours(minutes: float) -> float:
    """Hours, rounded to halves; what takes anything takes half an hour."""
    return max(0.5, round(minutes / 30) / 2) if minutes else 0.0


@dataclass(frozen=True)
class Share:
    """What one requirement asks: of how many units, how many assignments in all and how many at once."""

    requirement: Requirement
    units: int
    assignments: int
    at_once: int


@dataclass(frozen=True)
class KindLoad:
    """The heaviest load among the units of a kind, and the average in hours."""

    kind: str
    units: int
    most: Load
    average_hours: float


@dataclass(frozen=True)
class Week:
    """A week in which units have tasks of this campaign due and of other running ones too."""

    monday: date
    own: int
    others: list[tuple[str, int]]
    units: int

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)


@dataclass(frozen=True)
class Preview:
    """What publishing would do; `units` counts each unit once, `outside` are schools that owe nothing."""

    shares: list[Share]
    units: int
    outside: list[Unit]
    kinds: list[KindLoad]
    heaviest: list[tuple[Unit, Load]]
    weeks: list[Week]

    @property
    def assignments(self) -> int:
        return sum(share.assignments for share in self.shares)

    @property
    def at_once(self) -> int:
        return sum(share.at_once for share in self.shares)


@dataclass
class _Sums:
    """What is added up requirement by requirement."""

    loads: dict[int, Load] = field(default_factory=lambda: defaultdict(Load))
    weeks: dict[date, set[int]] = field(default_factory=lambda: defaultdict(set))
    due: Counter[date] = field(default_factory=Counter)


def preview(campaign: Campaign, *, at: datetime) -> Preview:
    """Count without writing anything; one query for each requirement and a handful besides."""
    sums, shares = _Sums(), []
    asked = campaign.requirements.select_related("audience_branch", "phase").prefetch_related("occurrences")
    for requirement in asked:
        requirement.campaign = campaign
        shares.append(_share(requirement, sums, at))
    below = Unit.objects.within(campaign.host).active()
    kinds = dict(below.filter(pk__in=sums.loads).values_list("pk", "kind"))
    return Preview(
        shares=shares,
        units=len(sums.loads),
        outside=list(below.filter(kind__in=UnitKind.schools()).exclude(pk__in=sums.loads)),
        kinds=_by_kind(sums.loads, kinds),
        heaviest=_heaviest(sums.loads),
        weeks=_weeks(campaign, sums, at),
    )


def _share(requirement: Requirement, sums: _Sums, at: datetime) -> Share:
    occurrences = list(requirement.occurrences.all())
    units = list(units_owing(requirement).values_list("pk", flat=True))
    until = horizon_of(requirement, at)
    for unit in units:
        sums.loads[unit].add(requirement, len(occurrences))
    for monday, count in Counter(map(_monday, occurrences)).items():
        sums.weeks[monday].update(units)
        sums.due[monday] += count
    soon = sum(until is None or one.due_at <= until for one in occurrences)
    return Share(requirement, len(units), len(units) * len(occurrences), len(units) * soon)


def _monday(occurrence: Occurrence) -> date:
    day = last_day(occurrence.due_at)
    return day - timedelta(days=day.weekday())


def _by_kind(loads: dict[int, Load], kinds: dict[int, str]) -> list[KindLoad]:
    groups: dict[str, list[Load]] = defaultdict(list)
    for unit, load in loads.items():
        groups[kinds[unit]].append(load)
    return [
        KindLoad(
            kind.label,
            len(group),
            max(group, key=lambda load: load.minutes),
            _hours(sum(load.minutes for load in group) / len(group)),
        )
        for kind in UnitKind
        if (group := groups.get(kind))
    ]


def _heaviest(loads: dict[int, Load]) -> list[tuple[Unit, Load]]:
    """The units that are asked for most, when they are asked for more than others."""
    ranked = sorted(loads, key=lambda unit: -loads[unit].minutes)[:MOST_BURDENED]
    if not ranked or loads[ranked[0]].minutes == min(load.minutes for load in loads.values()):
        return []
    units = Unit.objects.in_bulk(ranked)
    return [(units[unit], loads[unit]) for unit in ranked]


def _weeks(campaign: Campaign, sums: _Sums, at: datetime) -> list[Week]:
    """Weeks shared with unfinished tasks of other running campaigns, for units under the same host;
    tasks count that will be handed out later, too."""
    if not sums.weeks:
        return []
    titles: dict[date, Counter[str]] = defaultdict(Counter)
    both: dict[date, set[int]] = defaultdict(set)
    elsewhere = chain(_elsewhere(campaign, sums.weeks), _planned_elsewhere(campaign, sums.weeks, at))
    for monday, unit, title, count in elsewhere:
        if unit in sums.weeks[monday]:
            titles[monday][title] += count
            both[monday].add(unit)
    return [
        Week(monday, sums.due[monday], titles[monday].most_common(), len(both[monday]))
        for monday in sorted(both)
    ]


def _elsewhere(campaign: Campaign, weeks: Iterable[date]) -> Iterable[tuple[date, int, str, int]]:
    """(Monday, unit, title, tasks) of other running campaigns in those weeks."""
    weeks = set(weeks)
    others = (
        Assignment.objects.filter(
            unit__path__startswith=campaign.host.path,
            occurrence__requirement__campaign__state=CampaignState.PUBLISHED,
            state__in=AssignmentState.school_acts(),
        )
        .exclude(occurrence__requirement__campaign=campaign)
        .annotate(week=TruncWeek(F("due_at") - EXCLUSIVE))
        .order_by()
        .values_list("week", "unit", "occurrence__requirement__campaign__title")
        .annotate(n=Count("pk"))
    )
    for week, unit, title, count in others:
        if week.date() in weeks:
            yield week.date(), unit, title, count


def _planned_elsewhere(
    campaign: Campaign, weeks: Iterable[date], at: datetime
) -> Iterable[tuple[date, int, str, int]]:
    """The same for periods of recurring requirements that are not handed out yet; a query for each of
    those requirements that has one in these weeks."""
    weeks = set(weeks)
    recurring = (
        Requirement.objects.in_force()
        .exclude(campaign=campaign)
        .exclude(frequency=Frequency.ONCE)
        .filter(campaign__state=CampaignState.PUBLISHED)
        .select_related("campaign__host", "audience_branch")
        .prefetch_related("occurrences")
    )
    for requirement in recurring:
        until = horizon_of(requirement, at)
        later = Counter(_monday(one) for one in requirement.occurrences.all() if one.due_at > until)
        if mondays := weeks & set(later):
            units = units_owing(requirement).filter(path__startswith=campaign.host.path)
            for unit in units.values_list("pk", flat=True):
                for monday in mondays:
                    yield monday, unit, requirement.campaign.title, later[monday]
