"""Writers of the unit tree."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Length

from portal import audit
from portal.changes import difference, values_of
from schools.models import STEP, FormerName, Unit, User
from schools.pinyin import key_for
from schools.rules import NotAllowed, why_not_closed

MAX_LEVELS = Unit._meta.get_field("path").max_length // STEP
KEY_LENGTH = Unit._meta.get_field("pinyin").max_length


@transaction.atomic
def save(unit: Unit, *, at: datetime, by: User) -> None:
    """Save a new or changed unit; a move carries everything below along (trigger in the database).

    The name it had is kept; the pinyin key is filled in, and follows the name unless it was put right.
    """
    new = unit.pk is None
    old = None if new else Unit.objects.select_for_update().get(pk=unit.pk)
    known_as = (old.name, old.pinyin) if old else ("", "")
    unit.pinyin = key_for(unit.name, unit.pinyin, KEY_LENGTH, before=known_as)
    unit.save()
    if old and old.name != unit.name:
        FormerName.objects.create(unit=unit, name=old.name, until=at)
    detail = difference(values_of(old) if old else {}, values_of(unit))
    if detail:
        action, verb = ("unit.create", "新增") if new else ("unit.save", "修改")
        audit.record(action, at=at, by=by, target=unit, summary=f"{verb}单位{unit}", detail=detail)


@transaction.atomic
def close(unit: Unit, *, successor: Unit | None, at: datetime, by: User) -> None:
    """Close `unit` at the instant `at`, merged into `successor`, or simply ended (None).

    Its people, posts and work stay as they are. Raises NotAllowed when it has children in force,
    is closed already, or the successor is itself or closed.
    """
    pks = [unit.pk, successor.pk] if successor else [unit.pk]
    # `no_key`: rows that point to the units may still come while their campaigns wait for each other.
    units = Unit.objects.select_for_update(no_key=True)
    locked = {one.pk: one for one in units.filter(pk__in=pks).order_by("pk")}
    found = locked[unit.pk]
    if refusal := why_not_closed(found, successor and locked[successor.pk]):
        raise NotAllowed(refusal)
    before = values_of(found)
    found.closed_at, found.successor = at, successor
    found.save(update_fields=["closed_at", "successor"])
    unit.closed_at, unit.successor = at, successor
    detail = difference(before, values_of(found))
    action, summary = ("unit.merge", f"{unit}并入{successor}") if successor else ("unit.close", f"撤销{unit}")
    audit.record(action, at=at, by=by, target=unit, summary=summary, detail=detail)


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
