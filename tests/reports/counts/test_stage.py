"""Reports of phases and campaigns count what the dashboard of the host's own leader shows at that instant."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from campaigns.models import Indicator
from reports.counts import praise, schema, stage, units
from reports.counts.stage import STEPS
from schools.enums import Role
from submissions.figures import COUNTED
from submissions.models import Version
from submissions.services import changing, easing, exhibiting, publishing, reviewing
from tests.factories import (
    NOW,
    CampaignFactory,
    County,
    OccurrenceFactory,
    RequirementFactory,
    TopicFactory,
    UnitFactory,
    assigned,
    at,
    handed_in,
    person,
    ready_plan,
)
from tests.reports.busy import R, busy
from tests.reports.counts.agreeing import MOMENT, check, untold

pytestmark = pytest.mark.django_db

FIGURES = [one.key for one in COUNTED]
REASON = {"reason": "工作需要"}


def page_of(place: County, campaign: Any) -> dict[str, Any]:
    """What the page of the campaign shows the host's own leader."""
    client = Client()
    client.force_login(person(Role.LEADER, place.bureau), backend=settings.AUTHENTICATION_BACKENDS[1])
    return client.get(reverse("campaign", args=[campaign.pk])).context


def tables(page: dict[str, Any]) -> dict[str, Any]:
    return {one.key: one for section in page["sections"] for one in section.tables}


def by_name(table: Any, keys: list[str]) -> dict[str, list[Any]]:
    """The name of each line → its values in those columns."""
    places = [[column.key for column in table.columns].index(key) for key in keys]
    return {line.name: [line.cells[place].value for place in places] for line in table.lines}


# The same numbers everywhere --------------------------------------------------------------------------


def test_every_number_agrees_with_the_rows_and_with_the_others(place: County) -> None:
    campaign = busy(place).campaign
    check(stage.count(campaign, None, MOMENT, untold), campaign)


def test_tasks_are_those_of_the_dashboard_of_the_hosts_leader_at_the_same_instant(place: County) -> None:
    campaign = busy(place).campaign
    page = page_of(place, campaign)
    figures = stage.count(campaign, None, page["now"], untold)
    shown = tables(page)
    assert figures["numbers"] == {key: page["total"][key].value for key in FIGURES}
    for group, table in (
        ("phases", "phase"),
        ("requirements", "requirement"),
        ("branches", "branch"),
        ("kinds", "kind"),
        ("ownerships", "ownership"),
    ):
        counted = [(line["name"], list(line["numbers"].values())) for line in figures[group]]
        assert counted == list(by_name(shown[table], FIGURES).items())


def test_what_came_in_is_that_of_the_dashboard(place: County) -> None:
    campaign = busy(place).campaign
    page = page_of(place, campaign)
    figures = stage.count(campaign, None, page["now"], untold)
    shown = tables(page)
    topics = {f"{one['number']} {one['title']}": [one["pieces"], one["units"]] for one in figures["topics"]}
    topics["未选专题"] = [figures["untopical"], 2]
    meetings = {one["name"]: [one["meetings"], one["present"]] for one in figures["meetings"]["branches"]}
    meetings["合计"] = [figures["meetings"]["meetings"], figures["meetings"]["present"]]
    said = figures["suggestions"]
    assert topics == by_name(shown["topics"], ["pieces", "units"])
    assert meetings == by_name(shown["meetings"], ["meetings", "present"])
    assert [said["total"], said["settled"], said["unsettled"]] == list(
        by_name(shown["suggestions"], ["n", "settled", "unsettled"])["合计"]
    )
    assert [figures["recommended"], figures["shown"]] == by_name(shown["works"], ["recommended", "shown"])[
        "合计"
    ]
    assert {one["title"]: [one["standing"]] for one in figures["activities"]} == {
        line.name: [line.cells[0].mark] for line in shown["activities"].lines
    }
    assert {one["name"]: [one["value"], one["standing"], one["reported"], one["asked"]]
            for one in figures["indicators"]} == {
        line.name: [line.cells[1].shown, line.cells[3].mark, line.cells[4].value, line.cells[5].value]
        for line in shown["indicators"].lines
    }  # fmt: skip


def test_the_course_is_the_trend_of_the_dashboard(place: County) -> None:
    campaign = busy(place).campaign
    page = page_of(place, campaign)
    counted = {
        one["day"]: (one["due"], one["done"])
        for one in stage.count(campaign, None, page["now"], untold)["course"]
    }
    trend = {line.value: (line.cells[0].value, line.cells[2].value) for line in tables(page)["trend"].lines}
    days = counted.keys() & trend.keys()
    assert {day: counted[day] for day in days} == {day: trend[day] for day in days}
    assert len(days) > 50


