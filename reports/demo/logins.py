"""When everybody logged in last, as the work they did makes it likely."""

import random
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from reports.demo.people import NEWCOMER
from schools.models import User
from submissions.models import AssignmentEvent

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
#: Of those whose work left no trace, one in so many has never been here; the others within so many days.
NEVER, LATELY = 5, 40


def keep(throw: random.Random, *, at: datetime) -> None:
    """Whoever did something logged in shortly before the last of it, most of the others lately.

    Written past the services: a login is no act of theirs. The newcomer has yet to come.
    """
    acts = AssignmentEvent.objects.filter(by__isnull=False, at__lte=at).order_by()
    last = dict(acts.values_list("by").annotate(Max("at")))
    users = list(User.objects.exclude(username=NEWCOMER).filter(is_superuser=False).order_by("username"))
    for user in users:
        some = throw.randrange(4, 45) * MINUTE
        idle = None if throw.randrange(NEVER) == 0 else _in_office(at, throw)
        user.last_login = last[user.pk] - some if user.pk in last else idle
    User.objects.bulk_update(users, ["last_login"], batch_size=500)


def _in_office(at: datetime, throw: random.Random) -> datetime:
    """Some moment of a working hour, on a weekday before the day of `at`."""
    day = timezone.localtime(at).replace(hour=8, minute=0, second=0, microsecond=0)
    day -= throw.randrange(1, LATELY) * DAY
    day -= max(0, day.weekday() - 4) * DAY
    return day + throw.randrange(9 * 60) * MINUTE
