"""代报: the bureau hands in for a unit without network, marked so (domain.md §4)."""

from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.enums import CampaignState, RequirementKind
from campaigns.models import Campaign
from notices.models import Notice
from portal.files import references, store
from portal.models import AuditEvent, StoredFile
from schools.enums import Role, UnitKind
from submissions.enums import AssignmentState, EventKind, Override, PieceState
from submissions.models import Assignment, Draft, DraftFile, Submission, Version
from submissions.rules import NotAllowed, NotYours
from submissions.services import drafts, on_behalf, reviewing, signing, submitting
from submissions.services.drafts import Words
from tests.concurrently import at_once, kinds
from tests.factories import DUE, NOW, UnitFactory, assigned, at, county, drafted, handed_in, person, upload
from tests.pages import form_on

pytestmark = pytest.mark.django_db

WORDS = Words(title="一次家访", authors="李示例", body="正文")
REASON = "学校断网，已交签字的纸质材料"
CUTOFF = at(5, 11, hour=0)
TYPED = (("form", "body"), ("reason_form", "reason"))


def refused(call, *args, **kwargs) -> str:
    """The sentence with which the call is refused."""
    with pytest.raises(NotAllowed) as refusal:
        call(*args, **kwargs)
    return str(refusal.value)


def behalf(place, owed, words=WORDS, files=(), *, by=None, at=NOW, reason=REASON, number=None) -> Version:
    return on_behalf.hand_in(owed, words, files, by=by or place.officer, at=at, reason=reason, number=number)


def stored(place, name="体会文章.pdf") -> StoredFile:
    return store.save(upload(name), by=place.officer, at=NOW)


# Handing in -----------------------------------------------------------------------------------------


def test_it_is_a_piece_with_the_bureau_marked_as_handed_in_on_behalf(place, owed):
    paper = stored(place)
    version = behalf(place, owed, files=[paper])
    owed.refresh_from_db()
    piece = Submission.objects.get()
    assert (version.on_behalf, version.submitted_by, version.title) == (True, place.officer, "一次家访")
    assert (piece.state, piece.number, owed.state) == (PieceState.PENDING, 1, AssignmentState.SUBMITTED)
    assert (list(version.files.all()), list(piece.draft.files.all())) == ([paper], [paper])


def test_the_trail_holds_one_event_with_the_reason(place, owed):
    version = behalf(place, owed)
    last = owed.events.last()
    assert (owed.events.count(), last.kind, last.by, last.version, last.note, last.before, last.after) == (
        2, EventKind.ON_BEHALF, place.officer, version, REASON,
        AssignmentState.TODO, AssignmentState.SUBMITTED,
    )  # fmt: skip


def test_the_auditor_finds_it(place, owed):
    behalf(place, owed)
    found = AuditEvent.objects.get(action="version.on_behalf")
    assert (found.actor, found.summary, found.detail) == (
        place.officer, f"东镇中心小学 {owed.name}", {"reason": REASON},
    )  # fmt: skip


def test_secretaries_and_heads_are_told_once(place, owed):
    head = person(Role.HEAD, place.school)
    version = behalf(place, owed)
    told = Notice.objects.filter(matter=f"behalf:{version.pk}")
    assert {(one.recipient, one.title) for one in told} == {
        (one, "主办单位已代本单位报送《一次家访》") for one in (place.secretary, head)
    }


@pytest.mark.parametrize(("instant", "late"), [(DUE - timedelta(microseconds=1), False), (DUE, True)])
def test_the_servers_clock_decides_whether_it_is_late(place, owed, instant, late):
    behalf(place, owed, at=instant)
    owed.refresh_from_db()
    assert (owed.completed_at, owed.late) == (instant, late)


def test_the_cutoff_does_not_hold(place):
    owed = assigned(place, cutoff_at=CUTOFF)
    assert behalf(place, owed, at=CUTOFF + timedelta(days=1)).number == 1


def test_nobody_has_to_sign_it(place):
    owed = assigned(place, sign_off=True)
    behalf(place, owed)
    owed.refresh_from_db()
    assert owed.state == AssignmentState.SUBMITTED


def test_it_may_be_returned_and_the_school_corrects_it(place, owed):
    version = behalf(place, owed)
    reviewing.send_back(version, by=place.officer, at=NOW, reason="太短", correct_by=DUE)
    corrected = handed_in(owed, place.secretary, title="改稿")
    assert (corrected.number, corrected.on_behalf, corrected.submitted_by) == (2, False, place.secretary)


