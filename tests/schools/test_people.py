"""Memberships: the scope they get by default, and what the database does not allow."""

import pytest
from django.db import IntegrityError, transaction

from portal.models import AuditEvent
from schools.enums import Role, UnitKind
from schools.models import Membership
from schools.services import people
from schools.services.people import default_scope
from tests.factories import NOW, MembershipFactory, UnitFactory, UserFactory

OVERSEEING = [Role.OFFICER, Role.LEADER, *Role.duties()]


@pytest.fixture
def person(db):
    return UserFactory()


def refused(**fields) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory(**fields)


# The scope of a post (domain.md §1) -------------------------------------------------------------------


@pytest.mark.parametrize("role", Role.own_unit())
def test_who_works_for_a_school_reaches_that_school(place, role):
    assert default_scope(place.school, role) == place.school


@pytest.mark.parametrize("role", OVERSEEING)
def test_who_sits_in_a_section_reaches_the_whole_bureau(place, role):
    assert default_scope(place.section, role) == place.bureau


@pytest.mark.parametrize("role", OVERSEEING)
def test_who_sits_in_the_bureau_itself_reaches_the_bureau(place, role):
    assert default_scope(place.bureau, role) == place.bureau


def test_who_sits_in_a_district_section_reaches_the_district_and_not_the_city(place):
    district = UnitFactory(kind=UnitKind.DISTRICT, parent=place.bureau)
    section = UnitFactory(kind=UnitKind.SECTION, parent=district)
    assert default_scope(section, Role.OFFICER) == district


def test_without_a_bureau_above_the_scope_is_the_unit_itself(db):
    alone = UnitFactory(kind=UnitKind.SECTION)
    assert default_scope(alone, Role.OFFICER) == alone


# Appointing -----------------------------------------------------------------------------------------


def test_an_appointment_fills_in_the_scope(place, person):
    assert people.appoint(person, place.section, Role.OFFICER, at=NOW, by=None).scope == place.bureau


def test_an_appointment_may_name_another_scope(place, person):
    made = people.appoint(person, place.section, Role.OFFICER, at=NOW, by=None, scope=place.township)
    assert made.scope == place.township


def test_an_appointment_leaves_a_trace(place, person):
    made = people.appoint(person, place.section, Role.OFFICER, at=NOW, by=place.officer)
    traced = AuditEvent.objects.get()
    assert (traced.action, traced.actor, traced.target) == (
        "membership.start",
        place.officer,
        f"schools.membership:{made.pk}",
    )


def test_an_appointment_that_is_refused_leaves_no_trace(place, person):
    people.appoint(person, place.section, Role.OFFICER, at=NOW, by=None)
    with pytest.raises(IntegrityError):
        people.appoint(person, place.section, Role.OFFICER, at=NOW, by=None)
    assert AuditEvent.objects.count() == 1


def test_dismissing_twice_keeps_the_first_date(place):
    [held] = place.officer.memberships.all()
    people.dismiss(held, at=NOW, by=place.officer)
    people.dismiss(held, at=NOW.replace(month=4), by=place.officer)
    assert Membership.objects.get(pk=held.pk).ended_at == NOW


# What the database does not allow --------------------------------------------------------------------


@pytest.mark.parametrize("role", Role.own_unit())
def test_a_school_role_reaches_no_other_unit(place, person, role):
    refused(user=person, unit=place.school, role=role, scope=place.bureau)


@pytest.mark.parametrize("second", Role.duties())
@pytest.mark.parametrize("first", Role.duties())
def test_no_person_holds_two_of_the_three_duties(place, person, first, second):
    MembershipFactory(user=person, unit=place.bureau, role=first)
    refused(user=person, unit=place.section, role=second)


def test_a_duty_that_has_ended_does_not_stand_in_the_way(place, person):
    MembershipFactory(user=person, unit=place.bureau, role=Role.SYSTEM, ended_at=NOW)
    assert MembershipFactory(user=person, unit=place.bureau, role=Role.AUDITOR).pk


def test_nobody_holds_the_same_role_in_the_same_unit_twice(place, person):
    MembershipFactory(user=person, unit=place.school)
    refused(user=person, unit=place.school)


def test_one_who_left_may_come_back(place, person):
    MembershipFactory(user=person, unit=place.school, ended_at=NOW)
    assert MembershipFactory(user=person, unit=place.school).pk


def test_one_person_may_serve_several_units(place, person):
    MembershipFactory(user=person, unit=place.school)
    assert MembershipFactory(user=person, unit=place.middle).pk
