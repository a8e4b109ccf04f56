"""沿用: what the unit has handed in elsewhere, handed in again with one click and marked so."""

from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from campaigns.enums import CampaignState, RequirementKind
from campaigns.models import Campaign
from portal.files.kinds import FileKind
from portal.models import StoredFile
from schools.enums import Role
from submissions.enums import EventKind, PieceState
from submissions.models import Assignment, Draft, DraftFile, Submission, Version
from submissions.rules import NotAllowed
from submissions.services import drafts, reusing, reviewing, submitting
from submissions.services.drafts import Words
from tests.concurrently import at_once
from tests.factories import (
    DUE,
    NOW,
    OccurrenceFactory,
    RequirementFactory,
    TopicFactory,
    assigned,
    county,
    drafted,
    handed_in,
    person,
    upload,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=30)
MINUTES = {
    "held_on": "2026-03-01", "place": "会议室", "chair": "张示例", "recorder": "李示例", "present": "12",
    "agenda": "研讨",
}  # fmt: skip


def refused(call, *args, **kwargs) -> str:
    """The sentence with which the call is refused."""
    with pytest.raises(NotAllowed) as refusal:
        call(*args, **kwargs)
    return str(refusal.value)


def write(owed, by, *, files=(), at=NOW, **words) -> Version:
    """Hand a piece in with these words and files."""
    words = {"title": "一次家访", "body": "正文"} | words
    piece = drafts.save_draft(owed.pk, owed.submissions.count() + 1, Words(**words), by=by, at=at).piece
    for one in files:
        drafts.attach(piece, one, by=by, at=at)
    return submitting.submit(piece, by=by, at=at)


@pytest.fixture
def source(place, owed):
    """An essay with a file that the school has handed in for another campaign."""
    return write(owed, place.secretary, authors="李示例", abstract="摘要", files=[upload()])


@pytest.fixture
def other(place, source):
    """What the school owes besides."""
    return assigned(place)


def again(place, other, source, at=LATER):
    return reusing.reuse(other, source, by=place.secretary, at=at)


# What is offered ------------------------------------------------------------------------------------


def test_what_the_school_has_handed_in_elsewhere_is_offered(source, other):
    assert reusing.offers(other, at=LATER) == [source]


def test_the_newest_version_alone_is_offered(place, owed, source, other):
    reviewing.send_back(source, by=place.officer, at=NOW, reason="太短", correct_by=DUE)
    newer = handed_in(owed, place.secretary, title="改稿")
    assert reusing.offers(other, at=LATER) == [newer]


def test_what_was_withdrawn_or_returned_is_not_offered(place, owed, source, other):
    second = write(owed, place.secretary, title="第二篇")
    submitting.withdraw(second.submission, by=place.secretary, at=NOW)
    reviewing.send_back(source, by=place.officer, at=NOW, reason="太短", correct_by=DUE)
    assert reusing.offers(other, at=LATER) == []


def test_what_only_waits_for_the_head_is_not_offered(place, other):
    person(Role.HEAD, place.school)
    unsigned = write(assigned(place, sign_off=True), place.secretary, title="未签发")
    assert unsigned not in reusing.offers(other, at=LATER)


def test_of_the_assignment_itself_nothing_is_offered(owed, source):
    assert reusing.offers(owed, at=LATER) == []


def test_another_schools_work_is_never_offered(source):
    elsewhere = county()
    assert reusing.offers(assigned(elsewhere), at=LATER) == []


def test_what_is_older_than_three_years_is_not_offered(source, other):
    limit = NOW + reusing.RECENT
    moment = timedelta(microseconds=1)
    assert (reusing.offers(other, at=limit), reusing.offers(other, at=limit + moment)) == ([source], [])


def test_the_same_kind_comes_first_then_the_latest(place, owed, source, other):
    report = write(assigned(place, kind=RequirementKind.RESEARCH), place.secretary, at=LATER)
    later = write(assigned(place), place.secretary, at=LATER)
    assert reusing.offers(other, at=LATER) == [later, source, report]


def test_at_most_twenty_are_offered(place, other, monkeypatch):
    monkeypatch.setattr(reusing, "OFFERED", 2)
    for _ in range(3):
        write(assigned(place), place.secretary)
    assert len(reusing.offers(other, at=LATER)) == 2


@pytest.mark.parametrize(("typed", "found"), [("家访", 1), ("李示例", 1), ("大讨论", 1), ("别的", 0)])
def test_they_are_found_by_title_author_and_campaign(source, other, typed, found):
    assert len(reusing.offers(other, at=LATER, typed=typed)) == found


def test_files_whose_bytes_are_gone_are_not_offered(source, other):
    StoredFile.objects.update(purged_at=NOW)
    assert reusing.offers(other, at=LATER) == []


# One click ------------------------------------------------------------------------------------------


