"""The list of one's own tasks: what was returned and why, what is pressing, finding and narrowing."""

from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from campaigns.enums import RequirementKind
from notices.workdays import end_of
from schools.enums import Role
from schools.models import User
from submissions import access, worklist
from submissions.enums import ExtensionState, SuggestionState
from submissions.models import Assignment, ExtensionRequest
from submissions.services import answering, exhibiting, nil, reviewing, signing, suggesting
from submissions.worklist import Asked, Catalogue
from tests.factories import NOW, MembershipFactory, assigned, at, county, handed_in, person
from tests.pages import form_on

pytestmark = pytest.mark.django_db


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


def listed(user, **query):
    return [one.requirement.title for one in as_(user).get(reverse("work"), query).context["page"]]


def shelves(user, **query):
    return {key: n for key, _, n in as_(user).get(reverse("work"), query).context["shelves"]}


def seen(user, now=NOW):
    return worklist.marked(worklist.in_order(worklist.shown(access.own(user)), "todo"), now)


@pytest.fixture
def serving_two(place):
    """The secretary of the school, who serves the middle school too."""
    MembershipFactory(user=place.secretary, unit=place.middle)
    return User.objects.get(pk=place.secretary.pk)


# What came back --------------------------------------------------------------------------------------


def test_returned_work_stands_first_with_its_reason(place):
    assigned(place, title="近的", due_at=at(3, 10))
    returned = assigned(place, title="退回的")
    version = handed_in(returned, place.secretary)
    reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充数据。", correct_by=at(4, 9))
    page = as_(place.secretary).get(reverse("work"))
    assert [one.requirement.title for one in page.context["page"]] == ["退回的", "近的"]
    assert page.content.decode().count("退回原因：请补充数据。") == 1


def test_a_piece_that_came_back_stays_to_be_done_while_others_wait(place):
    """The task is handed in, as enough pieces are with the bureau; the one piece is not done."""
    owed = assigned(place)
    version = handed_in(owed, place.secretary)
    handed_in(owed, place.secretary, number=2)
    reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充。", correct_by=at(4, 9))
    assert (shelves(place.secretary)["todo"], shelves(place.secretary)["waiting"]) == (1, 1)
    assert as_(place.secretary).get(reverse("work")).content.decode().count("退回原因：请补充。") == 1


def test_the_latest_reason_is_shown(place, owed):
    for said in ("请补充数据。", "还缺案例。"):
        version = handed_in(owed, place.secretary)
        reviewing.send_back(version, by=place.officer, at=NOW, reason=said, correct_by=at(4, 9))
    assert [(one.sent_back.label, one.sent_back.reason) for one in seen(place.secretary)] == [
        ("退回原因", "还缺案例。")
    ]


def test_what_the_head_sent_back_says_so(place):
    head = person(Role.HEAD, place.school)
    version = handed_in(assigned(place, sign_off=True), place.secretary)
    signing.decline(version, by=head, at=NOW, reason="请核对人数。")
    [one] = seen(place.secretary)
    assert (one.sent_back.label, one.sent_back.reason, one.act_by) == (
        "负责人退回原因", "请核对人数。", one.due_at,
    )  # fmt: skip


def test_a_refused_nil_report_says_why(place):
    owed = assigned(place, nil_allowed=True)
    nil.report_nil(owed, by=place.secretary, at=NOW, reason="没有")
    nil.refuse_nil(owed, by=place.officer, at=NOW, reason="请如实报送。")
    [one] = seen(place.secretary)
    assert (one.sent_back.label, one.sent_back.reason) == ("零报告退回原因", "请如实报送。")


def test_what_was_handed_in_again_has_no_reason_any_more(place, owed):
    version = handed_in(owed, place.secretary)
    reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充。", correct_by=at(4, 9))
    handed_in(owed, place.secretary)
    assert [one.sent_back for one in seen(place.secretary)] == [None]


def test_of_a_long_reason_sixty_characters_are_shown(place, owed):
    version = handed_in(owed, place.secretary)
    reviewing.send_back(version, by=place.officer, at=NOW, reason="补" * 61 + "完", correct_by=at(4, 9))
    page = as_(place.secretary).get(reverse("work")).content.decode()
    assert (page.count("补" * 60 + "…"), page.count("补" * 61)) == (1, 0)


# Dates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("passed", "word"), [(timedelta(microseconds=-1), ""), (timedelta(), "逾期")])
def test_overdue_begins_at_midnight(place, owed, passed, word):
    assert [one.overdue for one in seen(place.secretary, owed.due_at + passed)] == [word]


