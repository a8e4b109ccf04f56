"""The two probes: what they say, and what makes them say it."""

import socket

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

FINE = {"status": "ok", "database": "ok", "migrations": "ok", "storage": "ok", "redis": "ok"}


def ready(client) -> tuple[int, dict]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


@pytest.fixture
def redis_away(settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.REDIS_URL = f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
        yield  # bound, but nobody listens


@pytest.fixture
def storage_away(settings, tmp_path):
    """Not a folder: what a mount that failed looks like, also to root."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.write_text("")


@pytest.fixture
def a_migration_pending():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'reports'")


def test_healthz_says_that_the_process_answers(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_healthz_asks_nobody(client, redis_away, storage_away, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


def test_readyz_names_what_it_stands_on(client):
    assert ready(client) == (200, FINE)


def test_without_redis_it_is_degraded_but_ready(client, redis_away):
    assert ready(client) == (200, FINE | {"status": "degraded", "redis": "unreachable"})


def test_with_migrations_pending_it_is_not_ready(client, a_migration_pending):
    assert ready(client) == (503, FINE | {"status": "failed", "migrations": "pending"})


def test_without_storage_it_is_not_ready(client, storage_away):
    assert ready(client) == (503, FINE | {"status": "failed", "storage": "not writable"})


@pytest.mark.django_db(transaction=True)
def test_without_the_database_it_is_not_ready(client, monkeypatch):
    with monkeypatch.context() as patched:
        connection.close()
        patched.setitem(connection.settings_dict, "HOST", "/nowhere")
        answer = ready(client)
    connection.close()
    assert answer == (503, FINE | {"status": "failed", "database": "unreachable", "migrations": "unknown"})


def test_everything_that_is_away_is_named(client, redis_away, storage_away, a_migration_pending):
    assert ready(client) == (
        503,
        FINE
        | {"status": "failed", "migrations": "pending", "storage": "not writable", "redis": "unreachable"},
    )


def test_probing_leaves_nothing_in_the_storage(client, settings):
    before = sorted(settings.MEDIA_ROOT.iterdir())
    client.get("/readyz")
    assert sorted(settings.MEDIA_ROOT.iterdir()) == before


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_probes_need_neither_login_nor_a_known_host_name(client, settings, address):
    settings.ALLOWED_HOSTS = ["portal.example"]
    assert client.get(address, headers={"host": "10.0.0.7"}).status_code == 200


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_probes_are_not_sent_on_to_tls(client, settings, address):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_probes_are_only_read(client, address):
    assert client.post(address).status_code not in (200, 503)