def test_one_click_hands_it_in_whole(place, source, other):
    version = again(place, other, source).version
    assert (version.title, version.authors, version.abstract, version.body) == (
        "一次家访", "李示例", "摘要", "正文",
    )  # fmt: skip
    assert list(version.files.all()) == list(source.files.all())
    assert (version.submission.assignment, version.reused_from, version.submitted_at) == (
        other, source, LATER,
    )  # fmt: skip


def test_the_bytes_are_stored_once(place, source, other):
    again(place, other, source)
    assert StoredFile.objects.count() == 1


def test_the_trail_tells_that_it_was_begun_and_handed_in(place, source, other):
    again(place, other, source)
    assert list(other.events.values_list("kind", flat=True)) == [
        EventKind.ASSIGNED, EventKind.DRAFTED, EventKind.SUBMITTED,
    ]  # fmt: skip


def test_where_the_head_signs_it_waits_for_the_head(place, source):
    person(Role.HEAD, place.school)
    done = again(place, assigned(place, sign_off=True), source)
    assert Submission.objects.get(pk=done.piece.pk).state == PieceState.TO_SIGN


def test_a_second_press_makes_no_second_piece(place, source, other):
    first, second = again(place, other, source), again(place, other, source)
    assert (second.piece, second.version, other.submissions.count()) == (first.piece, first.version, 1)


def test_what_was_taken_over_is_not_offered_again(place, source, other):
    again(place, other, source)
    assert reusing.offers(other, at=LATER) == []


def test_what_is_not_fit_stays_a_draft_with_the_sentence(place, source):
    longer = assigned(place, words_min=800)
    done = again(place, longer, source)
    assert (done.version, done.refusal) == (
        None, "正文共2字，要求不少于800字，请补充后再提交；材料全文在附件里的，正文请留空。",
    )  # fmt: skip
    draft = Draft.objects.get(submission=done.piece)
    assert (draft.reused_from, draft.files.count(), done.piece.versions.count()) == (source, 1, 0)


def test_a_second_press_leads_to_the_draft_of_the_first(place, source):
    longer = assigned(place, words_min=800)
    first, second = again(place, longer, source), again(place, longer, source)
    assert (second.piece, second.version, longer.submissions.count()) == (first.piece, None, 1)


def test_a_file_of_a_kind_not_asked_for_keeps_it_a_draft(place, source):
    done = again(place, assigned(place, file_kinds=[FileKind.DOCX]), source)
    assert done.refusal == "文件“体会文章.pdf”的类型不合要求，请移除后改传以下格式之一：docx。"


def test_the_draft_may_be_finished_by_hand_and_keeps_its_mark(place, source):
    longer = assigned(place, words_min=4)
    done = again(place, longer, source)
    drafts.save_draft(longer.pk, 1, Words(title="改写", body="写得更长"), by=place.secretary, at=LATER)
    version = submitting.submit(done.piece, by=place.secretary, at=LATER)
    assert (version.reused_from, reusing.is_reworked(version)) == (source, True)


def test_unchanged_words_and_files_are_not_reworked(place, source, other):
    assert reusing.is_reworked(again(place, other, source).version) is False


def mark(content) -> str:
    """What the mark of a version or draft says."""
    return strip_tags(render_to_string("submissions/reused.html", {"content": content})).strip()


def test_the_mark_names_title_campaign_and_day(place, owed, source, other):
    plan = owed.requirement.campaign.title
    same = again(place, other, source).version
    done = again(place, assigned(place, words_min=4), source)
    longer = Words("改写", body="写得更长")
    drafts.save_draft(done.piece.assignment_id, 1, longer, by=place.secretary, at=LATER)
    changed = submitting.submit(done.piece, by=place.secretary, at=LATER)
    assert [mark(one) for one in (source, same, changed)] == [
        "",
        f"沿用自《一次家访》（{plan}，2026年3月2日）",
        f"在《一次家访》（{plan}，2026年3月2日）基础上修改",
    ]


def test_another_file_makes_it_reworked(place, source):
    done = again(place, assigned(place, words_min=800), source)
    DraftFile.objects.all().delete()
    assert reusing.is_reworked(Draft.objects.get(submission=done.piece)) is True


def test_a_topic_of_another_campaign_is_left_out(place, owed, other):
    topic = TopicFactory(campaign=owed.requirement.campaign)
    source = write(owed, place.secretary, topic=topic)
    assert again(place, other, source).version.topic is None


def test_a_topic_of_the_same_campaign_is_kept(place, owed):
    topic = TopicFactory(campaign=owed.requirement.campaign)
    source = write(owed, place.secretary, topic=topic)
    assert again(place, beside(owed), source).version.topic == topic


