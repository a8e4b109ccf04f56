"""The pages of handing in and reviewing, as a person meets them."""

from datetime import date

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.enums import RequirementKind
from notices.workdays import end_of
from portal.models import StoredFile
from schools.enums import Role, UnitKind
from schools.models import User
from submissions.enums import AssignmentState, PieceState
from submissions.models import Assignment, Draft, Submission, Version
from submissions.services import reviewing, submitting
from tests.factories import (
    NOW,
    County,
    UnitFactory,
    assigned,
    at,
    drafted,
    handed_in,
    person,
    ready_plan,
    upload,
)

pytestmark = pytest.mark.django_db


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


def write(owed: Assignment, user: User, number: int = 1, **data):
    address = reverse("piece", args=[owed.pk, number])
    return as_(user).post(address, {"title": "一次家访", "authors": "张示例", **data})


class TestWriting:
    def test_saving_keeps_words_and_files_and_hands_nothing_in(self, place: County) -> None:
        owed = assigned(place)
        write(owed, place.secretary, save="1", body="正文", files=[upload("甲.pdf"), upload("乙.pdf")])
        piece = owed.submissions.get()
        assert (piece.state, piece.versions.count()) == (PieceState.DRAFT, 0)
        assert [stored.name for stored in piece.draft.files.order_by("pk")] == ["甲.pdf", "乙.pdf"]

    def test_submitting_leads_to_a_receipt_with_hashes(self, place: County) -> None:
        owed = assigned(place)
        answer = write(owed, place.secretary, submit="1", files=[upload()])
        version = Version.objects.get()
        assert answer.headers["Location"] == reverse("receipt", args=[version.pk]) + "#saved"
        shown = as_(place.secretary).get(answer.headers["Location"]).content.decode()
        assert shown.count(version.digest) == 1
        assert shown.count(version.files.get().sha256) == 1

    def test_a_double_click_makes_one_piece_and_one_version(self, place: County) -> None:
        owed = assigned(place)
        first = write(owed, place.secretary, submit="1", body="正文")
        second = write(owed, place.secretary, submit="1", body="正文")
        receipt = reverse("receipt", args=[Version.objects.get().pk]) + "#saved"
        assert (first.headers["Location"], second.headers["Location"]) == (receipt, receipt)
        assert (Submission.objects.count(), Version.objects.count()) == (1, 1)

    def test_a_second_file_after_handing_in_is_not_silently_dropped(self, place: County) -> None:
        owed = assigned(place)
        write(owed, place.secretary, submit="1", body="正文", files=[upload("甲.pdf")])
        again = write(owed, place.secretary, submit="1", body="正文", files=[upload("甲.pdf")])
        other = write(owed, place.secretary, submit="1", body="正文", files=[upload("乙.pdf")])
        assert (again.status_code, other.status_code, other.context["saved"]) == (302, 422, False)

    def test_nobody_overwrites_unseen_what_somebody_else_saved(self, place: County) -> None:
        owed = assigned(place)
        colleague = person(Role.SECRETARY, place.school, name="李示例")
        write(owed, colleague, save="1", body="同事写的")
        answer = write(owed, place.secretary, save="1", body="自己写的")
        assert answer.status_code == 422
        assert answer.context["refusals"][0].startswith("在您填写期间，李示例已于")
        assert (Draft.objects.get().body, answer.context["form"]["body"].value()) == ("同事写的", "自己写的")
        chosen = {"seen": answer.context["seen"], "shown": answer.context["shown"], "keep-body": "mine"}
        again = write(owed, place.secretary, save="1", body="自己写的", **chosen)
        assert (again.status_code, Draft.objects.get().body) == (302, "自己写的")

    def test_there_is_no_seventh_piece_before_the_first(self, place: County) -> None:
        assert write(assigned(place), place.secretary, number=7, save="1", body="正文").status_code == 404

    def test_a_refused_file_is_explained_and_everything_else_kept(self, place: County) -> None:
        owed = assigned(place)
        answer = write(
            owed,
            place.secretary,
            submit="1",
            body="写了很久",
            files=[upload("坏.pdf", b"MZ"), upload("好.pdf")],
        )
        assert answer.status_code == 422
        assert len(answer.context["refusals"]) == 1
        piece = owed.submissions.get()
        assert (piece.state, piece.draft.body) == (PieceState.DRAFT, "写了很久")
        assert [stored.name for stored in piece.draft.files.all()] == ["好.pdf"]
        assert answer.context["form"]["body"].value() == "写了很久"

    def test_submitting_without_title_keeps_the_text_and_says_so(self, place: County) -> None:
        owed = assigned(place)
        answer = write(owed, place.secretary, submit="1", title="", body="写了很久")
        assert answer.context["refusals"] == ["请填写标题后再提交。"]
        assert Draft.objects.get().body == "写了很久"

    def test_an_empty_piece_is_not_taken(self, place: County) -> None:
        owed = assigned(place)
        answer = write(owed, place.secretary, submit="1")
        assert answer.context["refusals"] == ["请填写正文或至少上传一个文件后再提交。"]

    def test_after_the_cut_off_the_draft_stays(self, place: County) -> None:
        owed = assigned(place, cutoff_at=at(5, 5))
        answer = write(owed, place.secretary, submit="1", body="写了很久")
        assert answer.context["refusals"] == [
            "已过停止接收时间，草稿仍予保留；如需补报，请联系主办单位延期。"
        ]

    def test_another_campaigns_topic_is_no_choice(self, place: County) -> None:
        owed, other = assigned(place), ready_plan(place)
        foreign = other.campaign.topics.create(position=[1], title="别的专题")
        answer = write(owed, place.secretary, save="1", topic=foreign.pk)
        assert list(answer.context["form"].errors) == ["topic"]

    def test_more_than_ten_files_are_not_taken(self, place: County) -> None:
        owed = assigned(place)
        answer = write(owed, place.secretary, save="1", files=[upload(f"{n}.pdf") for n in range(11)])
        assert answer.context["refusals"] == ["一篇材料最多附10个文件，请先移除不需要的文件。"]
        assert StoredFile.objects.count() == 10

    def test_a_file_can_be_taken_off_a_draft(self, place: County) -> None:
        owed = assigned(place)
        write(owed, place.secretary, save="1", files=[upload()])
        held = Draft.objects.get().draft_files.get()
        as_(place.secretary).post(reverse("detach", args=[held.pk]))
        assert (Draft.objects.get().files.count(), StoredFile.objects.count()) == (0, 1)

    def test_a_draft_is_invisible_to_the_bureau(self, place: County) -> None:
        owed = assigned(place)
        drafted(owed, place.secretary, title="还没想好")
        shown = as_(place.officer).get(reverse("assignment", args=[owed.pk])).content.decode()
        assert shown.count("还没想好") == 0

    def test_what_was_not_saved_is_not_called_saved(self, place: County) -> None:
        owed = assigned(place)
        handed_in(owed, place.secretary)
        answer = write(owed, place.secretary, save="1", body="另一扇窗口里写的")
        assert (answer.status_code, answer.context["saved"]) == (422, False)
        assert "本次填写没有保存，内容仍在下方，可先复制留存。" in answer.content.decode()

    def test_the_receipt_of_a_withdrawn_version_is_no_proof(self, place: County) -> None:
        version = handed_in(assigned(place), place.secretary)
        receipt = reverse("receipt", args=[version.pk])
        shown = as_(place.secretary).get(receipt).content.decode()
        assert ("待审核" in shown, "不作为已报送的凭证" in shown) == (True, False)
        submitting.withdraw(version.submission, by=place.secretary, at=NOW)
        assert "本版已撤回，本回执不作为已报送的凭证" in as_(place.secretary).get(receipt).content.decode()

    def test_the_correction_of_work_in_time_is_in_time(self, place: County) -> None:
        version = handed_in(assigned(place), place.secretary)
        reviewing.send_back(version, by=place.officer, at=at(5, 4), reason="请补充。", correct_by=at(5, 9))
        second = submitting.submit(version.submission, by=place.secretary, at=at(5, 6))
        shown = as_(place.secretary).get(reverse("receipt", args=[second.pk]))
        assert shown.context["on_time"] is True


