"""Housekeeping of the floor."""

from celery import shared_task
from django.utils import timezone

from portal.files import store


@shared_task
def sweep_uploads() -> int:
    """Remove what uploads cut off by a crash left behind."""
    return store.sweep_incoming(timezone.now())
