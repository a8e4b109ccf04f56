"""Of whom a requirement asks: each part of the rule on its own."""

import pytest

from campaigns.audience import units_owing
from schools.enums import Ownership, UnitKind
from tests.factories import NOW, RequirementFactory, UnitFactory, ready_plan


@pytest.fixture
def plan(place):
    """Asks primary and middle schools; the county has one of each."""
    return ready_plan(place)


def owing(plan) -> set:
    return set(units_owing(plan))


def test_it_asks_units_of_the_chosen_kinds(place, plan):
    assert owing(plan) == {place.school, place.middle}


def test_without_kinds_it_asks_nobody(plan):
    plan.audience_kinds = []
    assert owing(plan) == set()


@pytest.mark.parametrize(
    ("ownership", "expected"), [(Ownership.PRIVATE, True), (Ownership.PUBLIC, False), ("", True)]
)
def test_it_may_ask_public_or_private_schools_alone(place, plan, ownership, expected):
    private = UnitFactory(parent=place.township, ownership=Ownership.PRIVATE)
    plan.audience_ownership = ownership
    assert (private in owing(plan)) == expected


def test_it_may_ask_one_branch_alone(place, plan):
    plan.audience_branch = place.township
    assert owing(plan) == {place.school}


def test_a_branch_may_itself_be_asked(place, plan):
    plan.audience_kinds = [UnitKind.TOWNSHIP]
    plan.audience_branch = place.township
    assert owing(plan) == {place.township}


def test_a_branch_outside_the_host_asks_nobody(plan):
    plan.audience_branch = UnitFactory(kind=UnitKind.TOWNSHIP)
    assert owing(plan) == set()


def test_single_units_can_be_added(place, plan):
    plan.included.add(place.section)
    assert owing(plan) == {place.school, place.middle, place.section}


def test_an_added_unit_need_not_fit_the_rest_of_the_rule(place, plan):
    plan.audience_ownership = Ownership.PRIVATE
    plan.included.add(place.school)
    assert owing(plan) == {place.school}


def test_an_added_unit_that_fits_the_rule_is_asked_once(place, plan):
    plan.included.add(place.school)
    assert units_owing(plan).filter(pk=place.school.pk).count() == 1


def test_single_units_can_be_left_out(place, plan):
    plan.excluded.add(place.middle)
    assert owing(plan) == {place.school}


def test_leaving_out_wins_over_adding(place, plan):
    plan.included.add(place.section)
    plan.excluded.add(place.section)
    assert owing(plan) == {place.school, place.middle}


def test_the_host_never_owes_its_own_work(place, plan):
    plan.audience_kinds = [UnitKind.BUREAU]
    plan.included.add(place.bureau)
    assert owing(plan) == set()


def test_a_unit_of_another_county_is_not_asked(plan):
    UnitFactory(parent=UnitFactory(kind=UnitKind.BUREAU), name="邻县小学")
    assert "邻县小学" not in {unit.name for unit in owing(plan)}


def test_a_unit_of_another_county_cannot_be_added(plan):
    plan.included.add(UnitFactory(parent=UnitFactory(kind=UnitKind.BUREAU), name="邻县小学"))
    assert "邻县小学" not in {unit.name for unit in owing(plan)}


def test_a_closed_unit_is_not_asked(place, plan):
    place.school.closed_at = NOW
    place.school.save()
    assert owing(plan) == {place.middle}


def test_a_unit_that_joins_later_is_covered_by_the_rule(place, plan):
    joined = UnitFactory(parent=place.township)
    assert joined in owing(plan)


def test_a_district_as_host_asks_only_its_own(place):
    district = UnitFactory(kind=UnitKind.DISTRICT, parent=place.bureau)
    inside = UnitFactory(parent=district)
    asked = RequirementFactory(campaign__host=district)
    assert owing(asked) == {inside}
