"""Rights from memberships, for Django's permission machinery (the admin)."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from schools.access import permissions_of
from schools.models import User


class RoleBackend(BaseBackend):
    """Answers `has_perm` from roles; authenticates nobody itself."""

    def get_all_permissions(self, user_obj: User, obj: Any = None) -> set[str]:
        if not user_obj.is_active or obj is not None:
            return set()
        return permissions_of(user_obj)

    def has_module_perms(self, user_obj: User, app_label: str) -> bool:
        return any(right.startswith(f"{app_label}.") for right in self.get_all_permissions(user_obj))
