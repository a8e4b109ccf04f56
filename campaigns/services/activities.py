"""The minutes that an activity leaves behind: a requirement of its own, owed by its host alone."""

from datetime import date

from django.db import transaction

from campaigns.enums import RequirementKind
from campaigns.models import Activity, Requirement
from campaigns.services import planning

TITLE = Requirement._meta.get_field("title").max_length
NAMED = "会议纪要"


def can_owe(activity: Activity) -> bool:
    """Whether the minutes have somebody to owe them; the campaign's host never owes its own work."""
    return activity.host_id is not None and activity.host_id != activity.campaign.host_id


def minutes_of(activity: Activity) -> Requirement:
    """The requirement for the minutes of `activity`, not saved; who owes it stands in `included`."""
    return Requirement(
        campaign=activity.campaign,
        phase_id=activity.phase_id,
        topic_id=activity.topic_id,
        activity=activity,
        kind=RequirementKind.MINUTES,
        title=f"{activity.title[: TITLE - len(NAMED)]}{NAMED}",
        guidance="写明时间、地点、主持人、参加人员、发言要点和议定事项。",
        receiver=activity.campaign.office,
        max_pieces=1,
    )


@transaction.atomic
def owe_minutes(activity: Activity, due_on: date) -> Requirement | None:
    """Ask the host of a saved activity for its minutes, in time through `due_on`; made once, then kept up.

    Phase, topic, title and host follow the activity. None, and nothing asked, when nobody can owe
    them (`can_owe`). Raises Overtaken when the minutes were issued already. The caller, who holds the
    draft (`planning.open_plan`), leaves the trace.
    """
    if not can_owe(activity):
        remove_minutes(activity)
        return None
    wanted, found = minutes_of(activity), _open_minutes(activity)
    if found:
        for field in ("phase_id", "topic_id", "title"):
            setattr(found, field, getattr(wanted, field))
        wanted = found
    wanted.save()
    wanted.included.set([activity.host_id])
    planning.set_due(wanted, due_on)
    return wanted


@transaction.atomic
def remove_minutes(activity: Activity) -> None:
    """Ask for no minutes. Raises Overtaken when they were issued already."""
    if found := _open_minutes(activity):
        found.delete()


def _open_minutes(activity: Activity) -> Requirement | None:
    found = Requirement.objects.select_for_update().filter(activity=activity).first()
    if found and found.issued_at:
        raise planning.Overtaken
    return found
