"""The pages of 合理化建议, as officers, leaders, schools and sections meet them."""

from datetime import date

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from schools.enums import Role
from schools.models import User
from submissions.enums import SuggestionState as S
from submissions.models import Suggestion
from submissions.services import answering, closing, reviewing, suggesting
from tests.factories import NOW, TopicFactory, UnitFactory, assigned, person
from tests.pages import filled
from tests.submissions.suggested import OURS, THEIRS, accepted, asked, entered, of_middle

AHEAD = date(2099, 3, 31)
TOGETHER = "责任单位和办理期限须同时填写，请补充。"


@pytest.fixture
def owed(place):
    return asked(place)


@pytest.fixture
def neighbour(place) -> User:
    return person(Role.SECRETARY, place.middle)


@pytest.fixture
def ours(place, owed) -> Suggestion:
    return accepted(place, owed, place.secretary, OURS)[0]


@pytest.fixture
def theirs(place, owed, neighbour) -> Suggestion:
    return accepted(place, of_middle(owed, place), neighbour, THEIRS)[0]


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


def show(user: User, one: Suggestion):
    return as_(user).get(reverse("suggestion", args=[one.pk]))


def text_of(page) -> str:
    return page.content.decode()


def listed(place, owed, **query) -> list[str]:
    page = as_(place.officer).get(
        reverse("suggestions", args=[owed.requirement.campaign_id], query={"shelf": "all"} | query)
    )
    return [one.text for one in page.context["page"]]


def answered(place, one, state=S.ADOPTED, reason="", **given) -> Suggestion:
    return answering.answer(one, state, reason, by=place.officer, at=NOW, **given)


def given_out(place, one, due_on=AHEAD) -> Suggestion:
    return answered(place, one, responsible=place.section, due_on=due_on)


class TestList:
    def test_it_opens_at_what_waits_for_an_answer(self, place, owed, ours) -> None:
        answered(place, entered(place, owed))
        page = as_(place.officer).get(reverse("suggestions", args=[owed.requirement.campaign_id]))
        assert page.context["shelves"] == [
            ("new", "待答复", 1), ("adopted", "采纳", 1), ("partly", "部分采纳", 0),
            ("declined", "未采纳", 0), ("all", "全部", 2),
        ]  # fmt: skip
        assert [one.text for one in page.context["page"]] == [OURS]

    def test_every_filter_narrows_the_rows_and_their_counts(self, place, owed, ours, theirs) -> None:
        topic = TopicFactory(campaign=owed.requirement.campaign)
        entered(place, owed, "按专题", topic=topic)
        given_out(place, ours, due_on=date(2026, 3, 2))
        given_out(place, theirs)
        done = entered(place, owed, "已办的")
        answered(place, done)
        answering.finish(done, "已办", by=place.officer, at=NOW)
        assert listed(place, owed, q="足球") == [THEIRS]
        assert listed(place, owed, topic=topic.pk) == ["按专题"]
        assert listed(place, owed, township=place.township.pk) == [OURS]
        assert listed(place, owed, responsible=place.section.pk) == [OURS, THEIRS]
        assert listed(place, owed, progress="overdue") == [OURS]
        assert listed(place, owed, progress="doing") == [OURS, THEIRS]
        assert listed(place, owed, progress="done") == ["已办的"]
        assert listed(place, owed, shelf="adopted", q="图书馆") == [OURS]

    @pytest.mark.parametrize("strange", ["x", "-1", "9" * 30])
    def test_what_cannot_be_chosen_narrows_nothing(self, place, owed, ours, strange) -> None:
        names = ("shelf", "topic", "township", "responsible", "progress", "page")
        query = dict.fromkeys(names, strange)
        address = reverse("suggestions", args=[owed.requirement.campaign_id], query=query)
        page = as_(place.officer).get(address)
        assert [one.text for one in page.context["page"]] == [OURS]

    @pytest.mark.parametrize("rows", [1, 3])
    def test_it_asks_the_database_fourteen_times(self, place, owed, django_assert_num_queries, rows) -> None:
        for number in range(rows):
            given_out(place, entered(place, owed, f"建议{number}", unit=place.school))
        client = as_(place.officer)
        address = reverse("suggestions", args=[owed.requirement.campaign_id], query={"shelf": "all"})
        client.get(address)
        with django_assert_num_queries(14):
            client.get(address)

    def test_leaders_read_and_change_nothing(self, place, owed, ours) -> None:
        leader = person(Role.LEADER, place.bureau)
        shown = as_(leader).get(reverse("suggestions", args=[owed.requirement.campaign_id]))
        assert (shown.context["open"], shown.context["mergeable"]) == (False, False)
        assert show(leader, ours).context["forms"] == {}

    def test_numbers_of_all_plans_lead_to_as_many_rows(self, place, owed, ours, theirs) -> None:
        assigned(place)  # a plan without any
        given_out(place, ours, due_on=date(2026, 3, 2))
        page = as_(place.officer).get(reverse("all_suggestions"))
        found = {one.pk: one for one in page.context["page"]}[owed.requirement.campaign_id]
        assert dict(found.counts) | {"late": found.late} == {
            S.NEW: 1, S.ADOPTED: 1, S.PARTLY: 0, S.DECLINED: 0, S.MERGED: 0, S.WITHDRAWN: 0, "late": 1,
        }  # fmt: skip
        for state, number in found.counts:
            assert len(listed(place, owed, shelf=state.value)) == number
        assert len(listed(place, owed, progress="overdue")) == 1

    @pytest.mark.parametrize("plans", [1, 3])
    def test_all_plans_are_read_with_nine_questions(self, place, django_assert_num_queries, plans) -> None:
        for _ in range(plans):
            entered(place, asked(place))
        client = as_(place.officer)
        client.get(reverse("all_suggestions"))
        with django_assert_num_queries(9):
            client.get(reverse("all_suggestions"))


