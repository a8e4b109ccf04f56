"""The pace of work and what is to be expected: bounded, never falling, and true to history."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.course.pace import LEAST_HISTORY, Batch, ByHistory, ByWeek, Curve, expected, forecast

TODAY = date(2026, 4, 20)
OFFSETS = st.integers(-400, 400)
HISTORY = st.dictionaries(OFFSETS, st.integers(0, 50), max_size=30)


@st.composite
def curves(draw) -> Curve:
    completed = draw(HISTORY)
    return Curve.of(completed, sum(completed.values()) + draw(st.integers(1, 100)))


@st.composite
def batches(draw) -> Batch:
    owed = draw(st.integers(0, 5000))
    return a_batch(draw(st.integers(-60, 60)), owed, draw(st.integers(0, owed)))


def a_batch(days: int, owed: int, complete: int) -> Batch:
    return Batch(TODAY + timedelta(days=days), {"owed": owed, "complete": complete})


FORECASTS = st.one_of(curves().map(ByHistory), st.integers(0, 5000).map(ByWeek))


@given(curves(), OFFSETS, OFFSETS)
def test_a_curve_never_falls_and_stays_within_nothing_and_all(curve, one, other):
    first, second = sorted((one, other))
    assert 0 <= curve(first) <= curve(second) <= 1


def test_a_curve_says_what_share_was_complete_by_a_day():
    curve = Curve.of({-3: 20, 0: 60, 2: 10}, 100)
    assert [curve(day) for day in (-4, -3, -1, 0, 1, 2, 90)] == [0, 0.2, 0.2, 0.8, 0.8, 0.9, 0.9]


def test_of_what_is_missing_comes_what_came_in_between():
    curve = Curve.of({-3: 20, 0: 60, 2: 10}, 100)
    # 60 of the 80 that were missing three days before came by the day: of 40 missing now, 30.
    assert expected(60, 100, curve, -3, 0) == pytest.approx(90)


def test_where_all_had_come_by_now_nothing_more_is_expected():
    assert expected(7, 10, Curve.of({-5: 10}, 10), -2, 0) == 7


@given(FORECASTS, st.lists(batches(), max_size=6), st.integers(-50, 100), st.integers(0, 100))
def test_expected_is_between_what_is_there_and_what_is_owed_and_never_falls(how, due, days, more):
    then = TODAY + timedelta(days=days)
    soon, later = (how.complete(due, TODAY, one) for one in (then, then + timedelta(days=more)))
    assert sum(one.complete for one in due) <= soon <= later <= sum(one.owed for one in due)


@given(FORECASTS, st.lists(batches(), max_size=6))
def test_until_today_nothing_more_is_expected(how, due):
    assert how.complete(due, TODAY, TODAY) == sum(one.complete for one in due)


def test_by_the_last_week_it_goes_on_as_it_went():
    how, due = ByWeek(14), [a_batch(10, 100, 30), a_batch(-3, 5, 1)]
    found = [how.complete(due, TODAY, TODAY + timedelta(days=days)) for days in (1, 3, 10, 90)]
    assert found == [33, 37, 51, 105]


@pytest.mark.parametrize(
    ("owed", "words"),
    [(LEAST_HISTORY, "按本活动和以往活动的报送进度推算"), (LEAST_HISTORY - 1, "按近7日进度推算")],
)
def test_too_little_history_says_nothing(owed, words):
    assert forecast({0: 1}, owed, last_week=3).words == words
