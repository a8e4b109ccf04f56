"""The scan for reminders: what is due and not yet recorded, written down person by person.

Running it again, twice at once, or after a day without it changes nothing but the time: a reminder is a
row that can be there only once, and its notice and outbox row are written in the same transaction.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Exists, FilteredRelation, IntegerField, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse

from campaigns.enums import Told
from notices.enums import Manner
from notices.services.telling import Words, tell_each
from schools.enums import Role
from schools.models import Membership, User
from submissions.deadlines import Deadline, outlook, still_due
from submissions.enums import AssignmentState
from submissions.models import Assignment, Reminder
from submissions.owed_words import heading, lines_of_others, own_lines
from submissions.recipients import above
from submissions.services import group_reminding

CHUNK = 200  # people in one transaction
LOCK = 7_301_001  # of the advisory lock that lets scans write one after the other

#: The role that a rung means, by whom the task waits for; what waits for the head's signature is the head's.
OWN = {
    Told.SECRETARY: (
        (Role.SECRETARY, ~Q(state=AssignmentState.TO_SIGN)),
        (Role.HEAD, Q(state=AssignmentState.TO_SIGN)),
    ),
    Told.HEAD: ((Role.HEAD, Q()),),
}


class Due(NamedTuple):
    """One reminder to be written for a person."""

    assignment: int
    edition: datetime
    rung: str


#: What is to be written for one person, and whether it is of a unit that the person serves.
Dues = dict[Due, bool]


@dataclass
class Summary:
    """What one scan came to. `considered` counts tasks with a deadline within the horizon, `recorded`
    reminders, that is people times tasks, `skipped` tasks by the reason why nobody was reminded of them."""

    considered: int = 0
    recorded: int = 0
    people: int = 0
    groups: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    def plain(self) -> dict[str, Any]:
        """JSON-ready; reasons that no task met are left out."""
        return {
            "considered": self.considered,
            "recorded": self.recorded,
            "people": self.people,
            "groups": self.groups,
            "skipped": {reason: n for reason, n in sorted(self.skipped.items()) if n},
        }


def scan(*, at: datetime, dry_run: bool = False) -> Summary:
    """Record every reminder that is due at `at` and not recorded; with `dry_run` only say what that would be.

    People are written down in groups of CHUNK, each group in a transaction of its own, all that concerns a
    person in one notice; what is killed in the middle goes on at the next scan.
    """
    ahead = outlook(at)
    summary = Summary(considered=ahead.considered)
    due: dict[int, Dues] = defaultdict(dict)
    for deadline in ahead.reached():
        ahead.passed += _collect(deadline, due)
    everybody = sorted(due)
    for start in range(0, len(everybody), CHUNK):
        some = {person: due[person] for person in everybody[start : start + CHUNK]}
        recorded = {one: len(rows) for one, rows in some.items()} if dry_run else _record(some, at)
        summary.recorded += sum(recorded.values())
        summary.people += len(recorded)
    summary.groups = group_reminding.scan(ahead.for_groups(), at=at, dry_run=dry_run)
    summary.skipped = ahead.passed
    return summary


def _collect(deadline: Deadline, due: dict[int, Dues]) -> Counter[str]:
    """Add what is not recorded yet to `due`, by person; why of how many tasks nothing is to be recorded."""
    fresh: set[int] = set()
    for told, days in deadline.rungs.items():
        for task, person in _own(deadline, told, days) if told in OWN else _others(deadline, told, days):
            row = Due(task, deadline.edition, str(days))
            due[person][row] = told in OWN or due[person].get(row, False)
            fresh.add(task)
    lowest = min(deadline.rungs.values())
    written = by_the_ladder().filter(assignment=OuterRef("pk"), edition=deadline.edition, days__gte=lowest)
    before = deadline.tasks.exclude(pk__in=fresh).filter(Exists(written)).count()
    nobody = deadline.tasks.count() - len(fresh) - before
    return Counter(already_recorded=before, nobody_to_tell=nobody)


def _own(deadline: Deadline, told: Told, days: int) -> Iterable[tuple[int, int]]:
    """(task, person) for the unit's own people: those alone of whom it is not recorded, found by one
    statement for each role, since nearly all are recorded at nearly every scan."""
    for role, state in OWN[told]:
        post = FilteredRelation(
            "unit__memberships", condition=Q(unit__memberships__role=role, unit__memberships__ended_at=None)
        )
        written = by_the_ladder().filter(
            assignment=OuterRef("pk"), edition=deadline.edition, person=OuterRef("post__user"), days__gte=days
        )
        found = deadline.tasks.filter(state).annotate(post=post).filter(post__user__is_active=True)
        yield from found.filter(~Exists(written)).order_by().values_list("pk", "post__user").distinct()


def _others(deadline: Deadline, told: Told, days: int) -> Iterable[tuple[int, int]]:
    """(task, person) for people above the units."""
    tasks = list(deadline.tasks.select_related("unit"))
    people = above(told, {task.unit for task in tasks}, deadline.occurrence.requirement.campaign)
    rows = by_the_ladder().filter(assignment__in=tasks, edition=deadline.edition, days__gte=days)
    written = set(rows.values_list("assignment", "person"))
    for task in tasks:
        for person in people[task.unit_id]:
            if (task.pk, person) not in written:
                yield task.pk, person


@transaction.atomic
def _record(due: dict[int, Dues], at: datetime) -> dict[int, int]:
    """Write down the reminders of some people, as far as they still hold; how many, by person.

    The tasks are locked first: who hands in at this moment has handed in before, or is reminded before.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    tasks = _lock({row.assignment for rows in due.values() for row in rows})
    rows = by_the_ladder().filter(person__in=due, assignment__in=tasks)
    written = set(rows.values_list("person", "assignment", "edition", "rung"))
    serving = _serving(due)
    holding = {
        person: {
            row: own
            for row, own in rows.items()
            if row.assignment in tasks
            and tasks[row.assignment].act_by == row.edition
            and (not own or tasks[row.assignment].unit_id in serving[person])
            and (person, *row) not in written
        }
        for person, rows in due.items()
        if person in serving
    }
    holding = {person: rows for person, rows in holding.items() if rows}
    notices = _tell(holding, tasks, at)
    Reminder.objects.bulk_create(
        Reminder(
            assignment_id=row.assignment,
            edition=row.edition,
            rung=row.rung,
            person_id=person,
            at=at,
            notice_id=notices[person],
        )
        for person, rows in holding.items()
        for row in rows
    )
    return {person: len(rows) for person, rows in holding.items()}


