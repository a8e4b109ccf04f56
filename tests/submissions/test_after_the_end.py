"""What a school sees of a campaign that is over, and who decides when posts and places have changed."""

import pytest
from django.urls import reverse

from schools.enums import Role, UnitKind
from schools.models import Membership, Unit
from submissions import access
from submissions.rules import NotAllowed
from submissions.services import closing, reviewing
from tests.factories import NOW, UnitFactory, assigned, handed_in, person


@pytest.fixture
def owed(place):
    return assigned(place)


def shelf(client, name):
    return list(client.get(reverse("work"), {"shelf": name}).context["page"])


def test_nothing_of_a_closed_campaign_is_left_to_do(client, place, owed):
    client.force_login(place.secretary)
    assert (shelf(client, "todo"), shelf(client, "done")) == ([owed], [])
    closing.close(owed.requirement.campaign, reason="工作完成", by=place.officer, at=NOW)
    assert (shelf(client, "todo"), shelf(client, "done")) == ([], [owed])
    assert "活动已结束，未报" in client.get(reverse("work"), {"shelf": "done"}).content.decode()


def test_when_no_named_reviewer_is_left_the_officers_review(place, owed):
    named = person(Role.OFFICER, place.section)
    owed.requirement.reviewers.add(named)
    version = handed_in(owed, place.secretary)
    with pytest.raises(NotAllowed):
        reviewing.accept(version, by=place.officer, at=NOW)
    Membership.objects.filter(user=named).update(ended_at=NOW)
    reviewing.accept(version, by=place.officer, at=NOW)


def test_work_for_one_bureau_is_not_decided_by_the_bureau_to_which_the_school_moved(place):
    """Two districts of one city; the school changes from one to the other with work handed in."""
    city = UnitFactory(name="示例市教育局", kind=UnitKind.BUREAU)
    Unit.objects.filter(pk=place.bureau.pk).update(parent=city)
    other = UnitFactory(name="邻区教育局", kind=UnitKind.DISTRICT, parent=city)
    place.bureau.refresh_from_db()
    owed = assigned(place)
    version = handed_in(owed, place.secretary)
    Unit.objects.get(pk=place.school.pk)
    Unit.objects.filter(pk=place.school.pk).update(parent=other)
    stranger, above = person(Role.OFFICER, other), person(Role.OFFICER, city)
    assert list(access.queue(stranger)) == []
    with pytest.raises(NotAllowed):
        reviewing.accept(version, by=stranger, at=NOW)
    reviewing.accept(version, by=above, at=NOW)
