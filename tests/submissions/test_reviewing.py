"""The bureau's side: accept, return with a reason, open again; one decision per version."""

from datetime import timedelta

import pytest

from notices.models import Notice
from schools.enums import Role
from submissions.enums import AssignmentState, EventKind, PieceState, Verdict
from submissions.models import Review, Submission
from submissions.rules import NotAllowed
from submissions.services import reviewing, submitting
from tests.factories import DUE, NOW, assigned, at, handed_in, person

BY = at(3, 6, hour=0)


@pytest.fixture
def version(place, owed):
    return handed_in(owed, place.secretary, title="一次家访")


def send_back(place, version, **given):
    given = {"at": NOW, "reason": "请补充案例", "correct_by": BY} | given
    return reviewing.send_back(version, by=place.officer, **given)


def state_of(owed) -> str:
    owed.refresh_from_db()
    return owed.state


# Accepting ------------------------------------------------------------------------------------------


def test_accepting_enough_pieces_accepts_the_assignment(place, owed, version):
    reviewing.accept(version, by=place.officer, at=NOW)
    assert state_of(owed) == AssignmentState.ACCEPTED


def test_accepting_one_of_two_pieces_leaves_the_assignment_waiting(place):
    owed = assigned(place, min_pieces=2)
    first = handed_in(owed, place.secretary, number=1)
    handed_in(owed, place.secretary, number=2)
    reviewing.accept(first, by=place.officer, at=NOW)
    assert state_of(owed) == AssignmentState.SUBMITTED


def test_accepting_records_who_when_and_whether_it_is_recommended(place, version):
    review = reviewing.accept(version, by=place.officer, at=NOW, reason="情真意切", recommended=True)
    assert (review.verdict, review.by, review.at, review.reason, review.recommended) == (
        Verdict.ACCEPT, place.officer, NOW, "情真意切", True,
    )  # fmt: skip


def test_accepting_twice_is_refused(place, version):
    reviewing.accept(version, by=place.officer, at=NOW)
    with pytest.raises(NotAllowed, match="已有人审核，结论是“通过”"):
        reviewing.accept(version, by=place.officer, at=NOW)


def test_accepting_twice_leaves_one_review(place, version):
    reviewing.accept(version, by=place.officer, at=NOW)
    with pytest.raises(NotAllowed):
        reviewing.accept(version, by=place.officer, at=NOW)
    assert Review.objects.count() == 1


def test_a_piece_that_was_withdrawn_cannot_be_accepted(place, version):
    submitting.withdraw(version.submission, by=place.secretary, at=NOW)
    with pytest.raises(NotAllowed, match="报送单位已撤回这篇材料，请待其重新提交后再审。"):
        reviewing.accept(version, by=place.officer, at=NOW)


def test_a_version_that_has_been_replaced_cannot_be_decided(place, owed, version):
    submitting.withdraw(version.submission, by=place.secretary, at=NOW)
    handed_in(owed, place.secretary, title="改稿")
    with pytest.raises(NotAllowed, match=r"^学校已提交新的版本，请刷新页面后审核最新版本。$"):
        reviewing.accept(version, by=place.officer, at=NOW)


# Returning ------------------------------------------------------------------------------------------


def test_a_return_takes_the_assignment_back_to_the_school(place, owed, version):
    send_back(place, version)
    assert state_of(owed) == AssignmentState.RETURNED


def test_a_return_sets_the_date_of_the_correction_on_the_piece(place, version):
    send_back(place, version)
    assert Submission.objects.get().correct_by == BY


def test_a_return_keeps_the_due_time(place, owed, version):
    send_back(place, version)
    owed.refresh_from_db()
    assert owed.due_at == DUE


def test_a_return_that_leaves_enough_accepted_does_not_return_the_assignment(place, owed):
    first = handed_in(owed, place.secretary, number=1)
    second = handed_in(owed, place.secretary, number=2)
    reviewing.accept(first, by=place.officer, at=NOW)
    send_back(place, second)
    assert state_of(owed) == AssignmentState.ACCEPTED


@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_return_without_a_reason_is_refused(place, version, reason):
    with pytest.raises(NotAllowed, match=r"^退回时必须写明原因，便于学校修改。$"):
        send_back(place, version, reason=reason)


def test_a_return_with_a_date_that_is_over_is_refused(place, version):
    with pytest.raises(NotAllowed, match=r"^修改期限须在今天或以后，请重新选择。$"):
        send_back(place, version, correct_by=NOW)


def test_the_secretary_is_told_the_reason(place, version):
    review = send_back(place, version)
    told = Notice.objects.get(matter=f"review:{review.pk}")
    assert (told.recipient, told.title, told.body) == (
        place.secretary, "《一次家访》已退回，请修改后重新提交", "请补充案例",
    )  # fmt: skip


def test_the_notice_leads_to_the_assignment(place, owed, version):
    review = send_back(place, version)
    assert Notice.objects.get(matter=f"review:{review.pk}").url == f"/assignments/{owed.pk}/"


def test_a_return_tells_every_secretary_of_the_unit_and_nobody_else(place, version):
    colleague = person(Role.SECRETARY, place.school)
    person(Role.SECRETARY, place.middle)
    review = send_back(place, version)
    told = Notice.objects.filter(matter=f"review:{review.pk}").values_list("recipient", flat=True)
    assert set(told) == {place.secretary.pk, colleague.pk}


def test_a_secretary_who_has_left_is_not_told(place, version):
    place.secretary.memberships.update(ended_at=NOW)
    review = send_back(place, version)
    assert not Notice.objects.filter(matter=f"review:{review.pk}").exists()


def test_the_event_of_a_return_carries_reason_and_version(place, owed, version):
    send_back(place, version)
    last = owed.events.last()
    assert (last.kind, last.note, last.version, last.by) == (
        EventKind.RETURNED, "请补充案例", version, place.officer,
    )  # fmt: skip


# Opening again --------------------------------------------------------------------------------------


def test_reopening_returns_an_accepted_piece(place, owed, version):
    reviewing.accept(version, by=place.officer, at=NOW)
    reviewing.reopen(version, by=place.officer, at=NOW, reason="附件有误", correct_by=BY)
    assert state_of(owed) == AssignmentState.RETURNED


def test_reopening_keeps_the_first_decision_on_record(place, version):
    reviewing.accept(version, by=place.officer, at=NOW)
    reviewing.reopen(version, by=place.officer, at=NOW, reason="附件有误", correct_by=BY)
    assert list(version.reviews.values_list("verdict", flat=True)) == [Verdict.ACCEPT, Verdict.REOPEN]


def test_a_piece_still_under_review_cannot_be_reopened(place, version):
    with pytest.raises(NotAllowed, match="现在是“待审”状态，不能重新打开"):
        reviewing.reopen(version, by=place.officer, at=NOW, reason="附件有误", correct_by=BY)


def test_a_reopened_piece_can_be_corrected_and_accepted_again(place, owed, version):
    reviewing.accept(version, by=place.officer, at=NOW)
    reviewing.reopen(version, by=place.officer, at=NOW, reason="附件有误", correct_by=BY)
    corrected = handed_in(owed, place.secretary, title="改稿", at=BY - timedelta(days=1))
    reviewing.accept(corrected, by=place.officer, at=BY)
    assert Submission.objects.get().state == PieceState.ACCEPTED
