"""Celery adapters; every one may be lost, repeated or run twice at once without harm."""

from celery import shared_task
from django.utils import timezone

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from submissions.services import comparing, counting, mergers, phases, publishing


@shared_task
def fold_counters() -> int:
    """Fold pending counter changes."""
    return counting.fold_deltas()


@shared_task
def top_up_assignments() -> int:
    """Give units that joined, and occurrences not yet handed out, their assignments."""
    running = Campaign.objects.filter(state=CampaignState.PUBLISHED)
    return sum(publishing.top_up(campaign, at=timezone.now()) for campaign in running)


@shared_task
def release_closed_units() -> int:
    """Take back what closed units can no longer do."""
    return mergers.release_closed(at=timezone.now())


@shared_task
def switch_phases() -> int:
    """Open and close the phases whose days have come."""
    return phases.switch(at=timezone.now())


@shared_task
def compare_versions() -> int:
    """Compare what was handed in with all that came before."""
    return comparing.compare_waiting(timezone.now)
