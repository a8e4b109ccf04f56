"""“In scope?” for what leaves the house."""

from django.db.models import Q

from notices.models import Channel, ChannelQuerySet, Delivery, DeliveryQuerySet
from schools.access import scope_of
from schools.enums import Role
from schools.models import Membership, User


def channels_within_reach(user: User) -> ChannelQuerySet:
    """Channels of units that `user` administers; all of them for the technical account."""
    if user.is_superuser:
        return Channel.objects.all()
    return Channel.objects.filter(scope_of(user, Role.SYSTEM).narrow("unit"))


def deliveries_within_reach(user: User) -> DeliveryQuerySet:
    """Messages to people who serve in units that `user` administers, or to groups of such units."""
    if user.is_superuser:
        return Delivery.objects.all()
    posts = Membership.objects.filter(scope_of(user, Role.SYSTEM).narrow("unit"), ended_at=None)
    groups = channels_within_reach(user).order_by()
    return Delivery.objects.filter(
        Q(recipient__in=posts.order_by().values("user")) | Q(channel__in=groups.values("pk"))
    )
