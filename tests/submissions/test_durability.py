"""What the web has acknowledged is on disk and in the database, whatever the queue does (invariant 7)."""

import hashlib
import logging
import socket
import time
import uuid

import pytest
import redis
from celery import Celery
from django.db import transaction

import portal.celery
from portal.files.store import path_of
from submissions.enums import AssignmentState
from submissions.models import Assignment, Version
from submissions.services import counting, drafts, submitting
from submissions.tasks import fold_counters, top_up_assignments
from tests.concurrently import at_once
from tests.factories import NOW, UnitFactory, drafted, handed_in, upload

pytestmark = pytest.mark.django_db(transaction=True)


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def celery_app(monkeypatch, **conf) -> Celery:
    """Let the portal send through an app like its own, but for `conf`."""
    app = Celery("portal-under-test", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.update(conf)
    monkeypatch.setattr(portal.celery, "app", app)
    return app


@pytest.fixture
def broker_away(monkeypatch):
    celery_app(monkeypatch, broker_url=f"redis://127.0.0.1:{closed_port()}/0")


SILENCE = 1.5  # seconds; what one hand-in costs beside it is far less, on a busy machine too


@pytest.fixture
def silent_broker(monkeypatch):
    """Takes the connection and never answers: what a machine under a fallen firewall looks like."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        app = celery_app(monkeypatch, broker_url=f"redis://127.0.0.1:{server.getsockname()[1]}/0")
        app.conf.broker_transport_options = app.conf.broker_transport_options | {"socket_timeout": SILENCE}
        yield


@pytest.fixture
def queue(monkeypatch, settings):
    """A queue of its own on the real Redis of the test run; tells how many messages wait in it."""
    name = f"test-{uuid.uuid4().hex}"
    celery_app(monkeypatch, task_default_queue=name)
    url = settings.REDIS_URL.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
    with redis.Redis.from_url(url) as client:
        yield lambda: client.llen(name)
        client.delete(name)


def test_without_a_broker_a_submission_commits(place, owed, broker_away):
    handed_in(owed, place.secretary)
    [seen_by_others] = at_once(lambda: Assignment.objects.get(pk=owed.pk).state)
    assert seen_by_others == AssignmentState.SUBMITTED


def test_without_a_broker_a_submission_does_not_wait(place, owed, broker_away):
    piece = drafted(owed, place.secretary)
    started = time.monotonic()
    submitting.submit(piece, by=place.secretary, at=NOW)
    assert time.monotonic() - started < 2


def test_with_a_broker_that_never_answers_a_submission_waits_for_one_time_out(place, owed, silent_broker):
    piece = drafted(owed, place.secretary)
    started = time.monotonic()
    submitting.submit(piece, by=place.secretary, at=NOW)
    assert time.monotonic() - started < 2 * SILENCE


def test_without_a_broker_the_lost_hint_is_logged(place, owed, broker_away, caplog):
    with caplog.at_level(logging.WARNING, "portal.celery"):
        handed_in(owed, place.secretary)
    assert [record.message.split(":")[0] for record in caplog.records if record.name == "portal.celery"] == [
        "broker unreachable, submissions.tasks.fold_counters, submissions.tasks.compare_versions "
        "left to the next scan"
    ]


def test_without_a_broker_the_bytes_of_a_submitted_file_are_those_that_were_hashed(place, owed, broker_away):
    piece = drafted(owed, place.secretary)
    drafts.attach(piece, upload(), by=place.secretary, at=NOW)
    version = submitting.submit(piece, by=place.secretary, at=NOW)
    stored = version.files.get()
    assert hashlib.sha256(path_of(stored).read_bytes()).hexdigest() == stored.sha256


def test_without_a_broker_the_scan_does_the_work_later(place, owed, broker_away):
    handed_in(owed, place.secretary)
    assert (fold_counters() > 0, counting.drift()) == (True, [])


def test_with_a_broker_workers_are_asked_to_fold_and_to_compare(place, owed, queue):
    piece = drafted(owed, place.secretary)
    before = queue()
    submitting.submit(piece, by=place.secretary, at=NOW)
    assert queue() == before + 2


def test_a_draft_moves_no_counter_and_asks_nobody(place, owed, queue):
    before = queue()
    drafted(owed, place.secretary)
    assert queue() == before


def test_a_submission_that_is_rolled_back_asks_nobody(place, owed, queue):
    piece = drafted(owed, place.secretary)
    before = queue()
    with transaction.atomic():
        submitting.submit(piece, by=place.secretary, at=NOW)
        transaction.set_rollback(True)
    assert queue() == before


def test_a_submission_that_is_rolled_back_leaves_no_version(place, owed):
    piece = drafted(owed, place.secretary)
    with transaction.atomic():
        submitting.submit(piece, by=place.secretary, at=NOW)
        transaction.set_rollback(True)
    assert Version.objects.count() == 0


def test_the_top_up_scan_looks_at_every_running_campaign(place, owed):
    # The task is the one place that reads the clock, so the plan is moved to where it will always be open.
    occurrence = owed.occurrence
    occurrence.due_at = occurrence.due_at.replace(year=2999)
    occurrence.save()
    UnitFactory(parent=place.township)
    assert top_up_assignments() == 1
