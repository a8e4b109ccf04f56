"""Writers of a plan: the campaign and its parts that have a page of their own.

A save goes in three steps inside one transaction, because the admin writes the rows of a plan one
by one: `open_plan` locks it and remembers what was there, the rows are written, `record` leaves
one audit event with what has changed.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.db.models import QuerySet, Value

from campaigns.ladders import own_steps
from campaigns.models import Activity, Campaign, InspectionGroup, Occurrence, Requirement, Topic
from campaigns.recurrence import Period
from campaigns.steps import in_words
from notices.workdays import end_of
from portal import audit
from portal.changes import Values, difference, values_of
from portal.models import AuditEvent
from schools.models import User

Plan = Campaign | Requirement | Topic | Activity | InspectionGroup

#: Rows that are edited together with a plan, and many-to-many fields, by model.
ROWS: dict[type[Plan], tuple[str, ...]] = {
    Campaign: ("bases", "phases", "topics", "leadership"),
    Requirement: ("occurrences",),
    Topic: ("indicators",),
}


class Overtaken(PermissionDenied):
    """The plan was published, closed or issued meanwhile; the web answers 403."""


class Gone(ObjectDoesNotExist):
    """The plan, or the campaign that it was to belong to, was deleted meanwhile."""


def open_plan(plan: Plan) -> Values:
    """Lock the campaign against publishing and return the plan's values as they stand; {} for a new one.

    Call inside a transaction. Raises Overtaken when the campaign is no longer in the state in which the
    person saw it, or the requirement has been issued since; Gone when the plan was deleted.
    """
    campaign = plan if isinstance(plan, Campaign) else plan.campaign
    locked = Campaign.objects.select_for_update().filter(pk=campaign.pk).first()
    if locked is None and campaign.pk is not None:
        raise Gone
    if locked is not None and (locked.state != campaign.state or not locked.is_open):
        raise Overtaken
    if plan.pk is None:
        return {}
    found = type(plan).objects.filter(pk=plan.pk).first()
    if found is None:
        raise Gone
    if isinstance(found, Requirement) and found.issued_at is not None:
        raise Overtaken
    return _values(found)


def edition(plan: Plan) -> str:
    """Changes with every change of the plan as it is stored; tells a page whether it shows what is there."""
    stored = json.dumps(_values(plan), sort_keys=True, default=str)
    return hashlib.sha256(stored.encode()).hexdigest()[:16]


def trail_of(campaign: Campaign) -> QuerySet[AuditEvent]:
    """Every event about the campaign and the parts of its plan that there are, newest first."""
    occurrences = Occurrence.objects.filter(requirement__campaign=campaign)
    parts = (
        *(campaign.phases.all(), campaign.requirements.all(), campaign.topics.all()),
        *(campaign.activities.all(), campaign.inspection_groups.all(), occurrences),
    )
    first, *rest = (part.order_by().values_list(Value(part.model._meta.label_lower), "pk") for part in parts)
    targets = [f"{label}:{pk}" for label, pk in first.union(*rest, all=True)]
    return AuditEvent.objects.filter(target__in=[audit.target_of(campaign), *targets])


def record(plan: Plan, before: Values, *, by: User, at: datetime) -> None:
    """Leave one audit event about a save that began with `before`; none when nothing has changed."""
    if detail := difference(before, _values(type(plan).objects.get(pk=plan.pk))):
        noun = plan._meta.model_name
        verb = "修改" if before else "新建"
        summary = f"{verb}{plan._meta.verbose_name}《{plan}》"
        audit.record(f"{noun}.save", at=at, by=by, target=plan, summary=summary, detail=detail)


@transaction.atomic
def discard(plan: Plan, *, by: User, at: datetime) -> None:
    """Delete a draft, or a part of a plan that nobody was asked for; its content stays in the audit trail.

    Raises Overtaken when it has been published, Gone when it was deleted already.
    """
    before = open_plan(plan)
    noun, name = plan._meta.model_name, plan._meta.verbose_name
    # A part is gone from its own history: the campaign's tells of it.
    target = plan if isinstance(plan, Campaign) else plan.campaign
    detail = {"before": before}
    audit.record(
        f"{noun}.delete", at=at, by=by, target=target, summary=f"删除{name}《{plan}》", detail=detail
    )
    plan.delete()


def make_room(topics: list[Topic]) -> None:
    """Free the outline numbers of saved topics that are about to be renumbered or deleted.

    Numbers may be swapped or moved along in one save, while the database wants them unique after
    every statement. People's numbers start at 1, so [0, …] is nobody's.
    """
    for place, topic in enumerate(topics):
        Topic.objects.filter(pk=topic.pk).update(position=[0, place])


@transaction.atomic
def set_due(requirement: Requirement, last_day: date, cutoff_day: date | None = None) -> Occurrence:
    """Give a one-off requirement its occurrence: in time through `last_day`, taken through `cutoff_day`.

    Days are calendar days in Asia/Shanghai; without `cutoff_day` late work is taken as long as the
    campaign runs. Occurrences of an earlier frequency go.
    """
    occurrence, _ = Occurrence.objects.update_or_create(
        requirement=requirement,
        number=1,
        defaults={
            "label": "",
            "due_at": end_of(last_day),
            "cutoff_at": end_of(cutoff_day) if cutoff_day else None,
        },
    )
    requirement.occurrences.exclude(pk=occurrence.pk).delete()
    return occurrence


@transaction.atomic
def set_periods(requirement: Requirement, periods: Iterable[Period]) -> None:
    """Give a recurring requirement one occurrence for each period, in place of those it has."""
    requirement.occurrences.all().delete()
    Occurrence.objects.bulk_create(
        Occurrence(requirement=requirement, number=number, label=one.label, due_at=end_of(one.due_on))
        for number, one in enumerate(periods, start=1)
    )


def _values(plan: Plan) -> dict[str, Any]:
    """Every field of the plan and of the rows that are edited with it."""
    found = values_of(plan)
    for field in plan._meta.many_to_many:
        found[field.name] = sorted(getattr(plan, field.name).values_list("pk", flat=True))
    for name in ROWS.get(type(plan), ()):
        for row in getattr(plan, name).all():
            found |= values_of(row, f"{name}.{row.pk}.")
    if isinstance(plan, Requirement) and (own := own_steps(plan)) is not None:
        found["ladder"] = in_words(own)
    return found
