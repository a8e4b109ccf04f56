"""Who is behind: ranked, with days, with the people to call; every number with its rows."""

from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import html
from openpyxl import load_workbook

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from notices.models import Notice
from portal import jobs
from portal.files import store
from portal.models import Job, JobState
from reports import behind as ranking
from reports.views import behind
from schools.enums import Role
from schools.models import Membership, User
from schools.responsibility import answering_for, answering_for_each
from submissions.models import Assignment, Reminder
from submissions.services import nudging, publishing, reviewing
from submissions.services.nudging import Matter
from tests.factories import (
    NOW,
    County,
    ResponsibilityFactory,
    UnitFactory,
    assigned,
    at,
    county,
    handed_in,
    person,
    ready_plan,
)
from tests.reports.test_pages import as_, numbers

pytestmark = pytest.mark.django_db


@pytest.fixture
def late(place: County):
    """Two campaigns: the middle school owes two essays since April, one of them since the 20th; the school
    in the township has a correction to make since May 9; another one has handed in."""
    third = UnitFactory(name="东镇第三小学", parent=place.township)
    owed = assigned(place)
    version = handed_in(owed, place.secretary, at=at(4, 3))
    reviewing.send_back(version, by=place.officer, at=at(4, 4), reason="请补充。", correct_by=at(5, 9))
    handed_in(third.assignments.get(), person(Role.SECRETARY, third), at=at(4, 2))
    second = ready_plan(place, audience_kinds=["middle"])
    publishing.publish(second.campaign, by=place.officer, at=NOW)
    Assignment.objects.filter(occurrence__requirement=second).update(due_at=at(4, 21, 0))
    return owed.requirement.campaign


@pytest.fixture
def leader(place: County):
    return as_(person(Role.LEADER, place.bureau))


def address(campaign: Campaign | None = None, **query) -> str:
    if campaign is None:
        return reverse("all_behind", query=query)
    return reverse("behind", args=[campaign.pk], query=query)


def lines(client, campaign: Campaign | None = None, **query) -> list[tuple]:
    """Unit, overdue, days and overdue corrections of every line."""
    table = client.get(address(campaign, **query)).context["table"]
    keys = [column.key for column in table.columns]
    return [
        (line.name, *(line.cells[keys.index(key)].value for key in ("overdue", "days", "uncorrected")))
        for line in table.lines
    ]


def days(month: int, day: int) -> int:
    return (timezone.localdate() - at(month, day).date()).days


def test_one_campaign_ranks_its_own(leader, late) -> None:
    assert lines(leader, late) == [
        ("示例县第一初级中学", 1, days(4, 30), 0),
        ("东镇中心小学", 0, None, 1),
    ]


def test_all_that_run_are_one_list_by_the_oldest_task(leader, late) -> None:
    assert lines(leader) == [
        ("示例县第一初级中学", 2, days(4, 20), 0),
        ("东镇中心小学", 0, None, 1),
    ]


def test_longest_first_then_most_then_the_order_of_the_tree(leader, place) -> None:
    names = ["甲小学", "乙小学", "丙小学", "丁小学"]
    for name in names:
        UnitFactory(name=name, parent=place.township)
    assigned(place)
    more = ready_plan(place, audience_kinds=["primary"])
    publishing.publish(more.campaign, by=place.officer, at=NOW)
    theirs = Assignment.objects.filter(occurrence__requirement=more)
    theirs.exclude(unit__name__in=["丙小学", "丁小学"]).update(state="accepted", completed_at=NOW)
    Assignment.objects.filter(unit__name="乙小学", state="todo").update(due_at=at(4, 10, 0))
    assert [line[0] for line in lines(leader)] == [
        "乙小学", "丙小学", "丁小学", "东镇中心小学", "甲小学", "示例县第一初级中学",
    ]  # fmt: skip


