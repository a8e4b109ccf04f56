"""Writers of people and memberships."""

from datetime import datetime

from django.db import transaction

from portal import audit
from schools.enums import Role, UnitKind
from schools.models import Membership, Unit, User


def default_scope(unit: Unit, role: Role) -> Unit:
    """The unit itself for school roles, else the nearest bureau at or above it (domain.md §1)."""
    if role in Role.own_unit():
        return unit
    above = Unit.objects.filter(path__in=unit.ancestor_paths(), kind__in=UnitKind.bureaus())
    return above.order_by("-path").first() or unit


@transaction.atomic
def appoint(
    user: User, unit: Unit, role: Role, *, at: datetime, by: User | None, scope: Unit | None = None
) -> Membership:
    """Give `user` a role in `unit`. Raises IntegrityError when a constraint forbids it."""
    membership = Membership.objects.create(
        user=user, unit=unit, role=role, scope=scope or default_scope(unit, role), started_at=at
    )
    audit.record("membership.start", at=at, by=by, target=membership, summary=str(membership))
    return membership


@transaction.atomic
def password_changed(user: User, *, at: datetime) -> None:
    """Record that a person has set a password of their own."""
    user.must_change_password = False
    user.save(update_fields=["must_change_password"])
    audit.record("user.password", at=at, by=user, target=user, summary="本人修改密码")