def test_the_report_of_the_only_phase_counts_row_by_row_what_counters_say_of_the_campaign(
    place: County,
) -> None:
    campaign = busy(place).campaign
    whole = stage.count(campaign, None, MOMENT, untold)
    phase = stage.count(campaign, campaign.phases.get(), MOMENT, untold)
    own = {"kind", "phase", "phases", "course", "suggestions"}
    assert {key: value for key, value in phase.items() if key not in own} == {
        key: value for key, value in whole.items() if key not in own
    }
    assert (whole["kind"], phase["kind"], phase["phases"]) == ("campaign", "phase", [])


# Units ------------------------------------------------------------------------------------------------


def test_who_is_missing_is_named_with_what_and_how_long(place: County) -> None:
    campaign = busy(place).campaign
    found = stage.count(campaign, None, at(5, 1, 9), untold)
    assert found["missing"][-1] == {
        "unit": place.middle.pk,
        "name": place.middle.name,
        "branch": "示例县教育局直属",
        "kind": "初中",
        "n": 1,
        "tasks": ["进度月报（4月）"],
        "days": 21,  # due on 10 April
    }
    assert [(one["name"], one["branch"], one["n"], one["days"]) for one in found["missing"][:-1]] == [
        (place.school.name, "东镇", 2, 59), ("东镇第二小学", "东镇", 3, 31),
    ]  # fmt: skip


def test_who_was_late_is_named_and_in_no_delay(place: County) -> None:
    owed = assigned(place, due_at=at(3, 10, 0))
    handed_in(owed, place.secretary, at=at(3, 11))
    [one] = stage.count(owed.requirement.campaign, None, MOMENT, untold)["late"]
    assert (one["name"], one["tasks"], one["days"]) == (place.school.name, [owed.name], 0)


def test_long_lists_are_cut_by_the_longest_delay_and_the_number_of_all_stays(
    place: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(units, "MOST_UNITS", 2)
    monkeypatch.setattr(units, "MOST_TASKS", 1)
    found = stage.count(busy(place).campaign, None, at(5, 1, 9), untold)
    assert found["missing_units"] == 3
    assert [(one["name"], one["n"], len(one["tasks"])) for one in found["missing"]] == [
        (place.school.name, 2, 1), ("东镇第二小学", 3, 1),
    ]  # fmt: skip


def test_a_unit_that_has_moved_away_counts_where_it_was_and_its_work_is_not_read(place: County) -> None:
    campaign = busy(place).campaign
    away = UnitFactory(name="外县教育局", kind="bureau")
    place.school.parent = away
    place.school.save()
    place.school.refresh_from_db()
    found = stage.count(campaign, None, MOMENT, untold)
    check(found, campaign)
    [work] = [one for one in found["works"] if one["unit"] == f"{place.school.name}（已划转）"]
    assert (work["title"], work["authors"], work["abstract"], work["branch"]) == ("—", "", "", "东镇")


def test_exempt_units_and_cancelled_tasks_owe_nothing(place: County) -> None:
    owed = assigned(place)
    easing.exempt(owed.occurrence, [place.school], by=place.officer, at=NOW, **REASON)
    changing.drop_units(owed.requirement, [place.middle], by=place.officer, at=NOW, **REASON)
    found = stage.count(owed.requirement.campaign, None, MOMENT, untold)
    check(found, owed.requirement.campaign)
    assert (found["units"], found["missing"], found["numbers"]["exempt"]) == (0, [], 1)


# Excellent work ---------------------------------------------------------------------------------------


def test_recommended_work_is_listed_with_where_it_comes_from_shown_work_first(place: County) -> None:
    campaign = busy(place).campaign
    found = stage.count(campaign, None, MOMENT, untold)
    assert [(one["unit"], one["branch"], one["asked"], one["topic"], one["shown"])
            for one in found["works"]] == [
        (place.school.name, "东镇", "征文", "1.1 题1.1", True),
        ("东镇第二小学", "东镇", "征文", "1.1 题1.1", False),
    ]  # fmt: skip
    assert [one["works"] for one in found["topics"]] == [[], found["works"], [], [], []]


def test_what_is_shown_without_having_been_recommended_is_listed_too(place: County) -> None:
    owed = assigned(place)
    version = handed_in(owed, place.secretary, at=NOW)
    reviewing.accept(version, by=place.officer, at=NOW)
    campaign = owed.requirement.campaign
    nothing = stage.count(campaign, None, MOMENT, untold)
    assert (nothing["praised"], nothing["works"]) == (0, [])
    exhibiting.consent(exhibiting.choose(version, by=place.officer, at=NOW), by=place.secretary, at=NOW)
    found = stage.count(campaign, None, MOMENT, untold)
    assert (found["recommended"], found["shown"], found["praised"]) == (0, 1, 1)
    assert [(one["recommended"], one["shown"]) for one in found["works"]] == [(False, True)]


@pytest.mark.parametrize("more", [0, 1])
def test_units_that_owe_are_counted_by_kind(place: County, more: int) -> None:
    for n in range(more):
        UnitFactory(name=f"东镇第{n + 2}小学", parent=place.township)
    campaign = ready_plan(place, audience_kinds=["primary"]).campaign
    publishing.publish(campaign, by=place.officer, at=NOW)
    assert stage.count(campaign, None, MOMENT, untold)["kind_units"] == {"primary": 1 + more}


def test_only_the_first_works_have_abstracts_and_only_the_first_are_listed(
    place: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = busy(place).campaign
    monkeypatch.setattr(praise, "trimmed", lambda text: "摘要")
    monkeypatch.setattr(praise, "MOST_ABSTRACTS", 1)
    assert [one["abstract"] for one in stage.count(campaign, None, MOMENT, untold)["works"]] == ["摘要", ""]
    monkeypatch.setattr(praise, "MOST_WORKS", 1)
    found = stage.count(campaign, None, MOMENT, untold)
    assert (found["recommended"], len(found["works"])) == (2, 1)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("一句。\n又一句。", "一句。 又一句。"),
        ("字" * 300, "字" * 300),
        ("字" * 200 + "。" + "字" * 200, "字" * 200 + "。"),
        ("字" * 200 + "！？" + "字" * 200, "字" * 200 + "！？"),
        ("短句。" + "字" * 400, "短句。" + "字" * 296 + "…"),
    ],
)
def test_an_abstract_ends_with_a_sentence(text: str, shown: str) -> None:
    assert praise.trimmed(text) == shown


