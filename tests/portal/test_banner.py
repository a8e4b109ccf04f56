"""The sentence that tells officers that background work has to wait; nobody waits for it."""

import socket
import time
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal import broker, heartbeats
from portal.celery import hint
from portal.heartbeats import WATCHED, beat, beating
from portal.models import Heartbeat
from schools.enums import Role
from tests.factories import person

pytestmark = pytest.mark.django_db
AWAY = "后台任务暂时不可用：页面可以照常使用，提醒、导出等将在恢复后自动继续。"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def asked_anew(_background_work_goes_on) -> None:
    broker.answers.forget()
    heartbeats.on_time.forget()


@pytest.fixture
def officer(client, place):
    client.force_login(place.officer, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def redis_away(settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.REDIS_URL = f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
        yield  # bound, but nobody listens


@pytest.fixture
def redis_hangs(settings):
    """It takes connections and never answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        probe.listen()
        settings.REDIS_URL = f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
        yield


def is_told(client, page: str = "inbox") -> bool:
    return AWAY in client.get(reverse(page)).content.decode()


def test_nothing_is_said_while_all_is_well(officer):
    for name in WATCHED:
        beat(name, at=timezone.now(), seconds=1)
    assert not is_told(officer)


@pytest.mark.parametrize("page", ["inbox", "admin:index"])
def test_without_redis_every_page_of_an_officer_says_so(officer, redis_away, page):
    assert is_told(officer, page)


def test_a_redis_that_hangs_holds_up_one_page_and_that_for_a_moment(officer, redis_hangs):
    officer.get(reverse("inbox"))  # whatever a first page costs
    broker.answers.forget()
    began = time.monotonic()
    assert is_told(officer)
    first = time.monotonic()
    assert is_told(officer)
    assert first - began < 2 * broker.PATIENCE + 0.3
    assert time.monotonic() - first < broker.PATIENCE


def test_a_redis_that_hangs_holds_up_no_button(redis_hangs, django_capture_on_commit_callbacks):
    broker.answers()
    began = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        hint("some.task")
    assert time.monotonic() - began < broker.PATIENCE


def test_schools_and_leaders_are_not_bothered(client, place, redis_away):
    for user in (place.secretary, person(Role.LEADER, place.bureau)):
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        assert not is_told(client)
    assert broker.answers._answer is None  # nor did anybody ask


@pytest.mark.parametrize("name", WATCHED)
def test_what_is_watched_and_late_is_told(officer, name):
    beat(name, at=timezone.now() - 16 * MINUTE, seconds=1)
    assert is_told(officer)


def test_what_has_never_been_done_or_is_not_watched_is_not_told(officer):
    beat("purge_products", at=timezone.now() - 16 * MINUTE, seconds=1)
    assert not is_told(officer)


def test_the_question_costs_one_query_in_ten_seconds(officer, django_assert_num_queries):
    with django_assert_num_queries(1):
        heartbeats.on_time()
        heartbeats.on_time()
        broker.answers()


def test_the_answer_is_renewed(officer, redis_away, settings):
    assert is_told(officer)
    settings.REDIS_URL = "redis+socket:///nowhere?virtual_host=0"
    broker.answers.hold(True, seconds=0)
    assert is_told(officer)


def test_periodic_work_leaves_its_heartbeat_and_its_result():
    assert beating("fold_counters")(lambda: 3)() == 3
    assert beating("deliver")(lambda: {"sent": 2})() == {"sent": 2}
    told = dict(Heartbeat.objects.values_list("name", "summary"))
    assert told == {"fold_counters": {"done": 3}, "deliver": {"sent": 2}}


def test_work_that_fails_leaves_none():
    def fail() -> None:
        raise OSError

    with pytest.raises(OSError):
        beating("fold_counters")(fail)()
    assert not Heartbeat.objects.exists()


def test_a_run_that_began_earlier_overwrites_no_later_one():
    now = timezone.now()
    for at in (now, now - MINUTE):
        beat("reminders", at=at, seconds=1)
    assert Heartbeat.objects.get().at == now


def test_work_without_a_name_in_words_is_refused():
    with pytest.raises(LookupError):
        beating("juggling")


def test_every_periodic_task_has_a_heartbeat():
    from django.utils.module_loading import import_string

    from portal.celery import app

    for entry in app.conf.beat_schedule.values():
        assert hasattr(import_string(entry["task"]).run, "__wrapped__"), entry["task"]