def test_a_closed_campaign_asks_nothing_more(leader, late) -> None:
    Campaign.objects.filter(pk=late.pk).update(state=CampaignState.CLOSED, closed_at=NOW)
    assert lines(leader) == [("示例县第一初级中学", 1, days(4, 20), 0)]


def test_days_are_counted_from_the_last_day(place, leader) -> None:
    owed = assigned(place)
    found = ranking.Behind(
        Assignment.objects.filter(pk=owed.pk), ranking.overseen(place.officer), at(5, 1, 0), lambda *_: ""
    )
    [line] = found.lines(found.ranked())
    assert (line.cells[2].value, line.cells[2].shown) == (1, "逾期1天")


def test_nobody_is_behind_before_the_due_instant(place) -> None:
    assigned(place)
    found = ranking.of_all(place.officer, at(4, 30, 23, 59), ranking.Narrowed(), None)
    assert found.ranked() == []


@pytest.mark.parametrize("everywhere", [True, False])
@pytest.mark.parametrize("query", [{}, {"q": "dz"}, {"unit_kind": "middle"}])
def test_every_number_leads_to_as_many_rows(leader, late, everywhere: bool, query: dict) -> None:
    page = leader.get(address(None if everywhere else late, **query))
    found = numbers(page.content.decode())
    assert len(found) == 2 * len(page.context["table"].lines) > 0
    assert [leader.get(link).context["page"].paginator.count for link, _ in found] == [n for _, n in found]


def test_a_line_leads_to_the_unit(leader, late, place) -> None:
    table = leader.get(address(late)).context["table"]
    assert table.lines[0].url == reverse("unit", args=[place.middle.pk])
    assert leader.get(table.lines[0].url).status_code == 200


def cell_of(client, unit: str, key: str, campaign: Campaign | None = None):
    table = client.get(address(campaign)).context["table"]
    [line] = [one for one in table.lines if one.name == unit]
    return line.cells[[column.key for column in table.columns].index(key)]


def test_the_secretary_can_be_called(leader, late, place) -> None:
    place.secretary.name, place.secretary.phone = "张示例", "138 0000 0000"
    place.secretary.save()
    person(Role.SECRETARY, place.school, name="李示例")
    found = cell_of(leader, "东镇中心小学", "contact")
    assert (found.value, found.url) == ("张示例 138 0000 0000、李示例", "tel:13800000000")
    tree = html.fromstring(leader.get(address(late)).content.decode())
    (link,) = tree.xpath("//a[starts-with(@href, 'tel:')]")
    assert link.text_content() == "张示例 138 0000 0000、李示例"
    assert link.xpath("*[@class='text-nowrap']/text()") == ["138 0000 0000"]


def test_who_has_left_is_not_called(leader, late, place) -> None:
    User.objects.filter(pk=place.secretary.pk).update(is_active=False)
    found = cell_of(leader, "东镇中心小学", "contact")
    assert (found.value, found.shown) == ("", "未登记")


def test_the_latest_act_of_the_units_own_people_is_told(leader, late, place) -> None:
    assert cell_of(leader, "东镇中心小学", "active").value == "2026-04-03 提交材料"
    User.objects.filter(pk=place.secretary.pk).update(last_login=at(5, 6))
    assert cell_of(leader, "东镇中心小学", "active").value == "2026-05-06 登录"
    nothing = cell_of(leader, "示例县第一初级中学", "active")
    assert (nothing.value, nothing.shown) == ("", "无")


def test_when_its_people_were_last_reminded_stands_beside_a_unit(leader, late, place) -> None:
    patron = person(Role.LEADER, place.bureau)
    for who, month, day in ((place.secretary, 5, 11), (place.secretary, 5, 12), (patron, 5, 20)):
        remind(place.school.assignments.get(), who, at(month, day))
    assert cell_of(leader, "东镇中心小学", "nudged").value == "2026-05-12 自动提醒"
    nudging.nudge([place.school], Matter(late), "请尽快修改。", by=place.officer, at=at(5, 13))
    assert cell_of(leader, "东镇中心小学", "nudged").value == "2026-05-13 催办"
    nothing = cell_of(leader, "示例县第一初级中学", "nudged")
    assert (nothing.value, nothing.shown) == ("", "无")


