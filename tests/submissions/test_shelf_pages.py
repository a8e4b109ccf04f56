"""The pages of 优秀成果: what schools read, what the officer arranges, what the school answers."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from campaigns.enums import RequirementKind
from schools.enums import Role, UnitKind
from submissions.enums import ExhibitState
from submissions.models import Assignment, Exhibit, Fingerprint
from submissions.services import drafts, exhibiting, reviewing, submitting
from submissions.services.drafts import Words
from submissions.views.beside import behalf_part, exhibit_part
from tests.factories import (
    DUE,
    NOW,
    TopicFactory,
    UnitFactory,
    assigned,
    county,
    handed_in,
    person,
    upload,
)

pytestmark = pytest.mark.django_db

MINUTES = {
    "held_on": "2026-03-01", "place": "会议室", "chair": "张示例", "recorder": "李示例", "present": "12",
    "agenda": "研讨课堂",
}  # fmt: skip


def as_(user) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


def accept(place, owed, *, recommended=False, file=False, **words):
    """An accepted piece of the school with these words."""
    words = {"title": "一次家访", "body": "正文"} | words
    number = owed.submissions.count() + 1
    piece = drafts.save_draft(owed.pk, number, Words(**words), by=place.secretary, at=NOW).piece
    if file:
        drafts.attach(piece, upload(), by=place.secretary, at=NOW)
    version = submitting.submit(piece, by=place.secretary, at=NOW)
    reviewing.accept(version, by=place.officer, at=NOW, recommended=recommended)
    return version


def show(place, version, *, after=0) -> Exhibit:
    """Put the version on the shelf, `after` hours after NOW."""
    exhibit = exhibiting.choose(version, "贴近课堂", by=place.officer, at=NOW)
    exhibiting.consent(exhibit, by=place.secretary, at=NOW + timedelta(hours=after))
    return exhibit


def titles(answer) -> list[str]:
    return [one.version.title for one in answer.context["page"]]


@pytest.fixture
def neighbour(place):
    """The secretary of another school of the county."""
    return person(Role.SECRETARY, place.middle)


# The shelf ------------------------------------------------------------------------------------------


class TestShelf:
    def shelf(self, user, **query):
        return as_(user).get(reverse("shelf"), query)

    def test_the_latest_comes_first(self, place, owed, neighbour) -> None:
        show(place, accept(place, owed, title="先"))
        show(place, accept(place, owed, title="后"), after=1)
        assert titles(self.shelf(neighbour)) == ["后", "先"]

    def test_another_county_reads_an_empty_shelf(self, place, owed) -> None:
        show(place, accept(place, owed))
        answer = self.shelf(county().secretary)
        assert (titles(answer), list(answer.context["campaigns"]), answer.context["kinds"]) == ([], [], [])

    def test_it_is_narrowed_by_campaign_kind_and_topic(self, place, owed, neighbour) -> None:
        topic = TopicFactory(campaign=owed.requirement.campaign)
        show(place, accept(place, owed, title="甲", topic=topic))
        other = assigned(place, kind=RequirementKind.RESEARCH)
        show(place, accept(place, other, title="乙"), after=1)
        found = [
            titles(self.shelf(neighbour, **query))
            for query in (
                {"campaign": owed.requirement.campaign_id},
                {"kind": "research"},
                {"topic": topic.pk},
                {"campaign": other.requirement.campaign_id, "kind": "essay"},
                {"campaign": "x", "topic": "-1", "kind": ""},
            )
        ]
        assert found == [["甲"], ["乙"], ["甲"], [], ["乙", "甲"]]

    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("家访", 1),
            ("李示例", 1),
            ("中心小学", 1),
            ("dzzxxx", 1),
            ("ZXXX", 1),
            ("别的", 0),
            ("zzzz", 0),
            ("--", 0),
        ],
    )
    def test_it_is_searched_by_characters_and_initials(self, place, owed, neighbour, typed, found) -> None:
        show(place, accept(place, owed, authors="李示例"))
        assert len(titles(self.shelf(neighbour, q=typed))) == found

    @pytest.mark.parametrize("rows", [1, 3])
    def test_three_rows_take_as_many_queries_as_one(
        self, place, owed, neighbour, rows, django_assert_num_queries
    ) -> None:
        for n in range(rows):
            show(place, accept(place, owed), after=n)
        client = as_(neighbour)
        client.get(reverse("inbox"))
        with django_assert_num_queries(9):
            assert len(titles(client.get(reverse("shelf")))) == rows


class TestReading:
    def read(self, user, exhibit, **query):
        return as_(user).get(reverse("exhibit", args=[exhibit.pk]), query)

    def test_a_neighbour_reads_text_and_takes_the_file_but_not_the_version(
        self, place, owed, neighbour
    ) -> None:
        version = accept(place, owed, file=True, body="第一段\n\n　　第二段")
        page = self.read(neighbour, show(place, version))
        text = page.content.decode()
        assert (text.count("<p>第一段</p><p>第二段</p>"), text.count("贴近课堂")) == (1, 1)
        client, stored = as_(neighbour), version.files.get()
        statuses = [
            client.get(reverse(name, args=[pk])).status_code
            for name, pk in (("file", stored.pk), ("version", version.pk), ("assignment", owed.pk))
        ]
        assert statuses == [200, 404, 404]

    @pytest.mark.parametrize("state", [ExhibitState.ASKED, ExhibitState.DECLINED, ExhibitState.REMOVED])
    def test_what_is_not_shown_is_404_for_everybody(self, place, owed, neighbour, state) -> None:
        exhibit = exhibiting.choose(accept(place, owed), by=place.officer, at=NOW)
        if state == ExhibitState.DECLINED:
            exhibiting.decline(exhibit, by=place.secretary, at=NOW)
        elif state == ExhibitState.REMOVED:
            exhibiting.remove(exhibit, by=place.officer, at=NOW)
        people = (neighbour, place.secretary, place.officer)
        assert [self.read(one, exhibit).status_code for one in people] == [404, 404, 404]

    def test_what_was_opened_again_is_404(self, place, owed, neighbour) -> None:
        version = accept(place, owed)
        exhibit = show(place, version)
        reviewing.reopen(version, by=place.officer, at=NOW, reason="附件有误", correct_by=DUE)
        assert self.read(neighbour, exhibit).status_code == 404

    def test_minutes_are_read_with_their_fields(self, place, neighbour) -> None:
        owed = assigned(place, kind=RequirementKind.MINUTES)
        text = self.read(neighbour, show(place, accept(place, owed, sheet=MINUTES))).content.decode()
        assert [text.count(said) for said in ("会议情况", "会议室", "研讨课堂")] == [1, 1, 1]

    def test_what_stands_in_a_file_alone_is_read_and_printed_too(self, place, owed, neighbour) -> None:
        version = accept(place, owed, body="", file=True)
        Fingerprint.objects.filter(version=version).update(text="第一段\n第二段")
        text = self.read(neighbour, show(place, version)).content.decode()
        said = ("<p>第一段</p>", "<p>第二段</p>", "以上文字取自附件，版式以附件为准。")
        assert [text.count(one) for one in said] == [1, 1, 1]

    def test_suggestions_are_read_one_by_one(self, place, neighbour) -> None:
        owed = assigned(place, kind=RequirementKind.SUGGESTION)
        version = accept(place, owed, body="", sheet={"items": ["多听课", "少开会"]})
        text = self.read(neighbour, show(place, version)).content.decode()
        assert [text.count(f">{item}</li>") for item in ("多听课", "少开会")] == [1, 1]

    def test_neighbours_are_those_of_the_list_one_came_from(self, place, owed, neighbour) -> None:
        other = assigned(place, kind=RequirementKind.RESEARCH)
        first, report, last = (
            show(place, accept(place, task, title=title), after=n)
            for n, (title, task) in enumerate((("甲", owed), ("乙", other), ("丙", owed)))
        )
        around = [
            tuple(one and one.version.title for one in (page.context["before"], page.context["after"]))
            for page in (
                self.read(neighbour, report),
                self.read(neighbour, first, kind="essay"),
                self.read(neighbour, last, kind="essay"),
            )
        ]
        assert around == [("丙", "甲"), ("丙", None), (None, "甲")]


# The officer's desk ---------------------------------------------------------------------------------


class TestDesk:
    def desk(self, user, **query):
        return as_(user).get(reverse("shelf_desk"), query)

    def held(self, user) -> dict[str, int]:
        return {key: count for key, _, count in self.desk(user).context["shelves"]}

    def test_recommended_work_waits_to_be_chosen(self, place, owed) -> None:
        accept(place, owed, title="推荐的", recommended=True)
        accept(place, owed, title="没推荐的")
        assert [one.title for one in self.desk(place.officer).context["page"]] == ["推荐的"]

    def test_each_piece_lies_on_one_shelf(self, place, owed) -> None:
        versions = [accept(place, owed, recommended=True) for _ in range(3)]
        todo = self.held(place.officer)
        asked = exhibiting.choose(versions[0], by=place.officer, at=NOW)
        show(place, versions[1])
        after = self.held(place.officer)
        exhibiting.decline(asked, by=place.secretary, at=NOW)
        reviewing.reopen(versions[1], by=place.officer, at=NOW, reason="附件有误", correct_by=DUE)
        assert [todo, after, self.held(place.officer)] == [
            {"todo": 3, "asked": 0, "shown": 0, "gone": 0},
            {"todo": 1, "asked": 1, "shown": 1, "gone": 0},
            {"todo": 1, "asked": 0, "shown": 0, "gone": 2},
        ]

    def test_what_the_last_word_recommended_comes_before_what_a_district_did(self, place) -> None:
        district = UnitFactory(kind=UnitKind.DISTRICT, parent=place.bureau, name="东区教育局")
        school = UnitFactory(parent=district, name="东区小学")
        assigned(place, district_first=True)
        owed, secretary = Assignment.objects.get(unit=school), person(Role.SECRETARY, school)
        reader = person(Role.OFFICER, district)
        for number, (first, last) in enumerate(((False, True), (True, False)), start=1):
            version = handed_in(owed, secretary, number=number, title=f"第{number}篇")
            reviewing.accept(version, by=reader, at=NOW, recommended=first)
            reviewing.accept(version, by=place.officer, at=NOW, recommended=last)
        page = self.desk(place.officer).context["page"]
        assert [(one.title, one.final) for one in page] == [("第1篇", True), ("第2篇", False)]
        assert list(self.desk(reader).context["page"]) == []

    def test_another_countys_work_is_not_there(self, place, owed) -> None:
        accept(place, owed, recommended=True)
        assert self.held(county().officer) == {"todo": 0, "asked": 0, "shown": 0, "gone": 0}

    def test_choosing_leads_back_to_the_desk(self, place, owed) -> None:
        version = accept(place, owed, recommended=True)
        answer = as_(place.officer).post(reverse("choose", args=[version.pk]), {"comment": "贴近课堂"})
        assert (answer.headers["Location"], Exhibit.objects.get().comment) == (
            reverse("shelf_desk"), "贴近课堂",
        )  # fmt: skip

    def test_words_that_are_too_long_stay_in_the_form(self, place, owed) -> None:
        version = accept(place, owed)
        answer = as_(place.officer).post(reverse("choose", args=[version.pk]), {"comment": "好" * 501})
        assert (answer.status_code, len(answer.context["form"]["comment"].value())) == (422, 501)

    def test_choosing_a_second_time_says_so(self, place, owed) -> None:
        version = accept(place, owed)
        exhibiting.choose(version, by=place.officer, at=NOW)
        answer = as_(place.officer).post(reverse("choose", args=[version.pk]), {"comment": "再来"})
        assert (answer.status_code, answer.context["refusal"]) == (
            409, "这篇材料已选为优秀成果（待学校同意），不用重复选定。",
        )  # fmt: skip

    def test_removing_takes_it_from_the_shelf(self, place, owed, neighbour) -> None:
        exhibit = show(place, accept(place, owed))
        as_(place.officer).post(reverse("remove_exhibit", args=[exhibit.pk]))
        assert titles(as_(neighbour).get(reverse("shelf"))) == []

    @pytest.mark.parametrize("rows", [1, 3])
    @pytest.mark.parametrize("shelf", ["todo", "shown"])
    def test_three_rows_take_as_many_queries_as_one(
        self, place, owed, rows, shelf, django_assert_num_queries
    ) -> None:
        for _ in range(rows):
            version = accept(place, owed, recommended=True)
            if shelf == "shown":
                show(place, version)
        client = as_(place.officer)
        client.get(reverse("inbox"))
        with django_assert_num_queries(11):
            page = client.get(reverse("shelf_desk"), {"shelf": shelf}).context["page"]
            assert len(page) == rows


# The school's answer --------------------------------------------------------------------------------


class TestConsent:
    @pytest.fixture
    def exhibit(self, place, owed) -> Exhibit:
        return exhibiting.choose(accept(place, owed), by=place.officer, at=NOW)

    def answer(self, user, exhibit, **data):
        return as_(user).post(reverse("consent", args=[exhibit.pk]), data)

    def state(self) -> str:
        return Exhibit.objects.get().state

    def test_without_the_tick_there_is_no_consent(self, place, exhibit) -> None:
        answer = self.answer(place.secretary, exhibit, answer="consent")
        assert (answer.status_code, self.state()) == (422, ExhibitState.ASKED)
        assert answer.context["form"].errors["agreed"] == [
            "请先与作者确认，勾选“已征得作者同意公开展示”后再点“同意展示”。"
        ]

    def test_with_the_tick_it_is_shown(self, place, exhibit) -> None:
        self.answer(place.secretary, exhibit, answer="consent", agreed="on")
        assert self.state() == ExhibitState.SHOWN

    def test_declining_needs_no_tick(self, place, exhibit) -> None:
        self.answer(person(Role.HEAD, place.school), exhibit, answer="decline")
        assert self.state() == ExhibitState.DECLINED

    def test_consent_is_taken_back_on_the_same_page(self, place, exhibit) -> None:
        self.answer(place.secretary, exhibit, answer="consent", agreed="on")
        self.answer(place.secretary, exhibit, answer="decline")
        assert self.state() == ExhibitState.DECLINED

    def test_a_late_answer_reads_a_sentence(self, place, exhibit) -> None:
        exhibiting.remove(exhibit, by=place.officer, at=NOW)
        answer = self.answer(place.secretary, exhibit, answer="consent", agreed="on")
        assert (answer.status_code, answer.context["refusal"]) == (
            409, "主办单位已撤下这篇材料，不再展示，无需答复。",
        )  # fmt: skip


# Beside the version and the assignment --------------------------------------------------------------


def test_what_stands_beside_a_version(place, owed):
    version = accept(place, owed)

    def offered(user) -> tuple[bool, ...]:
        part = exhibit_part(user, version)
        return part["may_choose"], part["may_remove"], part["may_consent"]

    leader = person(Role.LEADER, place.bureau)
    before = [offered(one) for one in (place.officer, place.secretary, leader)]
    exhibiting.choose(version, by=place.officer, at=NOW)
    after = [offered(one) for one in (place.officer, place.secretary, leader)]
    assert before == [(True, False, False), (False, False, False), (False, False, False)]
    assert after == [(False, True, False), (False, False, True), (False, False, False)]


def test_beside_a_version_stands_what_the_person_can_do(place, owed):
    version = accept(place, owed)
    exhibit = exhibiting.choose(version, by=place.officer, at=NOW)
    found = []
    for one in (place.officer, place.secretary):
        request = RequestFactory().get("/")
        context = {"version": version} | exhibit_part(one, version)
        part = render_to_string("submissions/exhibit_state.html", context, request)
        found.append([part.count(reverse(name, args=[exhibit.pk])) for name in ("remove_exhibit", "consent")])
    assert found == [[1, 0], [0, 1]]


def test_who_may_hand_in_on_behalf_finds_the_link(place, owed):
    people = (place.officer, place.secretary, person(Role.LEADER, place.bureau), county().officer)
    assert [behalf_part(one, owed)["may_hand_in_on_behalf"] for one in people] == [True, False, False, False]