# The whole --------------------------------------------------------------------------------------------


def test_of_a_campaign_that_has_asked_for_nothing_everything_is_empty(place: County) -> None:
    campaign = CampaignFactory(host=place.bureau, state="published", published_at=NOW)
    found = stage.count(campaign, None, MOMENT, untold)
    check(found, campaign)
    assert set(found["numbers"].values()) == {0}
    assert [key for key, value in found.items() if value and isinstance(value, list)] == []


def test_the_shape_is_that_of_the_schema(place: County) -> None:
    found = stage.count(busy(place).campaign, None, MOMENT, untold)
    assert found.keys() == schema.Stage.__annotations__.keys()
    for key, shape in (
        ("campaign", schema.About), ("meetings", schema.Meetings), ("suggestions", schema.Suggestions),
    ):  # fmt: skip
        assert found[key].keys() == shape.__annotations__.keys()
    for key, shape in (
        ("requirements", schema.Line), ("course", schema.Day), ("topics", schema.Topic),
        ("works", schema.Work), ("activities", schema.Activity), ("indicators", schema.Indicator),
        ("missing", schema.Straggler),
    ):  # fmt: skip
        assert found[key][0].keys() == shape.__annotations__.keys()


def test_it_tells_how_far_it_has_come(place: County) -> None:
    told = []
    stage.count(assigned(place).requirement.campaign, None, NOW, lambda *step: told.append(step))
    assert told == [(step, n, len(STEPS)) for n, step in enumerate(STEPS)]


STATEMENTS = 30


@pytest.mark.parametrize("more", [0, 3])
def test_it_takes_as_many_statements_however_much_there_is(
    place: County, more: int, django_assert_num_queries: Any
) -> None:
    """Neither units nor requirements, topics, indicators or submissions add any."""
    made = busy(place)
    for n in range(more):
        UnitFactory(name=f"东镇第{n + 3}小学", parent=place.township)
        topic = TopicFactory(campaign=made.campaign, position=[2, n + 1])
        Indicator.objects.create(topic=topic, name="指标", value=1, unit="次")
        added = RequirementFactory(campaign=made.campaign, phase=made.campaign.phases.get(), kind=R.PLAN)
        OccurrenceFactory(requirement=added)
        publishing.issue(added, by=place.officer, at=NOW)
    if more:
        made.send(made.second, R.ESSAY, 2, topic=made.topics["3"], accept=place.officer)
        assert Version.objects.count() == 10
    with django_assert_num_queries(STATEMENTS):
        stage.count(made.campaign, None, MOMENT + timedelta(days=more), untold)
