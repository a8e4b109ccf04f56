"""What the trail tells about the words of a bulletin: who changed them last, and whether anybody has."""

from collections.abc import Sequence

from django.db.models import QuerySet

from portal.audit import target_of
from portal.models import AuditEvent
from reports.models import Bulletin
from schools.models import User

GIVEN_BACK = "bulletin.give_back"
REWORDED = ("bulletin.change", "bulletin.redraft")


def trail_of(bulletin: Bulletin) -> QuerySet[AuditEvent]:
    """Everything that was done with it, in that order."""
    return AuditEvent.objects.filter(target=target_of(bulletin)).select_related("actor").order_by("at", "pk")


def changed_by(bulletin: Bulletin, reader: User) -> str:
    """Who put other words into it, as `reader` is told: by name, or that it was they, in another window."""
    latest = trail_of(bulletin).filter(action__in=REWORDED).last()
    return f"已由{latest.actor.name}修改" if latest and latest.actor not in (reader, None) else "已在别处修改"


def given_back_unchanged(trail: Sequence[AuditEvent]) -> AuditEvent | None:
    """When it was last given back, if its words have stayed the same since; else None."""
    deeds = [one for one in trail if one.action in (GIVEN_BACK, *REWORDED)]
    return deeds[-1] if deeds and deeds[-1].action == GIVEN_BACK else None