def test_minutes_are_read_like_the_schools_own(place):
    owed = assigned(place, kind=RequirementKind.MINUTES)
    said = refused(behalf, place, owed)
    assert said == "会议纪要还没有填写时间、地点、主持人、记录人、参加人数、议题，请补充后再提交。"


def test_pressing_twice_makes_one_piece(place, owed):
    first = behalf(place, owed, files=[stored(place)])
    second = behalf(place, owed, files=[stored(place)], at=NOW + timedelta(seconds=1))
    assert (second, Submission.objects.count()) == (first, 1)


def test_other_words_are_another_piece(place, owed):
    behalf(place, owed)
    behalf(place, owed, Words(title="另一篇", body="正文"))
    assert Submission.objects.count() == 2


# What is refused ------------------------------------------------------------------------------------


def test_without_a_reason_it_is_refused(place, owed):
    assert refused(behalf, place, owed, reason=" ") == "请填写代报原因。"


def test_beyond_the_maximum_it_is_refused_and_drafts_count(place):
    owed = assigned(place, max_pieces=1)
    drafted(owed, place.secretary)
    said = refused(behalf, place, owed)
    assert said == "这项任务最多报送1篇，该单位已有1篇（含尚未提交的草稿），不能再代报新的一篇。"


def test_what_is_fulfilled_by_a_click_is_refused(place):
    owed = assigned(place, kind=RequirementKind.ACKNOWLEDGEMENT)
    assert refused(behalf, place, owed) == "这项任务只需签收，不能代报。"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"override": Override.EXEMPT, "state": "exempt"}, "该单位这项任务已免报；如需代报，请先取消免报。"),
        ({"override": Override.CANCELLED, "state": "cancelled"}, "这项任务已撤销，无需报送。"),
        ({"override": Override.NIL, "state": "accepted"}, "该单位已作零报告；如需代报，请先退回零报告。"),
    ],
)
def test_nothing_is_taken_for_what_is_settled(place, owed, fields, sentence):
    Assignment.objects.filter(pk=owed.pk).update(**fields)
    assert refused(behalf, place, owed) == sentence


def test_after_the_campaign_it_is_refused(place, owed):
    Campaign.objects.update(state=CampaignState.CLOSED, closed_at=NOW)
    said = refused(behalf, place, owed)
    assert said == "活动已结束，不再接收材料；确需代报，请先重新开放活动。"


def test_what_is_not_asked_for_is_refused_and_nothing_stays(place, owed):
    said = refused(behalf, place, owed, Words(title="空的"))
    assert said == "请填写正文或至少上传一个文件后再提交。"
    assert (Submission.objects.count(), Draft.objects.count(), owed.events.count()) == (0, 0, 1)


def test_more_than_ten_files_are_refused(place, owed):
    files = [stored(place, f"{n}.pdf") for n in range(11)]
    assert refused(behalf, place, owed, files=files) == "一篇材料最多附10个文件，请减少后再提交。"


def test_a_file_that_was_cleared_is_refused(place, owed):
    paper = stored(place)
    references.sweep(NOW + timedelta(days=8))
    said = refused(behalf, place, owed, files=[paper])
    assert said == "文件“体会文章.pdf”超过保存时间已清除，请重新选择文件上传。"


def test_a_file_of_another_unit_is_refused_by_the_database(place, owed):
    elsewhere = assigned(county())
    paper = stored(place)
    other = drafted(elsewhere, place.officer)
    DraftFile.objects.create(draft=other.draft, file=paper)
    with pytest.raises(Exception, match="belongs to another unit"):
        behalf(place, owed, files=[paper])


def test_only_officers_of_the_host_may(place):
    district = UnitFactory(kind=UnitKind.DISTRICT, parent=place.bureau, name="东区教育局")
    school = UnitFactory(parent=district, name="东区小学")
    assigned(place)
    owed = Assignment.objects.get(unit=school)
    for by in (person(Role.OFFICER, district), county().officer, person(Role.LEADER, place.bureau)):
        with pytest.raises(NotYours):
            behalf(place, owed, by=by)


# Corrections ----------------------------------------------------------------------------------------


