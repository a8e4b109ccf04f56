"""What publishing would ask of whom, said beforehand: numbers, burden, full weeks."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.enums import Frequency, RequirementKind
from campaigns.recurrence import Period
from campaigns.services import planning
from schools.enums import UnitKind
from submissions.models import Assignment
from submissions.services import previewing, publishing
from tests.factories import (
    DUE,
    NOW,
    OccurrenceFactory,
    RequirementFactory,
    UnitFactory,
    assigned,
    at,
    ready_plan,
)


@pytest.fixture
def plan(place):
    return ready_plan(place)


def preview(plan):
    return previewing.preview(plan.campaign, at=NOW)


def publish(place, plan):
    return publishing.publish(plan.campaign, by=place.officer, at=NOW)


def recurring(campaign, *days):
    """A monthly table of the campaign's primary and middle schools, due on `days`."""
    made = RequirementFactory(
        campaign=campaign, phase=campaign.phases.first(), kind=RequirementKind.PROGRESS,
        frequency=Frequency.MONTHLY, recurs_from=min(days), recurs_until=max(days), due_day=31,
        effort_minutes=30,
    )  # fmt: skip
    planning.set_periods(made, [Period(f"{day.month}月", day) for day in days])
    return made


def test_it_says_how_many_units_and_assignments_there_will_be(place, plan):
    OccurrenceFactory(requirement=plan, number=2, due_at=at(4, 1, hour=0))
    foretold = preview(plan)
    assert (foretold.units, foretold.at_once) == (2, publish(place, plan))


def test_of_recurring_work_only_what_lies_within_the_horizon_is_handed_out_at_once(place, plan):
    recurring(plan.campaign, date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31))
    foretold = preview(plan)
    assert (foretold.assignments, foretold.at_once) == (2 + 6, 2 + 2)
    assert publish(place, plan) == foretold.at_once
    assert Assignment.objects.count() == foretold.at_once


def test_it_names_the_schools_that_owe_nothing(place):
    plan = ready_plan(place, audience_kinds=[UnitKind.MIDDLE])
    assert preview(plan).outside == [place.school]


def test_it_counts_pieces_and_hours_of_each_kind(place, plan):
    """Two essays of an hour and a half each; a monthly table twice, half an hour each; one click."""
    plan.min_pieces, plan.effort_minutes, plan.audience_kinds = 2, 90, [UnitKind.PRIMARY]
    plan.save()
    recurring(plan.campaign, date(2026, 3, 31), date(2026, 4, 30))
    click = RequirementFactory(campaign=plan.campaign, phase=plan.phase, kind=RequirementKind.ACKNOWLEDGEMENT)
    OccurrenceFactory(requirement=click)
    primary, middle = preview(plan).kinds
    assert (primary.kind, primary.units, primary.most.tasks, primary.most.pieces) == ("小学", 1, 4, 4)
    assert primary.most.minutes == 2 * 90 + 2 * 30 + previewing.CLICK_MINUTES
    assert (middle.most.tasks, middle.most.pieces, middle.most.hours) == (3, 2, 1.0)


def test_it_ranks_the_units_that_are_asked_for_more_than_others(place, plan):
    extra = RequirementFactory(campaign=plan.campaign, phase=plan.phase, audience_kinds=[UnitKind.MIDDLE])
    OccurrenceFactory(requirement=extra)
    assert [unit for unit, load in preview(plan).heaviest] == [place.middle, place.school]


def test_where_all_are_asked_alike_nobody_is_ranked(plan):
    assert preview(plan).heaviest == []


def test_it_tells_which_weeks_are_shared_with_other_running_campaigns(place):
    """The other campaign's essay is due on Thursday, this one's on the Saturday of the same week."""
    other = assigned(place)
    plan = ready_plan(place, due_at=at(5, 3, hour=0))
    [week] = preview(plan).weeks
    assert (week.monday, week.sunday) == (date(2026, 4, 27), date(2026, 5, 3))
    assert (week.own, week.units) == (1, 2)
    assert week.others == [(other.requirement.campaign.title, 2)]


def test_periods_that_are_handed_out_later_fill_their_weeks_too(place):
    other = ready_plan(place, due_at=at(3, 20))
    recurring(other.campaign, date(2026, 3, 31), date(2026, 5, 29))
    publish(place, other)
    [week] = preview(ready_plan(place, due_at=at(5, 28))).weeks
    assert (week.monday, week.units) == (date(2026, 5, 25), 2)
    assert week.others == [(other.campaign.title, 2)]


def test_a_week_apart_is_not_shared(place):
    assigned(place)
    assert preview(ready_plan(place, due_at=at(5, 5, hour=0))).weeks == []


def test_what_others_have_handed_in_already_burdens_no_week(place):
    assigned(place)
    Assignment.objects.update(state="accepted")
    assert preview(ready_plan(place, due_at=DUE)).weeks == []


def test_it_writes_nothing(plan):
    before = Assignment.objects.count()
    with CaptureQueriesContext(connection) as captured:
        preview(plan)
    assert [query for query in captured if not query["sql"].startswith("SELECT")] == []
    assert Assignment.objects.count() == before


@pytest.mark.parametrize("schools", [1, 5])
def test_its_queries_do_not_grow_with_the_units(place, plan, schools, django_assert_num_queries):
    for _ in range(schools):
        UnitFactory(parent=place.township)
    with django_assert_num_queries(7):
        preview(plan)
