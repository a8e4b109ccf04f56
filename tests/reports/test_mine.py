"""我的学校: what a person answers for, each unit once, every number with its rows."""

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from schools.enums import Role, UnitKind
from schools.models import Membership, Responsibility, Unit, User
from submissions.models import Assignment
from submissions.services import publishing, reviewing
from tests.factories import (
    NOW,
    MembershipFactory,
    ResponsibilityFactory,
    UnitFactory,
    UserFactory,
    assigned,
    at,
    county,
    handed_in,
    person,
)
from tests.reports.following import sheet_of
from tests.reports.test_pages import numbers
from tests.reports.test_unit_page import follow

pytestmark = pytest.mark.django_db


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


def page(user, **query):
    return as_(user).get(reverse("mine"), query)


@pytest.fixture
def leader(place):
    """Answers for the middle school directly, and through the section for the township."""
    user = person(Role.LEADER, place.bureau)
    ResponsibilityFactory(leader=user, unit=place.middle)
    ResponsibilityFactory(leader=user, unit=place.section)
    ResponsibilityFactory(leader=None, section=place.section, unit=place.township)
    return user


@pytest.fixture
def second(place):
    return UnitFactory(name="东镇第二小学", parent=place.township)


@pytest.fixture
def busy(place, leader, second):
    """Two campaigns: in one the second school is done and the first returned; nothing else came."""
    campaign = assigned(place).requirement.campaign
    handed = {unit: Assignment.objects.get(unit=unit) for unit in (place.school, second)}
    version = handed_in(handed[place.school], place.secretary, at=at(5, 3))
    reviewing.send_back(version, by=place.officer, at=at(5, 4), reason="请补充。", correct_by=at(5, 9))
    secretary = person(Role.SECRETARY, second, name="李示例", phone="13900000000")
    reviewing.accept(handed_in(handed[second], secretary), by=place.officer, at=NOW)
    assigned(place)
    return campaign


def shown(user, **query) -> dict[str, list[str]]:
    """Way → names of the units listed, in their order."""
    groups = page(user, **query).context["groups"]
    return {one["way"].name: [line.name for line in one["table"].lines] for one in groups}


def test_units_stand_once_under_the_most_direct_way_the_latest_first(place, leader, second, busy):
    ResponsibilityFactory(leader=None, section=place.section, unit=place.middle)
    ResponsibilityFactory(leader=leader, unit=place.bureau, ended_at=NOW)
    assert shown(leader) == {
        "直接包挂": ["示例县第一初级中学", "党办"],
        "经党办": ["东镇中心小学", "东镇第二小学", "东镇"],
    }


def test_the_one_that_is_later_longer_stands_before(place, leader, second, busy):
    """One task late in each school."""
    Assignment.objects.filter(unit=place.school, state="returned").update(state="exempt")
    assert shown(leader)["经党办"][:2] == ["东镇中心小学", "东镇第二小学"]
    Assignment.objects.filter(unit=second, state="todo").update(due_at=at(4, 1))
    assert shown(leader)["经党办"][:2] == ["东镇第二小学", "东镇中心小学"]


def test_every_number_leads_to_as_many_rows(place, leader, busy):
    """Tiles, units, ways and campaigns, eight figures each; narrowed without the table it is narrowed by."""
    address, client = reverse("mine"), as_(leader)
    assert follow(client, address) == 8 * (1 + 5 + 2 + 2)
    assert follow(client, f"{address}?campaign={busy.pk}") == 8 * (1 + 5 + 2)
    assert follow(client, f"{address}?way={place.section.pk}") == 8 * (1 + 3)
    tiles = {column.key: cell.value for column, cell in page(leader).context["tiles"]}
    assert tiles == {
        "percent": 16, "overdue": 4, "uncorrected": 1, "returned": 1, "missing": 4, "waiting": 0,
        "handed": 1, "owed": 6, "late": 1,
    }  # fmt: skip


def test_a_row_names_the_unit_and_leads_to_its_task(place, leader, busy):
    returned = Assignment.objects.get(unit=place.school, state="returned")
    said = as_(leader).get(reverse("mine_rows"), {"figure": "returned"}).content.decode()
    link = f'<a class="name" href="{reverse("assignment", args=[returned.pk])}">东镇中心小学</a>'
    assert (said.count(link), "已划转" in said) == (1, False)


def test_rows_can_be_taken_away(place, leader, busy):
    taken = sheet_of(as_(leader), f"{reverse('mine_rows')}?figure=returned")
    assert taken == [
        ("单位", "镇街", "活动", "报送任务", "状态", "截止日期", "修改期限", "首次报齐", "迟报"),
        ("东镇中心小学", "东镇", busy.title, busy.requirements.get().title, "退回",
         datetime(2026, 4, 30), datetime(2026, 5, 9), datetime(2026, 5, 3, 9), "是"),
    ]  # fmt: skip


def test_what_a_line_says_besides_figures(place, leader, second, busy):
    lines = {line.name: line for one in page(leader).context["groups"] for line in one["table"].lines}
    light, *_, last, contact = lines["东镇第二小学"].cells
    assert lines["东镇第二小学"].url == reverse("unit", args=[second.pk])
    assert (light.mark, last.value, contact.value, contact.url) == (
        "overdue", NOW, "李示例 13900000000", "tel:13900000000",
    )  # fmt: skip
    assert [cell.value for cell in lines["东镇"].cells][0::10] == ["无任务", None]


def test_campaigns_that_have_ended_do_not_count(place, leader, busy):
    Campaign.objects.filter(pk=busy.pk).update(state=CampaignState.CLOSED, closed_at=NOW)
    assert page(leader, campaign=busy.pk).status_code == 404
    assert follow(as_(leader), reverse("mine")) == 8 * (1 + 5 + 2 + 1)


