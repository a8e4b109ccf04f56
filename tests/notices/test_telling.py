"""Telling people: once per person and matter, and reading it."""

from functools import partial

import pytest

from notices.models import Notice
from notices.services.telling import mark_read, tell
from tests.concurrently import at_once
from tests.factories import DUE, NOW, UserFactory


@pytest.fixture
def people(db):
    return UserFactory.create_batch(2)


def told(matter="campaign:1", at=NOW, title="请报送", **more):
    return partial(tell, matter=matter, at=at, title=title, **more)


def titles(person):
    return list(Notice.objects.filter(recipient=person).values_list("title", flat=True))


def test_everybody_is_told(people):
    told()(people)
    assert [titles(person) for person in people] == [["请报送"], ["请报送"]]


def test_a_second_time_changes_nothing(people):
    told()(people)
    before = list(Notice.objects.values())
    told(at=DUE, title="又来")(people)
    assert list(Notice.objects.values()) == before


def test_one_who_is_named_twice_is_told_once(people):
    told()([people[0], people[0]])
    assert titles(people[0]) == ["请报送"]


def test_who_was_not_told_yet_is_told_the_second_time(people):
    told()(people[:1])
    told()(people)
    assert titles(people[1]) == ["请报送"]


def test_another_matter_is_another_notice(people):
    told()(people)
    told("campaign:2")(people)
    assert titles(people[0]) == ["请报送", "请报送"]


def test_ids_do_as_well_as_people(people):
    told()([person.pk for person in people])
    assert titles(people[0]) == ["请报送"]


def test_a_long_title_is_cut_to_what_fits(people):
    told(title="长" * 200)(people)
    assert titles(people[0]) == ["长" * 120]


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_the_same_moment_tell_once(people):
    at_once(*[partial(told(), people)] * 4)
    assert Notice.objects.count() == 2


def test_the_newest_comes_first(people):
    told("a", title="旧")(people)
    told("b", at=DUE, title="新")(people)
    assert titles(people[0]) == ["新", "旧"]


def test_reading_marks_all_of_the_own_ones(people):
    told("a")(people)
    told("b")(people)
    assert mark_read(people[0], at=NOW) == 2


def test_reading_leaves_those_of_others_unread(people):
    told()(people)
    mark_read(people[0], at=NOW)
    assert Notice.objects.filter(recipient=people[1]).unread().count() == 1


def test_reading_one_leaves_the_others(people):
    told("a")(people)
    told("b")(people)
    mark_read(people[0], at=NOW, only=Notice.objects.get(recipient=people[0], matter="a").pk)
    assert [n.matter for n in Notice.objects.filter(recipient=people[0]).unread()] == ["b"]


def test_somebody_elses_notice_cannot_be_marked(people):
    told()(people)
    theirs = Notice.objects.get(recipient=people[1])
    assert mark_read(people[0], at=NOW, only=theirs.pk) == 0


def test_reading_again_keeps_the_first_time(people):
    told()(people)
    mark_read(people[0], at=NOW)
    mark_read(people[0], at=DUE)
    assert Notice.objects.get(recipient=people[0]).read_at == NOW
