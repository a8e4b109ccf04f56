"""Template variables about the person at the screen."""

from typing import Any

from django.http import HttpRequest

from schools.enums import Role


def who(request: HttpRequest) -> dict[str, Any]:
    """`serves` (has units of their own), `is_officer`, `is_leader`, and the line under the name."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    first = user.active_memberships[0] if user.active_memberships else None
    return {
        "serves": bool(user.roles & set(Role.own_unit())),
        "is_officer": Role.OFFICER in user.roles,
        "is_leader": Role.LEADER in user.roles,
        "post": f"{first.unit.name} · {first.get_role_display()}" if first else "",
    }
