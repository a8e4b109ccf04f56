"""单位负责人签发: what is handed in is what the head has signed, and when (domain.md §4)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from notices.models import Notice
from schools.enums import Role
from submissions import access
from submissions.enums import AssignmentState, EventKind, PieceState, ReviewStep, Verdict
from submissions.models import Assignment, Submission, Version
from submissions.rules import NotAllowed
from submissions.services import drafts, reviewing, signing, submitting
from tests.factories import DUE, NOW, assigned, at, handed_in, person, upload
from tests.submissions.test_pages import as_, write
from tests.submissions.test_submitting import CUTOFF, refused, trail

LATER = NOW + timedelta(days=1)


@pytest.fixture
def head(place):
    return person(Role.HEAD, place.school, name="王示例")


@pytest.fixture
def owed(place, head):
    return assigned(place, sign_off=True)


@pytest.fixture
def version(place, owed):
    return handed_in(owed, place.secretary)


def state_of(owed) -> str:
    owed.refresh_from_db()
    return owed.state


# The way of a piece ---------------------------------------------------------------------------------


def test_what_is_submitted_waits_for_the_signature_and_is_not_handed_in(owed, version):
    assert (state_of(owed), owed.completed_at) == (AssignmentState.TO_SIGN, None)


def test_signing_hands_it_in(head, owed, version):
    signing.sign(version, by=head, at=LATER)
    piece = Submission.objects.get()
    assert (piece.state, piece.handed_in_at, state_of(owed), owed.completed_at) == (
        PieceState.PENDING, LATER, AssignmentState.SUBMITTED, LATER,
    )  # fmt: skip


def test_the_trail_names_both(place, head, owed, version):
    signing.sign(version, by=head, at=LATER)
    assert trail(owed)[2:] == [
        (EventKind.SENT_TO_SIGN, AssignmentState.TODO, AssignmentState.TO_SIGN),
        (EventKind.SIGNED, AssignmentState.TO_SIGN, AssignmentState.SUBMITTED),
    ]


def test_late_is_what_is_signed_late(place, head, owed):
    version = handed_in(owed, place.secretary, at=DUE - timedelta(hours=1))
    signing.sign(version, by=head, at=DUE)
    owed.refresh_from_db()
    assert owed.late


def test_the_heads_are_told_once_for_each_version(place, head, owed, version):
    told = Notice.objects.filter(matter=f"sign:{version.pk}")
    assert [(one.recipient, one.title, one.body, one.url) for one in told] == [
        (
            head,
            "《一次家访》待您签发",
            f"{owed.requirement.title}，请于4月30日前报送，签发后才算报出。",
            reverse("version", args=[version.pk]),
        )
    ]


def test_without_a_head_nothing_is_submitted(place, head, owed):
    head.memberships.update(ended_at=NOW)
    said = refused(handed_in, owed, place.secretary)
    assert said == "本单位还没有登记负责人，无法签发，请联系教育局系统管理员。"
    assert not Version.objects.exists()


def test_a_head_who_may_not_log_in_is_no_head(place, head, owed):
    head.is_active = False
    head.save()
    assert refused(handed_in, owed, place.secretary).startswith("本单位还没有登记负责人")


def test_signing_twice_is_refused(head, version):
    signing.sign(version, by=head, at=NOW)
    said = refused(signing.sign, version, by=head, at=NOW)
    assert said == "这篇材料现在是“待审”状态，不能签发；请刷新页面查看最新情况。"


def test_only_the_newest_version_is_signed(place, head, owed, version):
    submitting.withdraw(version.submission, by=place.secretary, at=NOW)
    handed_in(owed, place.secretary, title="改稿")
    said = refused(signing.sign, version, by=head, at=NOW)
    assert said == "学校已提交新的版本，请刷新页面后签发最新版本。"


def test_what_was_taken_back_cannot_be_signed(place, head, version):
    submitting.withdraw(version.submission, by=place.secretary, at=NOW)
    said = refused(signing.sign, version, by=head, at=NOW)
    assert said == "信息员已撤回这篇材料，请待其重新提交后再签发。"


def test_taking_back_what_is_not_signed_leaves_the_task_to_be_done(place, owed, version):
    submitting.withdraw(version.submission, by=place.secretary, at=NOW)
    assert state_of(owed) == AssignmentState.TODO


def test_nothing_is_signed_from_the_cutoff_on(place, head):
    version = handed_in(assigned(place, sign_off=True, cutoff_at=CUTOFF), place.secretary)
    said = refused(signing.sign, version, by=head, at=CUTOFF)
    assert said == "现在不能签发：已过停止接收时间，草稿仍予保留；如需补报，请联系主办单位延期。"


def test_an_extension_lets_the_head_sign(place, head):
    owed = assigned(place, sign_off=True, cutoff_at=CUTOFF)
    version = handed_in(owed, place.secretary)
    Assignment.objects.filter(pk=owed.pk).update(cutoff_at=CUTOFF + timedelta(days=3))
    signing.sign(version, by=head, at=CUTOFF)
    assert state_of(owed) == AssignmentState.SUBMITTED


# Sent back by the head ------------------------------------------------------------------------------


def test_the_head_sends_back_with_a_reason(place, head, owed, version):
    review = signing.decline(version, by=head, at=LATER, reason="请补充数据")
    assert (review.step, review.verdict, state_of(owed)) == (
        ReviewStep.SIGN, Verdict.RETURN, AssignmentState.RETURNED,
    )  # fmt: skip
    told = Notice.objects.get(matter=f"review:{review.pk}")
    assert (told.recipient, told.title, told.body) == (
        place.secretary, "《一次家访》负责人未签发，请修改后重新提交", "请补充数据",
    )  # fmt: skip


def test_without_a_reason_nothing_is_sent_back(head, version):
    said = refused(signing.decline, version, by=head, at=NOW, reason=" ")
    assert said == "退回时必须写明原因，便于信息员修改。"


def test_the_head_does_not_send_back_what_the_bureau_has(head, version):
    signing.sign(version, by=head, at=NOW)
    said = refused(signing.decline, version, by=head, at=NOW, reason="再改改")
    assert said == "这篇材料现在是“待审”状态，不能签发；请刷新页面查看最新情况。"


def test_a_correction_for_the_head_taken_back_is_still_returned(place, head, owed, version):
    signing.decline(version, by=head, at=NOW, reason="请补充数据")
    second = handed_in(owed, place.secretary, title="改稿")
    submitting.withdraw(second.submission, by=place.secretary, at=NOW)
    assert state_of(owed) == AssignmentState.RETURNED


def test_what_the_head_sent_back_and_then_signed_is_a_draft_once_taken_back(place, head, owed, version):
    signing.decline(version, by=head, at=NOW, reason="请补充数据")
    second = handed_in(owed, place.secretary, title="改稿")
    signing.sign(second, by=head, at=NOW)
    submitting.withdraw(second.submission, by=place.secretary, at=NOW)
    assert state_of(owed) == AssignmentState.TODO


def test_the_bureaus_date_for_a_correction_holds_until_it_is_signed(place, head):
    owed = assigned(place, sign_off=True, cutoff_at=CUTOFF)
    first = handed_in(owed, place.secretary)
    signing.sign(first, by=head, at=NOW)
    until = CUTOFF + timedelta(days=3)
    reviewing.send_back(first, by=place.officer, at=CUTOFF, reason="太短", correct_by=until)
    second = handed_in(owed, place.secretary, at=CUTOFF, title="改稿")
    signing.decline(second, by=head, at=CUTOFF, reason="还短")
    third = handed_in(owed, place.secretary, at=CUTOFF, title="再改")
    signing.sign(third, by=head, at=until - timedelta(hours=1))
    piece = Submission.objects.get()
    assert (piece.state, piece.correct_by) == (PieceState.PENDING, None)


# The bureau -----------------------------------------------------------------------------------------


def test_what_is_not_signed_is_nothing_to_the_bureau(place, owed):
    piece = drafts.save_draft(
        owed.pk, 1, drafts.Words(title="一次家访", body="正文"), by=place.secretary, at=NOW
    ).piece
    stored = drafts.attach(piece, upload(), by=place.secretary, at=NOW).file
    version = submitting.submit(piece, by=place.secretary, at=NOW)
    assert not access.versions(place.officer).exists()
    assert not access.files(place.officer).filter(pk=stored.pk).exists()
    assert not access.queue(place.officer).exists()
    shown = as_(place.officer).get(reverse("assignment", args=[owed.pk])).content.decode()
    assert "一次家访" not in shown
    assert as_(place.officer).get(reverse("version", args=[version.pk])).status_code == 404


def test_what_the_head_said_stays_in_the_school(place, head, owed, version):
    signing.decline(version, by=head, at=NOW, reason="写得太差")
    page = reverse("assignment", args=[owed.pk])
    shown = [
        as_(who).get(page).content.decode().count("写得太差") for who in (place.officer, place.secretary)
    ]
    assert shown == [0, 2]


@pytest.mark.parametrize("decide", ["accept", "send_back"])
def test_the_bureau_does_not_decide_on_what_is_not_signed(place, version, decide):
    terms = {} if decide == "accept" else {"reason": "太短", "correct_by": DUE}
    with pytest.raises(NotAllowed):
        getattr(reviewing, decide)(version, by=place.officer, at=NOW, **terms)


def test_what_is_signed_comes_into_the_queue(place, head, version):
    signing.sign(version, by=head, at=NOW)
    assert list(access.queue(place.officer)) == [version.submission]


def test_a_version_is_decided_after_it_was_signed(place, head, owed, version):
    signing.sign(version, by=head, at=NOW)
    reviewing.accept(version, by=place.officer, at=NOW)
    assert list(version.reviews.values_list("step", "verdict")) == [(0, "accept"), (1, "accept")]


# Pages ----------------------------------------------------------------------------------------------


def test_a_second_press_after_submitting_for_signature_is_known(place, owed):
    answers = [write(owed, place.secretary, submit="1", body="正文") for _ in range(2)]
    arrived = reverse("assignment", args=[owed.pk]) + "#saved"
    assert [answer.headers["Location"] for answer in answers] == [arrived] * 2
    assert Version.objects.count() == 1


def test_the_head_opens_the_list_at_what_waits_for_the_signature(head, owed, version):
    context = as_(head).get(reverse("work")).context
    assert (context["shelf"], list(context["page"])) == ("sign", [owed])
    assert context["shelves"] == [
        ("sign", "待签发", 1), ("todo", "待办", 0), ("waiting", "待审核", 0), ("done", "已办结", 0),
    ]  # fmt: skip


def test_one_piece_of_two_also_waits_on_the_heads_shelf(place, head):
    owed = assigned(place, sign_off=True, min_pieces=2)
    handed_in(owed, place.secretary)
    context = as_(head).get(reverse("work")).context
    assert [(key, n) for key, _, n in context["shelves"]][:2] == [("sign", 1), ("todo", 1)]


def test_the_head_signs_on_the_page_of_the_version(head, version):
    page = reverse("version", args=[version.pk])
    assert as_(head).get(page).context["may_sign"] is True
    answer = as_(head).post(reverse("sign", args=[version.pk]), {"verdict": "sign"})
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("work"))
    assert as_(head).get(page).context["signature"].by == head


def test_the_page_asks_the_head_for_a_reason(head, version):
    answer = as_(head).post(reverse("sign", args=[version.pk]), {"verdict": "return"})
    assert (answer.status_code, answer.context["sign_form"].errors) == (
        422, {"reason": ["退回时必须写明原因，便于信息员修改。"]},
    )  # fmt: skip


def test_the_head_who_comes_too_late_reads_why(place, head, version):
    submitting.withdraw(version.submission, by=place.secretary, at=NOW)
    answer = as_(head).post(reverse("sign", args=[version.pk]), {"verdict": "sign"})
    assert (answer.status_code, answer.context["refusal"]) == (
        409, "信息员已撤回这篇材料，请待其重新提交后再签发。",
    )  # fmt: skip


def test_the_secretary_is_shown_no_button_to_sign(place, version):
    page = as_(place.secretary).get(reverse("version", args=[version.pk]))
    assert page.context["may_sign"] is False


def test_the_receipt_proves_nothing_until_it_is_signed(place, head, version):
    receipt = reverse("receipt", args=[version.pk])
    shown = as_(place.secretary).get(receipt)
    assert (shown.context["void"], "是否按期" in shown.content.decode()) == (True, False)
    signing.sign(version, by=head, at=at(3, 3))
    shown = as_(place.secretary).get(receipt)
    assert (shown.context["void"], shown.context["signature"].by) == (False, head)
    assert shown.content.decode().count("王示例（单位负责人）") == 1
