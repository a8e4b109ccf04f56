"""Days of rungs: always working days, always in order, and the highest reached is the one that counts."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from campaigns.enums import Told
from campaigns.ladders import DEFAULT, Step
from notices.workdays import end_of, is_workday, last_day
from submissions import rungs
from tests.factories import DUE

days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
SINCE = date(2020, 1, 1)
SECRETARY = frozenset({Told.SECRETARY})


def of(steps: tuple[Step, ...], edition: datetime, today: date, since: date = SINCE) -> dict[Told, int]:
    return rungs.reached(steps, edition, today, school=False, since=since)


def test_the_rungs_of_the_last_day_of_april_2026() -> None:
    assert [rungs.day_of(DUE, step.days, school=True) for step in DEFAULT] == [
        date(2026, 4, 21),
        date(2026, 4, 27),
        date(2026, 4, 29),
        date(2026, 4, 30),
        date(2026, 5, 6),
        date(2026, 5, 8),
        date(2026, 5, 11),
    ]


def test_a_deadline_on_a_day_of_rest_is_reminded_of_on_the_working_day_before() -> None:
    sunday = end_of(date(2026, 3, 8))
    found = [rungs.day_of(sunday, count, school=False) for count in (-1, 0, 1)]
    assert found == [date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 9)]


@given(days, st.integers(-60, 60))
def test_every_rung_falls_on_a_working_day(last: date, count: int) -> None:
    assert is_workday(rungs.day_of(end_of(last), count, school=False))


@given(days, st.integers(-60, 59))
def test_a_higher_rung_is_a_later_day(last: date, count: int) -> None:
    edition = end_of(last)
    assert rungs.day_of(edition, count, school=False) < rungs.day_of(edition, count + 1, school=False)


@given(days, st.integers(1, 60))
def test_rungs_before_and_after_stand_on_their_sides_of_the_last_day(last: date, count: int) -> None:
    edition = end_of(last)
    before, after = (rungs.day_of(edition, sign * count, school=False) for sign in (-1, 1))
    assert before < last_day(edition) < after


@given(days, st.sets(st.integers(-60, 60), min_size=1), st.integers(-100, 100))
def test_who_is_told_is_told_of_the_highest_rung_reached(last: date, steps: set[int], passed: int) -> None:
    edition, today = end_of(last), last + timedelta(days=passed)
    told = of(tuple(Step(count, SECRETARY) for count in steps), edition, today)
    reached = [count for count in steps if rungs.day_of(edition, count, school=False) <= today]
    if told:
        assert told == {Told.SECRETARY: max(reached)}
    else:
        old = reached and today - rungs.day_of(edition, max(reached), school=False) > rungs.MEMORY
        assert not reached or old


@given(days)
def test_nobody_is_forgotten_on_a_day_without_a_scan(last: date) -> None:
    """Whatever rung falls on a day on which nothing runs, the day after knows it, or a higher one."""
    edition = end_of(last)
    for step in DEFAULT:
        day = rungs.day_of(edition, step.days, school=False)
        later = of(DEFAULT, edition, day + timedelta(days=1))
        assert all(later[told] >= step.days for told in step.tells)


def test_rungs_before_the_task_was_given_out_are_passed_over_but_not_those_after_the_deadline() -> None:
    given_out = date(2026, 4, 28)
    found = [of(DEFAULT, DUE, day, given_out) for day in (given_out, date(2026, 4, 29), date(2026, 5, 6))]
    assert found == [
        {},
        {Told.SECRETARY: -1, Told.GROUP: -1},
        {Told.SECRETARY: 1, Told.HEAD: 1, Told.GROUP: 1},
    ]
