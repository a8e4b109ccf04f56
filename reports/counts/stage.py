"""阶段报告 and 活动总结: what is counted of a phase, or of a whole campaign."""

from datetime import datetime

from campaigns.models import Campaign, Phase
from portal.jobs import Report as Told
from reports.counts.schema import Stage


def count(campaign: Campaign, phase: Phase | None, at: datetime, told: Told) -> Stage:
    """How `phase` (None: all of `campaign`) stands at `at`, below the campaign's host."""
    raise NotImplementedError