class TestEntering:
    def test_a_suggestion_is_entered_for_a_unit_by_part_of_its_name(self, place, owed) -> None:
        client, address = as_(place.officer), reverse("enter_suggestion", args=[owed.requirement.campaign_id])
        sent = filled(client.get(address), "enter", text="错峰\r\n放学", unit="第一初级")
        assert client.post(address, sent).status_code == 302
        assert [(one.text, one.unit) for one in Suggestion.objects.all()] == [("错峰\n放学", place.middle)]

    @pytest.mark.parametrize(
        ("sent", "field", "sentence"),
        [
            ({"unit": "没有的学校"}, "unit", "没有找到以下单位，请核对名称或标识码：没有的学校。"),
            ({"unit": "东镇"}, "unit", None),
            ({}, "unit", "请填写提出建议的单位；不是单位提出的，请写明来源。"),
            ({"text": "", "source": "座谈会"}, "text", "这个字段是必填项。"),
        ],
    )
    def test_what_does_not_match_is_said(self, place, owed, sent, field, sentence) -> None:
        address = reverse("enter_suggestion", args=[owed.requirement.campaign_id])
        answer = as_(place.officer).post(address, {"text": "错峰放学"} | sent)
        if sentence is None:  # a township makes suggestions like any unit
            assert answer.status_code == 302
        else:
            assert (answer.status_code, answer.context["form"].errors[field]) == (422, [sentence])

    def test_a_second_press_is_refused_with_a_sentence(self, place, owed) -> None:
        address = reverse("enter_suggestion", args=[owed.requirement.campaign_id])
        sent = {"text": "错峰放学", "source": "座谈会"}
        answers = [as_(place.officer).post(address, sent) for _ in range(2)]
        assert [one.status_code for one in answers] == [302, 409]
        assert Suggestion.objects.count() == 1


