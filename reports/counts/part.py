"""What one report is about: a campaign as its host sees it, or one of its phases."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from campaigns.models import Phase
from reports.looking import Look
from reports.sums import GROUPS
from submissions.models import AssignmentQuerySet, Standing


@dataclass(frozen=True)
class Part:
    """All that a look sees, or what one phase asked for of it."""

    look: Look
    phase: Phase | None

    def narrow(self, assignment: str = "") -> Q:
        """A filter for rows whose path to the assignment (or to the counter) is `assignment`."""
        prefix = f"{assignment}__" if assignment else ""
        return Q() if self.phase is None else Q(**{f"{prefix}{GROUPS['phase']}": self.phase})

    @property
    def narrowed(self) -> Q | None:
        """The same for assignments; None where counters know everything."""
        return self.narrow() if self.phase else None

    def counters(self, model: type = Standing) -> QuerySet:
        """Counters (Standing, Pace)."""
        return self.look.counters(model).filter(self.narrow())

    def assignments(self) -> AssignmentQuerySet:
        """In no order."""
        return self.look.assignments().filter(self.narrow()).order_by()
