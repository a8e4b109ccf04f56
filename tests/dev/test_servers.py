"""URLs of the embedded servers, the environment made of them, and who owns a data folder."""

import os
import subprocess
import sys
from pathlib import Path

import environ
import kombu
import psutil
import pytest

from dev import environment, folders, lock, servers, strays
from dev.folders import Data
from dev.trouble import Trouble


@pytest.fixture
def data(tmp_path):
    data = Data(tmp_path / "data")
    data.make()
    return data


def test_django_environ_understands_the_database_url():
    found = environ.Env.db_url_config(servers.postgres_url(Path("/tmp/portal-x/run")))
    assert (found["HOST"], found["NAME"], found["USER"]) == ("/tmp/portal-x/run", "portal", "portal")
    assert found["PORT"] == ""


def test_kombu_understands_the_redis_url():
    url = servers.redis_url(Path("/tmp/portal-x/run"))
    with kombu.Connection(url) as connection:
        assert connection.transport.driver_type == "redis"
    assert url == "redis+socket:///tmp/portal-x/run/redis.sock?virtual_host=0"


def test_the_embedded_servers_of_this_very_run_answer(db):
    import redis
    from django.conf import settings
    from django.db import connection

    assert connection.pg_version >= 180000
    assert connection.settings_dict["HOST"].startswith("/")
    path = settings.REDIS_URL.removeprefix("redis+socket://").split("?")[0]
    assert redis.Redis(unix_socket_path=path).ping()


@pytest.mark.parametrize("name", ["x" * 100, "with space", "学校", "it's", "50%"])
def test_a_folder_unfit_for_sockets_is_replaced_by_a_private_one(tmp_path, name):
    data = Data(tmp_path / name)
    data.make()
    folder = folders.socket_folder(data)
    try:
        assert folder != data.run
        assert folders.fits_socket(folder)
        assert folder.stat().st_mode & 0o077 == 0
    finally:
        folders.remove_temp(folder)
    assert not folder.exists()


def test_only_our_own_temporary_folders_are_ever_removed(tmp_path):
    folders.remove_temp(tmp_path)
    assert tmp_path.exists()


def test_a_server_that_ends_at_once_says_why(data):
    class Broken(servers.Redis):
        def start(self) -> None:
            self.launch([sys.executable, "-c", "raise SystemExit('FATAL:  no room left')"])
            self.process.wait()
            self.wait_ready()

    with pytest.raises(Trouble, match="Redis did not start: no room left"):
        Broken(data, data.run).start()


def test_a_cluster_of_another_version_is_refused(data, monkeypatch):
    data.pg.mkdir()
    (data.pg / "PG_VERSION").write_text("9\n")
    account = servers.identity.Account(servers.find_postgres(), data.pg)
    with pytest.raises(Trouble, match="was made by PostgreSQL 9, but this checkout brings"):
        servers.Postgres(data, data.run, account, durable=False).check_version()


def test_the_users_servers_win_for_the_demo(data, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://u:p@db:5432/real")
    monkeypatch.setenv("REDIS_URL", "redis://cache:6379/0")
    found = servers.Servers(data, durable=True, own=servers.own_urls())
    assert found.postgres is None
    assert found.redis is None
    settings = environment.for_demo(data, found.urls)
    assert settings["DATABASE_URL"] == "postgres://u:p@db:5432/real"
    assert settings["REDIS_URL"] == "redis://cache:6379/0"


def test_nothing_of_the_users_environment_reaches_the_tests(data, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://u:p@db:5432/real")
    monkeypatch.setenv("SECRET_KEY", "mine")
    settings = environment.for_tests(data, {"DATABASE_URL": "postgres://portal@//x/portal", "REDIS_URL": "r"})
    assert settings["DATABASE_URL"] == "postgres://portal@//x/portal"
    assert settings["SECRET_KEY"] != "mine"
    assert settings["MEDIA_ROOT"] == str(data.media)


def test_the_secret_key_is_made_once_and_private(data):
    file = data.root / "secret_key"
    first = environment.secret_key(file)
    assert len(first) >= 50
    assert environment.secret_key(file) == first
    assert file.stat().st_mode & 0o077 == 0


def test_a_second_launcher_is_told_who_runs(data):
    holder = "import sys; from pathlib import Path; from dev import lock; from dev.folders import Data\n"
    holder += "data = Data(Path(sys.argv[1])); one = lock.owner_lock(data); one.take()\n"
    holder += "lock.write_state(data, address='http://127.0.0.1:8000'); print('ready', flush=True); input()"
    command = [sys.executable, "-c", holder, str(data.root)]
    with subprocess.Popen(command, cwd=folders.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        said = lock.already_running(data)
        assert said == (
            f"This checkout is already running at http://127.0.0.1:8000 (process {other.pid}); "
            "stop it with Ctrl-C there first."
        )
        other.kill()
    assert lock.already_running(data) is None


def test_a_stray_of_this_data_folder_is_stopped_and_nobody_else(data):
    sleep = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    ours = subprocess.Popen(sleep, env={**os.environ, strays.MARK: str(data.root)}, **pipes)
    foreign = subprocess.Popen(sleep, env={**os.environ, strays.MARK: "/another/checkout/.data"}, **pipes)
    try:
        ours.stdout.readline()
        foreign.stdout.readline()
        assert strays.sweep(data) == 1
        assert ours.wait(5) != 0
        assert foreign.poll() is None
    finally:
        for process in (ours, foreign):
            process.kill()
            process.communicate()


def test_a_stale_pid_file_is_removed_and_a_living_process_is_not_touched(data):
    data.pg.mkdir()
    file = data.pg / "postmaster.pid"
    file.write_text(f"{os.getpid()}\n{data.pg}\n")  # the id now belongs to somebody else: us
    strays.forget_dead_postmaster(data.pg)
    assert not file.exists()
    assert psutil.pid_exists(os.getpid())


def test_a_state_file_with_nonsense_in_it_is_no_obstacle(data):
    data.state.write_text("{broken")
    assert lock.read_state(data) == {}
    assert strays.sweep(data) == 0


def test_production_settings_are_documented_and_complete():
    documented = environment.production_example()
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "MEDIA_ROOT", "EMAIL_URL"):
        assert documented[name], name
    assert documented["PORTAL_MODE"] == "production"
