"""Groups are told how many units are missing: once for each deadline and rung, never unit by unit."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from campaigns.models import Occurrence
from notices.models import Channel, Delivery
from notices.services import outbox
from submissions.deadlines import IN_FORCE
from submissions.enums import AssignmentState
from submissions.models import Assignment, AssignmentQuerySet, GroupReminder


def scan(reached: Iterable[tuple[Occurrence, int]], *, at: datetime, dry_run: bool = False) -> int:
    """Record what groups have to be told at `at`: (occurrence, rung), for every group below its host that has
    units missing. Returns how many rows that made, or would make."""
    robots = list(Channel.objects.in_use().robots().select_related("unit"))
    made = 0
    for occurrence, days in reached:
        host = occurrence.requirement.campaign.host
        for channel in robots:
            if channel.unit.path.startswith(host.path):
                made += _record(channel, occurrence, days, at, dry_run)
    if not dry_run:
        _ensure_missing(robots, at)
    return made


def _ensure_missing(robots: Iterable[Channel], at: datetime) -> None:
    """Digests for fresh reminders that none will carry: those that came while the last one was being sent."""
    fresh = GroupReminder.objects.filter(digest=None, at__gte=at - outbox.FRESH)
    waiting = set(fresh.values_list("channel", flat=True))
    waiting -= set(Delivery.objects.open().filter(channel__in=waiting).values_list("channel", flat=True))
    outbox.ensure_group_digests([robot for robot in robots if robot.pk in waiting], at)


@transaction.atomic
def _record(channel: Channel, occurrence: Occurrence, days: int, at: datetime, dry_run: bool) -> bool:
    key = {"channel": channel, "occurrence": occurrence, "edition": occurrence.due_at, "rung": str(days)}
    if GroupReminder.objects.filter(**key).exists() or not missing(channel, occurrence).exists():
        return False
    if not dry_run:
        _, made = GroupReminder.objects.get_or_create(**key, defaults={"at": at})
        outbox.ensure_group_digests([channel], at)
        return made
    return True


def missing(channel: Channel, occurrence: Occurrence) -> AssignmentQuerySet:
    """What units in the group's subtree have not handed in by the deadline of the plan (who was given more
    time has it)."""
    return Assignment.objects.filter(
        IN_FORCE,
        occurrence=occurrence,
        due_at=occurrence.due_at,
        state__in=AssignmentState.not_handed_in(),
        unit__path__startswith=channel.unit.path,
        unit__closed_at=None,
    )
