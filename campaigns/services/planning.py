"""Writers of a plan while it is a draft."""

from datetime import date

from django.db import transaction

from campaigns.models import Occurrence, Requirement
from notices.workdays import end_of


@transaction.atomic
def set_due(requirement: Requirement, last_day: date, cutoff_day: date | None = None) -> Occurrence:
    """Give a one-off requirement its single occurrence: in time through `last_day`, taken through `cutoff_day`.

    Days are calendar days in Asia/Shanghai; without `cutoff_day` late work is taken as long as the
    campaign runs.
    """
    occurrence, _ = Occurrence.objects.update_or_create(
        requirement=requirement, number=1,
        defaults={"due_at": end_of(last_day), "cutoff_at": end_of(cutoff_day) if cutoff_day else None},
    )  # fmt: skip
    return occurrence
