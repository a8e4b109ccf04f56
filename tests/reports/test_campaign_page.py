"""The page of a campaign: every number leads to its rows, for everybody who may look, at a stated cost."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone
from lxml import html

from campaigns.models import Indicator
from reports import sums
from reports.looking import Look, overseen
from reports.views.campaign import by_branch
from schools.enums import Role, UnitKind
from schools.models import User
from submissions.figures import EVERY
from submissions.models import Assignment
from submissions.services import counting, publishing
from tests.factories import (
    NOW,
    County,
    OccurrenceFactory,
    RequirementFactory,
    TopicFactory,
    UnitFactory,
    assigned,
    at,
    person,
)
from tests.reports.busy import R, busy, leader_of, plan
from tests.reports.following import at_turns

pytestmark = pytest.mark.django_db

LISTS = {
    "rows", "pieces", "topic_units", "meetings", "topics", "activities", "indicators", "readings", "works",
    "suggestions",
}  # fmt: skip


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


def numbers(page: str) -> list[tuple[str, str, str]]:
    """(what it counts, what is shown, where it leads) of each number of a page that leads to a list."""
    found = []
    for link in html.fromstring(page).xpath("//main//td/a | //main//a[@data-figure]"):
        cell = link.getparent()
        key = link.get("data-figure") or next(
            one.removeprefix("f-") for one in cell.get("class").split() if one.startswith("f-")
        )
        shown = link.xpath("string(.//*[@class='n'])") or link.text_content()
        if resolve(link.get("href").split("?")[0]).url_name in LISTS:
            found.append((key, shown.strip(), link.get("href")))
    return found


def column(page: str, key: str) -> list[Decimal]:
    cells = html.fromstring(page).xpath(f"(//main//table)[last()]//td[contains(@class, 'f-{key} ')]")
    return [Decimal(one.get("data-value")) for one in cells if one.get("data-value")]


def behind(client: Client, key: str, address: str) -> str:
    """What the list at `address` says the number should be."""
    answer = client.get(address)
    page = answer.content.decode()
    if key == "present":
        return str(sum(column(page, "present")))
    if key == "value":
        return aggregated(column(page, "value"), answer.wsgi_request.GET["indicator"])
    assert len(answer.context["page"]) == answer.context["page"].paginator.count, "one page in this test"
    return str(answer.context["page"].paginator.count)


def aggregated(values: list[Decimal], indicator: str) -> str:
    one = Indicator.objects.get(pk=indicator)
    value = sum(values) if one.aggregation == "sum" else sum(values) / len(values)
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP).normalize():f}{one.unit}"


def address(made: Any, **query: Any) -> str:
    return reverse("campaign", args=[made.campaign.pk], query=query)


def lookers(place: County) -> dict[str, tuple[User, dict]]:
    leader = person(Role.LEADER, place.bureau)
    return {
        "officer": (place.officer, {}),
        "leader": (leader, {}),
        "leader, opened": (leader, {"below": place.township.pk}),
        "township": (leader_of(place.section, place.township), {}),
        "township, opened": (leader_of(place.section, place.township), {"below": place.township.pk}),
    }


#: Numbers on the page, tiles included, that lead to each list at least.
EXPECTED = {
    "rows",
    "pieces",
    "topic_units",
    "meetings",
    "topics",
    "activities",
    "indicators",
    "readings",
    "works",
}


@pytest.mark.parametrize("who", ["officer", "leader", "leader, opened", "township", "township, opened"])
def test_every_number_leads_to_as_many_rows(place: County, who: str) -> None:
    made = busy(place)
    if who == "leader":
        counting.fold_deltas()
    user, query = lookers(place)[who]
    client = as_(user)
    found = numbers(at_turns(client.get(address(made, **query)).content.decode()))
    lists = {resolve(url.split("?")[0]).url_name for _, _, url in found}
    assert lists == (EXPECTED if who.startswith("township") else LISTS)
    assert [(key, shown, url) for key, shown, url in found if behind(client, key, url) != shown] == []


def test_numbers_in_lists_lead_on(place: County) -> None:
    made = busy(place)
    client = as_(person(Role.LEADER, place.bureau))
    first = [reverse(name, args=[made.campaign.pk]) for name in ("topic_units", "topics", "indicators")]
    first.append(reverse("readings", args=[made.campaign.pk], query={"indicator": made.share.pk}))
    occurrences = reverse(
        "occurrences",
        args=[made.campaign.pk],
        query={"requirement": made.owed(place.school, R.PROGRESS).requirement.pk},
    )
    for one in (*first, occurrences):
        found = numbers(client.get(one).content.decode())
        assert found
        assert [(key, shown, url) for key, shown, url in found if behind(client, key, url) != shown] == []


def test_the_table_of_requirements_says_how_many_periods_and_leads_to_them(place: County) -> None:
    made = busy(place)
    client = as_(person(Role.LEADER, place.bureau))
    page = client.get(address(made)).content.decode()
    [link] = html.fromstring(page).xpath("//table[@id='requirement']//th/a")
    assert link.text == "进度月报（2期）"
    assert client.get(link.get("href")).context["page"].paginator.count == 2


def test_a_township_leader_is_shown_no_suggestions_and_only_activities_of_the_own_units(
    place: County,
) -> None:
    made = busy(place)
    page = html.fromstring(as_(leader_of(place.section, place.township)).get(address(made)).content.decode())
    assert page.xpath("//table[@id='suggestions']") == []
    assert page.xpath("//table[@id='activities']//th[@scope='row']/text()") == ["现场会"]


def test_the_head_says_how_much_of_what_is_due_came(place: County) -> None:
    made = busy(place)
    client = as_(person(Role.LEADER, place.bureau))
    answer = client.get(address(made))
    total = {key: cell.value for key, cell in answer.context["total"].items()}
    rows = Assignment.objects.filter(occurrence__requirement__campaign=made.campaign)
    due, handed = (rows.filter(EVERY[key].condition(timezone.now())).count() for key in ("due", "due_handed"))
    [said] = html.fromstring(answer.content.decode()).xpath("//p[@class='due']")
    assert (total["due"], total["due_handed"]) == (due, handed)
    assert said.text_content() == f"已到期{due}项，已报{handed}项，到期报送率{100 * handed // due}%。"


@pytest.mark.parametrize(("moment", "series"), [(NOW, "percent"), (at(5, 20), "due_percent")])
def test_townships_are_compared_by_what_is_due_once_anything_is(
    place: County, moment: datetime, series: str
) -> None:
    campaign = assigned(place).requirement.campaign
    seen = Look(campaign, overseen(place.officer), moment)
    table = by_branch(seen, sums.read(seen.counters(), moment, {"below": sums.below(seen.depth)}).of["below"])
    assert table.series == (series,)


def test_where_nothing_is_asked_one_sentence_says_so(place: County) -> None:
    made = busy(place)
    empty = UnitFactory(name="西镇", kind=UnitKind.TOWNSHIP, parent=place.bureau)
    for user, query, who in (
        (leader_of(place.section, empty), {}, "您的管辖范围内"),
        (place.officer, {"below": empty.pk}, "西镇"),
    ):
        page = html.fromstring(as_(user).get(address(made, **query)).content.decode())
        assert [one.text_content().strip() for one in page.xpath("//main//*[@class='sheet empty']")] == [
            f"{who}没有报送任务"
        ]
        assert page.xpath("//main//table | //main//section | //main//figure") == []


def test_a_part_that_hosts_nothing_is_named(place: County) -> None:
    made = busy(place)
    made.campaign.activities.filter(host=place.school).update(host=place.section)
    said = {}
    for user, query in (
        (place.officer, {"below": place.township.pk}),
        (leader_of(place.section, place.township), {}),
    ):
        page = html.fromstring(as_(user).get(address(made, **query)).content.decode())
        said[bool(query)] = page.xpath("//table[@id='activities']//td[@class='empty']/text()")
    assert said == {True: [f"{place.township.name}没有承办活动"], False: ["您管辖的单位没有承办活动"]}


def test_the_contents_lead_to_every_part(place: County) -> None:
    page = html.fromstring(as_(place.officer).get(address(busy(place))).content.decode())
    anchors = [one.removeprefix("#") for one in page.xpath("//nav[@aria-label='本页目录']/a/@href")]
    assert [len(page.xpath(f"//*[@id='{one}']")) for one in anchors] == [1] * 10


def test_a_plan_without_topics_and_indicators_has_no_empty_parts(place: County) -> None:
    page = as_(place.officer).get(reverse("campaign", args=[assigned(place).requirement.campaign.pk]))
    assert [one.key for one in page.context["sections"]] == ["course", "tasks", "excellent", "answer"]


@pytest.mark.parametrize(
    "key", ["requirement", "topics", "activities", "meetings", "indicators", "suggestions", "works", "duties"]
)
def test_every_table_can_be_taken_away(place: County, key: str) -> None:
    answer = as_(place.officer).get(address(busy(place), table=key))
    assert answer.headers["Content-Type"].endswith("spreadsheetml.sheet")


@pytest.mark.parametrize("more", [0, 3])
def test_the_page_takes_as_many_queries_however_much_there_is(
    place: County, more: int, django_assert_num_queries
) -> None:
    """Neither units nor requirements, topics, indicators or submissions add any."""
    made = busy(place)
    if more:
        grow(place, made, more)
    client = as_(person(Role.LEADER, place.bureau))
    client.get(reverse("inbox"))
    with django_assert_num_queries(QUERIES):
        client.get(address(made))


QUERIES = 40


def grow(place: County, made: Any, more: int) -> None:
    for n in range(more):
        UnitFactory(name=f"东镇第{n + 3}小学", parent=place.township)
        topic = TopicFactory(campaign=made.campaign, position=[2, n + 1], lead=place.section)
        topic.supporting.add(place.township)
        Indicator.objects.create(topic=topic, name="指标", value=1, unit="次")
        added = RequirementFactory(campaign=made.campaign, phase=made.campaign.phases.get())
        OccurrenceFactory(requirement=added)
        publishing.issue(added, by=place.officer, at=NOW)
    made.send(made.second, R.MINUTES, present="5", **MEETING_OF_SECOND)


MEETING_OF_SECOND = {
    "held_on": "2026-03-02", "place": "操场", "chair": "张示例", "recorder": "李示例", "agenda": "安全",
}  # fmt: skip
LISTED = {
    "pieces": 8, "topic_units": 7, "meetings": 7, "topics": 13, "activities": 6, "indicators": 12,
    "works": 8, "readings": 13, "occurrences": 8,
}  # fmt: skip


@pytest.mark.parametrize("more", [0, 3])
@pytest.mark.parametrize("name", LISTED)
def test_a_list_takes_as_many_queries_however_long_it_is(
    place: County, name: str, more: int, django_assert_num_queries
) -> None:
    made = busy(place)
    if more:
        grow(place, made, more)
    asked = {"readings": ("indicator", made.share.pk)}
    asked["occurrences"] = ("requirement", made.owed(place.school, R.PROGRESS).requirement.pk)
    query = dict([asked[name]]) if name in asked else {}
    client = as_(person(Role.LEADER, place.bureau))
    client.get(reverse("inbox"))
    with django_assert_num_queries(LISTED[name]):
        client.get(reverse(name, args=[made.campaign.pk], query=query))


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("pieces", "topic=x"), ("pieces", "topic=999999"), ("topic_units", "topic=x"), ("works", "figure=x"),
        ("works", "branch=x"), ("readings", ""), ("readings", "indicator=x"), ("occurrences", ""),
        ("topics", "figure=x"), ("activities", "figure=x"), ("indicators", "figure=x"),
        ("meetings", "branch=x"),
        ("campaign", "table=x"), ("pieces", "table=x"), ("campaign", "below=x"),
    ],
)  # fmt: skip
def test_nonsense_in_the_address_is_not_found(place: County, name: str, query: str) -> None:
    made = plan(place)
    client = as_(person(Role.LEADER, place.bureau))
    assert client.get(reverse(name, args=[made.campaign.pk]) + f"?{query}").status_code == 404
