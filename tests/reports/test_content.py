"""What is counted of topics, activities, meetings, suggestions and excellent work, and what is not."""

import pytest
from django.db.models import Q
from django.utils import timezone

from campaigns.models import Activity
from reports.content import common, duties, meetings, readings, topics, works
from reports.looking import Look, overseen
from schools.enums import Role
from schools.models import Unit
from submissions.enums import SuggestionState
from submissions.models import Submission
from submissions.services import changing, exhibiting, reviewing
from tests.factories import NOW, County, MembershipFactory, ResponsibilityFactory, at, person
from tests.reports.busy import MEETING, Busy, R, busy, leader_of, plan

pytestmark = pytest.mark.django_db


def seen(place: County, made: Busy, below: Unit | None = None, user=None) -> Look:
    user = user or person(Role.LEADER, place.bureau)
    return Look(made.campaign, overseen(user), timezone.now(), below)


def counted(look: Look) -> dict[str, tuple[int, int]]:
    found = topics.read(look, list(look.campaign.topics.with_duties()), [])
    return {one.topic.number: tuple(one.count) for one in found.entries} | {
        "none": tuple(found.without), "all": tuple(found.everything)
    }  # fmt: skip


# Topics ---------------------------------------------------------------------------------------------


def test_a_topic_counts_what_lies_below_it_and_each_unit_once(place: County) -> None:
    assert counted(seen(place, busy(place))) == {
        "1": (4, 3), "1.1": (2, 2), "1.2": (1, 1), "2": (0, 0), "3": (0, 0), "none": (5, 2), "all": (9, 3),
    }  # fmt: skip


def test_only_what_is_looked_at_counts(place: County) -> None:
    made = busy(place)
    assert counted(seen(place, made, place.township))["1"] == (3, 2)
    assert counted(seen(place, made, user=leader_of(place.section, place.township)))["1"] == (3, 2)


def test_what_was_sent_back_counts_no_more(place: County) -> None:
    made = busy(place)
    version = Submission.objects.get(current__topic=made.topics["1.2"]).current
    reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充", correct_by=at(3, 20))
    assert counted(seen(place, made))["1.2"] == (0, 0)


def test_work_of_a_dropped_unit_is_in_no_number_and_no_list(place: County) -> None:
    made = busy(place)
    changing.drop_units(made.owed(place.middle, R.ESSAY).requirement, [place.middle], reason="停办",
                        by=place.officer, at=NOW)  # fmt: skip
    look = seen(place, made)
    assert counted(look)["all"] == (7, 3)
    assert common.pieces(look).count() == 7


def test_a_topic_is_blank_without_pieces_and_values_in_it_or_below(place: County) -> None:
    made = busy(place)
    look = seen(place, made)
    ordered = list(made.campaign.topics.with_duties())
    measured = [one.topic for one in readings.read(look, ordered) if one.reported]
    found = topics.read(look, ordered, measured)
    assert [one.topic.number for one in found.entries if one.blank] == ["3"]
    words = {line.name: line.cells[2].value for line in topics.table(look, found).lines}
    assert (words["2 题2"], words["3 题3"], words["1 题1"]) == ("只有指标数据", "空白", "")


def test_the_topic_that_the_plan_prescribes_is_that_of_the_piece(place: County) -> None:
    made = busy(place)
    requirement = made.owed(place.school, R.ESSAY).requirement
    requirement.topic = made.topics["3"]
    requirement.save()
    assert set(
        common.pieces(seen(place, made), Q(occurrence__requirement=requirement)).values_list("about")
    ) == {(made.topics["3"].pk,)}


# Activities and meetings ----------------------------------------------------------------------------


def standings(look: Look) -> dict[str, str]:
    return {one.title: one.standing for one in meetings.activities(look)}


def test_an_activity_is_held_by_its_day_or_by_its_minutes(place: County) -> None:
    made = plan(place)
    assert standings(seen(place, made)) == {"动员会": "held", "现场会": "missed", "年末论坛": "ahead"}
    made.send(place.school, R.SUMMARY)
    assert standings(seen(place, made))["现场会"] == "held"


def test_minutes_that_were_sent_back_are_awaited_again(place: County) -> None:
    made = plan(place)
    version = made.send(place.school, R.SUMMARY)
    reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充", correct_by=at(3, 20))
    assert standings(seen(place, made))["现场会"] == "ahead"