def beside(owed):
    """Another requirement of the same campaign, owed by the same school."""
    plan = owed.requirement
    made = RequirementFactory(campaign=plan.campaign, phase=plan.phase, issued_at=NOW)
    return Assignment.objects.create(
        occurrence=OccurrenceFactory(requirement=made), unit=owed.unit, branch=owed.branch,
        unit_kind=owed.unit_kind, ownership=owed.ownership, due_at=DUE,
    )  # fmt: skip


def test_minutes_are_taken_over_as_minutes_alone(place):
    source = write(assigned(place, kind=RequirementKind.MINUTES), place.secretary, sheet=MINUTES)
    minutes = again(place, assigned(place, kind=RequirementKind.MINUTES), source).version
    essay = again(place, assigned(place), source).version
    assert (minutes.sheet, essay.sheet, reusing.is_reworked(minutes), reusing.is_reworked(essay)) == (
        source.sheet, {}, False, True,
    )  # fmt: skip


# What is refused ------------------------------------------------------------------------------------


def test_another_schools_version_is_refused_whoever_asks(source):
    elsewhere = county()
    said = refused(reusing.reuse, assigned(elsewhere), source, by=elsewhere.secretary, at=LATER)
    assert said == "这份材料已撤回、退回或有了新的版本，不能沿用，请刷新页面后重新选择。"


def test_a_piece_of_the_same_assignment_is_refused(place, owed, source):
    assert refused(again, place, owed, source).startswith("这份材料已撤回、退回或有了新的版本")


def test_a_withdrawn_version_is_refused(place, source, other):
    submitting.withdraw(source.submission, by=place.secretary, at=NOW)
    refused(again, place, other, source)
    assert other.submissions.count() == 0


def test_beyond_the_maximum_it_is_refused(place, source):
    full = assigned(place, max_pieces=1)
    drafted(full, place.secretary)
    assert (
        refused(again, place, full, source) == "这项任务最多报送1篇，已达上限；如需更换，请修改已有的材料。"
    )


def test_after_the_cutoff_it_is_refused(place, source):
    closed = assigned(place, cutoff_at=DUE)
    said = refused(again, place, closed, source, at=DUE)
    assert said == "已过停止接收时间，草稿仍予保留；如需补报，请联系主办单位延期。"


def test_after_the_campaign_it_is_refused(place, source, other):
    Campaign.objects.filter(pk=other.requirement.campaign_id).update(
        state=CampaignState.CLOSED, closed_at=NOW
    )
    said = refused(again, place, other, source)
    assert said == "活动已结束，不再接收材料；如需补报，请联系主办单位。"


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_make_one_piece(place, owed):
    source, other = write(owed, place.secretary), assigned(place)
    results = at_once(*[partial(again, place, other, source)] * 2)
    assert (results[0].piece, other.submissions.count()) == (results[1].piece, 1)
    assert Version.objects.filter(reused_from=source).count() == 1


# The page -------------------------------------------------------------------------------------------


def as_(user) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


def test_one_press_on_the_page_leads_to_the_receipt(place, source, other):
    answer = as_(place.secretary).post(reverse("reuse", args=[other.pk]), {"version": source.pk})
    version = Version.objects.get(submission__assignment=other)
    assert answer.headers["Location"] == reverse("receipt", args=[version.pk])


def test_what_is_not_fit_leads_to_the_form_with_the_sentence(place, source):
    longer = assigned(place, words_min=800)
    client = as_(place.secretary)
    answer = client.post(reverse("reuse", args=[longer.pk]), {"version": source.pk}, follow=True)
    assert answer.redirect_chain[0][0] == reverse("piece", args=[longer.pk, 1])
    [said] = [str(message) for message in answer.context["messages"]]
    assert said.startswith("已沿用《一次家访》为草稿，尚未提交：正文共2字")


@pytest.mark.parametrize("sent", ["", "x", "999999999"])
def test_a_version_that_there_is_not_is_404(place, source, other, sent):
    address = reverse("reuse", args=[other.pk])
    assert as_(place.secretary).post(address, {"version": sent}).status_code == 404


def test_a_foreign_version_is_404_however_it_is_sent(place, source, other):
    elsewhere = county()
    foreign = write(assigned(elsewhere), elsewhere.secretary)
    address = reverse("reuse", args=[other.pk])
    assert as_(place.secretary).post(address, {"version": foreign.pk}).status_code == 404


def test_a_refusal_shows_the_list_again(place, source):
    full = assigned(place, max_pieces=1)
    drafted(full, place.secretary)
    answer = as_(place.secretary).post(reverse("reuse", args=[full.pk]), {"version": source.pk})
    assert (answer.status_code, answer.context["versions"]) == (409, [source])


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_as_many_queries_for_three_as_for_one(place, rows, django_assert_num_queries):
    for _ in range(rows):
        write(assigned(place), place.secretary)
    other, client = assigned(place), as_(place.secretary)
    client.get(reverse("inbox"))
    with django_assert_num_queries(7):
        assert len(client.get(reverse("reuse", args=[other.pk])).context["versions"]) == rows