class TestTheList:
    def test_one_click_signs_for_a_plan(self, place: County) -> None:
        owed = assigned(place, kind=RequirementKind.ACKNOWLEDGEMENT)
        as_(place.secretary).post(reverse("acknowledge", args=[owed.pk]))
        owed.refresh_from_db()
        assert owed.state == AssignmentState.ACCEPTED

    def test_shelves_count_what_they_hold(self, place: County) -> None:
        handed_in(assigned(place), place.secretary)
        assigned(place)
        answer = as_(place.secretary).get(reverse("work"))
        assert answer.context["shelves"] == [
            ("todo", "待办", 1),
            ("waiting", "待审核", 1),
            ("done", "已办结", 0),
        ]

    def test_what_must_be_corrected_sooner_stands_first(self, place: County) -> None:
        assigned(place, title="近的", due_at=at(4, 20))
        later = assigned(place, title="退回的")
        version = handed_in(later, place.secretary)
        reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充。", correct_by=at(3, 9))
        listed = as_(place.secretary).get(reverse("work")).context["page"]
        assert [one.requirement.title for one in listed] == ["退回的", "近的"]

    @pytest.mark.parametrize("rows", [1, 3])
    def test_ten_queries_however_many_tasks(
        self, place: County, rows: int, django_assert_num_queries
    ) -> None:
        for _ in range(rows):
            assigned(place)
        client = as_(place.secretary)
        client.get(reverse("work"))
        with django_assert_num_queries(10):
            client.get(reverse("work"))


