"""Celery adapters; every one may be lost, repeated or run twice at once without harm."""

from celery import shared_task
from django.utils import timezone

from campaigns.models import Campaign
from portal.heartbeats import beating
from reports.services import bulletins, ordering


@shared_task
@beating("draft_bulletins")
def draft_bulletins() -> int:
    """Draft 督查通报 for deadlines whose last rung has been reached."""
    return bulletins.draft_due(timezone.now())


@shared_task
@beating("order_reports")
def order_reports() -> int:
    """Order the reports of what has been closed and has none; tell of those that could not be compiled."""
    now = timezone.now()
    ordering.tell_of_failures(now)
    return ordering.order_due(now)


def on_closed(campaign: Campaign, **_signal: object) -> None:
    """The same at once, of the campaign of which something has just been closed."""
    ordering.order_due(timezone.now(), [campaign.pk])
