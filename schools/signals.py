"""Comings and goings leave a trace, failed ones too (GB/T 22239-2019, 安全审计)."""

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from portal import audit, client


def _trace(action: str, request: HttpRequest | None, summary: str, by: Any = None) -> None:
    address = (client.address(request) or None) if request else None
    audit.record(action, at=timezone.now(), by=by, summary=summary, address=address)


@receiver(user_logged_in)
def came_in(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    _trace("session.login", request, f"{user.name}（{user.username}）", user)


@receiver(user_logged_out)
def went_out(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    if user is not None:
        _trace("session.logout", request, f"{user.name}（{user.username}）", user)


@receiver(user_login_failed)
def was_refused(credentials: dict, request: HttpRequest | None = None, **kwargs: Any) -> None:
    _trace("session.refused", request, f"用户名：{str(credentials.get('username', ''))[:60]}")


@receiver(user_locked_out)
def was_locked(request: HttpRequest, username: str, **kwargs: Any) -> None:
    _trace("session.locked", request, f"用户名：{str(username)[:60]}")