class TestReviewing:
    def test_accepting_leaves_the_queue(self, place: County) -> None:
        version = handed_in(assigned(place), place.secretary)
        client = as_(place.officer)
        client.post(reverse("review", args=[version.pk]), {"verdict": "accept", "recommended": "on"})
        assert version.reviews.get().recommended is True
        assert list(client.get(reverse("queue")).context["page"]) == []

    def test_a_return_without_reason_is_asked_for_one(self, place: County) -> None:
        version = handed_in(assigned(place), place.secretary)
        answer = as_(place.officer).post(
            reverse("review", args=[version.pk]), {"verdict": "return", "correct_on": "2099-01-01"}
        )
        assert answer.status_code == 422
        assert answer.context["form"].errors == {"reason": ["退回时必须写明原因，便于学校修改。"]}

    def test_a_correction_date_in_the_past_keeps_the_reason(self, place: County) -> None:
        version = handed_in(assigned(place), place.secretary)
        answer = as_(place.officer).post(
            reverse("review", args=[version.pk]),
            {"verdict": "return", "reason": "请补充数据。", "correct_on": "2020-01-01"},
        )
        assert answer.context["refusal"] == "修改期限须在今天或以后，请重新选择。"
        assert answer.context["form"]["reason"].value() == "请补充数据。"

    def test_nobody_is_asked_to_correct_before_the_task_is_due(self, place: County) -> None:
        far = date(timezone.localdate().year + 1, 12, 18)
        owed = assigned(place)
        Assignment.objects.filter(pk=owed.pk).update(due_at=end_of(far))
        version = handed_in(owed, place.secretary)
        form = as_(place.officer).get(reverse("version", args=[version.pk])).context["form"]
        assert form["correct_on"].initial == far

    def test_the_reviewer_of_a_correction_sees_what_was_asked(self, place: County) -> None:
        version = handed_in(assigned(place), place.secretary)
        reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充数据。", correct_by=at(3, 9))
        second = submitting.submit(version.submission, by=place.secretary, at=NOW)
        context = as_(place.officer).get(reverse("version", args=[second.pk])).context
        assert context["last_return"].reason == "请补充数据。"
        assert [became for _, (_, became) in context["versions"]] == ["待审核", "已退回"]

    def test_the_second_reviewer_hears_that_it_is_decided(self, place: County) -> None:
        version = handed_in(assigned(place), place.secretary)
        reviewing.accept(version, by=place.officer, at=NOW)
        answer = as_(person(Role.OFFICER, place.section)).post(
            reverse("review", args=[version.pk]),
            {"verdict": "return", "reason": "不行", "correct_on": "2099-01-01"},
        )
        assert answer.status_code == 409
        assert answer.context["refusal"] == "这篇材料已有人审核，结论是“通过”；请刷新页面查看最新情况。"
        assert answer.context["typed"] == "不行"  # what was written is not lost

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_queue_takes_eleven_queries_however_long(
        self, place: County, rows: int, django_assert_num_queries
    ) -> None:
        for _ in range(rows):
            handed_in(assigned(place), place.secretary)
        client = as_(place.officer)
        client.get(reverse("queue"))
        with django_assert_num_queries(11):
            client.get(reverse("queue"))


class TestPublishing:
    def test_a_published_plan_is_not_previewed_again(self, place: County) -> None:
        published = assigned(place).requirement.campaign
        answer = as_(place.officer).get(reverse("publish", args=[published.pk]))
        assert (answer.status_code, answer.context["preview"]) == (200, None)

    def test_the_page_first_says_how_many(self, place: County) -> None:
        plan = ready_plan(place)
        UnitFactory(kind=UnitKind.KINDERGARTEN, name="示例幼儿园", parent=place.township)
        preview = as_(place.officer).get(reverse("publish", args=[plan.campaign.pk])).context["preview"]
        assert (preview.units, preview.assignments, [unit.name for unit in preview.outside]) == (
            2,
            2,
            ["示例幼儿园"],
        )
        assert Assignment.objects.count() == 0
