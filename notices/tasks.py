"""Celery adapters; every one may be lost, repeated or run twice at once without harm."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from notices.services import delivering
from portal.heartbeats import beating

RUN = timedelta(seconds=50)


@shared_task
@beating("deliver")
def deliver() -> dict[str, int]:
    """Send what waits in the outbox."""
    return delivering.deliver(timezone.now, until=timezone.now() + RUN)
