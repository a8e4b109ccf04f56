"""Celery adapters; every one may be lost, repeated or run twice at once without harm."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from notices.services import days
from portal.heartbeats import beating
from submissions.services import comparing, counting, mergers, phases, publishing, reminding, years


@shared_task
@beating("fold_counters")
def fold_counters() -> int:
    """Fold pending counter changes."""
    return counting.fold_deltas()


@shared_task
@beating("top_up_assignments")
def top_up_assignments() -> int:
    """Give units that joined, and occurrences not yet handed out, their assignments."""
    running = Campaign.objects.filter(state=CampaignState.PUBLISHED)
    return sum(publishing.top_up(campaign, at=timezone.now()) for campaign in running)


@shared_task
@beating("release_closed_units")
def release_closed_units() -> int:
    """Take back what closed units can no longer do."""
    return mergers.release_closed(at=timezone.now())


@shared_task
@beating("switch_phases")
def switch_phases() -> int:
    """Open and close the phases whose days have come."""
    return phases.switch(at=timezone.now())


@shared_task
@beating("warn_of_calendar")
def warn_of_calendar() -> list[int]:
    """Tell administrators of years in which work is due and whose holidays are not known."""
    return days.warn_of_unknown_years(timezone.now(), years.due_years())


@shared_task
@beating("compare_versions")
def compare_versions() -> int:
    """Compare what was handed in with all that came before."""
    return comparing.compare_waiting(timezone.now)


@shared_task
@beating("reminders")
def scan_reminders() -> dict[str, Any]:
    """Record the reminders that are due."""
    return reminding.scan(at=timezone.now()).plain()
