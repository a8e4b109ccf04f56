"""“In scope?”, answered by narrowing QuerySets, so that outsiders get 404; and “which right?”, by role."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from schools.enums import Role
from schools.models import Unit, UnitQuerySet, User

VIEW, ADD, CHANGE, DELETE = "view", "add", "change", "delete"


def _rights(app: str, *models: str, verbs: Iterable[str]) -> set[str]:
    return {f"{app}.{verb}_{model}" for model in models for verb in verbs}


_PLAN = (
    *("campaign", "basis", "phase", "topic", "indicator", "leadership", "inspectiongroup", "activity"),
    *("requirement", "occurrence"),
)

_MAP = ("responsibility", "pairing")

ROLE_PERMISSIONS: dict[Role, set[str]] = {
    Role.OFFICER: _rights("campaigns", *_PLAN, verbs=(VIEW, ADD, CHANGE, DELETE))
    | _rights("campaigns", "ladder", verbs=(VIEW, CHANGE))
    | _rights("schools", "unit", "user", verbs=(VIEW,))
    | _rights("schools", *_MAP, verbs=(VIEW, ADD, CHANGE)),
    Role.SYSTEM: _rights("schools", "unit", "user", *_MAP, verbs=(VIEW, ADD, CHANGE))
    | _rights("notices", "specialdays", verbs=(VIEW, ADD, CHANGE, DELETE))
    | _rights("notices", "channel", verbs=(VIEW, ADD, CHANGE))
    | _rights("notices", "delivery", verbs=(VIEW,)),
    Role.SECURITY: _rights("schools", "membership", verbs=(VIEW, ADD, CHANGE))
    | _rights("schools", "unit", "user", verbs=(VIEW,)),
    Role.AUDITOR: _rights("portal", "auditevent", verbs=(VIEW,)),
}


@dataclass(frozen=True)
class Scope:
    """The units a person reaches: some by themselves, some with everything below them."""

    own: frozenset[int]
    overseen: tuple[str, ...]

    def narrow(self, to_unit: str = "") -> Q:
        """A filter for a QuerySet whose path to the unit is `to_unit` ("" on Unit itself)."""
        prefix = f"{to_unit}__" if to_unit else ""
        condition = Q(**{f"{prefix}pk__in": self.own})
        for path in self.overseen:
            condition |= Q(**{f"{prefix}path__startswith": path})
        return condition

    def covers(self, unit: Unit) -> bool:
        return unit.pk in self.own or any(unit.path.startswith(path) for path in self.overseen)


def scope_of(user: User, *roles: Role) -> Scope:
    """The scope `user` has through any of `roles` (all roles when none is named)."""
    held = [m for m in user.active_memberships if not roles or m.role in roles]
    return Scope(
        own=frozenset(m.unit_id for m in held if m.role in Role.own_unit()),
        overseen=tuple(sorted({m.scope.path for m in held if m.role not in Role.own_unit()})),
    )


def units_for(user: User, *roles: Role) -> UnitQuerySet:
    """Units inside the person's scope."""
    return Unit.objects.filter(scope_of(user, *roles).narrow())


def people_of(user: User, *roles: Role) -> Q:
    """A filter for users who are members of units in the person's scope."""
    return Q(memberships__ended_at=None) & scope_of(user, *roles).narrow("memberships__unit")


def permissions_of(user: User) -> set[str]:
    """Django permission names the person's roles give."""
    return set().union(*(ROLE_PERMISSIONS.get(role, set()) for role in user.roles))


View = Callable[..., HttpResponse]


def roles_required(*roles: Role) -> Callable[[View], View]:
    """Let only holders of one of `roles` through; others who are logged in get 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.roles & set(roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
