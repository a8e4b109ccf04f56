"""Days that move along with the beginning: order kept, phases side by side, working days counted."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from campaigns.moving import Moved, by_calendar, by_workdays
from notices.workdays import DAY, is_workday, nth_workday, workdays_between

days = st.dates(date(2010, 1, 1), date(2030, 12, 31))
RULES = st.sampled_from([by_calendar, by_workdays])


@st.composite
def calendars(draw):
    """Phases one after the other from the first day on, each with something due in it."""
    first = draw(days)
    ends = [first - DAY]
    for length in draw(st.lists(st.integers(1, 120), min_size=1, max_size=8)):
        ends.append(ends[-1] + timedelta(length))
    phases = [(before + DAY, end) for before, end in pairwise(ends)]
    dues = [draw(st.lists(st.dates(*phase), max_size=4).map(sorted)) for phase in phases]
    return first, phases, dues


def moved(plan, rule, target: date) -> Moved:
    first, phases, _ = plan
    return Moved(phases, rule(first, target))


@given(plan=calendars(), rule=RULES, target=days)
def test_the_first_day_is_the_one_asked_for(plan, rule, target):
    assert moved(plan, rule, target).start(plan[0]) == target


@given(plan=calendars(), rule=RULES, target=days)
def test_phases_stay_side_by_side_and_keep_a_day_at_least(plan, rule, target):
    found = moved(plan, rule, target)
    spans = [(found.start(start), found.end(end)) for start, end in plan[1]]
    assert [start for start, end in spans if end < start] == []
    assert [(end, start) for (_, end), (start, _) in pairwise(spans) if end + DAY != start] == []


@given(plan=calendars(), rule=RULES, target=days)
def test_what_is_due_or_held_stays_in_its_phase_and_in_order(plan, rule, target):
    found = moved(plan, rule, target)
    for (start, end), some in zip(plan[1], plan[2], strict=True):
        for after in ([found.due(day) for day in some], [found.held(day) for day in some]):
            assert after == sorted(after)
            assert [day for day in after if not found.start(start) <= day <= found.end(end)] == []


@given(plan=calendars(), target=days)
def test_phases_with_working_days_keep_as_many(plan, target):
    spans = [(start, end, workdays_between(start, end + DAY)) for start, end in plan[1]]
    assume(min(count for *_, count in spans) > 0)
    found = moved(plan, by_workdays, target)
    kept = [workdays_between(found.start(start), found.end(end) + DAY) for start, end, _ in spans]
    assert kept == [count for *_, count in spans]


@given(plan=calendars(), target=days)
def test_what_is_due_on_a_working_day_keeps_its_number(plan, target):
    first, phases, dues = plan
    assume(min(workdays_between(start, end + DAY) for start, end in phases) > 0)
    found = moved(plan, by_workdays, target)
    for due in (due for some in dues for due in some if is_workday(due) and due != first):
        assert found.due(due) == nth_workday(target, workdays_between(first, due))


@given(plan=calendars())
def test_what_does_not_move_stays_where_it_is(plan):
    found = moved(plan, by_calendar, plan[0])
    assert [(found.start(start), found.end(end)) for start, end in plan[1]] == plan[1]


def test_nothing_stays_nothing():
    found = Moved([(None, None)], by_calendar(date(2026, 1, 1), date(2027, 1, 1)))
    assert (found.start(None), found.end(None), found.held(None), found.due(None)) == (None,) * 4


# By months ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 2, 27), date(2026, 3, 27)),
        (date(2026, 2, 28), date(2026, 3, 31)),
        (date(2026, 3, 30), date(2026, 4, 30)),
        (date(2026, 3, 31), date(2026, 4, 30)),
        (date(2026, 4, 29), date(2026, 5, 29)),
        (date(2026, 4, 30), date(2026, 5, 31)),
        (date(2026, 12, 15), date(2027, 1, 15)),
    ],
)
def test_a_last_day_a_month_later(day, expected):
    move = by_calendar(date(2026, 2, 1), date(2026, 3, 1))
    assert (Moved([(None, day)], move).end(day), Moved([], move).due(day)) == (expected, expected)


def test_a_year_later_every_day_has_its_own_again():
    some = [date(2026, 1, 1) + timedelta(passed) for passed in range(365)]
    found = Moved([], by_calendar(date(2026, 1, 1), date(2027, 1, 1)))
    assert [found.due(day) for day in some] == [day.replace(year=2027) for day in some]


# By working days ------------------------------------------------------------------------------------


def test_a_phase_in_the_spring_festival_keeps_a_day():
    holiday = (date(2026, 2, 15), date(2026, 2, 23))
    term = (date(2026, 2, 24), date(2026, 3, 31))
    found = Moved([holiday, term], by_workdays(holiday[0], date(2026, 3, 2)))
    assert (found.start(holiday[0]), found.end(holiday[1])) == (date(2026, 3, 2), date(2026, 3, 2))
    assert found.start(term[0]) == date(2026, 3, 3)


def test_what_is_due_on_friday_does_not_push_the_end_of_the_week_along():
    monday, friday, sunday = date(2026, 3, 2), date(2026, 3, 6), date(2026, 3, 8)
    found = Moved([(monday, sunday)], by_workdays(monday, date(2026, 3, 16)))
    assert (found.due(friday), found.end(sunday)) == (date(2026, 3, 20), date(2026, 3, 22))