def remind(task: Assignment, who: User, moment) -> None:
    notice = Notice.objects.create(recipient=who, matter=f"test:{moment}", title="提醒", at=moment)
    Reminder.objects.create(
        assignment=task, edition=task.due_at, rung=str(moment.day), person=who, at=moment, notice=notice
    )


def ways_to_nudge(client, campaign: Campaign | None = None) -> tuple[list[str], dict, str]:
    """The units to tick, what “all” would send, and what its button says."""
    page = html.fromstring(client.get(address(campaign)).content.decode())
    ticks = page.xpath("//input[@form='ticks']/@value")
    [form] = page.xpath("//form[@method='post'][.//input[@name='units']]")
    sent = {name: value for name, value in form.form_values() if name != "csrfmiddlewaretoken"}
    return ticks, sent, form.xpath("string(.//button)")


def test_units_can_be_ticked_and_all_be_nudged_beyond_the_page(leader, late, place, monkeypatch) -> None:
    monkeypatch.setattr(behind, "PER_PAGE", 1)
    ids = [str(place.middle.pk), str(place.school.pk)]
    for campaign, named in ((late, {"campaign": str(late.pk)}), (None, {})):
        sent = {"units": ",".join(ids)} | named
        assert ways_to_nudge(leader, campaign) == (ids[:1], sent, "催办全部2个单位")


def test_more_units_than_may_be_nudged_at_once_are_not_offered_together(leader, late, monkeypatch) -> None:
    monkeypatch.setattr(behind, "MOST", 1)
    page = html.fromstring(leader.get(address(late)).content.decode())
    said = page.xpath("string(//div[starts-with(@class, 'nudge-bar')])")
    assert "共2个单位，一次最多催办1个，请按镇街或类别筛选后分批催办。" in said
    assert "催办全部" not in said


def test_who_answers_for_a_unit_stands_beside_it(leader, late, place) -> None:
    patron = person(Role.LEADER, place.bureau, name="王示例")
    ResponsibilityFactory(leader=patron, unit=place.township)
    ResponsibilityFactory(leader=None, section=place.section, unit=place.school)
    assert cell_of(leader, "东镇中心小学", "answers").value == "王示例、党办"
    nobody = cell_of(leader, "示例县第一初级中学", "answers")
    assert (nobody.value, nobody.shown) == ("", "未登记")


def test_answers_for_many_are_the_answers_for_each(place, django_assert_num_queries) -> None:
    patron, gone = person(Role.LEADER, place.bureau), person(Role.LEADER, county().bureau)
    for unit in (place.section, place.township, place.middle):
        ResponsibilityFactory(leader=patron, unit=unit)
    ResponsibilityFactory(leader=gone, unit=place.school)
    for unit in (place.bureau, place.school):
        ResponsibilityFactory(leader=None, section=place.section, unit=unit)
    units = [place.bureau, place.section, place.township, place.school, place.middle]
    with django_assert_num_queries(2):
        found = answering_for_each(units)
    assert found == {unit.pk: answering_for(unit) for unit in units}
    assert [len(found[unit.pk]) for unit in units] == [2, 3, 3, 5, 3]


def test_a_township_leader_sees_the_own_township_only(late, place) -> None:
    made = person(Role.LEADER, place.township)
    Membership.objects.filter(user=made).update(scope=place.township)
    for campaign in (late, None):
        assert [line[0] for line in lines(as_(made), campaign)] == ["东镇中心小学"]


def test_outsiders_learn_nothing(late, place) -> None:
    stranger = as_(person(Role.LEADER, county().bureau))
    assert stranger.get(address(late)).status_code == 404
    assert lines(stranger) == []
    assert stranger.get(address(below=place.township.pk)).status_code == 404
    assert as_(place.secretary).get(address()).status_code == 403