def test_an_activity_lasts_through_its_last_day(place: County) -> None:
    made = plan(place)
    today = timezone.localdate()
    Activity.objects.filter(title="动员会").update(starts_on=today, ends_on=None)
    assert standings(seen(place, made))["动员会"] == "ahead"


def test_of_a_part_only_its_own_activities_are_seen(place: County) -> None:
    made = plan(place)
    assert list(standings(seen(place, made, place.township))) == ["现场会"]


def test_meetings_and_people_add_up(place: County) -> None:
    made = busy(place)
    made.send(place.school, R.MINUTES, 2, present="5", **MEETING)
    table = meetings.meeting_table(seen(place, made))
    assert [(line.name, [cell.value for cell in line.cells]) for line in table.lines] == [
        ("示例县教育局直属", [1, 12]), ("东镇", [2, 35]), ("合计", [3, 47])
    ]  # fmt: skip


def test_whoever_oversees_a_part_twice_opens_the_whole(place: County) -> None:
    made = busy(place)
    user = person(Role.LEADER, place.bureau)
    MembershipFactory(user=user, unit=place.township, scope=place.township, role=Role.LEADER)
    table = meetings.meeting_table(seen(place, made, user=user))
    assert [(line.name, bool(line.url)) for line in table.lines] == [
        ("示例县教育局直属", False), ("东镇", True), ("合计", False)
    ]  # fmt: skip


# Suggestions and excellent work ---------------------------------------------------------------------


def test_suggestions_by_state(place: County) -> None:
    table = works.suggestion_table(seen(place, busy(place)))
    assert {line.name: [cell.value for cell in line.cells] for line in table.lines} == {
        "待答复": [1, 0, 0], "采纳": [2, 1, 1], "部分采纳": [0, 0, 0], "未采纳": [1, 0, 0],
        "已合并": [0, 0, 0], "已撤回": [0, 0, 0], "合计": [4, 1, 1],
    }  # fmt: skip
    assert [line.name for line in table.lines[:-1]] == [one.label for one in SuggestionState.in_order()]


def test_whoever_oversees_a_part_reads_no_suggestions(place: County) -> None:
    made = busy(place)
    assert works.answers_here(seen(place, made, place.township))
    assert not works.answers_here(seen(place, made, user=leader_of(place.section, place.township)))


def test_only_what_is_shown_with_consent_is_named(place: County) -> None:
    made = busy(place)
    look = seen(place, made)
    assert [len(works.titles(look)), works.recommended(look).count()] == [1, 2]
    exhibiting.decline(works.titles(look)[0].exhibit, by=place.secretary, at=NOW)
    assert [works.titles(look), works.recommended(look).count()] == [[], 2]


def test_the_titles_are_those_of_what_is_looked_at(place: County) -> None:
    made = busy(place)
    look = Look(made.campaign, overseen(place.officer), NOW, None)
    assert [one.submission.assignment.unit for one in works.titles(look)] == [place.school]


# Who answers ----------------------------------------------------------------------------------------


def answers(look: Look) -> dict[str, tuple]:
    return {line.name: tuple(cell.value for cell in line.cells) for line in duties.table(look).lines}


def test_leaders_answer_for_townships_directly_or_through_their_sections(place: County) -> None:
    made = plan(place)
    leader = person(Role.LEADER, place.bureau, name="王示例")
    ResponsibilityFactory(leader=leader, unit=place.section)
    ResponsibilityFactory(leader=None, section=place.section, unit=place.township)
    assert answers(seen(place, made)) == {"王示例": ("党办", "东镇（党办）"), "李示例": ("", "东镇")}


def test_who_oversees_the_township_no_more_is_not_named(place: County) -> None:
    made = plan(place)
    look = seen(place, made)
    leader = place.township.answered_for.get().leader
    leader.memberships.update(ended_at=NOW)
    assert answers(look) == {}


def test_inspection_groups_are_named_with_the_units_that_are_seen(place: County) -> None:
    made = plan(place)
    elsewhere = made.campaign.inspection_groups.create(name="第二检查组", order=2)
    elsewhere.units.add(place.middle)
    groups = duties.groups(seen(place, made, user=leader_of(place.section, place.township)))
    assert [(one.group.name, one.units) for one in groups] == [("第一检查组", [place.township])]
