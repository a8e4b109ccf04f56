"""Trying a channel out keeps a person's page waiting: for a short time, and few pages at once."""

import time
from contextlib import closing

import pytest
from django.db import connection

from notices.enums import ChannelKind
from notices.models import Channel
from notices.services import channels, preferences, trying
from portal.models import AuditEvent
from schools.enums import Role
from schools.rules import NotAllowed
from tests.factories import NOW, person
from tests.notices.peers import HANG, HOST, MailPeer

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(place):
    """A mail server that takes everything and answers nothing, and two who try it out."""
    with MailPeer() as peer:
        peer.then(HANG, HANG)
        channel = Channel.objects.create(
            kind=ChannelKind.MAIL, unit=place.bureau, name="邮件", host=HOST, port=peer.port, tls="none",
            sender="portal@example.com",
        )  # fmt: skip
        user = person(Role.SECRETARY, place.school, email="zhang@example.com")
        keeper = person(Role.SYSTEM, place.bureau, email="li@example.com")
        yield (
            lambda: preferences.send_test(user, at=NOW),
            lambda: channels.send_test(channel, at=NOW, by=keeper),
        )


def taken(aside, number):
    with aside.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [trying.LOCK, number])
        return cursor.fetchone()[0]


def test_all_turns_taken_the_next_is_asked_to_wait_and_nothing_is_recorded(served):
    with closing(connection.copy()) as aside:
        assert [taken(aside, number) for number in range(trying.AT_ONCE)] == [True] * trying.AT_ONCE
        for test in served:
            with pytest.raises(NotAllowed, match=trying.BUSY):
                test()
    assert AuditEvent.objects.filter(action__contains="test").count() == 0


def test_a_turn_is_given_back_whatever_happens(served, monkeypatch):
    monkeypatch.setattr(trying, "PATIENCE", 0.2)
    for test in served:
        test()
        with pytest.raises(NotAllowed):
            test()  # too soon
    with closing(connection.copy()) as aside:
        assert [taken(aside, number) for number in range(trying.AT_ONCE)] == [True] * trying.AT_ONCE


def test_nobody_waits_long_for_a_server_that_hangs(served, monkeypatch):
    assert trying.PATIENCE == 8
    monkeypatch.setattr(trying, "PATIENCE", 0.2)
    begun = time.monotonic()
    assert {test().words for test in served} == {"对方没有在规定时间内答复。"}
    assert time.monotonic() - begun < 3