def test_of_a_unit_that_has_moved_away_only_the_figures_stay(late, place) -> None:
    made = person(Role.LEADER, place.township)
    Membership.objects.filter(user=made).update(scope=place.township)
    place.school.parent = place.bureau
    place.school.save()
    client = as_(made)
    assert lines(client, late) == [("东镇中心小学（已划转）", 0, None, 1)]
    assert lines(client) == []
    [line] = client.get(address(late)).context["table"].lines
    assert (line.url, {(line.cells[n].value, line.cells[n].shown) for n in (3, 5, 6, 7)}) == ("", {("", "")})
    assert html.fromstring(client.get(address(late)).content.decode()).xpath("//*[@name='unit']") == []
    links = (line.cells[1].url, line.cells[4].url)
    assert [client.get(link).context["page"].paginator.count for link in links] == [0, 1]


@pytest.mark.parametrize("everywhere", [True, False])
def test_printed_it_says_of_what_on_every_page(leader, late, everywhere: bool) -> None:
    tree = html.fromstring(leader.get(address(None if everywhere else late)).content.decode())
    about = "所有进行中的活动" if everywhere else late.title
    assert tree.get("data-at").split("　")[:2] == [about, "落后单位"]


def test_where_nobody_is_behind_the_page_says_so(leader, late) -> None:
    said = html.fromstring(leader.get(address(late, q="没有这所学校")).content.decode())
    assert said.xpath("string(//p[@class='lead'])").split(" · ")[0] == "没有落后单位"


def test_pages_hold_fifty(leader, late, monkeypatch) -> None:
    assert behind.PER_PAGE == 50
    monkeypatch.setattr(behind, "PER_PAGE", 1)
    assert [lines(leader, page=n)[0][0] for n in (1, 2)] == ["示例县第一初级中学", "东镇中心小学"]


@pytest.mark.parametrize("more", [0, 4])
@pytest.mark.parametrize(("everywhere", "queries"), [(False, 15), (True, 12)])
def test_it_takes_the_same_queries_for_many_units(
    place, leader, more: int, everywhere: bool, queries: int, django_assert_num_queries
) -> None:
    for n in range(more):
        UnitFactory(name=f"东镇第{n}小学", parent=place.township)
    campaign = assigned(place).requirement.campaign
    leader.get(reverse("inbox"))
    with django_assert_num_queries(queries):
        leader.get(address(None if everywhere else campaign))


# As a workbook ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("everywhere", [True, False])
def test_the_whole_list_is_taken_away(leader, late, place, monkeypatch, everywhere: bool) -> None:
    monkeypatch.setattr(behind, "PER_PAGE", 1)
    name, args = ("take_behind", []) if everywhere else ("take_table", [late.pk, "behind"])
    leader.post(reverse(name, args=args))
    jobs.run_waiting(lambda: at(5, 20))
    job = Job.objects.get()
    head, *rows = load_workbook(BytesIO(store.path_of(job.product).read_bytes())).active.values
    assert head == (
        "单位", "镇街", "逾期项数", "最久逾期", "联系人", "修改逾期", "最近动态", "最近催办",
        "责任领导、科室",
    )  # fmt: skip
    since, n = (30, 2) if everywhere else (20, 1)
    assert [(*row[:4], row[5]) for row in rows] == [
        ("示例县第一初级中学", "示例县教育局直属", n, since, 0),
        ("东镇中心小学", "东镇", 0, None, 1),
    ]
    assert job.result == {"said": "共2个单位"}


def test_when_nobody_is_behind_there_is_nothing_to_take(leader, place) -> None:
    assigned(place)
    leader.post(reverse("take_behind"))
    jobs.run_waiting(lambda: NOW)
    assert Job.objects.get().state == JobState.FAILED