def _serving(people: Iterable[int]) -> dict[int, set[int]]:
    """Those of `people` who are still in use, each with the units that they serve now."""
    units: dict[int, set[int]] = {
        pk: set() for pk in User.objects.filter(pk__in=people, is_active=True).values_list("pk", flat=True)
    }
    posts = Membership.objects.filter(user__in=units, ended_at=None, role__in=Role.own_unit())
    for person, unit in posts.values_list("user", "unit"):
        units[person].add(unit)
    return units


def by_the_ladder() -> QuerySet[Reminder]:
    """Reminders of rungs, with `days`: who has been told of a higher one is not told of a lower."""
    return Reminder.objects.filter(nudge=None).annotate(days=Cast("rung", IntegerField()))


def _lock(ids: Iterable[int]) -> dict[int, Assignment]:
    """The tasks that are still due, locked in the order in which all lock them."""
    list(
        Assignment.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk")
    )
    return still_due(ids).with_plan().in_bulk()


def _tell(due: dict[int, Dues], tasks: dict[int, Assignment], at: datetime) -> dict[int, int]:
    """One notice for each person; its id by person."""
    mine: dict[str, dict[int, Words]] = defaultdict(dict)
    posts = Membership.objects.filter(user__in=due, ended_at=None, role__in=Role.overseeing())
    overseers = set(posts.values_list("user", flat=True))
    for person, rows in due.items():
        own = {row.assignment: tasks[row.assignment] for row, serves in rows.items() if serves}
        others = {row.assignment: tasks[row.assignment] for row in rows if row.assignment not in own}
        address = reverse("work") if own else reverse("all_behind") if person in overseers else ""
        mine[address][person] = words(list(own.values()), list(others.values()), at)
    told: dict[int, int] = {}
    for address, said in mine.items():
        matter = f"remind:{uuid4().hex}"  # what makes a reminder the only one of its kind is its own row
        told |= tell_each(said, matter=matter, at=at, url=address, manner=Manner.DEADLINE)
    return told


def words(own: Sequence[Assignment], others: Sequence[Assignment], at: datetime) -> Words:
    """What is said of tasks of the person's own units, and of those of units that the person answers for."""
    several = len({task.unit_id for task in own}) > 1
    lines = [*own_lines(own, at, named=several), *lines_of_others(others, at)]
    return Words(heading(own, others, at), "\n".join(lines))
