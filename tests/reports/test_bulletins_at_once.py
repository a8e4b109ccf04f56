"""Scans, officers and leaders at the same moment: one bulletin, sent once, and as the leader read it."""

from functools import partial

import pytest

from notices.models import Notice
from reports.enums import PaperState as S
from reports.models import Bulletin
from reports.services import bulletins
from schools.enums import Role
from submissions.services import changing
from tests.concurrently import at_once, kinds
from tests.factories import at, county, person
from tests.reports.bulletins import REACHED, Late, late

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case() -> Late:
    return late(county())


def test_two_scans_draft_once(case) -> None:
    assert sorted(at_once(*[partial(bulletins.draft_due, REACHED)] * 2)) == [0, 1]
    assert Notice.objects.filter(matter__startswith="bulletin-draft:").count() == 1


def test_two_leaders_sign_once(case) -> None:
    made, other = case.to_sign(), person(Role.LEADER, case.place.bureau)
    signing = [partial(bulletins.sign, made, by=one, at=REACHED) for one in (case.leader, other)]
    assert kinds(at_once(*signing)) == ["Bulletin", "NotAllowed"]


@pytest.mark.parametrize("service", [bulletins.redraft, bulletins.take_back])
def test_what_is_signed_is_not_drafted_anew_or_taken_back_at_that_moment(case, service) -> None:
    made = case.to_sign()
    results = at_once(
        partial(bulletins.sign, made, by=case.leader, at=REACHED),
        partial(service, made, by=case.place.officer, at=REACHED),
    )
    state = Bulletin.objects.get().state
    assert (kinds(results), state in (S.SENT, S.DRAFT)) == (["Bulletin", "NotAllowed"], True)
    assert Notice.objects.filter(matter=f"bulletin:{made.pk}").exists() == (state == S.SENT)


def test_none_goes_out_of_a_deadline_that_moves_at_that_moment(case) -> None:
    made = case.to_sign()
    moving = {"due_at": at(6, 1, 0), "cutoff_at": None, "reason": "顺延", "by": case.place.officer}
    results = at_once(
        partial(bulletins.sign, made, by=case.leader, at=REACHED),
        partial(changing.move_deadline, case.occurrence, **moving, at=REACHED),
    )
    assert kinds(results) in (["Bulletin", "Effect"], ["Effect", "NotAllowed"])
