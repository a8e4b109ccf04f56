"""What is handed in while a report is being counted is in all of its numbers, or in none."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from portal.jobs import read_as_of_now
from reports.counts import stage
from schools.enums import Role
from submissions.models import Assignment
from submissions.services import counting, publishing
from tests.concurrently import at_once
from tests.factories import NOW, County, UnitFactory, county, handed_in, person, ready_plan

pytestmark = pytest.mark.django_db(transaction=True)


def two_schools() -> tuple[Any, list[Callable[[], Any]]]:
    """A campaign that asks two schools for an essay, and what hands theirs in."""
    place: County = county()
    second = UnitFactory(name="东镇第二小学", parent=place.township)
    secretaries = [(place.school, place.secretary), (second, person(Role.SECRETARY, second))]
    campaign = ready_plan(place, audience_kinds=["primary"]).campaign
    publishing.publish(campaign, by=place.officer, at=NOW)
    owed = [(Assignment.objects.get(unit=unit), by) for unit, by in secretaries]
    return campaign, [lambda task=task, by=by: handed_in(task, by) for task, by in owed]


def counted_meanwhile(campaign: Any, acts: list[Callable[[], Any]], *, one_moment: bool) -> dict[str, Any]:
    """Count while somebody else, on another connection, does one of `acts` before the second step and the
    others after it; the counters are folded in between."""
    waiting = [*acts, counting.fold_deltas]

    def told(step: str, done: int, total: int) -> None:
        if done and waiting:
            [result] = at_once(waiting.pop(0))
            assert not isinstance(result, Exception), result

    with transaction.atomic():
        if one_moment:
            read_as_of_now()
        found = stage.count(campaign, None, NOW, told)
    assert waiting == []
    return found


def handed(found: dict[str, Any]) -> tuple[int, int]:
    return found["numbers"]["handed"], found["pieces"]


def test_all_statements_read_as_of_the_moment_it_began() -> None:
    campaign, acts = two_schools()
    assert handed(counted_meanwhile(campaign, acts, one_moment=True)) == (0, 0)
    assert handed(stage.count(campaign, None, NOW, lambda *step: None)) == (2, 2)


def test_without_that_they_would_not_agree() -> None:
    campaign, acts = two_schools()
    assert handed(counted_meanwhile(campaign, acts, one_moment=False)) == (0, 2)