def test_a_correction_past_its_date_is_called_so(place, owed):
    version = handed_in(owed, place.secretary)
    reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充。", correct_by=at(3, 9))
    assert [one.overdue for one in seen(place.secretary, at(3, 9))] == ["修改逾期"]


def test_what_waits_for_an_answer_about_more_time_says_so(place, owed):
    asked = ExtensionRequest.objects.create(
        assignment=owed, until=end_of(at(5, 9).date()), reason="停课", asked_by=place.secretary, asked_at=NOW
    )
    assert as_(place.secretary).get(reverse("work")).content.decode().count("已申请延期") == 1
    asked.state, asked.closed_at = ExtensionState.WITHDRAWN, NOW
    asked.save()
    assert as_(place.secretary).get(reverse("work")).content.decode().count("已申请延期") == 0


def test_of_what_is_done_the_latest_stands_first(place):
    for title, day in (("三月", 10), ("四月", 20)):
        version = handed_in(assigned(place, title=title, due_at=at(3, day)), place.secretary)
        reviewing.accept(version, by=place.officer, at=NOW)
    assert listed(place.secretary, shelf="done") == ["四月", "三月"]


def test_a_head_sees_what_waits_for_the_signature_and_then_what_presses(place):
    head = person(Role.HEAD, place.school)
    handed_in(assigned(place, title="待签", sign_off=True), place.secretary)
    for title, days in (("远的", 60), ("近的", 1), ("过期的", -1)):
        owed = assigned(place, title=title)
        Assignment.objects.filter(pk=owed.pk).update(due_at=timezone.now() + timedelta(days=days))
    context = as_(head).get(reverse("work")).context
    assert [one.requirement.title for one in context["page"]] == ["待签"]
    assert [one.requirement.title for one in context["pressing"]] == ["过期的", "近的"]


# Finding ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("经验", ["经验会商纪要"]),
        ("jyhs", ["经验会商纪要"]),
        ("HSJY", ["经验会商纪要"]),
        ("月报", ["2026年月报"]),
        ("2026nyb", ["2026年月报"]),
        ("大讨论 yb", ["2026年月报"]),
        ("大讨论 月报 jyhs", []),
        ("%", []),
        ("j_h", []),
        ("  ", ["2026年月报", "经验会商纪要"]),
    ],
)
def test_titles_are_found_by_characters_and_by_initials(place, typed, found):
    assigned(place, title="经验会商纪要")
    assigned(place, title="2026年月报")
    assert sorted(listed(place.secretary, q=typed)) == found


@pytest.mark.parametrize("typed", ["大讨论", "dtl", "DTL"])
def test_campaigns_are_found_too(place, owed, typed):
    assert listed(place.secretary, q=typed) == [owed.requirement.title]


@pytest.mark.parametrize(("typed", "unit"), [("东镇", "东镇中心小学"), ("dyc", "示例县第一初级中学")])
def test_units_are_found_too(place, serving_two, typed, unit):
    assigned(place)
    page = as_(serving_two).get(reverse("work"), {"q": typed}).context["page"]
    assert [one.unit.name for one in page] == [unit]


def test_an_initial_put_right_by_hand_is_used(place, serving_two):
    assigned(place)
    place.middle.pinyin = "chongzhong"
    place.middle.save()
    page = as_(serving_two).get(reverse("work"), {"q": "chongz"}).context["page"]
    assert [one.unit for one in page] == [place.middle]


@given(st.text(max_size=70))
def test_whatever_is_typed_is_only_looked_for(typed):
    known = Catalogue([Asked(1, "经验会商", RequirementKind.MINUTES, 1, "大讨论")], [])
    assert Assignment.objects.filter(known.search(typed)).count() == 0


# Narrowing --------------------------------------------------------------------------------------------


def test_counts_follow_what_was_chosen_on_every_shelf(place):
    first = assigned(place, title="甲")
    handed_in(assigned(place, title="乙", kind=RequirementKind.BRIEFING), place.secretary)
    chosen = {"campaign": first.requirement.campaign_id}
    assert shelves(place.secretary) == {"todo": 1, "waiting": 1, "done": 0}
    assert shelves(place.secretary, **chosen) == {"todo": 1, "waiting": 0, "done": 0}
    assert shelves(place.secretary, kind="briefing") == {"todo": 0, "waiting": 1, "done": 0}
    assert shelves(place.secretary, kind="briefing", **chosen) == {"todo": 0, "waiting": 0, "done": 0}


def test_one_of_several_units_is_chosen(place, serving_two):
    assigned(place)
    page = as_(serving_two).get(reverse("work"), {"unit": place.middle.pk})
    assert [one.unit for one in page.context["page"]] == [place.middle]


