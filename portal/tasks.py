"""Long jobs, and the housekeeping of the floor."""

from celery import shared_task
from django.utils import timezone

from portal import jobs
from portal.files import references, resumable, store
from portal.heartbeats import beating


@shared_task
@beating("run_jobs")
def run_jobs() -> int:
    """Do the long jobs that wait."""
    return jobs.run_waiting(timezone.now)


@shared_task
@beating("sweep_uploads")
def sweep_uploads() -> int:
    """Remove uploads that nobody goes on with, what a crash cut off, and files that became nothing."""
    now = timezone.now()
    return resumable.sweep(now) + store.sweep_incoming(now) + references.sweep(now)


@shared_task
@beating("purge_products")
def purge_products() -> int:
    """Remove the files made by long jobs whose time is over."""
    return jobs.purge_products(timezone.now())
