"""In which years work is due."""

from datetime import timedelta

from django.db.models import F
from django.db.models.functions import ExtractYear

from submissions.enums import AssignmentState
from submissions.models import Assignment
from submissions.worklist import RUNNING


def due_years() -> list[int]:
    """The years in which the last day of an unfinished assignment of a running campaign lies."""
    unfinished = Assignment.objects.filter(RUNNING, state__in=AssignmentState.unfinished())
    last = ExtractYear(F("due_at") - timedelta(microseconds=1))
    return sorted(unfinished.order_by().annotate(year=last).values_list("year", flat=True).distinct())
