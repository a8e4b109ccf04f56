"""Telling people: the inbox, the outbox with its channels, and the days on which to tell."""

from notices.models.channels import Bucket, Channel, ChannelQuerySet
from notices.models.days import SpecialDays
from notices.models.inbox import Notice, NoticeQuerySet, Preference
from notices.models.outbox import Attempt, Delivery, DeliveryQuerySet

__all__ = [
    "Attempt",
    "Bucket",
    "Channel",
    "ChannelQuerySet",
    "Delivery",
    "DeliveryQuerySet",
    "Notice",
    "NoticeQuerySet",
    "Preference",
    "SpecialDays",
]
