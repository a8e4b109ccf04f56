"""The school's side: drafts, handing in, withdrawing, signing for (domain.md §4)."""

import hashlib
from datetime import timedelta

import pytest
from django.conf import settings

from campaigns.enums import CampaignState, RequirementKind
from campaigns.models import Campaign
from notices.models import Notice
from portal.files.store import path_of
from portal.models import StoredFile
from submissions.enums import AssignmentState, EventKind, Override, PieceState
from submissions.models import Assignment, AssignmentEvent, DraftFile, Submission, Version
from submissions.rules import NotAllowed
from submissions.services import drafts, reviewing, submitting
from submissions.services.drafts import Words
from tests.factories import DUE, NOW, assigned, at, drafted, handed_in, upload

MOMENT = timedelta(microseconds=1)
CUTOFF = at(5, 11, hour=0)


def refused(call, *args, **kwargs) -> str:
    """The sentence with which the call is refused."""
    with pytest.raises(NotAllowed) as refusal:
        call(*args, **kwargs)
    return str(refusal.value)


def trail(owed):
    """(event, state before, state after) of an assignment, oldest first."""
    return list(AssignmentEvent.objects.filter(assignment=owed).values_list("kind", "before", "after"))


def extend(owed, **fields):
    """What an extension changes: the assignment alone."""
    Assignment.objects.filter(pk=owed.pk).update(**fields)


# Drafts ---------------------------------------------------------------------------------------------


def test_a_draft_leaves_the_assignment_to_be_done(place, owed):
    drafted(owed, place.secretary)
    owed.refresh_from_db()
    assert owed.state == AssignmentState.TODO


def test_saving_a_draft_again_makes_no_second_piece(place, owed):
    drafted(owed, place.secretary)
    drafted(owed, place.secretary, title="改过的标题")
    assert [piece.draft.title for piece in owed.submissions.all()] == ["改过的标题"]


def test_beginning_to_write_leaves_one_event_however_often_it_is_saved(place, owed):
    drafted(owed, place.secretary)
    drafted(owed, place.secretary)
    assert trail(owed) == [
        (EventKind.ASSIGNED, "", AssignmentState.TODO),
        (EventKind.DRAFTED, AssignmentState.TODO, AssignmentState.TODO),
    ]


def test_no_more_pieces_are_begun_than_the_requirement_takes(place):
    owed = assigned(place, max_pieces=2)
    drafted(owed, place.secretary, number=1)
    drafted(owed, place.secretary, number=2)
    said = refused(drafted, owed, place.secretary, number=3)
    assert said == "这项任务最多报送2篇，已达上限；如需更换，请修改已有的材料。"


def test_a_piece_with_the_bureau_cannot_be_rewritten(place, owed):
    handed_in(owed, place.secretary)
    said = refused(drafted, owed, place.secretary, title="偷偷改掉")
    assert said == "这篇材料现在是“待审”状态，不能修改；如需修改，请先撤回或联系审核人退回。"


def test_a_draft_can_still_be_saved_after_the_cutoff(place):
    owed = assigned(place, cutoff_at=CUTOFF)
    drafted(owed, place.secretary)
    piece = drafted(owed, place.secretary, at=CUTOFF, title="存着")
    piece.draft.refresh_from_db()
    assert piece.draft.title == "存着"


# Files ----------------------------------------------------------------------------------------------


def test_an_attached_file_lies_on_disk_with_the_recorded_hash(place, owed):
    piece = drafted(owed, place.secretary)
    stored = drafts.attach(piece, upload(), by=place.secretary, at=NOW).file
    assert hashlib.sha256(path_of(stored).read_bytes()).hexdigest() == stored.sha256


def test_files_are_handed_in_in_the_order_in_which_they_were_added(place, owed):
    piece = drafted(owed, place.secretary)
    for name in ("乙.pdf", "甲.pdf", "丙.pdf"):
        drafts.attach(piece, upload(name), by=place.secretary, at=NOW)
    version = submitting.submit(piece, by=place.secretary, at=NOW)
    assert [each.file.name for each in version.version_files.all()] == ["乙.pdf", "甲.pdf", "丙.pdf"]


