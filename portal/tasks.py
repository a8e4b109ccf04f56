"""Long jobs, and the housekeeping of the floor."""

from celery import shared_task
from django.utils import timezone

from portal import jobs
from portal.files import store


@shared_task
def run_jobs() -> int:
    """Do the long jobs that wait."""
    return jobs.run_waiting(timezone.now)


@shared_task
def sweep_uploads() -> int:
    """Remove what uploads cut off by a crash left behind."""
    return store.sweep_incoming(timezone.now())