class TestMerging:
    def test_ticked_ones_are_read_side_by_side_and_merged(self, place, owed, ours, theirs) -> None:
        client = as_(place.officer)
        address = reverse("merge_suggestions", args=[owed.requirement.campaign_id])
        page = client.get(address, {"one": [ours.pk, theirs.pk]})
        sent = filled(page, "merge", into=theirs.pk)
        done = client.post(address, sent)
        assert done.headers["Location"] == reverse("suggestion", args=[theirs.pk])
        ours.refresh_from_db()
        assert (ours.state, ours.merged_into) == (S.MERGED, theirs)
        again = client.post(address, sent)
        assert (again.status_code, again.context["refusal"].split("，")[0]) == (
            409,
            f"“{ours}”现在是“已合并”",
        )

    def test_a_single_tick_leads_back_to_the_list(self, place, owed, ours) -> None:
        address = reverse("merge_suggestions", args=[owed.requirement.campaign_id])
        answer = as_(place.officer).get(address, {"one": [ours.pk, "9" * 30, "x"]})
        assert answer.headers["Location"] == reverse("suggestions", args=[owed.requirement.campaign_id])

    def test_suggestions_of_another_plan_are_not_shown(self, place, owed, ours) -> None:
        other = entered(place, asked(place), "别的活动")
        address = reverse("merge_suggestions", args=[owed.requirement.campaign_id])
        assert as_(place.officer).get(address, {"one": [ours.pk, other.pk]}).status_code == 302

    def test_a_merged_one_is_taken_out_on_the_page_of_the_main_one(self, place, ours, theirs) -> None:
        suggesting.merge(ours, [theirs], by=place.officer, at=NOW)
        answer = as_(place.officer).post(reverse("suggestion_act", args=[theirs.pk, "split"]))
        assert answer.headers["Location"] == reverse("suggestion", args=[ours.pk])
        theirs.refresh_from_db()
        assert theirs.state == S.NEW


class TestAnswering:
    def act(self, place, one, act="answer", **sent):
        return as_(place.officer).post(reverse("suggestion_act", args=[one.pk, act]), sent)

    def test_answer_unit_and_day_go_in_one_form(self, place, ours) -> None:
        client = as_(place.officer)
        page = client.get(reverse("suggestion", args=[ours.pk]))
        sent = filled(page, "answer", state="partly", reason="分两年", responsible="db", due_on=AHEAD)
        place.section.pinyin = "db"
        place.section.save()
        assert client.post(reverse("suggestion_act", args=[ours.pk, "answer"]), sent).status_code == 302
        ours.refresh_from_db()
        assert (ours.state, ours.answer, ours.responsible, ours.due_on) == (
            S.PARTLY, "分两年", place.section, AHEAD,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("sent", "field", "sentence"),
        [
            ({}, "state", "请选择采纳、部分采纳或未采纳。"),
            ({"state": "new"}, "state", "选择一个有效的选项。 new 不在可用的选项中。"),
            ({"state": "declined"}, "reason", "未采纳的建议须写明理由，便于提出单位理解。"),
            ({"state": "adopted", "responsible": "党办", "due_on": ""}, "due_on", TOGETHER),
            ({"state": "adopted", "responsible": "", "due_on": "2099-01-01"}, "responsible", TOGETHER),
            (
                {"state": "adopted", "responsible": "火星", "due_on": "2099-01-01"}, "responsible",
                "没有找到以下单位，请核对名称或标识码：火星。",
            ),
        ],
    )  # fmt: skip
    def test_what_is_missing_is_said_beside_its_field(self, place, ours, sent, field, sentence) -> None:
        answer = self.act(place, ours, **sent)
        assert (answer.status_code, answer.context["forms"]["answer"].errors[field]) == (422, [sentence])
        assert Suggestion.objects.get().state == S.NEW

    def test_an_officer_who_was_outrun_is_told_by_whom_and_may_insist(self, place, ours) -> None:
        client, address = as_(place.officer), reverse("suggestion_act", args=[ours.pk, "answer"])
        sent = filled(show(place.officer, ours), "answer", state="adopted", reason="很好")
        colleague = person(Role.OFFICER, place.section, name="李示例")
        answering.answer(ours, S.DECLINED, "无编制", by=colleague, at=timezone.now())
        refused = client.post(address, sent)
        assert (refused.status_code, refused.context["refusal"][:12]) == (409, "在您填写期间，李示例已于")
        assert Suggestion.objects.get().state == S.DECLINED
        assert client.post(address, filled(refused, "answer")).status_code == 302
        assert (Suggestion.objects.get().state, Suggestion.objects.get().answer) == (S.ADOPTED, "很好")

    def test_a_double_press_answers_once(self, place, ours) -> None:
        sent = filled(show(place.officer, ours), "answer", state="adopted", reason="很好")
        client, address = as_(place.officer), reverse("suggestion_act", args=[ours.pk, "answer"])
        assert [client.post(address, sent).status_code for _ in range(2)] == [302, 302]
        assert place.secretary.notices.filter(matter__startswith="suggestion-").count() == 1

    def test_given_done_and_taken_back_on_the_page(self, place, ours) -> None:
        answered(place, ours)
        client = as_(place.officer)
        for act, url, sent in (
            ("assign", "suggestion_act", {"responsible": "党办", "due_on": AHEAD}),
            ("finish", "finish_suggestion", {"outcome": "已延长"}),
            ("resume", "suggestion_act", {"reason": "只办了一半"}),
        ):
            address = reverse(url, args=[ours.pk] + ([act] if url == "suggestion_act" else []))
            done = client.post(address, filled(show(place.officer, ours), act, **sent))
            assert (act, done.headers["Location"]) == (act, reverse("suggestion", args=[ours.pk]))
        trail = [entry.event.summary for entry in show(place.officer, ours).context["trail"]]
        assert trail == [
            "退回继续办理：只办了一半", "办结", "交“党办”办理，期限2099年3月31日", "答复：采纳",
            "收录材料中的第1条建议",
        ]  # fmt: skip

    def test_the_trail_tells_before_and_after_in_words(self, place, ours) -> None:
        given_out(place, ours)
        answered(place, ours, S.DECLINED, "条件不具备")
        entry = show(place.officer, ours).context["trail"][0]
        assert {change.label: (change.before, change.after) for change in entry.changes} == {
            "办理情况": ("采纳", "未采纳"), "答复": ("（空）", "条件不具备"),
            "责任单位": ("党办", "（空）"), "办理期限": ("2099-03-31", "（空）"),
        }  # fmt: skip

    def test_an_archived_plan_is_for_reading(self, place, owed, ours) -> None:
        for service in (closing.close, closing.archive):
            service(owed.requirement.campaign, reason="结束", by=place.officer, at=NOW)
        assert show(place.officer, ours).context["forms"] == {}
        assert self.act(place, ours, state="adopted").status_code == 409

    def test_there_is_no_other_act(self, place, ours) -> None:
        assert self.act(place, ours, "delete").status_code == 404

    @pytest.mark.parametrize("merged", [1, 3])
    def test_one_is_read_with_ten_questions(
        self, place, owed, ours, django_assert_num_queries, merged
    ) -> None:
        others = [entered(place, owed, f"建议{number}", unit=place.school) for number in range(merged)]
        suggesting.merge(ours, others, by=place.officer, at=NOW)
        client, address = as_(place.officer), reverse("suggestion", args=[ours.pk])
        client.get(address)
        with django_assert_num_queries(10):
            client.get(address)