def test_a_file_that_is_sent_twice_is_there_once(place, owed):
    piece = drafted(owed, place.secretary)
    first, again = (drafts.attach(piece, upload(), by=place.secretary, at=NOW) for _ in range(2))
    assert (again, piece.draft.files.count()) == (first, 1)
    left = StoredFile.objects.values_list("pk", flat=True).filter(purged_at=None)
    assert list(left) == [first.file_id]
    assert path_of(first.file).exists()


def test_a_piece_takes_no_more_files_than_allowed(place, owed, settings):
    settings.UPLOAD_MAX_FILES = 1
    piece = drafted(owed, place.secretary)
    drafts.attach(piece, upload(), by=place.secretary, at=NOW)
    said = refused(drafts.attach, piece, upload("第二个.pdf"), by=place.secretary, at=NOW)
    assert said == "一篇材料最多附1个文件，请先移除不需要的文件。"


def test_a_piece_with_the_bureau_takes_no_files(place, owed):
    version = handed_in(owed, place.secretary)
    said = refused(drafts.attach, version.submission, upload(), by=place.secretary, at=NOW)
    assert said == "这篇材料现在是“待审”状态，不能修改；如需修改，请先撤回或联系审核人退回。"


def test_taking_a_file_off_the_draft_leaves_the_submitted_version_whole(place, owed):
    piece = drafted(owed, place.secretary)
    attached = drafts.attach(piece, upload(), by=place.secretary, at=NOW)
    version = submitting.submit(piece, by=place.secretary, at=NOW)
    submitting.withdraw(piece, by=place.secretary, at=NOW)
    drafts.detach(attached, by=place.secretary, at=NOW)
    assert [stored.name for stored in version.files.all()] == ["体会文章.pdf"]


def test_files_of_a_piece_with_the_bureau_cannot_be_taken_off(place, owed):
    piece = drafted(owed, place.secretary)
    attached = drafts.attach(piece, upload(), by=place.secretary, at=NOW)
    submitting.submit(piece, by=place.secretary, at=NOW)
    refused(drafts.detach, attached, by=place.secretary, at=NOW)
    assert DraftFile.objects.filter(pk=attached.pk).exists()


# Handing in -----------------------------------------------------------------------------------------


def test_handing_in_makes_the_first_version(place, owed):
    version = handed_in(owed, place.secretary, title="一次家访")
    assert (version.number, version.title, version.submitted_by) == (1, "一次家访", place.secretary)


def test_handing_in_enough_makes_the_assignment_wait_for_review(place, owed):
    handed_in(owed, place.secretary)
    owed.refresh_from_db()
    assert owed.state == AssignmentState.SUBMITTED


def test_one_piece_of_two_leaves_the_assignment_to_be_done(place):
    owed = assigned(place, min_pieces=2)
    handed_in(owed, place.secretary)
    owed.refresh_from_db()
    assert (owed.state, owed.completed_at) == (AssignmentState.TODO, None)


def test_handing_in_appends_exactly_one_event_naming_the_version(place, owed):
    version = handed_in(owed, place.secretary)
    last = owed.events.last()
    assert (last.kind, last.by, last.at, last.version, last.before, last.after) == (
        EventKind.SUBMITTED, place.secretary, NOW, version, AssignmentState.TODO, AssignmentState.SUBMITTED,
    )  # fmt: skip


def test_handing_in_twice_is_refused(place, owed):
    version = handed_in(owed, place.secretary)
    said = refused(submitting.submit, version.submission, by=place.secretary, at=NOW)
    assert said == "这篇材料现在是“待审”状态，不能提交；请刷新页面查看最新情况。"


def test_handing_in_twice_makes_one_version(place, owed):
    version = handed_in(owed, place.secretary)
    refused(submitting.submit, version.submission, by=place.secretary, at=NOW)
    assert Version.objects.count() == 1


def test_a_piece_without_title_is_refused(place, owed):
    piece = drafts.save_draft(owed.pk, 1, Words(title=" ", body="正文"), by=place.secretary, at=NOW).piece
    assert refused(submitting.submit, piece, by=place.secretary, at=NOW) == "请填写标题后再提交。"


def test_a_piece_with_neither_text_nor_file_is_refused(place, owed):
    piece = drafts.save_draft(owed.pk, 1, Words(title="空的"), by=place.secretary, at=NOW).piece
    said = refused(submitting.submit, piece, by=place.secretary, at=NOW)
    assert said == "请填写正文或至少上传一个文件后再提交。"


