"""By which mail server a person is written to, and where the portal is."""

from typing import Any

from django.conf import settings

from notices.enums import ChannelKind
from notices.models import Channel
from schools.models import Membership


def mail_of(user: Any) -> Channel | None:
    """The mail server nearest above a unit in which the person serves; None: that of the settings."""
    posts = Membership.objects.filter(user=user, ended_at=None).select_related("unit").order_by("pk")
    paths = [path for post in posts for path in post.unit.ancestor_paths()]
    servers = Channel.objects.in_use().filter(kind=ChannelKind.MAIL, unit__path__in=paths)
    return max(servers.select_related("unit"), key=lambda one: len(one.unit.path), default=None)


def has_server() -> bool:
    """Whether the settings name a mail server (EMAIL_URL)."""
    return bool(settings.EMAIL_HOST)


def address_of(path: str) -> str:
    """`path` of the portal as people outside can follow it; "" where it is not known under which name."""
    return f"{settings.PORTAL_URL}{path}" if path and settings.PORTAL_URL else ""