@pytest.fixture
def returned(place, owed) -> Submission:
    """A piece with a file, returned by the bureau."""
    piece = drafted(owed, place.secretary)
    drafts.attach(piece, upload(), by=place.secretary, at=NOW)
    version = submitting.submit(piece, by=place.secretary, at=NOW)
    reviewing.send_back(version, by=place.officer, at=NOW, reason="太短", correct_by=DUE)
    return piece


def test_the_correction_of_a_returned_piece_may_be_handed_in(place, owed, returned):
    version = behalf(place, owed, number=1)
    piece = Submission.objects.get()
    assert (version.number, version.on_behalf, list(version.files.all())) == (2, True, [])
    assert (piece.state, piece.correct_by, piece.draft.body) == (PieceState.PENDING, None, "正文")


def test_files_of_the_returned_version_may_be_kept(place, owed, returned):
    files = list(returned.draft.files.all())
    assert list(behalf(place, owed, files=files, number=1).files.all()) == files


def test_what_the_school_has_begun_to_change_is_the_schools(place, owed, returned):
    later = NOW + timedelta(hours=1)
    drafts.save_draft(owed.pk, 1, Words(title="学校在改"), by=place.secretary, at=later)
    said = refused(behalf, place, owed, number=1, at=later)
    assert said == "这篇材料不在退回状态，或学校已在自行修改，不能代为更正，请刷新页面查看最新情况。"


def test_a_file_taken_off_is_a_change_too(place, owed, returned):
    drafts.detach(returned.draft.draft_files.get(), by=place.secretary, at=NOW)
    assert on_behalf.corrections(owed) == []


def test_what_the_head_did_not_sign_has_not_left_the_school(place):
    person(Role.HEAD, place.school)
    owed = assigned(place, sign_off=True)
    version = handed_in(owed, place.secretary)
    signing.decline(version, by=place.secretary, at=NOW, reason="再改")
    assert on_behalf.corrections(owed) == []


@pytest.mark.parametrize("number", [1, 2])
def test_only_a_returned_piece_can_be_corrected(place, owed, number):
    handed_in(owed, place.secretary)
    assert refused(behalf, place, owed, number=number).startswith("这篇材料不在退回状态")


def test_at_the_maximum_a_correction_is_still_taken(place):
    owed = assigned(place, max_pieces=1)
    version = handed_in(owed, place.secretary)
    reviewing.send_back(version, by=place.officer, at=NOW, reason="太短", correct_by=DUE)
    assert behalf(place, owed, number=1).number == 2


# At once --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_make_one_piece(place, owed):
    results = at_once(*[partial(behalf, place, owed)] * 2)
    assert (results[0], Submission.objects.count()) == (results[1], 1)


@pytest.mark.django_db(transaction=True)
def test_of_the_schools_and_the_officers_last_piece_at_once_one_is_taken(place):
    owed = assigned(place, max_pieces=1)
    results = at_once(partial(behalf, place, owed), partial(handed_in, owed, place.secretary, title="学校"))
    assert (kinds(results), Submission.objects.count()) == (["NotAllowed", "Version"], 1)


# The page -------------------------------------------------------------------------------------------


def as_(user) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


def send(place, owed, **data):
    address = reverse("on_behalf", args=[owed.pk])
    return as_(place.officer).post(address, {"title": "一次家访", "reason": REASON, **data})