def test_a_piece_with_a_file_needs_no_text(place, owed):
    piece = drafts.save_draft(owed.pk, 1, Words(title="见附件"), by=place.secretary, at=NOW).piece
    drafts.attach(piece, upload(), by=place.secretary, at=NOW)
    submitting.submit(piece, by=place.secretary, at=NOW)
    piece.refresh_from_db()
    assert piece.state == PieceState.PENDING


def test_the_digest_changes_with_a_single_character(place, owed):
    first = handed_in(owed, place.secretary, title="一次家访")
    submitting.withdraw(first.submission, by=place.secretary, at=NOW)
    second = handed_in(owed, place.secretary, title="一次家访。")
    assert first.digest != second.digest


# Time -----------------------------------------------------------------------------------------------


def test_the_last_microsecond_of_the_last_day_is_in_time(place, owed):
    handed_in(owed, place.secretary, at=DUE - MOMENT)
    owed.refresh_from_db()
    assert not owed.late


def test_the_due_instant_itself_is_late(place, owed):
    handed_in(owed, place.secretary, at=DUE)
    owed.refresh_from_db()
    assert owed.late


def test_a_later_extension_does_not_clear_lateness(place, owed):
    version = handed_in(owed, place.secretary, at=DUE)
    extend(owed, due_at=DUE + timedelta(days=30))
    reviewing.accept(version, by=place.officer, at=DUE + timedelta(days=1))
    owed.refresh_from_db()
    assert owed.late


def test_an_extension_before_handing_in_makes_it_in_time(place, owed):
    extend(owed, due_at=DUE + timedelta(days=30))
    handed_in(owed, place.secretary, at=DUE)
    owed.refresh_from_db()
    assert not owed.late


def test_a_correction_after_the_due_time_does_not_make_it_late(place, owed):
    version = handed_in(owed, place.secretary, at=DUE - MOMENT)
    reviewing.send_back(version, by=place.officer, at=DUE, reason="太短", correct_by=DUE + timedelta(days=3))
    handed_in(owed, place.secretary, at=DUE + timedelta(days=1))
    owed.refresh_from_db()
    assert (owed.completed_at, owed.late) == (DUE - MOMENT, False)


def test_lateness_is_decided_by_the_piece_that_completes_it(place):
    owed = assigned(place, min_pieces=2)
    handed_in(owed, place.secretary, number=1, at=DUE - MOMENT)
    handed_in(owed, place.secretary, number=2, at=DUE)
    owed.refresh_from_db()
    assert (owed.completed_at, owed.late) == (DUE, True)


def test_without_a_cutoff_late_work_is_taken_as_long_as_the_campaign_runs(place, owed):
    handed_in(owed, place.secretary, at=DUE + timedelta(days=100))
    owed.refresh_from_db()
    assert owed.state == AssignmentState.SUBMITTED


def test_the_last_moment_before_the_cutoff_is_open(place):
    owed = assigned(place, cutoff_at=CUTOFF)
    assert handed_in(owed, place.secretary, at=CUTOFF - MOMENT).number == 1


def test_nothing_is_taken_from_the_cutoff_on(place):
    owed = assigned(place, cutoff_at=CUTOFF)
    piece = drafted(owed, place.secretary)
    said = refused(submitting.submit, piece, by=place.secretary, at=CUTOFF)
    assert said == "已过停止接收时间，草稿仍予保留；如需补报，请联系主办单位延期。"


def test_no_piece_is_begun_after_the_cutoff(place):
    owed = assigned(place, cutoff_at=CUTOFF)
    said = refused(drafted, owed, place.secretary, at=CUTOFF)
    assert said == "已过停止接收时间，草稿仍予保留；如需补报，请联系主办单位延期。"


def test_an_extension_opens_the_form_again(place):
    owed = assigned(place, cutoff_at=CUTOFF)
    extend(owed, cutoff_at=CUTOFF + timedelta(days=3))
    assert handed_in(owed, place.secretary, at=CUTOFF).number == 1


def test_a_returned_piece_is_open_past_the_cutoff_until_its_own_date(place):
    owed = assigned(place, cutoff_at=CUTOFF)
    version = handed_in(owed, place.secretary)
    reviewing.send_back(
        version, by=place.officer, at=CUTOFF, reason="太短", correct_by=CUTOFF + timedelta(days=3)
    )
    corrected = handed_in(owed, place.secretary, at=CUTOFF + timedelta(days=3) - MOMENT)
    assert corrected.number == 2


