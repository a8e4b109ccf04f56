"""One light for each campaign, and why: thresholds on both sides, nobody alarmed by one school of many."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns.models import Campaign
from reports.course import status
from reports.course.forecasting import Ahead
from reports.course.pace import Batch, ByHistory, ByWeek, Curve
from reports.course.status import State
from reports.looking import Look
from reports.tables import Cell
from schools.access import Scope
from tests.factories import at

NOW = at(4, 20)
TODAY = NOW.date()
SLOW, QUICK = ByHistory(Curve.of({0: 50}, 100)), ByHistory(Curve.of({0: 95}, 100))


def batch(days: int, owed: int, overdue: int = 0, complete: int | None = None, handed: int = 0) -> Batch:
    there = owed - overdue if complete is None else complete
    numbers = {"owed": owed, "overdue": overdue, "complete": there, "handed": handed}
    return Batch(TODAY + timedelta(days=days), numbers)


def look(state: str = "published") -> Look:
    return Look(Campaign(pk=7, state=state), Scope(frozenset(), ("",)), NOW)


def lit(*due: Batch, by=QUICK, state: str = "published") -> status.Light:
    ahead = Ahead(look(state), list(due), by)
    return status.light(ahead, status.next_due(ahead))


def words(light: status.Light) -> str:
    return "".join(str(part.value) if isinstance(part, Cell) else part for part in light.why)


@pytest.mark.parametrize(
    ("owed", "overdue", "state", "why"),
    [
        (150, 0, State.FINE, "已到期150项，没有逾期"),
        (150, 1, State.FINE, "逾期1项，占已到期150项的不到1%"),
        (150, 4, State.FINE, "逾期4项，占已到期150项的2%"),
        (100, 3, State.RISK, "逾期3项，占已到期100项的3%"),
        (150, 14, State.RISK, "逾期14项，占已到期150项的9%"),
        (150, 15, State.LATE, "逾期15项，占已到期150项的10%"),
        (5, 1, State.RISK, "逾期1项，占已到期5项的20%"),
        (5, 2, State.LATE, "逾期2项，占已到期5项的40%"),
    ],
)
def test_overdue_against_what_is_due(owed, overdue, state, why):
    found = lit(batch(-1, owed, overdue))
    assert (found.state, words(found)) == (state, why)


def test_what_is_due_today_is_not_due_so_far():
    found = lit(batch(-1, 30), batch(0, 70))
    assert words(found) == "已到期30项，没有逾期"


def test_before_anything_is_due():
    assert (lit(batch(10, 30, complete=0)).state, words(lit(batch(10, 30, complete=0)))) == (
        State.EARLY,
        "还没有任务到截止日",
    )


def test_slow_work_is_a_risk_before_the_day():
    found = lit(batch(10, 100, complete=0), by=SLOW)
    assert (found.state, words(found)) == (
        State.RISK,
        "还没有任务到截止日；预计到4月30日，届时到期的任务报齐50%，不到90%",
    )


def test_a_small_slow_part_of_all_is_no_risk():
    assert lit(batch(-5, 200), batch(10, 8, complete=0), by=SLOW).state is State.FINE


@pytest.mark.parametrize(("days", "state"), [(2, State.RISK), (3, State.EARLY)])
def test_without_history_only_the_last_three_days_count(days, state):
    assert lit(batch(days, 100, complete=10), by=ByWeek(1)).state is state


def test_what_is_late_says_nothing_of_risks_to_come():
    found = lit(batch(-1, 10, 5), batch(10, 100, complete=0), by=SLOW)
    assert (found.state, words(found)) == (State.LATE, "逾期5项，占已到期10项的50%")


@pytest.mark.parametrize("state", ["closed", "archived"])
def test_what_is_over_shows_its_result_and_no_alarm(state):
    found = lit(batch(-1, 150, 90, handed=60), state=state)
    assert (found.state, words(found)) == (State.ENDED, "应报150项，最终已报60项，占40%")


def test_without_tasks_in_sight():
    assert (lit().state, words(lit(batch(-1, 0)))) == (State.NOTHING, "您的管辖范围内没有报送任务")


@pytest.mark.parametrize("state", ["closed", "archived"])
def test_what_is_over_is_over_without_tasks_too(state):
    found = lit(state=state)
    assert (found.state, words(found)) == (State.ENDED, "您的管辖范围内没有报送任务")


def test_the_numbers_lead_to_their_rows():
    found = lit(batch(-1, 150, 15))
    rows = reverse("rows", args=[7])
    links = [part.url for part in found.why if isinstance(part, Cell)]
    assert links == [f"{rows}?figure=overdue", f"{rows}?figure=owed&due_until=2026-04-19"]


def test_next_comes_the_first_day_with_something_due_today_included():
    due = [batch(-3, 5), batch(0, 0), batch(4, 20, complete=10), batch(9, 5)]
    coming = status.next_due(Ahead(look(), due, SLOW))
    assert (coming.day, coming.expected, coming.percent) == (TODAY + timedelta(days=4), 15, 75)


@pytest.mark.parametrize(("due", "state"), [([batch(-3, 5)], "published"), ([batch(4, 20)], "closed")])
def test_nothing_comes_after_the_last_day_or_the_end(due, state):
    assert status.next_due(Ahead(look(state), due, SLOW)) is None
