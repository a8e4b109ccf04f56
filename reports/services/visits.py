"""When people look at the overview, and since when changes are shown to them."""

from datetime import datetime, timedelta

from django.db import transaction

from reports.models import Visit
from schools.models import User

#: A look after so long a pause begins a new visit: changes are shown since the look before.
PAUSE = timedelta(minutes=30)
#: Shown at the first visit, and at most at any.
FIRST, LONGEST = timedelta(days=7), timedelta(days=30)


def since(user: User, at: datetime) -> datetime:
    """Since when changes are shown to a person who looks at the instant `at`. Writes nothing."""
    return max(_since(Visit.objects.filter(user=user).first(), at), at - LONGEST)


def _since(visit: Visit | None, at: datetime) -> datetime:
    if visit is None:
        return at - FIRST
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
