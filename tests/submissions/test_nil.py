"""零报告: having nothing to hand in, said with a reason, is complete where the plan allows it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from notices.models import Notice
from schools.enums import Role
from submissions.enums import AssignmentState, EventKind, Override, PieceState
from submissions.models import Assignment
from submissions.rules import NotYours
from submissions.services import nil, reviewing, submitting
from tests.factories import DUE, NOW, assigned, drafted, handed_in, person
from tests.submissions.test_pages import as_
from tests.submissions.test_submitting import CUTOFF, refused, trail


@pytest.fixture
def owed(place):
    return assigned(place, nil_allowed=True)


@pytest.fixture
def reported(place, owed):
    nil.report_nil(owed, by=place.secretary, at=NOW, reason="本月没有新增案例")
    return Assignment.objects.get(pk=owed.pk)


def test_it_is_complete_with_no_piece(reported):
    assert (reported.override, reported.state, reported.completed_at, reported.late) == (
        Override.NIL, AssignmentState.ACCEPTED, NOW, False,
    )  # fmt: skip


def test_after_the_due_time_it_is_late(place, owed):
    nil.report_nil(owed, by=place.secretary, at=DUE, reason="没有")
    owed.refresh_from_db()
    assert owed.late


def test_the_event_carries_the_reason(place, reported):
    last = reported.events.last()
    assert (last.kind, last.by, last.note) == (EventKind.NIL, place.secretary, "本月没有新增案例")


def test_a_second_press_leaves_one_event(place, reported):
    nil.report_nil(reported, by=place.secretary, at=NOW, reason="没有")
    assert reported.events.filter(kind=EventKind.NIL).count() == 1


@pytest.mark.parametrize("reason", ["", " \n"])
def test_without_a_reason_it_is_refused(place, owed, reason):
    said = refused(nil.report_nil, owed, by=place.secretary, at=NOW, reason=reason)
    assert said == "请写明没有可报内容的原因。"


def test_where_it_is_not_allowed_it_is_refused(place):
    said = refused(nil.report_nil, assigned(place), by=place.secretary, at=NOW, reason="没有")
    assert said == "这项任务不接受零报告，请报送材料；确有困难的，请联系主办单位。"


def test_a_draft_stays_and_is_not_handed_in(place, owed):
    piece = drafted(owed, place.secretary)
    nil.report_nil(owed, by=place.secretary, at=NOW, reason="没有")
    piece.refresh_from_db()
    assert (piece.state, piece.versions.count()) == (PieceState.DRAFT, 0)


@pytest.mark.parametrize("sent_back", [False, True])
def test_who_has_handed_in_cannot_report_nothing(place, owed, sent_back):
    version = handed_in(owed, place.secretary)
    if sent_back:
        reviewing.send_back(version, by=place.officer, at=NOW, reason="太短", correct_by=DUE)
    said = refused(nil.report_nil, owed, by=place.secretary, at=NOW, reason="没有")
    assert said == "已有材料提交或退回，不能再作零报告；请先撤回已提交的材料，被退回的请修改后重新提交。"


def test_it_is_closed_from_the_cutoff_on(place):
    owed = assigned(place, nil_allowed=True, cutoff_at=CUTOFF)
    said = refused(nil.report_nil, owed, by=place.secretary, at=CUTOFF, reason="没有")
    assert said == "已过停止接收时间，草稿仍予保留；如需补报，请联系主办单位延期。"


def test_while_it_stands_nothing_is_handed_in(place, owed):
    piece = drafted(owed, place.secretary)
    nil.report_nil(owed, by=place.secretary, at=NOW, reason="没有")
    said = "本单位已作零报告；如有材料要报，请先撤回零报告。"
    assert refused(submitting.submit, piece, by=place.secretary, at=NOW) == said
    assert refused(drafted, owed, place.secretary, number=2) == said


def test_it_can_be_taken_back_and_material_handed_in(place, reported):
    nil.retract_nil(reported, by=place.secretary, at=NOW)
    nil.retract_nil(reported, by=place.secretary, at=NOW)
    handed_in(reported, place.secretary)
    assert trail(reported)[1:] == [
        (EventKind.NIL, "todo", "accepted"),
        (EventKind.WITHDRAWN, "accepted", "todo"),
        (EventKind.DRAFTED, "todo", "todo"),
        (EventKind.SUBMITTED, "todo", "submitted"),
    ]


def test_it_is_not_taken_back_when_nothing_could_be_handed_in_instead(place):
    owed = assigned(place, nil_allowed=True, cutoff_at=CUTOFF)
    nil.report_nil(owed, by=place.secretary, at=NOW, reason="没有")
    said = refused(nil.retract_nil, owed, by=place.secretary, at=CUTOFF)
    assert said == "现在已不再接收材料，零报告不能撤回；如需补报，请联系主办单位。"


def test_the_bureau_opens_it_again_with_a_reason(place, reported):
    later = NOW + timedelta(days=1)
    nil.refuse_nil(reported, by=place.officer, at=later, reason="贵校有家访活动，请报送")
    reported.refresh_from_db()
    last = reported.events.last()
    assert (reported.state, last.kind, last.note) == (
        AssignmentState.TODO, EventKind.REOPENED, "贵校有家访活动，请报送",
    )  # fmt: skip
    told = Notice.objects.get(matter__startswith="nil:")
    assert (told.recipient, told.title, told.body) == (
        place.secretary,
        f"“{reported.requirement.title}”的零报告未获同意，请报送材料",
        "贵校有家访活动，请报送",
    )


def test_a_second_refusal_is_told_how_it_stands(place, reported):
    nil.refuse_nil(reported, by=place.officer, at=NOW, reason="请报送")
    said = refused(nil.refuse_nil, reported, by=place.officer, at=NOW, reason="请报送")
    assert said == "这项零报告已撤回或已退回，请刷新页面查看最新情况。"


def test_after_the_campaign_it_is_not_refused(place, reported):
    Campaign.objects.update(state=CampaignState.CLOSED, closed_at=NOW)
    said = refused(nil.refuse_nil, reported, by=place.officer, at=NOW, reason="请报送")
    assert said == "活动已结束，零报告不能再退回。"


def test_where_reviewers_are_named_they_alone_refuse_it(place, reported):
    reported.requirement.reviewers.add(person(Role.OFFICER, place.section))
    with pytest.raises(NotYours, match=r"^这项材料由指定的审核人审核。$"):
        nil.refuse_nil(reported, by=place.officer, at=NOW, reason="请报送")


# Pages ----------------------------------------------------------------------------------------------


def test_filing_it_on_the_page(place, owed):
    answer = as_(place.secretary).post(reverse("report_nil", args=[owed.pk]), {"reason": "本月没有新增案例"})
    owed.refresh_from_db()
    assert (answer.status_code, owed.override) == (302, Override.NIL)


@pytest.mark.parametrize("reason", ["", "没" * 501])
def test_the_page_asks_for_a_reason_of_at_most_500_characters(place, owed, reason):
    answer = as_(place.secretary).post(reverse("report_nil", args=[owed.pk]), {"reason": reason})
    assert (answer.status_code, list(answer.context["nil_form"].errors)) == (422, ["reason"])
    assert answer.context["nil_form"]["reason"].value() == reason


def test_the_reason_is_shown_to_the_bureau_with_a_form_to_refuse_it(place, reported):
    page = reverse("assignment", args=[reported.pk])
    context = as_(place.officer).get(page).context
    assert (context["nil_event"].note, context["nil_form"].fields["reason"].label) == (
        "本月没有新增案例", "退回零报告的原因",
    )  # fmt: skip
    assert as_(person(Role.LEADER, place.section)).get(page).context["nil_form"] is None


def test_the_form_is_offered_to_the_secretary_alone_and_only_where_it_is_allowed(place, owed):
    page = reverse("assignment", args=[owed.pk])
    offered = [as_(who).get(page).context["nil_form"] is not None for who in (place.secretary, place.officer)]
    assert offered == [True, False]
    other = reverse("assignment", args=[assigned(place).pk])
    assert as_(place.secretary).get(other).context["nil_form"] is None


def test_who_may_not_refuse_it_is_told_so(place, reported):
    reported.requirement.reviewers.add(person(Role.OFFICER, place.section))
    answer = as_(place.officer).post(reverse("refuse_nil", args=[reported.pk]), {"reason": "请报送"})
    assert (answer.status_code, answer.context["refusal"]) == (403, "这项材料由指定的审核人审核。")
