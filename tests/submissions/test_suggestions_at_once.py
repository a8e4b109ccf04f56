"""Officers, reviewers and changes at the same moment."""

from functools import partial

import pytest
from django.db import connection, transaction

from notices.models import Notice
from portal.models import AuditEvent
from schools.services import units
from submissions.enums import SuggestionState as S
from submissions.models import Review, Suggestion
from submissions.services import answering, ledger, reviewing, suggesting
from tests.concurrently import at_once, kinds
from tests.factories import NOW
from tests.submissions.suggested import OURS, asked, entered, hand_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owed(place):
    return asked(place)


def accept_without_waiting(place, version) -> Review:
    """Accept, or give up where somebody else's lock stands in the way."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")
    return reviewing.accept(version, by=place.officer, at=NOW)


def test_of_two_answers_at_once_one_holds_and_the_school_hears_one(place, owed):
    one = entered(place, owed, unit=place.school)
    seen = answering.edition(one)
    results = at_once(*[
        partial(answering.answer, one, state, "理由", by=place.officer, at=NOW, seen=seen)
        for state in (S.ADOPTED, S.DECLINED)
    ])  # fmt: skip
    assert kinds(results) == ["NotAllowed", "Suggestion"]
    assert Notice.objects.filter(matter__startswith="suggestion-answer").count() == 1


def test_two_that_are_merged_into_each_other_at_once_make_no_circle(place, owed):
    one, other = entered(place, owed, "甲"), entered(place, owed, "乙")
    results = at_once(
        partial(suggesting.merge, one, [other], by=place.officer, at=NOW),
        partial(suggesting.merge, other, [one], by=place.officer, at=NOW),
    )
    assert kinds(results) == ["NotAllowed", "list"]
    assert sorted(Suggestion.objects.values_list("state", flat=True)) == [S.MERGED, S.NEW]


def test_two_presses_of_the_same_answer_leave_one_trace(place, owed):
    one = entered(place, owed)
    press = partial(answering.answer, one, S.ADOPTED, "", by=place.officer, at=NOW)
    assert kinds(at_once(press, press)) == ["Suggestion", "Suggestion"]
    assert AuditEvent.objects.filter(action="suggestion.answer").count() == 1


def test_a_piece_is_accepted_while_a_change_holds_the_campaign(place, owed):
    """The change may be waiting for the very assignment: accepting must not wait for the change."""
    version = hand_in(owed, place.secretary, OURS)
    with transaction.atomic():
        ledger.lock_campaign(owed.requirement.campaign_id)
        results = at_once(partial(accept_without_waiting, place, version))
    assert kinds(results) == ["Review"]
    assert Suggestion.objects.get().state == S.NEW


def test_a_piece_is_accepted_while_its_school_is_being_merged(place, owed):
    version = hand_in(owed, place.secretary, OURS)
    with transaction.atomic():
        units.close(place.school, successor=place.middle, at=NOW, by=place.officer)
        results = at_once(partial(accept_without_waiting, place, version))
    assert kinds(results) == ["Review"]