def test_a_returned_piece_is_closed_from_its_own_date_on(place):
    owed = assigned(place, cutoff_at=CUTOFF)
    version = handed_in(owed, place.secretary)
    reviewing.send_back(
        version, by=place.officer, at=CUTOFF, reason="太短", correct_by=CUTOFF + timedelta(days=3)
    )
    said = refused(submitting.submit, version.submission, by=place.secretary, at=CUTOFF + timedelta(days=3))
    assert said == "已过停止接收时间，草稿仍予保留；如需补报，请联系主办单位延期。"


def test_nothing_is_taken_after_the_campaign(place, owed):
    piece = drafted(owed, place.secretary)
    Campaign.objects.update(state=CampaignState.CLOSED, closed_at=NOW)
    said = refused(submitting.submit, piece, by=place.secretary, at=NOW)
    assert said == "活动已结束，不再接收材料；如需补报，请联系主办单位。"


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        (Override.EXEMPT, "本单位这项任务已免报，无需报送。"),
        (Override.CANCELLED, "这项任务已撤销，无需报送。"),
    ],
)
def test_nothing_is_taken_for_a_task_that_is_no_longer_owed(place, owed, override, sentence):
    extend(owed, override=override, state=override.value)
    assert refused(drafted, owed, place.secretary) == sentence


# Corrections ----------------------------------------------------------------------------------------


def returned(place, owed, *, correct_by=DUE):
    version = handed_in(owed, place.secretary, title="初稿")
    reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充案例", correct_by=correct_by)
    return version


def test_a_correction_is_version_two(place, owed):
    returned(place, owed)
    assert handed_in(owed, place.secretary, title="改稿").number == 2


def test_a_correction_leaves_version_one_untouched(place, owed):
    first = returned(place, owed)
    before = Version.objects.filter(pk=first.pk).values().get()
    handed_in(owed, place.secretary, title="改稿")
    assert Version.objects.filter(pk=first.pk).values().get() == before


def test_a_correction_clears_the_date_it_was_due_by(place, owed):
    version = returned(place, owed)
    handed_in(owed, place.secretary, title="改稿")
    assert Submission.objects.get(pk=version.submission_id).correct_by is None


# Withdrawing ----------------------------------------------------------------------------------------


def test_withdrawing_takes_the_assignment_back_to_be_done(place, owed):
    version = handed_in(owed, place.secretary)
    submitting.withdraw(version.submission, by=place.secretary, at=NOW)
    owed.refresh_from_db()
    assert owed.state == AssignmentState.TODO


def test_withdrawing_keeps_the_version(place, owed):
    version = handed_in(owed, place.secretary)
    submitting.withdraw(version.submission, by=place.secretary, at=NOW)
    assert Version.objects.filter(pk=version.pk).exists()


def test_withdrawing_does_not_move_the_time_of_the_first_complete_hand_in(place, owed):
    version = handed_in(owed, place.secretary, at=NOW)
    submitting.withdraw(version.submission, by=place.secretary, at=NOW)
    handed_in(owed, place.secretary, at=DUE)
    owed.refresh_from_db()
    assert (owed.completed_at, owed.late) == (NOW, False)


def test_what_has_been_accepted_cannot_be_withdrawn(place, owed):
    version = handed_in(owed, place.secretary)
    reviewing.accept(version, by=place.officer, at=NOW)
    said = refused(submitting.withdraw, version.submission, by=place.secretary, at=NOW)
    assert said == "这篇材料现在是“通过”状态，不能撤回；请刷新页面查看最新情况。"


def test_what_could_not_be_handed_in_again_cannot_be_withdrawn(place):
    owed = assigned(place, cutoff_at=CUTOFF)
    version = handed_in(owed, place.secretary)
    said = refused(submitting.withdraw, version.submission, by=place.secretary, at=CUTOFF)
    assert said == "现在已不再接收材料，撤回后将无法再次提交；如需修改，请联系审核人退回。"


