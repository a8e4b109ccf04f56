"""When people look at the overview, and since when changes are shown to them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from reports.models import Visit
from schools.models import User

#: A look after so long a pause begins a new visit: changes are shown since the look before.
PAUSE = timedelta(minutes=30)
#: Shown at the first visit, and at most at any.
FIRST, LONGEST = timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True)
class Since:
    """Since when changes are shown; `days`: so many, there was no visit before or it is too long ago."""

    moment: datetime
    days: int | None = None


def since(user: User, at: datetime) -> Since:
    """Since when changes are shown to a person who looks at the instant `at`. Writes nothing."""
    last = _since(Visit.objects.filter(user=user).first(), at)
    if last is None:
        return Since(at - FIRST, FIRST.days)
    return Since(at - LONGEST, LONGEST.days) if last < at - LONGEST else Since(last)


def _since(visit: Visit | None, at: datetime) -> datetime | None:
    """The look before this visit; None where this is the first one."""
    if visit is None:
        return None
    return visit.last_at if at - visit.last_at >= PAUSE else visit.since


@transaction.atomic
def record(user: User, *, at: datetime) -> None:
    """Keep that the person saw the page as of `at`; what they saw later already stands.

    No audit event: nothing of the portal's matters changes, and looks are told by no one else's page.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two tabs at once
    visit = Visit.objects.filter(user=user).first()
    if visit and at <= visit.last_at:
        return
    Visit.objects.update_or_create(user=user, defaults={"since": _since(visit, at), "last_at": at})
