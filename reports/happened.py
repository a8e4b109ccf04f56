"""What has happened within a person's sight between two instants: counted, and listed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Manager, Q, QuerySet, Sum

from reports.looking import campaigns_of, overseen
from schools.models import User
from submissions.enums import AssignmentState as State
from submissions.enums import EventKind
from submissions.figures import OVERDUE
from submissions.models import Assignment, AssignmentEvent, Standing


@dataclass(frozen=True)
class Change:
    """A kind of event: key in addresses, name, meaning, condition on AssignmentEvent, whether it is bad."""

    key: str
    name: str
    meaning: str
    condition: Q
    bad: bool = False


FIRST_COMPLETE = Q(at=F("assignment__completed_at"), after__in=State.handed_in()) & ~Q(
    before__in=State.handed_in()
)
CHANGES = (
    Change("complete", "报齐", "首次报齐的任务", FIRST_COMPLETE),
    Change(
        "late", "迟报", "首次报齐时已过当时的截止时间", FIRST_COMPLETE & Q(assignment__late=True), bad=True
    ),
    Change("accepted", "通过", "成为通过的任务", Q(after=State.ACCEPTED) & ~Q(before=State.ACCEPTED)),
    Change(
        "returned",
        "退回",
        "审核退回或重新打开的次数",
        Q(kind__in=[EventKind.RETURNED, EventKind.REOPENED]),
        bad=True,
    ),
)
#: No event tells this one: it is time.
NEWLY_OVERDUE = Change("overdue", "新逾期", "这段时间内到截止时间、现在仍未报的任务", Q(), bad=True)
EVERY = {one.key: one for one in (*CHANGES, NEWLY_OVERDUE)}


def counts(user: User, since: datetime, until: datetime) -> dict[str, int]:
    """How many changes of each kind there were after `since` and until `until`, both instants."""
    asked: dict[str, Count] = {one.key: Count("pk", filter=one.condition) for one in CHANGES}
    found = _events(user, since, until).order_by().aggregate(**{f"n_{key}": n for key, n in asked.items()})
    overdue = _overdue(Standing.objects, user, since, until).aggregate(n=Sum("n", default=0))["n"]
    return {key[2:]: n for key, n in found.items()} | {NEWLY_OVERDUE.key: overdue}


def listed(user: User, change: Change, since: datetime, until: datetime) -> QuerySet:
    """Exactly those: events with their assignment, newest first; of newly overdue tasks the assignments."""
    if change is NEWLY_OVERDUE:
        found = _overdue(Assignment.objects, user, since, until).with_plan().select_related("branch")
        return found.order_by("-due_at", "branch__path", "unit__path", "pk")
    plan = "assignment__occurrence__requirement__campaign"
    found = _events(user, since, until).filter(change.condition)
    return found.select_related(plan, "assignment__unit", "assignment__branch").order_by("-at", "-pk")


def _events(user: User, since: datetime, until: datetime) -> QuerySet[AssignmentEvent]:
    seen = overseen(user).narrow("assignment__branch")
    campaign = "assignment__occurrence__requirement__campaign__in"
    return AssignmentEvent.objects.filter(seen, at__gt=since, at__lte=until, **{campaign: campaigns_of(user)})


def _overdue(of: Manager, user: User, since: datetime, until: datetime) -> QuerySet:
    """Assignments, or their counters (Standing), that came to their deadline meanwhile."""
    seen = overseen(user).narrow("branch")
    campaign = "occurrence__requirement__campaign__in"
    found = of.filter(seen, OVERDUE.condition(until), due_at__gt=since)
    return found.filter(**{campaign: campaigns_of(user)})