class TestOwn:
    def mine(self, user: User, shelf: str = "made") -> str:
        return text_of(as_(user).get(reverse("my_suggestions", query={"shelf": shelf})))

    def test_a_school_reads_its_answer_who_carries_it_out_and_the_outcome(self, place, ours) -> None:
        given_out(place, ours)
        answered(place, ours, S.PARTLY, "先开放到18时")
        answering.finish(ours, "已印发通知", by=place.officer, at=NOW)
        said = self.mine(place.secretary)
        for words in (OURS, "部分采纳", "先开放到18时", "由党办办理，2099年3月31日前办结。", "已印发通知"):
            assert said.count(words) == 1

    @pytest.mark.parametrize("ours_is_main", [True, False])
    def test_a_merged_one_shows_the_answer_but_no_word_of_another_school(
        self, place, ours, theirs, neighbour, ours_is_main
    ) -> None:
        main, other = (ours, theirs) if ours_is_main else (theirs, ours)
        suggesting.merge(main, [other], by=place.officer, at=NOW)
        answered(place, main, S.PARTLY, "合并研究后采纳")
        for user, own, foreign, name in (
            (place.secretary, OURS, THEIRS, place.middle.name),
            (neighbour, THEIRS, OURS, place.school.name),
        ):
            said = self.mine(user)
            assert (said.count(own), said.count("合并研究后采纳"), said.count(foreign), said.count(name)) == (
                1, 1, 0, 0,
            )  # fmt: skip

    def test_notices_and_pages_of_one_school_hold_nothing_of_another(self, place, ours, theirs) -> None:
        suggesting.merge(theirs, [ours], by=place.officer, at=NOW)
        answered(place, theirs, S.PARTLY, "合并研究后采纳")
        client = as_(place.secretary)
        pages = [
            reverse("my_suggestions"),
            reverse("my_suggestions", query={"shelf": "given"}),
            reverse("inbox"),
        ]
        said = "".join(text_of(client.get(page)) for page in pages)
        assert (said.count(THEIRS), said.count(place.middle.name)) == (0, 0)

    def test_the_unit_that_carries_it_out_reads_what_but_not_whose(self, place, ours) -> None:
        clerk = person(Role.SECRETARY, place.section)
        given_out(place, ours)
        said = self.mine(clerk, "given")
        assert (said.count(OURS), said.count("2099年3月31日前办结"), said.count(place.school.name)) == (
            1,
            1,
            0,
        )

    def test_it_opens_at_what_is_to_be_done(self, place, ours) -> None:
        clerk = person(Role.HEAD, place.section)
        address = reverse("my_suggestions")
        assert as_(clerk).get(address).context["shelf"] == "made"
        given_out(place, ours, due_on=date(2026, 3, 2))
        page = as_(clerk).get(address)
        assert (page.context["shelf"], text_of(page).count("逾期")) == ("given", 1)

    def test_the_unit_says_that_it_is_done_from_the_phone(self, place, ours) -> None:
        clerk = person(Role.SECRETARY, place.section)
        given_out(place, ours)
        client, address = as_(clerk), reverse("finish_suggestion", args=[ours.pk])
        empty = client.post(address, {"outcome": ""})
        assert empty.status_code == 422
        assert [one.form.errors["outcome"] for one in empty.context["page"]] == [["请写明办理结果后再办结。"]]
        page = client.get(reverse("my_suggestions"))
        sent = filled(page, f"finish-{ours.pk}", outcome="已延长")
        assert client.post(address, sent).headers["Location"] == "/suggestions/mine/?shelf=given"
        assert client.post(address, sent).status_code == 302
        other = client.post(address, {"outcome": "别的"})
        assert (other.status_code, other.context["refusal"][:7]) == (409, "这条建议已由张")
        assert Suggestion.objects.get().outcome == "已延长"

    def test_what_was_withdrawn_is_not_listed_twice(self, place, owed, ours) -> None:
        reviewing.reopen(ours.version, by=place.officer, at=NOW, reason="请补充", correct_by=timezone.now())
        accepted(place, owed, place.secretary, OURS)
        assert self.mine(place.secretary).count(OURS) == 1

    @pytest.mark.parametrize(("shelf", "questions"), [("made", 7), ("given", 8)])
    @pytest.mark.parametrize("rows", [1, 3])
    def test_a_shelf_takes_as_many_questions_however_many_rows(
        self, place, owed, django_assert_num_queries, shelf, questions, rows
    ) -> None:
        clerk = person(Role.SECRETARY, place.section)
        for number in range(rows):
            one = entered(place, owed, f"建议{number}", unit=place.section)
            other = entered(place, owed, f"同上{number}", unit=place.section)
            suggesting.merge(one, [other], by=place.officer, at=NOW)
            given_out(place, one)
        client, address = as_(clerk), reverse("my_suggestions", query={"shelf": shelf})
        client.get(address)
        with django_assert_num_queries(questions):
            client.get(address)

    def test_the_part_for_other_pages_shows_each_item_with_its_answer(self, place, ours, theirs) -> None:
        suggesting.merge(theirs, [ours], by=place.officer, at=NOW)
        answered(place, theirs, S.PARTLY, "合并研究后采纳")
        answers = suggesting.answers_of(ours.version)
        said = render_to_string("submissions/suggestion_answers.html", {"answers": answers})
        assert (said.count(OURS), said.count("合并研究后采纳"), said.count(THEIRS)) == (1, 1, 0)


def test_a_township_officer_elsewhere_reads_nothing(place, ours) -> None:
    west = UnitFactory(name="西镇", kind="township", parent=place.bureau)
    officer = person(Role.OFFICER, west)
    officer.memberships.update(scope=west)
    assert show(officer, ours).status_code == 404
