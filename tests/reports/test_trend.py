"""The trend by day: plan, hand-ins and forecast, each number with exactly its rows."""

from datetime import date, datetime, timedelta

import pytest

from campaigns.models import Campaign
from notices.workdays import DAY
from reports.course import trend
from reports.course.forecasting import ahead
from reports.looking import Look, overseen
from reports.tables import Table
from schools.enums import Role
from schools.models import Unit, User
from submissions.enums import AssignmentState as State
from submissions.models import Assignment
from submissions.services import easing, reviewing
from tests.factories import (
    DUE,
    LAST_DAY,
    CampaignFactory,
    County,
    LeadershipFactory,
    OccurrenceFactory,
    RequirementFactory,
    UnitFactory,
    assigned,
    at,
    handed_in,
    person,
)
from tests.reports.following import client_of, count_behind

pytestmark = pytest.mark.django_db

MIDNIGHT = at(4, 2, 0)
MOMENT = timedelta(microseconds=1)
TODAY = at(4, 20)


def seen(user: User, campaign: Campaign, moment: datetime = TODAY) -> Look:
    return Look(campaign, overseen(user), moment)


def course(look: Look) -> Table:
    return trend.table(ahead(look))


def by_day(table: Table) -> dict[str, list]:
    return {line.value: [cell.value for cell in line.cells] for line in table.lines}


def completed(owed: Assignment, moment: datetime | None, state: State = State.SUBMITTED, **more) -> None:
    changed = {"completed_at": moment, "state": state, **more}
    Assignment.objects.filter(pk=owed.pk).update(**changed)


@pytest.fixture
def leader(place: County) -> User:
    return person(Role.LEADER, place.bureau)


@pytest.fixture
def owed(place: County) -> list[Assignment]:
    """Twelve schools owe one thing each, by DUE."""
    for n in range(10):
        UnitFactory(name=f"东镇第{n}小学", parent=place.township)
    assigned(place)
    return list(Assignment.objects.order_by("pk"))


@pytest.fixture
def campaign(owed) -> Campaign:
    return owed[0].requirement.campaign


@pytest.fixture
def eventful(owed) -> list[Assignment]:
    """On the borders of days, extended, exempt, cancelled, returned after all was there."""
    completed(owed[0], MIDNIGHT - MOMENT)
    completed(owed[1], MIDNIGHT)
    completed(owed[2], MIDNIGHT + MOMENT, State.RETURNED)
    completed(owed[3], at(4, 2, 23, 59), State.ACCEPTED)
    completed(owed[4], at(4, 2), State.EXEMPT)
    completed(owed[5], at(4, 2), State.CANCELLED)
    completed(owed[6], None, State.TODO, due_at=DUE + 7 * DAY)
    completed(owed[7], at(4, 20, 8), State.SUBMITTED)
    return owed


def test_each_day_says_what_was_due_and_what_came(eventful, leader, campaign):
    days = by_day(course(seen(leader, campaign)))
    assert [days[f"2026-04-{day:02}"][:3] for day in (1, 2, 3, 20)] == [
        [0, 1, 1], [0, 3, 4], [0, 0, 4], [0, 1, 5],
    ]  # fmt: skip
    assert [days[day][0] for day in ("2026-04-29", "2026-04-30", "2026-05-06", "2026-05-07")] == [0, 9, 9, 10]


def test_it_runs_from_the_campaigns_first_day_to_the_last_due_day(eventful, leader, campaign):
    lines = course(seen(leader, campaign)).lines
    assert [lines[0].value, lines[-1].value] == ["2026-02-01", "2026-05-07"]
    assert len(lines) == (date(2026, 5, 7) - date(2026, 2, 1)).days + 1


def test_what_was_complete_before_the_campaign_began_is_in_it(owed, leader, campaign):
    completed(owed[0], at(1, 20))
    assert course(seen(leader, campaign)).lines[0].value == "2026-01-20"


def test_after_the_last_due_day_it_runs_to_today(owed, leader, campaign):
    lines = course(seen(leader, campaign, at(5, 20))).lines
    assert [(line.value, line.now) for line in lines[-2:]] == [("2026-05-19", False), ("2026-05-20", True)]


def test_only_days_to_come_have_a_forecast_and_those_have_no_rows(eventful, leader, campaign):
    for line in course(seen(leader, campaign)).lines:
        ahead = line.value > "2026-04-20"
        daily, actual, comes = line.cells[1:]
        assert ([daily.value is None, actual.value is None, comes.value is None], comes.url) == (
            [ahead, ahead, not ahead],
            "",
        )


def test_every_number_leads_to_as_many_rows(eventful, leader, campaign):
    # The pages behind it know the time by themselves; what they list by day does not depend on it.
    client = client_of(leader)
    cells = [cell for line in course(seen(leader, campaign)).lines[-60:] for cell in line.cells if cell.url]
    assert [count_behind(client, cell.url) for cell in cells] == [cell.value for cell in cells]


def test_what_came_back_stays_complete_on_its_day(place, owed, leader, campaign):
    mine = Assignment.objects.get(unit=place.school)
    version = handed_in(mine, place.secretary, at=at(4, 2))
    reviewing.send_back(version, by=place.officer, at=at(4, 3), reason="请补充。", correct_by=at(4, 9))
    handed_in(mine, place.secretary, at=at(4, 8))
    days = by_day(course(seen(leader, campaign)))
    assert [days[f"2026-04-{day:02}"][1:3] for day in (2, 3, 8)] == [[1, 1], [0, 1], [0, 1]]


