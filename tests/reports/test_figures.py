"""Every figure has one definition, for counters and for the rows behind them (domain invariant 4)."""

from datetime import timedelta

import pytest
from django.db.models import Count

from reports.figures import FIGURES, condition, totals
from submissions.enums import AssignmentState
from submissions.models import Assignment, Standing
from submissions.services import counting
from tests.factories import DUE, NOW, UnitFactory, assigned

MOMENT = timedelta(microseconds=1)


@pytest.fixture
def one_of_each(place):
    """As many schools as states, in time and late, due and overdue, each in another one."""
    cases = [
        (state, late, due_at)
        for state in AssignmentState
        for late in (False, True)
        for due_at in (DUE, DUE + timedelta(days=7))
    ]
    for _ in cases:
        UnitFactory(parent=place.township)
    assigned(place)
    owed = Assignment.objects.order_by("pk")
    for one, (state, late, due_at) in zip(owed, cases, strict=False):
        Assignment.objects.filter(pk=one.pk).update(state=state, late=late, completed_at=NOW, due_at=due_at)
    return owed


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.key)
def test_the_counters_say_what_the_rows_say(one_of_each, figure, folded):
    if folded:
        counting.fold_deltas(batch=7)
    [summed] = totals(Standing.objects.all(), DUE)
    assert summed[figure.key] == one_of_each.filter(condition(figure.key, DUE)).count()


def test_a_group_has_its_own_sums(one_of_each):
    rows = totals(Standing.objects.all(), DUE, "branch")
    counted = Assignment.objects.filter(condition("owed", DUE)).values_list("branch").annotate(Count("pk"))
    assert [(row["branch"], row["owed"]) for row in rows] == sorted(counted)


def test_what_is_owed_is_handed_in_or_returned_or_missing(one_of_each):
    [row] = totals(Standing.objects.all(), DUE)
    assert row["owed"] == row["handed"] + row["returned"] + row["missing"]


def test_what_is_handed_in_is_accepted_or_waiting(one_of_each):
    [row] = totals(Standing.objects.all(), DUE)
    assert row["handed"] == row["accepted"] + row["waiting"]


@pytest.mark.parametrize("state", [AssignmentState.EXEMPT, AssignmentState.CANCELLED])
def test_what_is_exempt_or_cancelled_is_not_owed(one_of_each, state):
    assert not one_of_each.filter(condition("owed", DUE), state=state).exists()


def test_what_is_cancelled_is_in_no_figure(one_of_each):
    found = [
        figure.key
        for figure in FIGURES
        if one_of_each.filter(condition(figure.key, DUE), state=AssignmentState.CANCELLED).exists()
    ]
    assert found == []


@pytest.mark.parametrize(("at", "overdue"), [(DUE - MOMENT, 0), (DUE, 2)])
def test_it_is_overdue_from_the_due_instant_on_without_any_job_having_run(place, at, overdue):
    assigned(place)
    [row] = totals(Standing.objects.all(), at)
    assert row["overdue"] == overdue


def test_an_unknown_figure_is_an_error():
    with pytest.raises(KeyError):
        condition("guessed", NOW)


def test_of_nothing_every_figure_is_zero(db):
    assert totals(Standing.objects.all(), NOW) == [{figure.key: 0 for figure in FIGURES}]
