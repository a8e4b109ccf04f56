"""Celery adapters; every one may be lost, repeated or run twice at once without harm."""

from celery import shared_task
from django.utils import timezone

from portal.heartbeats import beating
from reports.services import bulletins


@shared_task
@beating("draft_bulletins")
def draft_bulletins() -> int:
    """Draft 督查通报 for deadlines whose last rung has been reached."""
    return bulletins.draft_due(timezone.now())
