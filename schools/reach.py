"""Whom and what the admin shows a person: their scope by role, and everything to the technical account."""

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from schools.access import people_of, scope_of, units_for
from schools.enums import Role
from schools.models import (
    Membership,
    Pairing,
    PairingQuerySet,
    Responsibility,
    ResponsibilityQuerySet,
    Unit,
    UnitQuerySet,
    User,
)

KEEPERS = (Role.SYSTEM, Role.SECURITY)
IN_ADMIN = (Role.OFFICER, *KEEPERS)
MAP_KEEPERS = (Role.OFFICER, Role.SYSTEM)


def units_within_reach(user: User, *roles: Role) -> UnitQuerySet:
    """Units that `user` may see or choose through `roles` (by default every role the admin knows)."""
    return Unit.objects.all() if user.is_superuser else units_for(user, *(roles or IN_ADMIN))


def memberships_within_reach(user: User, *roles: Role) -> QuerySet[Membership]:
    """Memberships in units within reach, ended ones included."""
    if user.is_superuser:
        return Membership.objects.all()
    return Membership.objects.filter(scope_of(user, *(roles or IN_ADMIN)).narrow("unit"))


def people_within_reach(user: User, *roles: Role) -> QuerySet[User]:
    """People who serve in units within reach, each with `serving`: their memberships there, in force.

    Those who keep accounts also see people who serve nowhere: new ones, and those who served
    within reach last. The technical account is seen by itself alone.
    """
    roles = roles or IN_ADMIN
    found = User.objects.all()
    if not user.is_superuser:
        shown = Q(pk__in=User.objects.filter(people_of(user, *roles)).values("pk"))
        if user.roles & set(roles) & set(KEEPERS):
            of_person = Membership.objects.filter(user=OuterRef("pk"))
            once_here = memberships_within_reach(user, *KEEPERS).filter(user=OuterRef("pk"))
            shown |= ~Exists(of_person.filter(ended_at=None)) & (~Exists(of_person) | Exists(once_here))
        found = found.filter(shown, is_superuser=False)
    here = memberships_within_reach(user, *roles).filter(ended_at=None).select_related("unit")
    return found.prefetch_related(Prefetch("memberships", here, to_attr="serving"))


def responsibilities_within_reach(user: User, *roles: Role) -> ResponsibilityQuerySet:
    """Rows, ended ones too, whose unit and section, or a post of the leader, lie within reach."""
    if user.is_superuser:
        return Responsibility.objects.all()
    roles = roles or MAP_KEEPERS
    reach = scope_of(user, *roles)
    here = memberships_within_reach(user, *roles).filter(user=OuterRef("leader"))
    return Responsibility.objects.filter(
        reach.narrow("unit"), reach.narrow("section") | (Q(section=None) & Exists(here))
    )


def pairings_within_reach(user: User, *roles: Role) -> PairingQuerySet:
    """Pairings, ended ones too, with both sides within reach."""
    if user.is_superuser:
        return Pairing.objects.all()
    reach = scope_of(user, *(roles or MAP_KEEPERS))
    return Pairing.objects.filter(reach.narrow("unit"), reach.narrow("partner"))


def at_the_top(user: User, role: Role) -> bool:
    """Whether `user` holds `role` with the top of a tree as scope, or is the technical account."""
    posts = user.active_memberships
    return user.is_superuser or any(post.role == role and post.scope.parent_id is None for post in posts)


def over_all(user: User, role: Role) -> bool:
    """Whether `user` may decide for every unit there is: like `at_the_top`, but where several trees stand
    side by side only the technical account."""
    return user.is_superuser or (at_the_top(user, role) and Unit.objects.tops().count() == 1)


def unit_label(unit: Unit) -> str:
    """The unit, and the one above it to tell namesakes apart."""
    return f"{unit.name}（{unit.parent.name}）" if unit.parent_id else unit.name


def person_label(user: User) -> str:
    """The person, and where they serve."""
    places = "、".join(dict.fromkeys(membership.unit.name for membership in user.serving))
    return f"{user.name}（{places}）" if places else user.name
