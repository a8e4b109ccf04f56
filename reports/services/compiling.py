"""The figures that a worker has counted for an ordered report are frozen, and it is a draft."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from notices.services.telling import tell
from portal import audit
from reports.enums import PaperState
from reports.models import Report
from reports.papers import RENDERER
from reports.services import shapes
from reports.services.signoff import people_of
from schools.enums import Role


@transaction.atomic
def freeze(report: Report, figures: dict[str, Any], *, at: datetime) -> Report:
    """Make `report` a draft with `figures`, counted as of `at`, and tell who goes on with it.

    One that has been compiled stays as it is. What cannot become a paper raises.
    """
    found = Report.objects.select_for_update(of=["self"], no_key=True)
    found = found.select_related("host").get(pk=report.pk)
    if found.state != PaperState.COMPILING:
        return found
    found.figures, found.counted_at, found.renderer = figures, at, RENDERER
    found.state = PaperState.DRAFT
    shapes.word_of(found)
    found.save(update_fields=["figures", "counted_at", "renderer", "state"])
    audit.record("report.compile", at=at, by=found.ordered_by, target=found, summary=str(found))
    _tell(found, at)
    return found


def _tell(report: Report, at: datetime) -> None:
    """The officers of the host, or whoever asked for it, can go on with it."""
    recipients = {report.ordered_by_id} if report.ordered_by_id else people_of(report.host, Role.OFFICER)
    tell(
        recipients,
        matter=f"report-compile:{report.pk}",
        title=f"{report.get_kind_display()}已编制，请核对修改后送签",
        body=report.title,
        url=reverse("report", args=[report.pk]),
        at=at,
    )
