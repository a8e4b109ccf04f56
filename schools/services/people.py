"""Writers of people and memberships."""

from datetime import datetime

from axes.utils import reset as forget_failed_logins
from django.db import transaction

from portal import audit
from portal.changes import difference, values_of
from schools import activation
from schools.enums import Role, UnitKind
from schools.models import Membership, Unit, User
from schools.pinyin import key_for
from schools.rules import NotAllowed, why_no_reissue

KEY_LENGTH = User._meta.get_field("pinyin").max_length


def default_scope(unit: Unit, role: Role) -> Unit:
    """The unit itself for school roles, else the nearest bureau at or above it (domain.md §1)."""
    if role in Role.own_unit():
        return unit
    above = Unit.objects.filter(path__in=unit.ancestor_paths(), kind__in=UnitKind.bureaus())
    return above.order_by("-path").first() or unit


@transaction.atomic
def enroll(user: User, password: str, *, at: datetime, by: User) -> None:
    """Save a new person whose first password, set by somebody else, must be changed at first login."""
    user.set_password(password)
    user.must_change_password = True
    user.pinyin = key_for(user.name, user.pinyin, KEY_LENGTH)
    user.save()
    detail = {"after": values_of(user)}
    audit.record("user.create", at=at, by=by, target=user, summary=f"新增人员{user}", detail=detail)


@transaction.atomic
def amend(user: User, *, at: datetime, by: User) -> None:
    """Save changed facts about a person, among them whether they are still in use."""
    old = User.objects.select_for_update().get(pk=user.pk)
    user.pinyin = key_for(user.name, user.pinyin, KEY_LENGTH, before=(old.name, old.pinyin))
    user.save(update_fields=["username", "name", "pinyin", "phone", "email", "is_active"])
    if detail := difference(values_of(old), values_of(user)):
        audit.record("user.save", at=at, by=by, target=user, summary=f"修改人员{user}的资料", detail=detail)


@transaction.atomic
def reset_password(user: User, password: str, *, at: datetime, by: User) -> None:
    """Give a person a new first password; their sessions end, and a lockout is lifted."""
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    forget_failed_logins(username=user.username)
    audit.record("user.reset_password", at=at, by=by, target=user, summary=f"重置{user}的密码")


@transaction.atomic
def reissue(user: User, *, at: datetime, by: User) -> str:
    """Take the password of `user` away for an activation code, which is returned and nowhere kept.

    Their sessions end, and a lockout is lifted. Raises NotAllowed when `by` is not the officer of
    all that the person does.
    """
    found = User.objects.select_for_update().get(pk=user.pk)
    if refusal := why_no_reissue(by, found):
        raise NotAllowed(refusal)
    found.set_unusable_password()
    found.must_change_password = True
    found.save(update_fields=["password", "must_change_password"])
    forget_failed_logins(username=found.username)
    audit.record("user.reset_password", at=at, by=by, target=found, summary=f"重置{found}的密码，发放激活码")
    return activation.code_of(found)


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
def dismiss(membership: Membership, *, at: datetime, by: User) -> None:
    """End a membership at the instant `at`; ending it again changes nothing."""
    found = Membership.objects.select_for_update().get(pk=membership.pk)
    if found.ended_at is None:
        found.ended_at = at
        found.save(update_fields=["ended_at"])
        audit.record("membership.end", at=at, by=by, target=found, summary=str(found))
    membership.ended_at = found.ended_at


@transaction.atomic
def password_changed(user: User, *, at: datetime) -> None:
    """Record that a person has set a password of their own."""
    user.must_change_password = False
    user.save(update_fields=["must_change_password"])
    audit.record("user.password", at=at, by=user, target=user, summary="本人修改密码")


def codes_listed(count: int, *, at: datetime, by: User) -> None:
    """Record that somebody has taken `count` activation codes away: they are as good as passwords."""
    audit.record("activation.list", at=at, by=by, summary=f"下载{count}人的激活码清单")