def test_who_serves_one_unit_is_not_asked_for_it(place, serving_two, owed):
    one = person(Role.SECRETARY, place.school)
    assert [
        'name="unit"' in as_(user).get(reverse("work")).content.decode() for user in (one, serving_two)
    ] == [False, True]


def test_what_was_chosen_survives_shelves_and_pages_and_can_be_cleared(place, owed):
    page = as_(place.secretary).get(reverse("work"), {"q": "征文", "kind": "essay", "shelf": "todo"})
    assert dict(parse_qsl(page.context["query"])) == {"shelf": "todo", "q": "征文", "kind": "essay"}
    text = page.content.decode()
    assert text.count(f'href="?shelf=waiting&amp;{page.context["terms"].replace("&", "&amp;")}"') == 1
    assert text.count('href="?shelf=todo">清除</a>') == 1


def test_the_second_page_is_that_of_what_was_chosen(place, monkeypatch):
    monkeypatch.setattr("submissions.views.work.PER_PAGE", 1)
    for title in ("甲文", "乙报", "丙文"):
        assigned(place, title=title)
    page = as_(place.secretary).get(reverse("work"), {"q": "文", "page": 2}).context["page"]
    assert ([one.requirement.title for one in page], page.paginator.count) == (["丙文"], 2)


@pytest.mark.parametrize("name", ["unit", "campaign", "kind"])
def test_what_one_has_no_tasks_of_does_not_exist(place, owed, name):
    elsewhere = county()
    foreign = assigned(elsewhere)
    values = {"unit": foreign.unit_id, "campaign": foreign.requirement.campaign_id, "kind": "plan"}
    for value in (values[name], "nonsense", "1' OR 1=1"):
        assert as_(place.secretary).get(reverse("work"), {name: value}).status_code == 404


def test_the_choices_are_those_of_the_own_tasks(place, owed):
    assigned(county(), kind=RequirementKind.BRIEFING)
    known = worklist.catalogue(place.secretary)
    assert (list(known.campaigns), known.kinds, known.units) == (
        [owed.requirement.campaign_id], {"essay": "征文"}, [place.school],
    )  # fmt: skip


@pytest.mark.parametrize("rows", [1, 3])
def test_ten_queries_for_returned_work_of_several_units_narrowed(
    place, serving_two, rows, django_assert_num_queries
):
    for _ in range(rows):
        version = handed_in(assigned(place), place.secretary)
        reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充。", correct_by=at(4, 9))
    client = as_(serving_two)
    client.get(reverse("work"))
    with django_assert_num_queries(10):
        client.get(reverse("work"), {"q": "zw", "kind": "essay"})


def test_the_form_shows_what_was_chosen(place, owed):
    page = as_(place.secretary).get(reverse("work"), {"q": "征文", "kind": "essay"})
    assert form_on(page, "find") == {"shelf": ["todo"], "q": ["征文"], "campaign": [""], "kind": ["essay"]}


# What waits elsewhere -------------------------------------------------------------------------------


def besides(user: User) -> list[tuple[str, str]]:
    return as_(user).get(reverse("work")).context["besides"]


def test_work_that_was_chosen_asks_for_an_answer_at_home(place, owed):
    version = handed_in(owed, place.secretary)
    reviewing.accept(version, by=place.officer, at=NOW)
    assert besides(place.secretary) == []
    exhibit = exhibiting.choose(version, by=place.officer, at=NOW)
    said = "有1篇材料被选为优秀成果，请答复是否同意展示"
    assert besides(place.secretary) == [(said, reverse("consent", args=[exhibit.pk]))]
    exhibiting.consent(exhibit, by=place.secretary, at=NOW)
    assert besides(place.secretary) == []


def test_suggestions_given_to_the_unit_are_counted_at_home_overdue_ones_apart(place, owed):
    days = (timezone.localdate() - timedelta(days=1), timezone.localdate())
    for day in days:
        made = suggesting.enter(owed.requirement.campaign, f"{day}", source="座谈", by=place.officer, at=NOW)
        answering.answer(
            made, SuggestionState.ADOPTED, "", responsible=place.school, due_on=day, by=place.officer, at=NOW
        )
    address = reverse("my_suggestions", query={"shelf": "given"})
    assert besides(place.secretary) == [("有2条建议交本单位办理，其中1条逾期", address)]


def test_what_is_looked_for_is_found_on_whichever_shelf_it_lies(place, owed):
    handed_in(owed, place.secretary)
    found = as_(place.secretary).get(reverse("work"), {"q": "zw", "shelf": "todo"})
    assert (found.context["shelf"], len(found.context["page"])) == ("waiting", 1)
