"""Who reaches which units, and which rights a role gives."""

import pytest

from schools.access import permissions_of, scope_of, units_for
from schools.backends import RoleBackend
from schools.enums import Role, UnitKind
from schools.models import Unit, User
from tests.factories import NOW, MembershipFactory, UnitFactory, UserFactory, person

ABOVE = [Role.OFFICER, Role.LEADER, *Role.duties()]
PLAN = {
    *("campaign", "basis", "phase", "topic", "indicator", "leadership", "inspectiongroup", "activity"),
    *("requirement", "occurrence"),
}


def fresh(user: User) -> User:
    """The person as the next request reads them."""
    return User.objects.get(pk=user.pk)


# Scope ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role.own_unit())
def test_a_school_role_reaches_the_own_unit_and_nothing_else(place, role):
    assert set(units_for(person(role, place.school))) == {place.school}


@pytest.mark.parametrize("role", Role.own_unit())
def test_a_school_role_does_not_reach_what_is_below_the_unit(place, role):
    assert set(units_for(person(role, place.township))) == {place.township}


@pytest.mark.parametrize("role", ABOVE)
def test_a_bureau_role_reaches_the_whole_subtree(place, role):
    everything = {place.bureau, place.section, place.township, place.school, place.middle}
    assert set(units_for(person(role, place.section))) == everything


@pytest.mark.parametrize("role", ABOVE)
def test_a_bureau_role_does_not_reach_the_neighbouring_county(place, role):
    neighbour = UnitFactory(kind=UnitKind.BUREAU)
    UnitFactory(parent=neighbour)
    assert not units_for(person(role, place.section)).within(neighbour).exists()


def test_a_bureau_role_does_not_reach_the_bureau_above(place):
    district = UnitFactory(kind=UnitKind.DISTRICT, parent=place.bureau)
    assert set(units_for(person(Role.OFFICER, district))) == {district}


def test_a_scope_that_was_named_replaces_the_default_one(place):
    user = UserFactory()
    MembershipFactory(user=user, unit=place.section, role=Role.OFFICER, scope=place.township)
    assert set(units_for(user)) == {place.township, place.school}


def test_scopes_of_several_memberships_add_up(place):
    user = person(Role.SECRETARY, place.school)
    MembershipFactory(user=user, unit=place.middle, role=Role.HEAD)
    assert set(units_for(user)) == {place.school, place.middle}


def test_only_the_roles_that_were_asked_for_count(place):
    user = person(Role.SECRETARY, place.school)
    MembershipFactory(user=user, unit=place.section, role=Role.LEADER)
    assert set(units_for(user, Role.SECRETARY)) == {place.school}


def test_a_membership_that_has_ended_reaches_nothing(place):
    place.officer.memberships.update(ended_at=NOW)
    assert not units_for(fresh(place.officer)).exists()


def test_one_without_memberships_reaches_nothing(place):
    assert not units_for(UserFactory()).exists()


def test_a_technical_account_reaches_no_unit_by_itself(place):
    assert not units_for(UserFactory(is_superuser=True)).exists()


def test_a_unit_that_moves_away_leaves_the_scope(place):
    other = UnitFactory(kind=UnitKind.BUREAU)
    place.township.parent = other
    place.township.save()
    assert not units_for(place.officer).filter(pk=place.school.pk).exists()


@pytest.mark.parametrize("role", Role)
def test_covers_says_of_one_unit_what_narrow_says_of_all(place, role):
    UnitFactory(parent=UnitFactory(kind=UnitKind.BUREAU))
    scope = scope_of(person(role, place.section))
    assert {unit for unit in Unit.objects.all() if scope.covers(unit)} == set(
        Unit.objects.filter(scope.narrow())
    )


# Rights ---------------------------------------------------------------------------------------------


MAP = ("responsibility", "pairing")


def test_an_officer_writes_plans_keeps_the_map_and_looks_up_units_and_people(place):
    plans = {f"campaigns.{verb}_{model}" for verb in ("view", "add", "change", "delete") for model in PLAN}
    map_ = {f"schools.{verb}_{model}" for verb in ("view", "add", "change") for model in MAP}
    ladder = {"campaigns.view_ladder", "campaigns.change_ladder"}
    assert permissions_of(place.officer) == plans | ladder | map_ | {"schools.view_unit", "schools.view_user"}


@pytest.mark.parametrize("role", [Role.LEADER, *Role.own_unit()])
def test_who_neither_plans_nor_administers_has_no_rights_in_the_admin(place, role):
    assert permissions_of(person(role, place.bureau)) == set()


def test_the_three_duties_can_each_change_what_the_others_cannot(place):
    changing = [
        {right for right in permissions_of(person(role, place.bureau)) if ".view_" not in right}
        for role in Role.duties()
    ]
    assert not set.intersection(*changing)
    assert changing == [
        {f"schools.{verb}_{model}" for verb in ("add", "change") for model in ("unit", "user", *MAP)}
        | {f"notices.{verb}_{model}" for verb in ("add", "change") for model in ("channel", "specialdays")}
        | {"notices.delete_specialdays"},
        {"schools.add_membership", "schools.change_membership"},
        set(),
    ]


@pytest.mark.parametrize("role", Role)
def test_no_role_may_touch_the_audit_trail(place, role):
    rights = permissions_of(person(role, place.bureau))
    assert {right for right in rights if right.endswith("_auditevent")} <= {"portal.view_auditevent"}


@pytest.mark.parametrize("role", Role)
def test_django_asks_the_roles(place, role):
    user = person(role, place.bureau)
    assert user.has_perm("campaigns.add_campaign") == (role == Role.OFFICER)


def test_one_who_was_switched_off_has_no_rights(place):
    place.officer.is_active = False
    assert not place.officer.has_perm("campaigns.add_campaign")


def test_rights_end_with_the_membership(place):
    place.officer.memberships.update(ended_at=NOW)
    assert not fresh(place.officer).has_perm("campaigns.add_campaign")


def test_roles_say_nothing_about_single_objects(place):
    assert RoleBackend().get_all_permissions(place.officer, obj=place.school) == set()


@pytest.mark.parametrize(("app", "expected"), [("campaigns", True), ("schools", True), ("portal", False)])
def test_an_officer_sees_the_parts_of_the_admin_that_are_theirs(place, app, expected):
    assert place.officer.has_module_perms(app) == expected


@pytest.mark.parametrize("role", Role)
def test_the_admin_opens_for_officers_and_the_three_duties(place, role):
    assert person(role, place.bureau).is_staff == (role in {Role.OFFICER, *Role.duties()})
