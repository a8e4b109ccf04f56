"""Writers of the unit tree."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Length

from portal import audit
from portal.changes import difference, values_of
from schools.models import STEP, Unit, User

MAX_LEVELS = Unit._meta.get_field("path").max_length // STEP


@transaction.atomic
def save(unit: Unit, *, at: datetime, by: User) -> None:
    """Save a new or changed unit; a move carries everything below along (trigger in the database)."""
    new = unit.pk is None
    before = {} if new else values_of(Unit.objects.select_for_update().get(pk=unit.pk))
    unit.save()
    detail = difference(before, values_of(unit))
    if detail:
        action, verb = ("unit.create", "新增") if new else ("unit.save", "修改")
        audit.record(action, at=at, by=by, target=unit, summary=f"{verb}单位{unit}", detail=detail)


def refusal_to_move(unit: Unit, parent: Unit) -> str:
    """Why `unit` cannot stand under `parent`, in Chinese; empty when it can."""
    height = 1
    if unit.pk is not None:
        if parent.path.startswith(unit.path):
            return "不能把单位移到自己或自己的下级单位之下，请另选上级单位。"
        longest = Unit.objects.within(unit).aggregate(longest=Max(Length("path")))["longest"]
        height = (longest - len(unit.path)) // STEP + 1
    if len(parent.path) // STEP + height > MAX_LEVELS:
        return f"单位最多{MAX_LEVELS}级，请另选级别更高的上级单位。"
    return ""