class TestPage:
    def test_it_leads_to_the_version(self, place, owed) -> None:
        answer = send(place, owed, files=[upload()])
        assert answer.headers["Location"] == reverse("version", args=[Version.objects.get().pk])

    def test_nothing_typed_and_no_file_is_lost_when_a_file_is_refused(self, place, owed) -> None:
        answer = send(place, owed, body="写了很久", files=[upload("坏.pdf", b"MZ"), upload("好.pdf")])
        assert (answer.status_code, len(answer.context["refusals"])) == (422, 1)
        form = form_on(answer, "behalf")
        shown = [answer.context[name][field].value() for name, field in TYPED]
        assert (shown, Submission.objects.count()) == (["写了很久", REASON], 0)
        done = as_(place.officer).post(reverse("on_behalf", args=[owed.pk]), form)
        assert done.status_code == 302
        assert [one.name for one in Version.objects.get().files.all()] == ["好.pdf"]

    def test_too_many_files_are_refused_before_any_is_stored(self, place, owed, settings) -> None:
        settings.UPLOAD_MAX_FILES = 2
        kept = form_on(send(place, owed, reason="", files=[upload("甲.pdf")]), "behalf")["kept"]
        files = [upload("乙.pdf"), upload("丙.pdf")]
        answer = send(place, owed, body="正文", kept=kept, files=files)
        assert answer.context["refusals"] == ["一篇材料最多附2个文件，请减少后再提交。"]
        assert [one.name for one, _ in answer.context["kept"]] == ["甲.pdf"]
        assert StoredFile.objects.count() == 1

    def test_a_file_that_was_swept_while_the_form_lay_open_is_asked_for_again(self, place, owed) -> None:
        kept = form_on(send(place, owed, reason="", files=[upload()]), "behalf")["kept"]
        assert references.sweep(timezone.now() + timedelta(days=8)) == 1
        answer = send(place, owed, body="正文", kept=kept)
        assert answer.context["refusals"] == ["文件“体会文章.pdf”超过保存时间已清除，请重新选择文件上传。"]
        assert (answer.context["kept"], Version.objects.count()) == ([], 0)

    def test_without_a_reason_the_files_stay_with_the_form(self, place, owed) -> None:
        answer = send(place, owed, reason="", body="正文", files=[upload()])
        assert answer.context["reason_form"].errors["reason"] == ["请填写代报原因。"]
        assert [one.name for one, _ in answer.context["kept"]] == ["体会文章.pdf"]

    def test_a_rule_that_refuses_leaves_the_form_filled_in(self, place) -> None:
        owed = assigned(place, words_min=800)
        answer = send(place, owed, body="太短")
        assert answer.context["refusals"] == ["正文共2字，要求不少于800字，请补充后再提交。"]
        assert answer.context["form"]["body"].value() == "太短"

    def test_the_notes_of_somebody_else_bring_no_file(self, place, owed) -> None:
        other = person(Role.OFFICER, place.section)
        answer = send(place, owed, reason="", files=[upload()])
        note = form_on(answer, "behalf")["kept"]
        address = reverse("on_behalf", args=[owed.pk])
        data = {"title": "一次家访", "body": "正文", "reason": REASON}
        as_(other).post(address, data | {"kept": [*note, "forged"]})
        assert Version.objects.get().files.count() == 0

    def test_the_officer_sees_no_draft_of_the_school(self, place, owed) -> None:
        drafted(owed, place.secretary, title="还没想好")
        page = as_(place.officer).get(reverse("on_behalf", args=[owed.pk]))
        assert page.content.decode().count("还没想好") == 0

    def test_a_returned_piece_is_offered_with_what_was_handed_in(self, place, owed, returned) -> None:
        page = as_(place.officer).get(reverse("on_behalf", args=[owed.pk]), {"piece": "1"})
        form = form_on(page, "behalf")
        assert (form["title"], form["piece"], len(form["kept"])) == (["一次家访"], ["1"], 1)
        done = as_(place.officer).post(reverse("on_behalf", args=[owed.pk]), form | {"reason": REASON})
        assert (done.status_code, Version.objects.latest("pk").number) == (302, 2)

    @pytest.mark.parametrize("piece", ["2", "x"])
    def test_a_piece_that_is_not_returned_is_404(self, place, owed, piece) -> None:
        handed_in(owed, place.secretary)
        page = as_(place.officer).get(reverse("on_behalf", args=[owed.pk]), {"piece": piece})
        assert page.status_code == 404

    def test_when_the_school_begins_to_correct_it_meanwhile_nothing_typed_is_lost(
        self, place, owed, returned
    ) -> None:
        words = Words(title="学校在改")
        drafts.save_draft(owed.pk, 1, words, by=place.secretary, at=NOW + timedelta(hours=1))
        answer = send(place, owed, piece="1", body="写了很久")
        assert answer.context["refusals"] == [
            "这篇材料不在退回状态，或学校已在自行修改，不能代为更正，请刷新页面查看最新情况。"
        ]
        assert answer.context["form"]["body"].value() == "写了很久"

    def test_where_nothing_can_be_taken_the_page_says_why(self, place) -> None:
        owed = assigned(place, kind=RequirementKind.ACKNOWLEDGEMENT)
        page = as_(place.officer).get(reverse("on_behalf", args=[owed.pk]))
        assert page.context["blocked"] == "这项任务只需签收，不能代报。"
