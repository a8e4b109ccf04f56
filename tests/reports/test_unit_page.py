"""One unit's page: every number leads to its rows, and what is the school's own stays there."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from campaigns.models import Campaign
from notices.templatetags.days import due_day
from reports import present
from reports.present import Light
from schools.enums import Role, UnitKind
from schools.models import FormerName, Membership, Unit, User
from submissions.enums import ExhibitState
from submissions.models import Assignment, Exhibit
from submissions.services import reviewing, signing
from tests.factories import (
    NOW,
    PairingFactory,
    ResponsibilityFactory,
    UnitFactory,
    assigned,
    at,
    county,
    drafted,
    handed_in,
    person,
)
from tests.reports.following import sheet_of
from tests.reports.test_pages import numbers

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ALL = ["示例县教育局", "党办", "东镇", "东镇中心小学", "示例县第一初级中学"]


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


@pytest.fixture
def leader(place):
    return person(Role.LEADER, place.bureau, name="张示例", phone="13900000000")


@pytest.fixture
def owed(place):
    return assigned(place)


def page(user, unit, name="unit", **query):
    return as_(user).get(reverse(name, args=[unit.pk]), query)


def follow(client: Client, address: str) -> int:
    """How many numbers the page shows, each of which leads to as many rows."""
    found = numbers(client.get(address).content.decode())
    for link, number in found:
        rows = client.get(link)
        listed = rows.context["page"].paginator.count, rows.content.decode().count("data-row")
        assert (link, *listed) == (link, number, number)
    return len(found)


@pytest.fixture
def busy(place):
    """One task accepted and shown, one returned and past its correction, one overdue; two years."""
    accepted = handed_in(assigned(place, title="通过的"), place.secretary)
    reviewing.accept(accepted, by=place.officer, at=NOW, recommended=True)
    Exhibit.objects.create(
        version=accepted, state=ExhibitState.SHOWN, chosen_by=place.officer, chosen_at=NOW,
        answered_by=place.secretary, answered_at=NOW,
    )  # fmt: skip
    returned = handed_in(assigned(place, title="退回的"), place.secretary, at=at(5, 3))
    reviewing.send_back(returned, by=place.officer, at=at(5, 4), reason="请补充。", correct_by=at(5, 9))
    assigned(place, title="未报的")
    earlier = accepted.submission.assignment.requirement.campaign
    Campaign.objects.filter(pk=earlier.pk).update(starts_on=date(2025, 2, 1))
    return earlier


# Numbers ----------------------------------------------------------------------------------------------


def test_every_number_leads_to_as_many_rows(place, leader, busy):
    present_and_year, campaigns, years = 5 + 11, 3 * 11, 2 * 11
    assert (
        follow(as_(leader), reverse("unit", args=[place.school.pk])) == present_and_year + campaigns + years
    )


def test_a_township_shows_what_lies_below_it_too(place, leader, busy):
    shown = page(leader, place.township)
    assert [line.cells[2].value for line in shown.context["tables"]["below"].lines] == [1, 1, 1]
    assert follow(as_(leader), reverse("unit", args=[place.township.pk])) == 3 * 13
    below = reverse("units") + f"?below={place.township.pk}"
    assert f'href="{below}"' in shown.content.decode()
    assert [one.name for one in as_(leader).get(below).context["page"]] == ["东镇中心小学"]


def test_what_has_ended_is_no_more_overdue_at_present(place, leader, busy):
    Campaign.objects.update(state="closed", closed_at=NOW)
    context = page(leader, place.school).context
    assert (context["present"].light, [cell.value for _, cell in context["tiles_now"]]) == (
        Light.NOTHING, [0] * 5,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "light"),
    [
        (at(4, 27), Light.FINE), (at(4, 28), Light.NEAR), (at(4, 30, 23, 59), Light.NEAR),
        (at(5, 1, 0, 0), Light.LATE),
    ],
)  # fmt: skip
def test_the_light_of_something_due_on_the_last_of_april(owed, moment, light):
    """28, 29 and 30 April are working days."""
    [(_, found)] = present.read(Assignment.objects.filter(pk=owed.pk), moment)
    assert (found.light, found.days_late(moment)) == (light, 1 if light is Light.LATE else None)


def test_the_light_of_what_was_returned_turns_when_the_time_for_the_correction_is_over(place, owed):
    version = handed_in(owed, place.secretary)
    reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充。", correct_by=at(3, 9, 0, 0))
    tasks = Assignment.objects.filter(pk=owed.pk)
    lights = [present.read(tasks, moment)[0][1].light for moment in (at(3, 8, 23, 59), at(3, 9, 0, 0))]
    assert lights == [Light.BACK, Light.LATE]


@pytest.mark.parametrize("query", [{}, {"figure": "money"}, {"figure": "owed", "campaign": "9" * 30}])
def test_nonsense_in_the_address_is_not_found(place, leader, owed, query):
    assert page(leader, place.school, "unit_rows", **query).status_code == 404
    assert page(leader, place.school, table="money").status_code == 404


def test_the_tables_can_be_taken_away(place, leader, busy):
    file = page(leader, place.school, table="campaigns")
    sheet = load_workbook(BytesIO(b"".join(file.streaming_content))).active
    assert ([cell.value for cell in sheet[1]][:3], sheet.max_row) == (["活动", "年份", "应报"], 4)


@pytest.mark.parametrize(
    ("name", "query", "first", "last"),
    [
        ("unit_rows", "figure=owed", "报送任务", "迟报"),
        ("unit_rows", "figure=pieces", "材料", "截止日期"),
        ("unit_rows", "figure=returns", "材料", "审核意见"),
        ("unit_history", "", "材料", "报送人"),
    ],
)
def test_lists_can_be_taken_away(place, leader, busy, name, query, first, last):
    """As many rows as the page lists."""
    address = f"{reverse(name, args=[place.school.pk])}?{query}"
    heading, *rows = sheet_of(as_(leader), address)
    shown = as_(leader).get(address).context["page"].paginator.count
    assert ((heading[0], heading[-1]), len(rows)) == ((first, last), shown)


def test_units_found_can_be_taken_away(place, leader):
    Unit.objects.filter(pk=place.school.pk).update(code="2136000001")
    FormerName.objects.create(unit=place.school, name="旧名小学", until=NOW)
    assert sheet_of(as_(leader), f"{reverse('units')}?q=dzzx") == [
        ("单位", "上级单位", "单位类别", "办学性质", "标识码", "曾用名", "撤并时间"),
        ("东镇中心小学", "东镇", "小学", "公办", "2136000001", "旧名小学", None),
    ]


def test_what_is_longer_than_can_be_taken_says_so(place, leader, busy, monkeypatch):
    monkeypatch.setattr("reports.listings.MOST", 1)
    shown = page(leader, place.school, "unit_rows", figure="owed")
    assert "超过1条，不能导出Excel，请缩小范围" in shown.content.decode()
    assert page(leader, place.school, "unit_rows", figure="owed", table="list").status_code == 404


def test_the_list_of_what_was_returned_says_until_when_it_is_to_be_corrected(place, leader, busy):
    said = page(leader, place.school, "unit_rows", figure="returned").content.decode()
    assert f"{due_day(at(5, 9))}前修改" in said


def test_tasks_given_at_one_moment_are_one_line(place, leader):
    """The latest first: a piece handed in, then the two tasks that came together."""
    assigned(place)
    handed_in(assigned(place), place.secretary, at=at(3, 5))
    shown = page(leader, place.school)
    events = [(one.get_kind_display(), one.together) for one in shown.context["events"]]
    assert events == [("提交材料", 1), ("下达任务", 2)]
    assert "下达任务：2项" in shown.content.decode()


# What is the school's own -----------------------------------------------------------------------------


def test_drafts_unsigned_versions_and_the_words_of_the_head_stay_with_the_school(place, leader):
    head = person(Role.HEAD, place.school)
    drafted(assigned(place), place.secretary, title="草稿里的话")
    unsigned = handed_in(assigned(place, sign_off=True), place.secretary, title="没有签发的话")
    signing.decline(unsigned, by=head, at=NOW, reason="负责人说的话")
    waiting = handed_in(assigned(place, sign_off=True), place.secretary, title="等待签发的话")
    client = as_(leader)
    addresses = [reverse(name, args=[place.school.pk]) for name in ("unit", "unit_history")]
    addresses += [link for link, _ in numbers(client.get(addresses[0]).content.decode())]
    said = "".join(client.get(address).content.decode() for address in addresses)
    own = ("草稿里的话", "没有签发的话", "负责人说的话", "等待签发的话", "有草稿")
    assert ([one for one in own if one in said], page(leader, place.school).context["piece_count"]) == ([], 0)
    signing.sign(waiting, by=head, at=NOW)
    assert [one.title for one in page(leader, place.school, "unit_history").context["page"]] == [
        "等待签发的话"
    ]


def test_a_piece_is_listed_once_with_its_newest_version(place, leader, owed):
    version = handed_in(owed, place.secretary, title="甲")
    reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充。", correct_by=at(4, 9))
    handed_in(owed, place.secretary, title="甲改", at=at(3, 4))
    handed_in(owed, place.secretary, title="乙", number=2, at=at(3, 3))
    listed = page(leader, place.school, "unit_history").context["page"]
    assert [(one.title, one.number, one.word) for one in listed] == [
        ("甲改", 2, "待审核"),
        ("乙", 1, "待审核"),
    ]


def test_another_county_does_not_exist(place, leader):
    elsewhere = county()
    for name in ("unit", "unit_rows", "unit_history"):
        assert page(leader, elsewhere.school, name, figure="owed").status_code == 404
    assert list(as_(leader).get(reverse("units"), {"q": "党办"}).context["page"]) == [place.section]


def test_the_work_of_a_school_that_came_from_elsewhere_comes_with_it(place, leader):
    """What the other bureau asked for is counted and read; its own page stays there, the plan opens."""
    elsewhere = county()
    campaign = assigned(elsewhere).requirement.campaign
    school = elsewhere.school
    school.name, school.parent = "迁来的小学", place.township
    school.save()
    [line] = page(leader, school).context["tables"]["campaigns"].lines
    assert (line.url, line.cells[1].value) == (reverse("plan", args=[campaign.pk]), 1)
    assert as_(leader).get(line.url).status_code == 200
    assert follow(as_(leader), reverse("unit", args=[school.pk])) == 5 + 11 * 3


# People and places ------------------------------------------------------------------------------------


def test_who_answers_who_works_there_and_who_helps(place, leader):
    ResponsibilityFactory(leader=leader, unit=place.section)
    ResponsibilityFactory(leader=None, section=place.section, unit=place.township)
    far = county().school
    PairingFactory(unit=place.school, partner=place.middle, note="帮扶")
    PairingFactory(unit=far, partner=place.school)
    handed_in(assigned(place), place.secretary, at=at(3, 5))
    head = person(Role.HEAD, place.school)
    shown = page(leader, place.school)
    context, said = shown.context, shown.content.decode()
    ways = [(str(one["answer"].who), one["way"], one["page"]) for one in context["answers"]]
    assert ways == [("党办", "包挂东镇", place.section), ("张示例", "经党办包挂东镇", None)]
    assert 'href="tel:13900000000"' in said
    assert [(post.user, post.handed_in) for post in context["people"]] == [
        (head, None), (place.secretary, at(3, 5)),
    ]  # fmt: skip
    pairs = {(one["unit"], one["note"], one["seen"]) for one in context["pairs"]}
    assert pairs == {(place.middle, "帮扶", True), (far, "", False)}
    assert [reverse("unit", args=[one.pk]) in said for one in (place.middle, far)] == [True, False]


def test_a_leader_who_sits_above_is_named_without_a_telephone(place, leader):
    """Those below the bureau are told who answers for a school; telephones only of their own people."""
    ResponsibilityFactory(leader=leader, unit=place.school)
    near = person(Role.LEADER, place.township, name="王示例", phone="13900000001")
    ResponsibilityFactory(leader=near, unit=place.school)
    viewer = person(Role.LEADER, place.township)
    viewer.memberships.update(scope=place.township)
    for who, phones in ((leader, [True, True]), (viewer, [False, True])):
        said = page(who, place.school).content.decode()
        assert [one in said for one in ("张示例", "王示例")] == [True, True]
        assert [one in said for one in ("13900000000", "13900000001")] == phones


def test_a_unit_of_any_name_can_be_taken_away(place, leader, busy):
    Unit.objects.filter(pk=place.township.pk).update(name="'东镇[2026/1:*?\\]\x01'")
    file = page(leader, place.township, table="below")
    book = load_workbook(BytesIO(b"".join(file.streaming_content)))
    assert book.sheetnames == ["＇东镇［2026／1：＊？＼］＇各单位"]


def test_who_left_is_no_contact(place, leader):
    Membership.objects.filter(user=place.secretary).update(ended_at=NOW)
    person(Role.HEAD, place.school, is_active=False)
    assert list(page(leader, place.school).context["people"]) == []


def test_a_merged_school_keeps_its_record_and_both_lead_to_each_other(place, leader, owed):
    Unit.objects.filter(pk=place.school.pk).update(closed_at=NOW, successor=place.middle)
    FormerName.objects.create(unit=place.middle, name="示例县初级中学", until=NOW)
    gone, heir = page(leader, place.school), page(leader, place.middle)
    links = [
        reverse("unit", args=[other.pk]) in shown.content.decode()
        for shown, other in ((gone, place.middle), (heir, place.school))
    ]
    assert (links, gone.context["owes"]) == ([True, True], True)
    assert [one.name for one in heir.context["former_names"]] == ["示例县初级中学"]


# Finding ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("中心", ["东镇中心小学"]), ("dzzx", ["东镇中心小学"]), ("东镇 小学", ["东镇中心小学"]),
        ("2136", ["东镇中心小学"]), ("旧名", ["示例县第一初级中学"]), ("没有的", []), (" ", ALL),
    ],
)  # fmt: skip
def test_units_are_found_by_name_initials_code_and_former_name(place, leader, typed, found):
    Unit.objects.filter(pk=place.school.pk).update(code="2136000001")
    FormerName.objects.create(unit=place.middle, name="旧名中学", until=NOW)
    listed = [one.name for one in as_(leader).get(reverse("units"), {"q": typed}).context["page"]]
    assert listed == found


def test_a_township_leader_finds_the_own_township_only(place):
    user = person(Role.LEADER, place.township)
    Membership.objects.filter(user=user).update(scope=place.township)
    listed = as_(user).get(reverse("units")).context["page"]
    assert [one.name for one in listed] == ["东镇", "东镇中心小学"]
    assert page(user, place.middle).status_code == 404


# Queries ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"), [("unit", 26), ("township", 23), ("unit_rows", 7), ("unit_history", 8), ("units", 7)]
)
def test_as_many_queries_however_many_rows(place, leader, many, name, queries, django_assert_num_queries):
    for n in range(many):
        version = handed_in(assigned(place), place.secretary)
        reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充。", correct_by=at(4, 9))
        campaign = assigned(place).requirement.campaign
        Campaign.objects.filter(pk=campaign.pk).update(starts_on=date(2025 - n, 1, 1))
        ResponsibilityFactory(leader=person(Role.LEADER, place.bureau), unit=place.school)
        section = UnitFactory(kind=UnitKind.SECTION, parent=place.bureau)
        ResponsibilityFactory(leader=None, section=section, unit=place.school)
        PairingFactory(unit=place.school, partner=UnitFactory(parent=place.township))
        person(Role.HEAD, place.school)
        Unit.objects.filter(pk=UnitFactory(parent=place.township).pk).update(
            closed_at=NOW, successor=place.school
        )
        FormerName.objects.create(unit=place.school, name=f"旧名{n}", until=NOW)
    Assignment.objects.update(due_at=timezone.now() + 60 * DAY)
    client = as_(leader)
    address = {
        "township": reverse("unit", args=[place.township.pk]), "units": reverse("units"),
    }.get(name) or reverse(name, args=[place.school.pk])  # fmt: skip
    client.get(reverse("inbox"))
    with django_assert_num_queries(queries):
        client.get(address, {"figure": "owed"})
