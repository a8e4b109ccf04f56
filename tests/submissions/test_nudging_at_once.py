"""Two officers and a school at the same moment: a unit is told once, and nobody waits for a nudge."""

from functools import partial

import pytest

from notices.models import Notice
from schools.enums import Role
from submissions.models import NudgedUnit, Reminder, Submission
from submissions.services import publishing, submitting
from tests.concurrently import at_once, kinds
from tests.factories import NOW, UnitFactory, drafted, person
from tests.submissions.test_nudging import TOLD, press

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_officers_at_once_tell_a_unit_once(place, owed) -> None:
    other = person(Role.OFFICER, place.bureau)
    found = at_once(*(partial(press, place, by=by) for by in (place.officer, other)))
    assert kinds(found) == ["NotAllowed", "Nudge"]
    assert Notice.objects.filter(title__startswith="催办").count() == 1
    assert Reminder.objects.count() == NudgedUnit.objects.count() == 1


def test_two_whose_picks_overlap_share_them_out(place, owed) -> None:
    person(Role.SECRETARY, place.middle)
    third = UnitFactory(name="东镇第三小学", parent=place.township)
    person(Role.SECRETARY, third)
    publishing.top_up(owed.requirement.campaign, at=NOW)
    found = at_once(
        partial(press, place, place.school, place.middle),
        partial(press, place, third, place.middle, place.school),
    )
    assert "Nudge" in kinds(found)
    told = NudgedUnit.objects.filter(result=TOLD).values_list("unit__name", flat=True)
    assert sorted(told) == ["东镇中心小学", "东镇第三小学", "示例县第一初级中学"]
    assert Reminder.objects.count() == 3


def test_handing_in_waits_for_no_nudge(place, owed) -> None:
    piece = drafted(owed, place.secretary)
    found = at_once(partial(press, place), partial(submitting.submit, piece, by=place.secretary, at=NOW))
    assert kinds(found) in (["Nudge", "Version"], ["NotAllowed", "Version"])
    assert Submission.objects.get().state == "pending"
