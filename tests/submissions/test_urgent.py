"""What goes out at once, whatever the hour: returned work and deadlines that come earlier; nothing else."""

from datetime import datetime

import pytest

from notices.enums import Manner
from notices.models import Delivery, Notice
from notices.workdays import end_of
from schools.models import User
from submissions.models import Assignment
from submissions.services import changing, reviewing
from tests.factories import County, assigned, at, county, handed_in

pytestmark = pytest.mark.django_db

NIGHT = at(3, 10, 23)


@pytest.fixture
def place() -> County:
    return county()


@pytest.fixture
def owed(place: County) -> Assignment:
    made = assigned(place)
    User.objects.filter(pk=place.secretary.pk).update(email="school@example.com")
    return made


def latest(user: User) -> tuple[str, datetime]:
    """How the newest notice goes out, and when."""
    notice = Notice.objects.filter(recipient=user).latest("pk")
    return notice.manner, Delivery.objects.get(notice=notice).not_before


def test_returned_work(place: County, owed: Assignment) -> None:
    version = handed_in(owed, place.secretary)
    until = end_of(at(3, 20).date())
    reviewing.send_back(version, by=place.officer, at=NIGHT, reason="内容过短", correct_by=until)
    assert latest(place.secretary) == (Manner.URGENT, NIGHT)


@pytest.mark.parametrize(
    ("day", "manner", "goes"),
    [
        (at(4, 20), Manner.URGENT, NIGHT),
        (at(5, 29), Manner.ORDINARY, at(3, 11, 7)),
    ],
)
def test_a_deadline_that_moves(
    place: County, owed: Assignment, day: datetime, manner: Manner, goes: datetime
) -> None:
    due_at = end_of(day.date())
    changing.move_deadline(
        owed.occurrence, due_at=due_at, cutoff_at=None, reason="汛期", by=place.officer, at=NIGHT
    )
    assert latest(place.secretary) == (manner, goes)
