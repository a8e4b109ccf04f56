"""Deadlines that have somebody to be reminded of them: which, of what, and whom by which rung."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum
from django.utils import timezone

from campaigns.enums import CampaignState, Told
from campaigns.ladders import Step, ladders_of
from campaigns.models import Occurrence
from schools.enums import UnitKind
from submissions import rungs
from submissions.enums import AssignmentState
from submissions.models import Assignment, AssignmentQuerySet, Standing
from submissions.worklist import dated

#: No ladder reaches further than 60 working days from a deadline, be the holidays of schools in between.
HORIZON = timedelta(days=250)
IN_FORCE = Q(
    occurrence__requirement__campaign__state=CampaignState.PUBLISHED,
    occurrence__requirement__withdrawn_at=None,
)


@dataclass(frozen=True)
class Deadline:
    """One deadline, the tasks (with `act_by`) that have not met it, and the rung for each it concerns."""

    occurrence: Occurrence
    edition: datetime
    tasks: AssignmentQuerySet
    rungs: dict[Told, int]


@dataclass
class Outlook:
    """All deadlines around an instant. `considered` tasks have one; `passed` says of how many of them why
    nobody is reminded."""

    at: datetime
    considered: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    #: How many tasks have not met a deadline: by occurrence, edition, of schools or not, to correct or not.
    missed: Counter[tuple[int, datetime, bool, bool]] = field(default_factory=Counter)
    plans: dict[int, tuple[Occurrence, tuple[Step, ...]]] = field(default_factory=dict)

    def reached(self) -> Iterator[Deadline]:
        """Those with a rung that concerns somebody; of the others the tasks are counted in `passed`."""
        for (pk, edition, school, correcting), count in self.missed.items():
            occurrence, steps = self.plans[pk]
            if correcting:
                steps = tuple(step for step in steps if step.days >= rungs.FIRST_OF_CORRECTION)
            told = self._told(occurrence, steps, edition, school=school)
            told.pop(Told.GROUP, None)
            if told:
                yield Deadline(occurrence, edition, _tasks(occurrence, edition, school, correcting), told)
            else:
                self.passed["no_rung_reached"] += count

    def for_groups(self) -> Iterator[tuple[Occurrence, int]]:
        """Occurrences that groups are told of, by the deadline of the plan, and the rung."""
        open_ones = {pk for pk, _, _, correcting in self.missed if not correcting}
        for pk in sorted(open_ones):
            occurrence, steps = self.plans[pk]
            told = self._told(occurrence, steps, occurrence.due_at, school=False)
            if Told.GROUP in told:
                yield occurrence, told[Told.GROUP]

    def _told(
        self, occurrence: Occurrence, steps: Iterable[Step], edition: datetime, *, school: bool
    ) -> dict[Told, int]:
        since = timezone.localdate(occurrence.requirement.issued_at)
        today = timezone.localdate(self.at)
        return rungs.reached(steps, edition, today, school=school, since=since)


def outlook(at: datetime) -> Outlook:
    """The deadlines around `at` of what is in force: seven queries, however much that is."""
    found = Outlook(at)
    for state, pk, edition, kind, count in _standing(at):
        found.considered += count
        if state in AssignmentState.not_handed_in():
            found.missed[pk, edition, kind in UnitKind.schools(), False] += count
        else:
            found.passed["handed_in" if state in AssignmentState.handed_in() else state] += count
    for pk, edition, kind, count in _returned():
        found.considered += count
        if edition is None:
            found.passed["no_date_for_correction"] += count
        elif abs(edition - at) < HORIZON:
            found.missed[pk, edition, kind in UnitKind.schools(), True] += count
        else:
            found.passed["no_rung_reached"] += count
    occurrences = Occurrence.objects.filter(pk__in={pk for pk, *_ in found.missed})
    occurrences = list(occurrences.select_related("requirement__campaign__host"))
    ladders = ladders_of({one.requirement for one in occurrences})
    found.plans = {one.pk: (one, ladders[one.requirement_id]) for one in occurrences}
    return found


def _standing(at: datetime) -> list[tuple]:
    """What counters say, but for what came back: that has deadlines of its own."""
    near = Standing.objects.filter(IN_FORCE, due_at__gt=at - HORIZON, due_at__lt=at + HORIZON)
    groups = near.exclude(state=AssignmentState.RETURNED).order_by()
    groups = groups.values("state", "occurrence", "due_at", "unit_kind").annotate(total=Sum("n"))
    return list(groups.exclude(total=0).values_list("state", "occurrence", "due_at", "unit_kind", "total"))


def _returned() -> list[tuple]:
    tasks = dated(Assignment.objects.filter(IN_FORCE, state=AssignmentState.RETURNED)).order_by()
    groups = tasks.values("occurrence", "correct_by", "unit_kind").annotate(total=Count("pk"))
    return list(groups.values_list("occurrence", "correct_by", "unit_kind", "total"))


def _tasks(occurrence: Occurrence, edition: datetime, school: bool, correcting: bool) -> AssignmentQuerySet:
    tasks = Assignment.objects.filter(occurrence=occurrence, unit__closed_at=None)
    schools = Q(unit_kind__in=UnitKind.schools())
    tasks = tasks.filter(schools if school else ~schools)
    if correcting:
        return dated(tasks.filter(state=AssignmentState.RETURNED)).filter(correct_by=edition)
    return dated(tasks.filter(state__in=AssignmentState.not_handed_in(), due_at=edition))


def still_due(assignments: Iterable[int]) -> AssignmentQuerySet:
    """Of `assignments` (ids) what is owed, in force and not with the bureau; with `act_by`."""
    tasks = Assignment.objects.filter(
        IN_FORCE, pk__in=list(assignments), state__in=AssignmentState.unfinished(), unit__closed_at=None
    )
    return dated(tasks)
