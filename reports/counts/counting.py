"""What is counted for a report, by its kind."""

from datetime import datetime
from typing import Any

from portal.jobs import Report as Told
from reports.counts import newsletter, periodic, stage
from reports.enums import ReportKind
from reports.models import Report


def figures_of(report: Report, at: datetime, told: Told) -> dict[str, Any]:
    """The figures of `report` as of `at`, JSON-ready; `told` hears how far it has come."""
    if report.kind in ReportKind.periodic():
        return periodic.count(report.host, report.kind, report.starts_on, report.ends_on, at, told)
    if report.kind == ReportKind.NEWSLETTER:
        return newsletter.count(report.campaign, report.chosen, report.edition, at)
    return stage.count(report.campaign, report.phase, at, told)
