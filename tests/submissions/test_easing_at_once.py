"""Two officers and a school at the same moment: a decision is made once, and nothing slips past it."""

from datetime import date
from functools import partial

import pytest

from notices.workdays import end_of
from submissions.enums import AssignmentState, EventKind, ExtensionState, Override
from submissions.models import Assignment, ExtensionRequest
from submissions.services import counting, easing, extending, submitting
from tests.concurrently import at_once, kinds
from tests.factories import NOW, drafted

pytestmark = pytest.mark.django_db(transaction=True)

MAY = end_of(date(2026, 5, 10))


def extend(place, owed):
    terms = {"until": MAY, "reason": "停电", "by": place.officer, "at": NOW}
    return easing.extend(owed.occurrence, [place.school], **terms)


def decide(service, place, owed):
    return service(owed.occurrence, [place.school], reason="停电", by=place.officer, at=NOW)


def ask(place, owed):
    return extending.ask(owed, until=MAY, reason="外出培训", by=place.secretary, at=NOW)


def test_two_officers_who_extend_at_once_extend_once(place, owed):
    assert kinds(at_once(*[partial(extend, place, owed)] * 2)) == ["Effect", "NotAllowed"]
    assert owed.events.filter(kind=EventKind.RESCHEDULED).count() == 1


@pytest.mark.parametrize("service", [easing.exempt, easing.report_nil])
def test_what_is_handed_in_at_that_moment_is_neither_lost_nor_passed_over(place, owed, service):
    piece = drafted(owed, place.secretary)
    results = at_once(
        partial(decide, service, place, owed),
        partial(submitting.submit, piece, by=place.secretary, at=NOW),
    )
    now = Assignment.objects.get(pk=owed.pk)
    assert (kinds(results), now.override == Override.NONE, now.state) in (
        (["Effect", "NotAllowed"], False, now.state),
        (["NotAllowed", "Version"], True, AssignmentState.SUBMITTED),
    )
    assert counting.drift() == []


def test_a_request_answered_twice_at_once_is_answered_once(place, owed):
    asked = ask(place, owed)
    results = at_once(
        partial(extending.grant, asked, until=MAY, by=place.officer, at=NOW),
        partial(extending.refuse, asked, answer="请按期", by=place.officer, at=NOW),
    )
    assert [kind for kind in kinds(results) if kind == "NotAllowed"] == ["NotAllowed"]
    asked.refresh_from_db()
    assert (asked.state == ExtensionState.GRANTED) == (Assignment.objects.get(pk=owed.pk).due_at == MAY)


def test_asking_twice_at_once_asks_once(place, owed):
    assert kinds(at_once(*[partial(ask, place, owed)] * 2)) == ["ExtensionRequest"] * 2
    assert ExtensionRequest.objects.count() == 1


def test_asking_while_the_bureau_extends_ends_in_one_deadline(place, owed):
    at_once(partial(ask, place, owed), partial(extend, place, owed))
    assert Assignment.objects.get(pk=owed.pk).due_at == MAY
    assert not ExtensionRequest.objects.filter(state=ExtensionState.OPEN).exists()
