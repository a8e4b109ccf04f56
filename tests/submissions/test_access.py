"""Whose work a person may see and touch (domain invariant 3), whatever the address."""

import pytest

from schools.enums import Role, UnitKind
from submissions import access
from submissions.enums import PieceState
from submissions.models import Assignment
from submissions.services import drafts, reviewing, submitting
from tests.factories import DUE, NOW, UnitFactory, at, drafted, handed_in, person, upload

ABOVE = Role.overseeing()
OWN = Role.own_unit()


@pytest.fixture
def theirs(place, owed):
    """What the middle school owes: nobody of the primary school may learn of it."""
    return Assignment.objects.get(unit=place.middle)


@pytest.fixture
def stranger(place):
    """An officer of the neighbouring county."""
    return person(Role.OFFICER, UnitFactory(kind=UnitKind.BUREAU))


@pytest.mark.parametrize("role", OWN)
def test_the_people_of_a_unit_read_its_own_tasks_alone(place, owed, theirs, role):
    assert list(access.readable(person(role, place.school))) == [owed]


@pytest.mark.parametrize("role", ABOVE)
def test_the_bureau_reads_the_tasks_of_its_subtree(place, owed, theirs, role):
    assert set(access.readable(person(role, place.section))) == {owed, theirs}


@pytest.mark.parametrize("role", Role.duties())
def test_administrators_read_nobodys_work(place, owed, role):
    assert not access.readable(person(role, place.bureau)).exists()


def test_another_county_reads_nothing(owed, stranger):
    assert not access.readable(stranger).exists()


@pytest.mark.parametrize(("role", "expected"), [(Role.SECRETARY, True), (Role.HEAD, False)])
def test_of_a_unit_the_secretary_writes(place, owed, role, expected):
    assert access.writable(person(role, place.school)).exists() == expected


@pytest.mark.parametrize("role", ABOVE)
def test_the_bureau_does_not_write_for_a_school(place, owed, role):
    assert not access.writable(person(role, place.section)).exists()


@pytest.mark.parametrize(("role", "expected"), [(Role.OFFICER, True), (Role.LEADER, False)])
def test_of_the_bureau_the_officer_decides(place, owed, role, expected):
    assert access.reviewable(person(role, place.section)).exists() == expected


@pytest.mark.parametrize("role", OWN)
def test_nobody_decides_on_the_own_units_work(place, owed, role):
    assert not access.reviewable(person(role, place.school)).exists()


def test_a_version_is_read_by_the_unit_and_the_bureau(place, owed, theirs):
    handed_in(owed, place.secretary)
    readers = [place.secretary, place.officer, person(Role.SECRETARY, place.middle)]
    assert [access.versions(reader).count() for reader in readers] == [1, 1, 0]


@pytest.fixture
def attached(place, owed):
    piece = drafted(owed, place.secretary)
    return drafts.attach(piece, upload(), by=place.secretary, at=NOW)


def test_a_file_of_a_draft_is_the_units_own(place, theirs, attached, stranger):
    readers = [place.secretary, place.officer, person(Role.SECRETARY, place.middle), stranger]
    assert [access.files(reader).count() for reader in readers] == [1, 0, 0, 0]


def test_a_file_that_was_handed_in_is_the_bureaus_too(place, theirs, attached, stranger):
    submitting.submit(attached.draft.submission, by=place.secretary, at=NOW)
    readers = [place.secretary, place.officer, person(Role.SECRETARY, place.middle), stranger]
    assert [access.files(reader).count() for reader in readers] == [1, 1, 0, 0]


def test_a_file_that_stands_in_two_versions_is_listed_once(place, attached):
    piece = attached.draft.submission
    version = submitting.submit(piece, by=place.secretary, at=NOW)
    reviewing.send_back(version, by=place.officer, at=NOW, reason="太短", correct_by=DUE)
    submitting.submit(piece, by=place.secretary, at=NOW)
    assert access.files(place.officer).count() == 1


def test_the_queue_holds_what_waits_oldest_first(place, owed, theirs):
    later = handed_in(owed, place.secretary, at=at(3, 4))
    sooner = handed_in(theirs, place.officer, at=at(3, 3))
    assert list(access.queue(place.officer)) == [sooner.submission, later.submission]


def test_what_was_decided_leaves_the_queue(place, owed):
    reviewing.accept(handed_in(owed, place.secretary), by=place.officer, at=NOW)
    assert not access.queue(place.officer).exists()


def test_the_queue_of_another_county_is_empty(place, owed, stranger):
    handed_in(owed, place.secretary)
    assert not access.queue(stranger).exists()


def test_a_leader_has_no_queue(place, owed):
    handed_in(owed, place.secretary)
    assert not access.queue(person(Role.LEADER, place.section)).exists()


def test_a_piece_in_the_queue_is_pending(place, owed):
    drafted(owed, place.secretary, number=1)
    handed_in(owed, place.secretary, number=2)
    assert [piece.state for piece in access.queue(place.officer)] == [PieceState.PENDING]
