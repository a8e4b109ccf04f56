"""Telling those who look after the portal that something needs them."""

from datetime import datetime

from django.db.models import F, Value
from django.urls import reverse
from django.utils import timezone

from notices.channels.attempts import masked
from notices.models import Delivery
from notices.services.telling import tell
from schools.enums import Role
from schools.models import Membership, Unit, User


def keepers(unit: Unit | None = None) -> list[int]:
    """System administrators (ids) whose scope holds `unit`, or all of them."""
    posts = Membership.objects.in_post(Role.SYSTEM)
    if unit is not None:
        posts = posts.alias(asked=Value(unit.path)).filter(asked__startswith=F("scope__path"))
    return list(posts.values_list("user", flat=True).distinct())


def technicians() -> list[int]:
    """The technical accounts (ids)."""
    return list(User.objects.filter(is_superuser=True, is_active=True).values_list("pk", flat=True))


def tell_of_failure(delivery: Delivery, at: datetime) -> None:
    """A message was given up: its administrators hear of it in the portal, once a day for each channel.

    Where it has none, the technical accounts do; those of other bureaus have no business with it.
    """
    unit = delivery.channel.unit if delivery.channel else _unit_of(delivery)
    by = str(delivery.channel) if delivery.channel else "电子邮件"
    tell(
        (unit and keepers(unit)) or technicians(),
        matter=f"failed:{delivery.channel_id or 'mail'}:{timezone.localdate(at)}",
        title=f"有消息未能经“{by}”发出",
        body=f"对方答复：{masked(delivery.answer)}\n请检查通道设置后，在外发消息中重新发送。",
        url=reverse("admin:notices_delivery_changelist"),
        at=at,
    )


def _unit_of(delivery: Delivery) -> Unit | None:
    post = Membership.objects.filter(user=delivery.recipient, ended_at=None).select_related("unit").first()
    return post and post.unit
