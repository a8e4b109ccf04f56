"""Template variables about the person at the screen."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from schools.enums import Role
from schools.models import User
from schools.responsibility import charge_rows


def who(request: HttpRequest) -> dict[str, Any]:
    """`serves` (has units of their own), `is_officer`, `is_leader`, `has_charge` (is shown 我的学校: leaders
    always, officers when they answer for somebody), and the line under the name."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    first = user.active_memberships[0] if user.active_memberships else None
    return {
        "serves": bool(user.roles & set(Role.own_unit())),
        "is_officer": Role.OFFICER in user.roles,
        "is_leader": Role.LEADER in user.roles,
        "has_charge": Role.LEADER in user.roles or SimpleLazyObject(lambda: _answers(user)),
        "post": f"{first.unit.name} · {first.get_role_display()}" if first else "",
    }


def _answers(user: User) -> bool:
    """Whether an officer answers for some unit; one query, for officers alone."""
    return Role.OFFICER in user.roles and charge_rows(user).exists()