def test_the_trail_of_a_piece_that_went_to_and_fro(place, owed):
    first = handed_in(owed, place.secretary)
    submitting.withdraw(first.submission, by=place.secretary, at=NOW)
    second = handed_in(owed, place.secretary)
    reviewing.send_back(second, by=place.officer, at=NOW, reason="太短", correct_by=DUE)
    third = handed_in(owed, place.secretary)
    reviewing.accept(third, by=place.officer, at=NOW)
    reviewing.reopen(third, by=place.officer, at=NOW, reason="附件有误", correct_by=DUE)
    todo, waiting, back, done = (
        AssignmentState.TODO, AssignmentState.SUBMITTED, AssignmentState.RETURNED, AssignmentState.ACCEPTED,
    )  # fmt: skip
    assert trail(owed) == [
        (EventKind.ASSIGNED, "", todo),
        (EventKind.DRAFTED, todo, todo),
        (EventKind.SUBMITTED, todo, waiting),
        (EventKind.WITHDRAWN, waiting, todo),
        (EventKind.SUBMITTED, todo, waiting),
        (EventKind.RETURNED, waiting, back),
        (EventKind.SUBMITTED, back, waiting),
        (EventKind.ACCEPTED, waiting, done),
        (EventKind.REOPENED, done, back),
    ]


# 签收 -------------------------------------------------------------------------------------------------


@pytest.fixture
def to_sign_for(place):
    return assigned(place, kind=RequirementKind.ACKNOWLEDGEMENT)


def test_signing_for_it_is_accepted_at_once(place, to_sign_for):
    submitting.acknowledge(to_sign_for, by=place.secretary, at=NOW)
    to_sign_for.refresh_from_db()
    assert to_sign_for.state == AssignmentState.ACCEPTED


def test_signing_for_it_twice_leaves_one_event(place, to_sign_for):
    submitting.acknowledge(to_sign_for, by=place.secretary, at=NOW)
    submitting.acknowledge(to_sign_for, by=place.secretary, at=DUE)
    assert trail(to_sign_for) == [
        (EventKind.ASSIGNED, "", AssignmentState.TODO),
        (EventKind.ACKNOWLEDGED, AssignmentState.TODO, AssignmentState.ACCEPTED),
    ]


def test_signing_for_it_after_the_due_time_is_late(place, to_sign_for):
    submitting.acknowledge(to_sign_for, by=place.secretary, at=DUE)
    to_sign_for.refresh_from_db()
    assert to_sign_for.late


def test_a_task_to_sign_for_takes_no_piece(place, to_sign_for):
    said = refused(drafted, to_sign_for, place.secretary)
    assert said == "这项任务只需签收，不用报送材料。"


def test_a_task_that_asks_for_material_cannot_just_be_signed_for(place, owed):
    said = refused(submitting.acknowledge, owed, by=place.secretary, at=NOW)
    assert said == "这项任务需要报送材料，不能只签收。"


def test_signing_is_closed_from_the_cutoff_on(place):
    owed = assigned(place, kind=RequirementKind.ACKNOWLEDGEMENT, cutoff_at=CUTOFF)
    said = refused(submitting.acknowledge, owed, by=place.secretary, at=CUTOFF)
    assert said == "已过停止接收时间，如需补报，请联系主办单位延期。"


# Nothing half done ----------------------------------------------------------------------------------


def test_a_refused_submission_changes_nothing(place, owed):
    piece = drafts.save_draft(owed.pk, 1, Words(title=""), by=place.secretary, at=NOW).piece
    before = list(AssignmentEvent.objects.values()), list(Submission.objects.values())
    refused(submitting.submit, piece, by=place.secretary, at=NOW)
    assert (list(AssignmentEvent.objects.values()), list(Submission.objects.values())) == before


def test_the_school_is_not_told_of_its_own_doing(place, owed):
    before = Notice.objects.count()
    handed_in(owed, place.secretary)
    assert Notice.objects.count() == before


def test_the_limit_of_files_is_that_of_the_guide():
    assert settings.UPLOAD_MAX_FILES == 10


def test_a_correction_taken_back_is_still_returned(place, owed):
    version = handed_in(owed, place.secretary)
    reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充数据。", correct_by=at(3, 9))
    piece = version.submission
    submitting.submit(piece, by=place.secretary, at=NOW)
    submitting.withdraw(piece, by=place.secretary, at=NOW)
    piece.refresh_from_db()
    owed.refresh_from_db()
    assert (piece.state, piece.correct_by, owed.state) == ("returned", at(3, 9), "returned")
