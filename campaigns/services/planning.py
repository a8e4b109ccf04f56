"""Writers of a plan while it is a draft.

A save goes in three steps inside one transaction, because the admin writes the rows of a plan one
by one: `open_draft` locks it and remembers what was there, the rows are written, `record` leaves
one audit event with what has changed.
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction

from campaigns.models import Campaign, Occurrence, Requirement, Topic
from notices.workdays import end_of
from portal import audit
from portal.changes import Values, difference, values_of
from schools.models import User


class NotADraft(PermissionDenied):
    """The plan was published meanwhile; the web answers 403."""


class Gone(ObjectDoesNotExist):
    """The plan, or the campaign that it was to belong to, was deleted meanwhile."""


def open_draft(plan: Campaign | Requirement) -> Values:
    """Lock the plan against publishing and return its values as they stand; {} for a new one.

    Call inside a transaction. Raises NotADraft when it has been published, Gone when it was deleted.
    """
    campaign_id = plan.campaign_id if isinstance(plan, Requirement) else plan.pk
    locked = Campaign.objects.select_for_update().filter(pk=campaign_id).first()
    if locked is None and campaign_id is not None:
        raise Gone
    if locked is not None and not locked.is_draft:
        raise NotADraft
    if plan.pk is None:
        return {}
    found = type(plan).objects.filter(pk=plan.pk).first()
    if found is None:
        raise Gone
    return _values(found)


def record(plan: Campaign | Requirement, before: Values, *, by: User, at: datetime) -> None:
    """Leave one audit event about a save that began with `before`; none when nothing has changed."""
    if detail := difference(before, _values(type(plan).objects.get(pk=plan.pk))):
        noun = plan._meta.model_name
        verb = "修改" if before else "新建"
        summary = f"{verb}{plan._meta.verbose_name}《{plan}》"
        audit.record(f"{noun}.save", at=at, by=by, target=plan, summary=summary, detail=detail)


@transaction.atomic
def discard(plan: Campaign | Requirement, *, by: User, at: datetime) -> None:
    """Delete a draft, or a requirement of one; its content stays in the audit trail.

    Raises NotADraft when it has been published, Gone when it was deleted already.
    """
    before = open_draft(plan)
    noun, name = plan._meta.model_name, plan._meta.verbose_name
    detail = {"before": before}
    audit.record(f"{noun}.delete", at=at, by=by, target=plan, summary=f"删除{name}《{plan}》", detail=detail)
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
    campaign runs.
    """
    occurrence, _ = Occurrence.objects.update_or_create(
        requirement=requirement,
        number=1,
        defaults={"due_at": end_of(last_day), "cutoff_at": end_of(cutoff_day) if cutoff_day else None},
    )
    return occurrence


def _values(plan: Campaign | Requirement) -> dict[str, Any]:
    """Every field of the plan and of the rows that are edited with it."""
    found = values_of(plan)
    if isinstance(plan, Requirement):
        for relation in ("included", "excluded"):
            found[relation] = sorted(getattr(plan, relation).values_list("pk", flat=True))
        rows = {"occurrences": plan.occurrences.all()}
    else:
        rows = {
            "phases": plan.phases.all(),
            "topics": plan.topics.all(),
            "leadership": plan.leadership.all(),
        }
    for name, members in rows.items():
        for row in members:
            values = values_of(row, f"{name}.{row.pk}.")
            found |= values
    return found
