"""Days as an office counts them (domain invariant 5)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from notices.workdays import (
    add_workdays,
    end_of,
    is_workday,
    last_day,
    nth_workday,
    shift,
    workdays_between,
    workdays_left,
)
from tests.factories import at

days = st.dates(date(1900, 1, 1), date(2200, 12, 31))
offices = st.dates(date(2020, 1, 1), date(2035, 12, 31))


# Due instants -----------------------------------------------------------------------------------------


def test_before_the_end_of_april_means_until_the_first_of_may_begins():
    assert end_of(date(2026, 4, 30)) == datetime(2026, 5, 1, tzinfo=timezone.get_default_timezone())


def test_that_is_four_in_the_afternoon_in_greenwich():
    assert end_of(date(2026, 4, 30)) == datetime(2026, 4, 30, 16, tzinfo=UTC)


@given(day=days)
def test_the_last_day_of_what_ends_with_a_day_is_that_day(day):
    assert last_day(end_of(day)) == day


@given(day=days)
def test_the_last_day_is_the_same_when_the_database_speaks_utc(day):
    assert last_day(end_of(day).astimezone(UTC)) == day


@given(day=days, microseconds=st.integers(1, 24 * 3600 * 10**6 - 1))
def test_an_instant_within_a_day_belongs_to_that_day(day, microseconds):
    begins = end_of(day - timedelta(days=1)).astimezone(UTC)
    within = begins + timedelta(microseconds=microseconds)
    assert within >= end_of(day) or last_day(within) == day


@given(first=days, second=days)
def test_later_days_end_later(first, second):
    assert (first < second) == (end_of(first) < end_of(second))


# Working days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 2, 14),  # Saturday before 春节
        date(2026, 2, 28),  # Saturday after it
        date(2026, 5, 9),  # Saturday after 劳动节
        date(2026, 9, 20),  # Sunday before 国庆节
    ],
)
def test_a_make_up_day_is_a_working_day(day):
    assert is_workday(day)


@pytest.mark.parametrize("day", [date(2026, 2, 17), date(2026, 4, 6), date(2026, 5, 1), date(2026, 10, 1)])
def test_a_holiday_in_the_week_is_none(day):
    assert not is_workday(day)


@pytest.mark.parametrize(("day", "expected"), [(date(2026, 3, 6), True), (date(2026, 3, 7), False)])
def test_plain_fridays_and_saturdays_are_what_they_are(day, expected):
    assert is_workday(day) == expected


@given(day=st.dates(date(2030, 1, 1), date(2030, 12, 31)))
def test_a_year_the_calendar_does_not_know_goes_by_the_week(day):
    assert is_workday(day) == (day.weekday() < 5)


def test_counting_skips_the_spring_festival():
    assert add_workdays(date(2026, 2, 13), 2) == date(2026, 2, 24)


def test_counting_uses_make_up_saturdays():
    assert add_workdays(date(2026, 2, 27), 1) == date(2026, 2, 28)


def test_counting_goes_on_into_a_year_without_data():
    assert add_workdays(date(2026, 12, 31), 400).year == 2028


@given(day=offices, count=st.integers(1, 60))
def test_the_day_that_is_reached_is_a_working_day(day, count):
    assert is_workday(add_workdays(day, count))


@given(day=offices, count=st.integers(1, 30), more=st.integers(1, 30))
def test_counting_in_two_steps_reaches_the_same_day(day, count, more):
    assert add_workdays(add_workdays(day, count), more) == add_workdays(day, count + more)


# What is left -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (at(4, 28), 2),  # Tuesday: 29, 30
        (at(4, 30, 23, 59), 0),
        (at(5, 1, 0), 0),
        (at(5, 20), 0),
    ],
)
def test_the_last_day_counts_and_today_does_not(now, left):
    assert workdays_left(end_of(date(2026, 4, 30)), now) == left


def test_a_last_day_in_the_holidays_leaves_nothing_on_the_first_of_them():
    assert workdays_left(end_of(date(2026, 5, 5)), at(5, 1)) == 0


@given(day=offices, count=st.integers(1, 30))
def test_what_is_left_of_a_term_agrees_with_how_it_was_set(day, count):
    that_morning = end_of(day) - timedelta(hours=15)
    assert workdays_left(end_of(add_workdays(day, count)), that_morning) == count


# From one calendar to another -----------------------------------------------------------------------------

wide = st.dates(date(2010, 1, 1), date(2030, 12, 31))


@given(first=wide, passed=st.integers(0, 1200))
def test_days_between_are_counted_as_one_would_by_hand(first, passed):
    until = first + timedelta(passed)
    by_hand = sum(is_workday(first + timedelta(one)) for one in range(passed))
    assert (workdays_between(first, until), workdays_between(until, first)) == (by_hand, -by_hand)


@given(day=wide, count=st.integers(-600, 600))
def test_the_nth_working_day_has_n_before_it(day, count):
    found = nth_workday(day, count)
    assert (is_workday(found), workdays_between(day, found)) == (True, count)


@given(day=offices, count=st.integers(1, 60))
def test_it_agrees_with_counting_on(day, count):
    assert nth_workday(day + timedelta(1), count - 1) == add_workdays(day, count)


def test_the_first_working_day_after_the_holiday_stays_the_first():
    """Before 春节 there are six working days from 9 February 2026: the week and its make-up Saturday."""
    assert shift(date(2026, 2, 24), date(2026, 2, 9), date(2026, 3, 2)) == date(2026, 3, 10)


def test_a_day_of_rest_becomes_the_working_day_that_ends_it():
    assert shift(date(2026, 3, 7), date(2026, 3, 2), date(2026, 4, 7)) == date(2026, 4, 14)


@given(day=wide, origin=wide, target=wide)
def test_working_days_are_as_far_from_the_start_as_before(day, origin, target):
    if is_workday(day) and day != origin:
        count = workdays_between(origin, day)
        assert workdays_between(target, shift(day, origin, target)) == count


@given(origin=wide, target=wide)
def test_the_start_is_the_start(origin, target):
    assert shift(origin, origin, target) == target


@given(day=wide, passed=st.integers(0, 400), origin=wide, target=wide)
def test_later_days_never_come_earlier(day, passed, origin, target):
    later = day + timedelta(passed)
    assert shift(day, origin, target) <= shift(later, origin, target)
