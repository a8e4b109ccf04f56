"""Celery adapters; every one may be lost, repeated or run twice at once without harm."""

import time
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from notices.services import delivering
from portal.heartbeats import beat

RUN = timedelta(seconds=50)


@shared_task
def deliver() -> dict[str, int]:
    """Send what waits in the outbox."""
    began, at = time.monotonic(), timezone.now()
    done = delivering.deliver(timezone.now, until=at + RUN)
    beat("deliver", at=at, seconds=time.monotonic() - began, summary=done)
    return done
