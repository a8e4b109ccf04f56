"""Recurring requirements: which weeks, months and quarters, called how, due when."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.enums import Frequency
from campaigns.recurrence import MAX_PERIODS, Period, periods

WEEKLY, MONTHLY, QUARTERLY = Frequency.WEEKLY, Frequency.MONTHLY, Frequency.QUARTERLY

days = st.dates(date(2000, 1, 1), date(2100, 12, 31))
DAYS_OF = {WEEKLY: 7, MONTHLY: 31, QUARTERLY: 31}
LONGEST = {WEEKLY: 120 * 7, MONTHLY: 120 * 28, QUARTERLY: 120 * 90}  # days that surely hold at most 120


@st.composite
def rules(draw):
    frequency = draw(st.sampled_from([WEEKLY, MONTHLY, QUARTERLY]))
    first = draw(days)
    last = first + timedelta(draw(st.integers(0, LONGEST[frequency] - 1)))
    return frequency, first, last, draw(st.integers(1, DAYS_OF[frequency]))


def test_every_friday_of_a_month():
    assert periods(WEEKLY, date(2026, 3, 1), date(2026, 3, 31), 5) == [
        Period("2026年第10周", date(2026, 3, 6)),
        Period("2026年第11周", date(2026, 3, 13)),
        Period("2026年第12周", date(2026, 3, 20)),
        Period("2026年第13周", date(2026, 3, 27)),
    ]


def test_the_first_days_of_a_year_may_belong_to_the_last_week_of_the_year_before():
    assert periods(WEEKLY, date(2027, 1, 1), date(2027, 1, 3), 5) == [
        Period("2026年第53周", date(2027, 1, 1))
    ]


def test_the_last_day_of_every_month():
    assert periods(MONTHLY, date(2026, 1, 31), date(2026, 4, 30), 31) == [
        Period("2026年1月", date(2026, 1, 31)),
        Period("2026年2月", date(2026, 2, 28)),
        Period("2026年3月", date(2026, 3, 31)),
        Period("2026年4月", date(2026, 4, 30)),
    ]


def test_quarters_are_due_in_their_last_month():
    assert periods(QUARTERLY, date(2026, 1, 1), date(2026, 12, 31), 25) == [
        Period("2026年第1季度", date(2026, 3, 25)),
        Period("2026年第2季度", date(2026, 6, 25)),
        Period("2026年第3季度", date(2026, 9, 25)),
        Period("2026年第4季度", date(2026, 12, 25)),
    ]


def test_a_period_whose_due_day_is_over_when_it_begins_is_left_out():
    assert periods(MONTHLY, date(2026, 3, 26), date(2026, 4, 24), 25) == []


def test_the_first_and_the_last_day_belong_to_it():
    assert [period.due_on for period in periods(MONTHLY, date(2026, 3, 25), date(2026, 4, 25), 25)] == [
        date(2026, 3, 25),
        date(2026, 4, 25),
    ]


def test_a_stretch_that_ends_before_it_begins_has_none():
    assert periods(WEEKLY, date(2026, 3, 2), date(2026, 3, 1), 1) == []


@pytest.mark.parametrize("due_day", [0, 8])
def test_a_week_has_seven_days(due_day):
    with pytest.raises(ValueError, match="每周报送的截止日须为1至7"):
        periods(WEEKLY, date(2026, 1, 1), date(2026, 1, 31), due_day)


@pytest.mark.parametrize("frequency", [MONTHLY, QUARTERLY])
@pytest.mark.parametrize("due_day", [0, 32])
def test_a_month_has_at_most_thirty_one(frequency, due_day):
    with pytest.raises(ValueError, match="每月、每季度报送的截止日须为1至31"):
        periods(frequency, date(2026, 1, 1), date(2026, 1, 31), due_day)


def test_what_is_asked_once_has_no_periods():
    with pytest.raises(ValueError, match="一次性的报送要求没有期次"):
        periods(Frequency.ONCE, date(2026, 1, 1), date(2026, 1, 31), 1)


def test_a_hundred_and_twenty_weeks_are_the_most():
    first = date(2026, 1, 5)
    assert len(periods(WEEKLY, first, first + timedelta(weeks=MAX_PERIODS - 1), 1)) == MAX_PERIODS
    with pytest.raises(ValueError, match="定期报送最多120期"):
        periods(WEEKLY, first, first + timedelta(weeks=MAX_PERIODS), 1)


# Of every rule ------------------------------------------------------------------------------------------


@given(rule=rules())
def test_due_days_lie_within_and_follow_one_another(rule):
    _, first, last, _ = rule
    due = [period.due_on for period in periods(*rule)]
    assert due == sorted(set(due))
    assert all(first <= day <= last for day in due)


@given(rule=rules())
def test_no_two_periods_bear_the_same_name(rule):
    labels = [period.label for period in periods(*rule)]
    assert len(labels) == len(set(labels))


@given(rule=rules())
def test_every_due_day_is_the_one_asked_for_or_the_last_of_a_shorter_month(rule):
    frequency, _, _, due_day = rule
    for period in periods(*rule):
        day = period.due_on
        if frequency == WEEKLY:
            assert day.isoweekday() == due_day
        else:
            assert day.day == min(due_day, monthrange(day.year, day.month)[1])


@given(rule=rules(), cut=st.integers(0, 1000))
def test_two_halves_of_a_stretch_have_the_periods_of_the_whole(rule, cut):
    frequency, first, last, due_day = rule
    middle = min(first + timedelta(cut), last)
    halves = periods(frequency, first, middle, due_day)
    halves += periods(frequency, middle + timedelta(1), last, due_day)
    assert halves == periods(*rule)