def test_the_last_week_foretells_where_nothing_was_due_before(owed, leader, campaign):
    for one in owed[:7]:
        completed(one, at(4, 16))
    table = course(seen(leader, campaign))
    assert by_day(table)["2026-04-23"][3] == 10
    assert table.note == (
        "应报12项，曾报齐7项（含退回），占58%；预计到4月30日报齐12项，占应报的100%（按近7日进度推算）。"
    )


def test_earlier_campaigns_of_the_host_foretell(place, owed, leader, campaign):
    before = [_earlier(place, unit) for unit in Unit.objects.filter(assignments__in=owed)]
    for one in before[:6]:  # half of them on the last day, none before, none later
        completed(one, one.due_at - MOMENT)
    table = course(seen(leader, campaign))
    days = by_day(table)
    assert [days[day][3] for day in ("2026-04-21", "2026-04-29", "2026-04-30")] == [0, 0, 6]
    assert table.note == (
        "应报12项，曾报齐0项（含退回），占0%；预计到4月30日报齐6项，占应报的50%（按本活动和以往活动的报送进度推算）。"
    )


def _earlier(place: County, unit: Unit) -> Assignment:
    made = Campaign.objects.filter(title="去年的活动").first()
    if made is None:
        made = CampaignFactory(
            title="去年的活动", host=place.bureau, starts_on=date(2025, 2, 1), ends_on=date(2025, 5, 1),
            state="published", published_at=at(1, 1),
        )  # fmt: skip
        LeadershipFactory(campaign=made)
        requirement = RequirementFactory(campaign=made, issued_at=at(1, 1))
        OccurrenceFactory(requirement=requirement, due_at=DUE - 365 * DAY)
    occurrence = made.requirements.get().occurrences.get()
    return Assignment.objects.create(
        occurrence=occurrence, unit=unit, branch=place.township, unit_kind=unit.kind, ownership="public",
        due_at=occurrence.due_at,
    )  # fmt: skip


def test_what_came_early_is_told_apart_from_what_is_due(owed, leader, campaign):
    Assignment.objects.filter(pk__in=[one.pk for one in owed[:4]]).update(due_at=at(4, 11, 0))
    for one in owed[1:7]:  # three of the four that are due, and three that are not
        completed(one, at(4, 5))
    said = course(seen(leader, campaign)).note
    assert said.startswith("应报12项，曾报齐6项（含退回），占50%；其中已到期的4项中曾报齐3项；预计")


def test_what_is_all_there_needs_no_forecast(owed, leader, campaign):
    for one in owed:
        completed(one, at(4, 2))
    assert course(seen(leader, campaign)).note == "应报12项，已全部报齐。"


def test_once_all_is_due_nothing_is_foretold(owed, leader, campaign):
    said = course(seen(leader, campaign, at(5, 20))).note
    assert said == "应报12项，曾报齐0项（含退回），占0%；已下达的任务均已到截止日。"


def test_what_is_over_ends_with_its_last_hand_in(owed, leader, campaign):
    completed(owed[0], at(5, 6), State.ACCEPTED)
    Campaign.objects.update(state="closed", closed_at=at(5, 31))
    campaign.refresh_from_db()
    table = course(seen(leader, campaign, at(12, 1)))
    assert (table.lines[-1].value, [line for line in table.lines if line.now]) == ("2026-05-06", [])
    assert table.note == "应报12项，曾报齐1项（含退回），占8%；活动已结束。"


def test_a_long_campaign_goes_by_weeks_of_which_one_ends_today(place, owed, leader, campaign):
    completed(owed[0], at(4, 14, 0))
    completed(owed[1], at(4, 20, 8))
    Campaign.objects.update(starts_on=date(2025, 1, 1))
    campaign.refresh_from_db()
    table = course(seen(leader, campaign))
    assert [line.value for line in table.lines[-3:]] == ["2026-04-20", "2026-04-27", "2026-04-30"]
    assert [line.value for line in table.lines if line.now] == ["2026-04-20"]
    assert table.columns[1].name == "一周报齐"
    this_week = table.lines[-3].cells[1]
    assert (this_week.value, count_behind(client_of(leader), this_week.url)) == (2, 2)


def test_more_time_moves_the_plan(place, owed, leader, campaign):
    mine = Assignment.objects.get(unit=place.school)
    easing.extend(
        mine.occurrence, units=[place.school], until=DUE + 3 * DAY, reason="停电", by=place.officer, at=TODAY
    )
    days = by_day(course(seen(leader, campaign)))
    assert [days[day][0] for day in ("2026-04-30", "2026-05-03")] == [11, 12]


def test_a_township_sees_its_own(place, eventful, campaign):
    head = person(Role.LEADER, place.township)
    head.memberships.update(scope=place.township)
    inside = Assignment.objects.filter(branch=place.township, state__in=State.owed()).count()
    assert course(seen(User.objects.get(pk=head.pk), campaign)).lines[-1].cells[0].value == inside


def test_without_tasks_there_is_nothing_to_tell(place, owed, leader, campaign):
    Assignment.objects.update(state=State.CANCELLED)
    assert (course(seen(leader, campaign)).lines, course(seen(leader, campaign)).note) == ((), "")


@pytest.mark.parametrize("schools", [1, 4])
def test_it_takes_six_statements(place, leader, schools, django_assert_num_queries):
    for n in range(schools):
        UnitFactory(name=f"西镇第{n}小学", parent=place.township)
    mine = assigned(place)
    _earlier(place, place.school)
    handed_in(mine, place.secretary, at=at(4, 2))
    look = seen(leader, mine.requirement.campaign)
    with django_assert_num_queries(6):
        course(look)


def test_the_last_day_is_the_last_due_day(owed, leader, campaign):
    assert course(seen(leader, campaign)).lines[-1].value == LAST_DAY.isoformat()
