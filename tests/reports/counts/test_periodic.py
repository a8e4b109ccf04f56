"""What a week and a month of a bureau count, in which days, of which campaigns."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.enums import CampaignState, PhaseState
from campaigns.models import Campaign, Phase
from notices.workdays import end_of
from reports.counts import periodic
from reports.counts.days import Days
from reports.enums import PaperState, ReportKind
from reports.models import Bulletin
from reports.papers.paper import grids_of
from reports.papers.periodic import compose
from reports.papers.wording import Words
from reports.services import ordering
from schools.enums import UnitKind
from schools.models import Unit
from submissions.figures import COUNTED
from submissions.models import Assignment
from submissions.services import publishing, reviewing
from tests.factories import (
    NOW,
    CampaignFactory,
    County,
    OccurrenceFactory,
    UnitFactory,
    assigned,
    at,
    drafted,
    handed_in,
    ready_plan,
)
from tests.reports.busy import R, busy

pytestmark = pytest.mark.django_db
MONDAY, SUNDAY = date(2026, 3, 2), date(2026, 3, 8)
AFTER = at(3, 9)


def silent(step: str, done: int = 0, total: int = 0) -> None: ...


def week(host: Unit, day: date = MONDAY, when: datetime = AFTER) -> dict[str, Any]:
    about = ordering.of_week(host, day)
    return periodic.count(host, about.kind, about.starts_on, about.ends_on, when, silent)


def month(host: Unit, day: date, when: datetime) -> dict[str, Any]:
    about = ordering.of_month(host, day)
    return periodic.count(host, about.kind, about.starts_on, about.ends_on, when, silent)


def some(numbers: dict[str, int]) -> dict[str, int]:
    return {key: n for key, n in numbers.items() if n}


# What moved -------------------------------------------------------------------------------------------


def test_a_week_tells_what_came_and_how_things_stand(place: County) -> None:
    made = busy(place)
    found = week(place.bureau)
    assert some(found["flow"]) == {"complete": 7, "accepted": 2, "due": 1}
    assert some(found["before"]) == {"meetings": 2, "present": 42}
    assert some(found["numbers"]) == {
        "owed": 13, "handed": 7, "accepted": 2, "waiting": 5, "missing": 6, "overdue": 1, "not_due": 5,
        "due": 1, "in_time": 7,
    }  # fmt: skip
    [one] = found["campaigns"]
    assert (one["id"], one["host"], one["ended"], one["numbers"]) == (
        made.campaign.pk, "", False, found["numbers"],
    )  # fmt: skip
    assert one["flow"] == found["flow"]
    assert [(one["name"], one["numbers"]["owed"]) for one in found["branches"]] == [
        ("示例县教育局直属", 4),
        ("东镇", 9),
    ]


def test_both_days_are_in_the_week_by_the_clock_of_shanghai(place: County) -> None:
    owed = assigned(place, at=at(2, 23))
    handed_in(owed, place.secretary, at=at(3, 8, 23, 59))
    assert week(place.bureau)["flow"]["complete"] == 1
    assert week(place.bureau, date(2026, 3, 9), at(3, 16))["flow"]["complete"] == 0
    assert week(place.bureau, date(2026, 3, 1), at(3, 16))["flow"]["complete"] == 0


def test_midnight_belongs_to_the_day_that_begins(place: County) -> None:
    owed = assigned(place, at=at(2, 23))
    handed_in(owed, place.secretary, at=at(3, 2, 0))
    assert week(place.bureau)["flow"]["complete"] == 1
    assert week(place.bureau, date(2026, 3, 1))["flow"]["complete"] == 0


def test_what_happens_after_the_count_is_not_in_it(place: County) -> None:
    owed = assigned(place)
    handed_in(owed, place.secretary, at=at(3, 6))
    found = week(place.bureau, when=at(3, 5))
    assert (found["flow"]["complete"], found["over"]) == (0, False)


def test_what_was_sent_back_is_counted_by_times_and_as_waiting_for_its_correction(place: County) -> None:
    owed = assigned(place)
    version = handed_in(owed, place.secretary, at=at(3, 3))
    reviewing.send_back(version, by=place.officer, at=at(3, 4), reason="请补充", correct_by=at(3, 7))
    found = week(place.bureau)
    assert (found["flow"]["returned"], found["numbers"]["returned"], found["uncorrected"]) == (1, 1, 1)
    assert week(place.bureau, when=at(3, 5))["uncorrected"] == 0


def test_a_meeting_counts_in_the_week_in_which_it_was_held(place: County) -> None:
    busy(place)  # the meetings were held on 1 March, a Sunday, and their minutes came on the 2nd
    found = week(place.bureau)
    assert (found["flow"]["meetings"], found["before"]["meetings"]) == (0, 2)
    assert month(place.bureau, MONDAY, at(4, 1))["flow"]["present"] == 42


def test_a_task_counts_no_more_once_it_is_cancelled(place: County) -> None:
    owed = assigned(place)
    handed_in(owed, place.secretary, at=at(3, 3))
    Assignment.objects.filter(pk=owed.pk).update(state="cancelled", override="cancelled")
    found = week(place.bureau)
    assert (found["flow"]["complete"], found["numbers"]["owed"]) == (0, 1)


# Deadlines --------------------------------------------------------------------------------------------


def test_what_is_due_on_the_last_day_is_due_in_the_week(place: County) -> None:
    owed = assigned(place, at=at(2, 23), due_at=end_of(SUNDAY), title="本周征文")
    [line] = week(place.bureau)["due"]
    assert (line["name"], line["due"], some(line["numbers"])["overdue"]) == ("本周征文", "2026-03-08", 2)
    assert week(place.bureau, date(2026, 3, 9))["due"] == []
    [coming] = week(place.bureau, date(2026, 3, 1), at(3, 2))["ahead"]["due"]
    assert coming["campaign"] == owed.requirement.campaign_id


def test_a_task_with_more_time_is_due_when_its_own_time_is_over(place: County) -> None:
    owed = assigned(place, due_at=end_of(date(2026, 3, 5)))
    Assignment.objects.filter(pk=owed.pk).update(due_at=end_of(date(2026, 3, 11)))
    [mine] = week(place.bureau)["due"]
    [later] = week(place.bureau, date(2026, 3, 9))["due"]
    assert (mine["due"], mine["extended"], mine["numbers"]["owed"]) == ("2026-03-05", False, 1)
    assert (later["due"], later["extended"], later["numbers"]["owed"]) == ("2026-03-11", True, 1)


def test_what_has_not_been_handed_out_is_told_without_numbers(place: County) -> None:
    owed = assigned(place, title="月报")
    OccurrenceFactory(requirement=owed.requirement, number=2, label="6月", due_at=end_of(date(2026, 6, 10)))
    [line] = month(place.bureau, date(2026, 5, 1), at(5, 6))["ahead"]["due"]
    assert (line["name"], line["due"], line["numbers"]) == ("月报（6月）", "2026-06-10", {})


def test_the_next_month_ends_where_it_ends(place: County) -> None:
    found = month(place.bureau, date(2026, 1, 31), at(2, 1))
    assert (found["starts_on"], found["ends_on"]) == ("2026-01-01", "2026-01-31")
    assert (found["ahead"]["starts_on"], found["ahead"]["ends_on"]) == ("2026-02-01", "2026-02-28")


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.sampled_from(ReportKind.periodic()))
def test_stretches_follow_each_other_without_a_gap(day: date, kind: str) -> None:
    about = (ordering.of_week if kind == ReportKind.WEEK else ordering.of_month)(Unit(name="局"), day)
    days = Days(about.starts_on, about.ends_on)
    before, after = days.before(kind), days.after(kind)
    assert (before.last + timedelta(1), days.last + timedelta(1)) == (days.first, after.first)
    assert (before.after(kind), after.before(kind)) == (days, days)


# Which campaigns --------------------------------------------------------------------------------------


def test_a_district_reads_of_the_campaigns_above_it_as_far_as_its_own_schools_go(place: County) -> None:
    district = UnitFactory(name="示例区教育局", kind=UnitKind.DISTRICT, parent=place.bureau)
    UnitFactory(name="区一小", kind=UnitKind.PRIMARY, parent=district)
    asked = ready_plan(place)
    publishing.publish(asked.campaign, by=place.officer, at=NOW)
    found = week(district)
    assert [(one["title"], one["host"]) for one in found["campaigns"]] == [
        (asked.campaign.title, "示例县教育局")
    ]
    assert (found["numbers"]["owed"], found["ahead"]["due"]) == (1, [])


def test_what_a_body_below_runs_for_itself_it_reports_itself(place: County) -> None:
    CampaignFactory(host=place.township, state=CampaignState.PUBLISHED, published_at=NOW)
    CampaignFactory(host=place.bureau)  # a draft
    assert week(place.bureau)["campaigns"] == []


def test_a_campaign_that_ended_before_the_days_is_compared_with_and_not_told_of(place: County) -> None:
    made = busy(place)
    Campaign.objects.filter(pk=made.campaign.pk).update(state=CampaignState.CLOSED, closed_at=at(3, 7))
    found = week(place.bureau)
    assert [one["ended"] for one in found["campaigns"]] == [True]
    later = week(place.bureau, date(2026, 3, 9), at(3, 16))
    assert (later["campaigns"], later["numbers"]["owed"], later["before"]["complete"]) == ([], 0, 7)


# What was done ----------------------------------------------------------------------------------------


def test_phases_begin_and_are_to_end(place: County) -> None:
    busy(place)
    assert [one["day"] for one in week(place.bureau)["begun"]] == ["2026-03-02"]
    ahead = month(place.bureau, MONDAY, at(4, 1))["ahead"]
    assert [one["day"] for one in ahead["ends"]] == ["2026-04-30"]


@pytest.mark.parametrize("closed", [at(4, 1), at(4, 1, 0, 5), at(3, 31, 17)])
def test_a_phase_ends_on_its_last_day_though_the_scan_closes_it_on_the_next(
    place: County, closed: datetime
) -> None:
    made = busy(place)
    mine = Phase.objects.filter(campaign=made.campaign)
    mine.update(ends_on=date(2026, 3, 31), state=PhaseState.CLOSED, closed_at=closed)
    march, april = (month(place.bureau, date(2026, m, 1), at(5, 2)) for m in (3, 4))
    assert ({one["day"] for one in march["ended"]}, april["ended"]) == ({"2026-03-31"}, [])


def test_a_phase_that_was_closed_late_ends_on_that_day(place: County) -> None:
    made = busy(place)
    mine = Phase.objects.filter(campaign=made.campaign)
    mine.update(ends_on=date(2026, 3, 31), state=PhaseState.CLOSED, closed_at=at(4, 9, 10))
    assert {one["day"] for one in month(place.bureau, date(2026, 4, 1), at(5, 2))["ended"]} == {"2026-04-09"}


def test_what_is_over_at_the_count_lies_ahead_no_more(place: County) -> None:
    assigned(place, due_at=end_of(date(2026, 4, 10)), title="上旬征文")
    assigned(place, due_at=end_of(date(2026, 4, 20)), title="中旬征文")
    coming = [
        [one["name"] for one in month(place.bureau, MONDAY, at(4, day, 23))["ahead"]["due"]]
        for day in (1, 10, 11, 20, 21)
    ]
    both, later = ["上旬征文", "中旬征文"], ["中旬征文"]
    assert coming == [both, both, later, later, []]
    gone = month(place.bureau, MONDAY, at(5, 6))["ahead"]
    assert (gone["starts_on"], gone["ends_on"]) == ("2026-05-06", "2026-04-30")


def test_a_campaign_had_ended_if_it_was_closed_in_the_days(place: County) -> None:
    made = busy(place)
    Campaign.objects.filter(pk=made.campaign.pk).update(state=CampaignState.CLOSED, closed_at=at(4, 7))
    ended = [
        month(place.bureau, day, at(5, 6))["campaigns"][0]["ended"] for day in (MONDAY, date(2026, 4, 1))
    ]
    assert ended == [False, True]


def test_activities_stand_in_their_days(place: County) -> None:
    busy(place)
    found = week(place.bureau)
    assert [(one["title"], one["standing"]) for one in found["activities"]] == [("现场会", "missed")]
    assert [one["title"] for one in found["ahead"]["activities"]] == ["动员会"]


def test_units_with_most_overdue_tasks_come_first(place: County) -> None:
    busy(place)
    found = week(place.bureau, date(2026, 4, 27), at(5, 4))
    assert found["behind_units"] == 3
    assert [(one["name"], one["branch"], one["tasks"]) for one in found["behind"]] == [
        ("东镇第二小学", "东镇", 3),
        ("东镇中心小学", "东镇", 2),
        ("示例县第一初级中学", "示例县教育局直属", 1),
    ]
    assert found["behind"][1]["days"] == (date(2026, 5, 4) - date(2026, 3, 3)).days


def test_indicators_with_fresh_values_are_told_with_the_value_of_all(place: County) -> None:
    busy(place)
    told = [
        (one["name"], one["value"], one["standing"], one["fresh"]) for one in week(place.bureau)["indicators"]
    ]
    assert told == [("骨干教师比例", "15.13%", "met", 2), ("新建校舍", "4所", "short", 2)]
    assert week(place.bureau, date(2026, 3, 9), at(3, 16))["indicators"] == []


def test_suggestions_are_counted_by_what_became_of_them(place: County) -> None:
    busy(place)
    found = week(place.bureau)["suggestions"]
    assert (found["made"], found["answered"], found["done"], found["waiting"]) == (4, 3, 1, 1)
    ahead = week(place.bureau, date(2026, 3, 25), at(3, 30))["suggestions"]
    assert [(one["text"], one["responsible"], one["overdue"]) for one in ahead["listed"]] == [
        ("建议1", "党办", False)
    ]
    late = week(place.bureau, date(2026, 3, 30), at(4, 6))["suggestions"]
    assert (late["due"], late["unsettled"], late["listed"][0]["overdue"]) == (0, 1, True)


def test_excellent_work_and_bulletins_of_the_days_are_named(place: County) -> None:
    made = busy(place)
    occurrence = made.owed(place.school, R.ESSAY).occurrence
    draft = Bulletin.objects.create(
        occurrence=occurrence, edition=NOW, title="关于征文的通报", counted_at=NOW
    )
    mine = Bulletin.objects.filter(pk=draft.pk)
    mine.update(state=PaperState.TO_SIGN)
    mine.update(state=PaperState.SENT, signed_by=place.officer, ended_at=at(3, 4))
    found = week(place.bureau)
    assert (found["works"]["recommended"], found["works"]["shown"]) == (2, 1)
    assert [(one["title"], one["unit"]) for one in found["works"]["listed"]] == [("一次家访", "东镇中心小学")]
    assert found["bulletins"] == ["关于征文的通报"]


# Always -----------------------------------------------------------------------------------------------


def test_a_bureau_that_runs_nothing_has_an_empty_week(place: County) -> None:
    found = week(place.bureau)
    assert (found["campaigns"], found["branches"], found["due"]) == ([], [], [])
    assert set(found["numbers"]) == {one.key for one in COUNTED}
    assert not any((*found["numbers"].values(), *found["flow"].values()))


def test_statements_do_not_grow_with_units_and_campaigns(place: County) -> None:
    busy(place)
    with CaptureQueriesContext(connection) as first:
        month(place.bureau, MONDAY, at(4, 1))
    for n in range(6):
        UnitFactory(name=f"西镇{n}小", parent=UnitFactory(kind=UnitKind.TOWNSHIP, parent=place.bureau))
    handed_in(assigned(place), place.secretary)
    with CaptureQueriesContext(connection) as again:
        month(place.bureau, MONDAY, at(4, 1))
    assert (len(first), len(again)) == (28, 28)


def test_any_days_at_any_moment_count_and_compose_and_add_up(place: County) -> None:
    busy(place)
    second = assigned(place, due_at=end_of(date(2026, 3, 20)))
    drafted(second, place.secretary)
    instants = st.datetimes(datetime(2026, 2, 20), datetime(2026, 6, 30))

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(st.dates(date(2026, 2, 10), date(2026, 6, 30)), instants, st.booleans())
    def check(day: date, moment: datetime, weekly: bool) -> None:
        when = at(moment.month, moment.day, moment.hour, moment.minute)
        found = (week if weekly else month)(place.bureau, day, when)
        assert json.loads(json.dumps(found)) == found
        for key in ("owed", "handed", "overdue", "returned"):
            whole = found["numbers"][key]
            assert sum(one["numbers"][key] for one in found["campaigns"]) == whole
            assert sum(one["numbers"][key] for one in found["branches"]) == whole
        for key, n in found["flow"].items():
            assert sum(one["flow"][key] for one in found["campaigns"]) == n
        assert sum(one["tasks"] for one in found["behind"]) == found["numbers"]["overdue"]
        paper = compose(found, Words("每周进展"))
        assert all(grid.rows for grid in grids_of(paper))

    check()
