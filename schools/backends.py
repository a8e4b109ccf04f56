"""Rights from memberships, for Django's permission machinery; coming in by activation code."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from schools import activation
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


class ActivationBackend(BaseBackend):
    """Lets in whoever has no password yet and types the activation code in its place.

    All they can do then is to set a password (FirstPasswordMiddleware).
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not username or not password:
            return None
        user = User.objects.filter(username=username).first()
        return user if user is not None and activation.fits(user, password) else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()
