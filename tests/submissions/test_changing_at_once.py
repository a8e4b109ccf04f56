"""Officers, schools and scans at the same moment: a change happens once, and nothing slips past it."""

from functools import partial

import pytest

from submissions.enums import AssignmentState, EventKind
from submissions.models import Assignment
from submissions.services import changing, counting, phases, publishing, submitting
from tests.concurrently import at_once, kinds
from tests.factories import NOW, UnitFactory, at, drafted

pytestmark = pytest.mark.django_db(transaction=True)


def withdraw(place, owed):
    return changing.withdraw_requirement(owed.requirement, reason="重复", by=place.officer, at=NOW)


def test_two_officers_who_withdraw_at_once_withdraw_once(place, owed):
    results = at_once(*[partial(withdraw, place, owed)] * 2)
    assert kinds(results) == ["Effect", "NotAllowed"]
    assert owed.events.filter(kind=EventKind.CANCELLED).count() == 1


def test_a_scan_beside_a_withdrawal_hands_out_nothing_that_was_withdrawn(place, owed):
    UnitFactory(parent=place.township)
    at_once(
        partial(withdraw, place, owed),
        partial(publishing.top_up, owed.requirement.campaign, at=NOW),
    )
    assert set(Assignment.objects.values_list("state", flat=True)) == {AssignmentState.CANCELLED}
    assert counting.drift() == []


def test_a_hand_in_beside_a_withdrawal_is_kept_or_refused(place, owed):
    piece = drafted(owed, place.secretary)
    results = at_once(
        partial(withdraw, place, owed),
        partial(submitting.submit, piece, by=place.secretary, at=NOW),
    )
    assert kinds(results) in (["Effect", "Version"], ["Effect", "NotAllowed"])
    assert Assignment.objects.get(pk=owed.pk).state == AssignmentState.CANCELLED
    assert counting.drift() == []


def test_two_scans_at_once_switch_a_phase_once(place, owed):
    results = at_once(*[partial(phases.switch, at=at(5, 1))] * 2)
    assert (sorted(results), owed.requirement.phase.campaign.phases.get().state) == ([0, 1], "closed")
