"""Writers of the map of responsibility (包挂) and of pairings (结对)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from portal import audit
from portal.changes import difference, values_of
from schools.models import Pairing, Responsibility, Unit, User
from schools.rules import NotAllowed, why_no_leader, why_no_section, why_not_charged, why_not_paired

BATCH = 500


def entrust(
    unit: Unit, *, leader: User | None = None, section: Unit | None = None, at: datetime, by: User
) -> Responsibility:
    """Let `leader`, or else `section`, answer for `unit` and everything below it from `at` on.

    Raises NotAllowed when a rule forbids it, IntegrityError when they do already or both are given.
    """
    refusal = why_not_charged(unit)
    if leader is not None:
        refusal = refusal or why_no_leader(leader, unit)
    if section is not None:
        refusal = refusal or why_no_section(section, unit)
    if refusal:
        raise NotAllowed(refusal)
    made = Responsibility(leader=leader, section=section, unit=unit, started_at=at)
    start_all([made], by=by)
    return made


def pair(unit: Unit, partner: Unit, note: str = "", *, at: datetime, by: User) -> Pairing:
    """Let two units help each other from `at` on; the order of the two says nothing.

    Raises NotAllowed when a rule forbids it, IntegrityError when they do already or are one.
    """
    if refusal := why_not_paired(unit) or why_not_paired(partner):
        raise NotAllowed(refusal)
    made = Pairing(unit=unit, partner=partner, note=note, started_at=at)
    start_all([made], by=by)
    return made


@transaction.atomic
def start_all(rows: Sequence[Responsibility | Pairing], *, by: User) -> None:
    """Save new rows of one kind, about which the rules have been asked, with a trace of each at its start."""
    for start in range(0, len(rows), BATCH):
        made = type(rows[0]).objects.bulk_create(rows[start : start + BATCH])
        told = ((one, str(one), {"after": values_of(one)}) for one in made)
        audit.record_many(f"{made[0]._meta.model_name}.start", told, at=made[0].started_at, by=by)


def end(row: Responsibility, *, at: datetime, by: User) -> None:
    """End a responsibility at the instant `at`; ending it again changes nothing."""
    _end(row, at, by)


def part(pairing: Pairing, *, at: datetime, by: User) -> None:
    """End a pairing at the instant `at`; ending it again changes nothing."""
    _end(pairing, at, by)


@transaction.atomic
def _end(row: Responsibility | Pairing, at: datetime, by: User) -> None:
    found = type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)
    if found.ended_at is None:
        found.ended_at = at
        found.save(update_fields=["ended_at"])
        audit.record(f"{found._meta.model_name}.end", at=at, by=by, target=found, summary=str(found))
    row.ended_at = found.ended_at


@transaction.atomic
def describe(pairing: Pairing, note: str, *, at: datetime, by: User) -> None:
    """Say anew what the two do together."""
    found = Pairing.objects.select_for_update(of=("self",)).get(pk=pairing.pk)
    before = values_of(found)
    found.note = note
    found.save(update_fields=["note"])
    if detail := difference(before, values_of(found)):
        audit.record("pairing.save", at=at, by=by, target=found, summary=str(found), detail=detail)
    pairing.note = note