def test_a_closed_school_is_listed_as_long_as_something_of_it_counts(place, leader, second, busy):
    Unit.objects.filter(pk__in=(second.pk, place.section.pk)).update(closed_at=NOW)
    Responsibility.objects.filter(section=place.section).delete()
    ResponsibilityFactory(leader=leader, unit=place.township)
    assert shown(leader) == {"直接包挂": ["东镇中心小学", "示例县第一初级中学", "东镇第二小学", "东镇"]}


def test_an_officer_answers_with_the_section(place, busy):
    assert shown(place.officer) == {"经党办": ["东镇中心小学", "东镇第二小学", "东镇"]}


def test_a_charge_is_no_wider_than_the_scope(place, busy):
    user = UserFactory()
    MembershipFactory(user=user, unit=place.township, scope=place.township, role=Role.LEADER)
    ResponsibilityFactory(leader=user, unit=place.bureau)
    assert shown(user) == {"直接包挂": ["东镇中心小学", "东镇第二小学", "东镇"]}
    assert follow(as_(user), reverse("mine")) == 8 * (1 + 3 + 2)


def test_who_answers_for_nobody_is_told_who_keeps_the_map(place, busy):
    said = page(person(Role.LEADER, place.bureau)).content.decode()
    assert (said.count("您还没有包挂的学校或科室"), numbers(said)) == (1, [])
    officer = person(Role.OFFICER, place.bureau)
    assert reverse("admin:schools_responsibility_changelist") in page(officer).content.decode()


@pytest.mark.parametrize(
    "query", ["campaign=0", "campaign=x", "way=0", "figure=money", "figure=nil", "unit=0", "unit=x"]
)
def test_nonsense_in_the_address_is_not_found(place, leader, busy, query):
    address = f"{reverse('mine_rows')}?figure=owed&{query}"
    assert as_(leader).get(address).status_code == 404


def test_units_and_campaigns_of_others_are_not_found(place, leader, busy):
    elsewhere = county()
    foreign = assigned(elsewhere).requirement.campaign
    for query in (f"unit={elsewhere.school.pk}", f"unit={place.bureau.pk}", f"campaign={foreign.pk}"):
        assert as_(leader).get(f"{reverse('mine_rows')}?figure=owed&{query}").status_code == 404


def test_a_campaign_that_asks_nothing_of_them_is_one_without_tasks(place, leader, busy):
    other = assigned(place, audience_kinds=[UnitKind.KINDERGARTEN, UnitKind.PRIMARY]).requirement.campaign
    Responsibility.objects.exclude(unit=place.middle).update(ended_at=NOW)
    context = page(leader, campaign=other.pk).context
    assert [cell.value for _, cell in context["tiles"]] == [None] + [0] * 8


def test_unsigned_titles_stay_with_the_school(place, leader, second):
    person(Role.HEAD, place.school)
    handed_in(assigned(place, sign_off=True), place.secretary, title="没有签发的话")
    rows = as_(leader).get(reverse("mine_rows"), {"figure": "owed"})
    assert (rows.context["page"].paginator.count, "没有签发的话" in rows.content.decode()) == (3, False)


def test_a_long_way_is_shown_by_the_page(place, leader, second, busy, monkeypatch):
    monkeypatch.setattr("reports.views.mine.PER_PAGE", 1)
    context = page(leader).context
    more = f"{reverse('mine')}?way={place.section.pk}"
    assert [one["more"] for one in context["groups"]][1] == more
    assert shown(leader, way=place.section.pk, page=2) == {"经党办": ["东镇第二小学"]}
    assert page(leader, way=place.section.pk).content.decode().count("page=2") == 1


def test_a_way_can_be_taken_away_whole(place, leader, second, busy, monkeypatch):
    monkeypatch.setattr("reports.views.mine.PER_PAGE", 1)
    file = page(leader, table=f"units-{place.section.pk}")
    sheet = load_workbook(BytesIO(b"".join(file.streaming_content))).active
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["东镇中心小学", "东镇第二小学", "东镇"]
    assert page(leader, table="money").status_code == 404


def entry(user) -> bool:
    return f'href="{reverse("mine")}"' in as_(user).get(reverse("inbox")).content.decode()


def test_the_entry_is_for_leaders_and_for_officers_who_answer_for_somebody(place, leader):
    other = person(Role.OFFICER, UnitFactory(kind=UnitKind.SECTION, parent=place.bureau))
    people = (person(Role.LEADER, place.bureau), place.officer, other, place.secretary)
    assert [entry(user) for user in people] == [True, True, False, False]
    Membership.objects.filter(user=place.officer).update(ended_at=NOW)
    assert entry(place.officer) is False


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("mine", 13), ("mine_rows", 9)])
def test_as_many_queries_however_many_units(place, leader, many, name, queries, django_assert_num_queries):
    for n in range(many):
        school = UnitFactory(name=f"东镇第{n}小学", parent=place.township)
        section = UnitFactory(kind=UnitKind.SECTION, parent=place.bureau)
        ResponsibilityFactory(leader=leader, unit=section)
        ResponsibilityFactory(leader=None, section=section, unit=school)
        campaign = assigned(place).requirement.campaign
        publishing.top_up(campaign, at=NOW)
        theirs = school.assignments.get(occurrence__requirement__campaign=campaign)
        handed_in(theirs, person(Role.SECRETARY, school))
    Assignment.objects.update(due_at=timezone.now() - timedelta(days=1))
    client = as_(leader)
    client.get(reverse("inbox"))
    with django_assert_num_queries(queries):
        client.get(reverse(name), {"figure": "owed"})
