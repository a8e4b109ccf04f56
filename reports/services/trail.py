"""What the trail tells about the words of a paper: who changed them last, and whether anybody has."""

from collections.abc import Sequence

from django.db.models import QuerySet

from portal.audit import target_of
from portal.models import AuditEvent
from reports.models import Outgoing
from schools.models import User

GIVEN_BACK = "give_back"
REWORDED = ("change", "redraft")


def trail_of(paper: Outgoing) -> QuerySet[AuditEvent]:
    """Everything that was done with it, in that order."""
    return AuditEvent.objects.filter(target=target_of(paper)).select_related("actor").order_by("at", "pk")


def changed_by(paper: Outgoing, reader: User) -> str:
    """Who put other words into it, as `reader` is told: by name, or that it was they, in another window."""
    reworded = [f"{paper._meta.model_name}.{verb}" for verb in REWORDED]
    latest = trail_of(paper).filter(action__in=reworded).last()
    return f"已由{latest.actor.name}修改" if latest and latest.actor not in (reader, None) else "已在别处修改"


def given_back_unchanged(trail: Sequence[AuditEvent]) -> AuditEvent | None:
    """When it was last given back, if its words have stayed the same since; else None."""
    deeds = [one for one in trail if _verb(one) in (GIVEN_BACK, *REWORDED)]
    return deeds[-1] if deeds and _verb(deeds[-1]) == GIVEN_BACK else None


def _verb(event: AuditEvent) -> str:
    return event.action.partition(".")[2]
