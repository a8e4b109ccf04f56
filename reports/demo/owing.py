"""What the ledger says is owed, as tasks for the story."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from django.utils import timezone

from campaigns.enums import CampaignKind, Frequency, RequirementKind
from campaigns.models import Campaign
from notices.workdays import DAY, add_workdays, last_day
from portal.files.kinds import FileKind
from reports.demo.courses import Task
from reports.demo.writing import COMPOSERS
from submissions.models import Assignment

#: More than one of these may be handed in, and the best are recommended.
ARTICLES = (RequirementKind.EXPERIENCE, RequirementKind.ESSAY)
#: Nothing comes in during the first days of a phase.
QUIET = timedelta(days=5)
#: How long before they are due periodic papers come in.
LENGTH = {
    Frequency.WEEKLY: timedelta(days=2),
    Frequency.MONTHLY: timedelta(days=6),
    Frequency.QUARTERLY: timedelta(days=9),
}


def tasks(campaign: Campaign, known: Collection[int]) -> Iterator[Task]:
    """The campaign's assignments but for `known` ones, unit by unit."""
    found = (
        Assignment.objects.filter(occurrence__requirement__campaign=campaign)
        .exclude(pk__in=known)
        .select_related("occurrence__requirement__phase", "occurrence__requirement__activity", "unit__parent")
        .order_by("unit__path", "occurrence__requirement__order", "occurrence__number")
    )
    published_on = timezone.localtime(campaign.published_at).date()
    for assignment in found:
        yield _task(assignment, published_on, at_length=campaign.kind == CampaignKind.DISCUSSION)


def _task(assignment: Assignment, published_on: date, *, at_length: bool) -> Task:
    asked = assignment.requirement
    kind = RequirementKind(asked.kind)
    due = last_day(assignment.due_at)
    return Task(
        pk=assignment.pk,
        unit=assignment.unit,
        kind=kind,
        name=f"{assignment.occurrence.label}{asked.title}",
        opens=_opens(assignment, published_on, due),
        due=due,
        at_length=at_length and asked.activity is None and kind in COMPOSERS,
        sign_off=asked.sign_off,
        nil_allowed=asked.nil_allowed,
        is_article=at_length and kind in ARTICLES,
        by_click=asked.by_click,
        file_kinds=tuple(map(FileKind, asked.file_kinds)),
    )


def _opens(assignment: Assignment, published_on: date, due: date) -> date:
    """From when work on it is handed in: not at once, and periodic papers not long before they are due."""
    asked = assignment.requirement
    if asked.recurs:
        return max(add_workdays(published_on, 1), due - LENGTH[asked.frequency])
    if asked.activity:
        return (asked.activity.ends_on or asked.activity.starts_on) + DAY
    after = min(asked.phase.starts_on + QUIET, due - QUIET)
    return min(max(add_workdays(published_on, 1 if asked.by_click else 3), after), due)
