"""Every figure has one definition, for counters and for the rows behind them (domain invariant 4)."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import Count

from reports import sums
from submissions.enums import AssignmentState
from submissions.figures import COMPLETE, COUNTED, EVERY, percent
from submissions.models import Assignment, Standing
from submissions.services import counting
from tests.factories import DUE, NOW, UnitFactory, assigned

MOMENT = timedelta(microseconds=1)


@pytest.fixture
def one_of_each(place):
    """As many schools as states, complete or not, in time and late, due and overdue, each in another one."""
    cases = [
        (state, completed_at, late, due_at)
        for state in AssignmentState
        for completed_at, late in ((None, False), (NOW, False), (NOW, True))
        for due_at in (DUE, DUE + timedelta(days=7))
    ]
    for _ in cases:
        UnitFactory(parent=place.township)
    assigned(place)
    owed = Assignment.objects.order_by("pk")
    for one, (state, completed_at, late, due_at) in zip(owed, cases, strict=False):
        changed = {"state": state, "late": late, "completed_at": completed_at, "due_at": due_at}
        Assignment.objects.filter(pk=one.pk).update(**changed)
    return owed


def total(at=DUE):
    return sums.read(Standing.objects.all(), at).total


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("figure", COUNTED, ids=lambda figure: figure.key)
def test_the_counters_say_what_the_rows_say(one_of_each, figure, folded):
    if folded:
        counting.fold_deltas(batch=7)
    assert total()[figure.key] == one_of_each.filter(figure.condition(DUE)).count()


def test_each_group_has_its_own_sums_read_at_once(one_of_each, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = sums.read(Standing.objects.all(), DUE, {"branch": "branch", "kind": "unit_kind"})
    owed = Assignment.objects.filter(EVERY["owed"].condition(DUE))
    for group, path in (("branch", "branch"), ("kind", "unit_kind")):
        counted = dict(owed.values_list(path).annotate(Count("pk")))
        assert {key: numbers["owed"] for key, numbers in found.of[group].items()} == counted
    assert found.total["owed"] == owed.count()


def test_branches_are_cut_to_a_level(one_of_each, place):
    found = sums.read(Standing.objects.all(), DUE, {"below": sums.below(len(place.bureau.path))})
    assert list(found.of["below"]) == [place.bureau.path]


def test_what_is_owed_is_handed_in_or_returned_or_missing(one_of_each):
    found = total()
    assert found["owed"] == found["handed"] + found["returned"] + found["missing"]


def test_what_is_missing_is_overdue_or_not_due(one_of_each):
    found = total()
    assert found["missing"] == found["overdue"] + found["not_due"]


def test_what_is_due_is_handed_in_or_returned_or_overdue(one_of_each):
    returned = one_of_each.filter(state=AssignmentState.RETURNED, due_at__lte=DUE).count()
    found = total()
    assert (found["due"], returned) == (found["due_handed"] + found["overdue"] + returned, 3)


def test_what_is_handed_in_is_accepted_or_waiting(one_of_each):
    found = total()
    assert found["handed"] == found["accepted"] + found["waiting"]


def test_what_was_complete_was_in_time_or_late(one_of_each):
    found = total()
    assert one_of_each.filter(COMPLETE.condition(DUE)).count() == found["in_time"] + found["late"]


@pytest.mark.parametrize("state", [AssignmentState.EXEMPT, AssignmentState.CANCELLED])
def test_what_is_exempt_or_cancelled_is_not_owed(one_of_each, state):
    assert not one_of_each.filter(EVERY["owed"].condition(DUE), state=state).exists()


def test_what_is_cancelled_is_in_no_figure(one_of_each):
    cancelled = one_of_each.filter(state=AssignmentState.CANCELLED)
    found = [
        figure.key for figure in (*COUNTED, COMPLETE) if cancelled.filter(figure.condition(DUE)).exists()
    ]
    assert found == []


@pytest.mark.parametrize(("at", "overdue"), [(DUE - MOMENT, 0), (DUE, 2)])
def test_it_is_overdue_from_the_due_instant_on_without_any_job_having_run(place, at, overdue):
    assigned(place)
    assert total(at)["overdue"] == overdue


def test_of_nothing_every_figure_is_zero(db):
    found = sums.read(Standing.objects.all(), NOW, sums.GROUPS)
    assert (found.total, found.of) == ({one.key: 0 for one in COUNTED}, {name: {} for name in sums.GROUPS})


def test_an_empty_scope_has_no_figures(one_of_each):
    assert sums.read(Standing.objects.filter(pk__in=[]), NOW).total == {one.key: 0 for one in COUNTED}


@pytest.mark.parametrize(
    ("part", "whole", "shown"), [(0, 0, None), (0, 3, 0), (199, 200, 99), (200, 200, 100)]
)
def test_a_hundred_percent_means_that_nothing_is_missing(part, whole, shown):
    assert percent(part, whole) == shown


@pytest.mark.parametrize("figure", EVERY.values(), ids=lambda figure: figure.key)
def test_every_figure_is_written_down_in_the_same_words(figure):
    written = (Path(settings.BASE_DIR) / "docs" / "figures.md").read_text()
    assert f"| {figure.name} | {figure.meaning} |" in written
