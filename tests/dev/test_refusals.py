"""Wrong things in `.data` and in the environment end in one sentence, never in a traceback."""

import json
import os
import subprocess
import sys

import pytest

from dev import checks, environment, folders, lock, strays
from dev.folders import Data
from dev.trouble import REFUSED, Trouble

URLS = {"DATABASE_URL": "postgres://portal@//x/portal", "REDIS_URL": "redis://x"}


@pytest.fixture
def data(tmp_path):
    data = Data(tmp_path / "data")
    data.make()
    return data


# What lies in .data ---------------------------------------------------------------------------------


def test_a_secret_key_that_is_a_folder(tmp_path):
    (tmp_path / "secret_key").mkdir()
    with pytest.raises(Trouble, match="secret_key is no file; move it away"):
        environment.secret_key(tmp_path / "secret_key")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00key", b"a\x00b", b"two\nlines"])
def test_a_secret_key_that_is_none(tmp_path, content):
    (tmp_path / "secret_key").write_bytes(content)
    with pytest.raises(Trouble, match="secret_key holds no key; move it away"):
        environment.secret_key(tmp_path / "secret_key")


def test_a_secret_key_that_may_not_be_read(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "secret_key").write_text("key")
    monkeypatch.setattr(environment.Path, "read_text", refuse)
    with pytest.raises(Trouble, match=r"secret_key cannot be used \(Permission denied\); move it away"):
        environment.secret_key(tmp_path / "secret_key")


def test_an_empty_secret_key_is_made_anew(tmp_path):
    (tmp_path / "secret_key").write_text("\n")
    assert len(environment.secret_key(tmp_path / "secret_key")) >= 50


@pytest.mark.parametrize(
    "state",
    [
        {"pid": "abc"},
        {"pid": True},
        {"pid": -1},
        {"pid": 10**30},
        {"pg": [1]},
        {"folder": {}},
        {"folder": "a\0b"},
        {"address": 5},
        {"urls": "postgres://"},
        {"urls": {"DATABASE_URL": "postgres://"}},
        {"urls": {**URLS, "REDIS_URL": 1}},
        {"unheard": "of"},
    ],
)
def test_values_in_the_state_that_make_no_sense_are_ignored(data, state):
    data.state.write_text(json.dumps({**state, "address": state.get("address", "http://127.0.0.1:1")}))
    assert lock.read_state(data) in ({"address": "http://127.0.0.1:1"}, {})
    assert lock.already_running(data) is None


@pytest.mark.parametrize("content", [b"[1]", b"\xff", b"[" * 100_000, b'{"pid": ' + b"9" * 5000 + b"}"])
def test_a_state_that_is_none(data, content):
    data.state.write_bytes(content)
    assert lock.read_state(data) == {}


def test_a_state_that_makes_sense_comes_back(data):
    told = {"folder": "/tmp/portal-x", "pg": "", "urls": URLS, "address": "http://127.0.0.1:8000"}
    lock.write_state(data, **told)
    assert lock.read_state(data) == {"pid": os.getpid(), **told}
    lock.forget_state(data)
    lock.forget_state(data)
    assert lock.read_state(data) == {}


@pytest.mark.parametrize("act", [lock.forget_state, lock.write_state, strays.sweep])
def test_a_state_that_is_a_folder(data, act):
    data.state.mkdir()
    assert lock.read_state(data) == {}
    with pytest.raises(Trouble, match=r"state\.(json|part) is in the way \(Is a directory\); remove it"):
        act(data)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("gone/away", "is a link to gone/away, which is not there"),
        ("data", "is a link to data, which is not there"),
        ("x" * 300, r"cannot be reached \(File name too long\)"),
        (__file__, "is a file; move it away"),
    ],
)
def test_a_data_folder_that_leads_nowhere(tmp_path, target, said):
    data = Data(tmp_path / "data")
    data.root.symlink_to(target)
    for act in (data.make, lambda: lock.already_running(data)):
        with pytest.raises(Trouble, match=said):
            act()


def test_a_data_folder_behind_a_closed_door(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(folders.Path, "is_dir", refuse)
    with pytest.raises(Trouble, match=r"cannot be reached \(Permission denied\)"):
        lock.already_running(Data(tmp_path / "data"))


def test_a_data_folder_that_is_a_link_to_a_folder_is_fine(tmp_path):
    (tmp_path / "disk").mkdir()
    data = Data(tmp_path / "data")
    data.root.symlink_to("disk")
    data.make()
    assert (tmp_path / "disk" / "media").is_dir()


# What stands in the environment -----------------------------------------------------------------------


def test_a_port_of_thousands_of_digits(monkeypatch):
    monkeypatch.setenv("PORT", "9" * 5000)
    with pytest.raises(Trouble, match=r"PORT must be a number from 1 to 65535, not '9{20}\.\.\.'"):
        checks.wanted_port()


@pytest.mark.parametrize("host", ["x" * 300, "..", "no such host"])
def test_a_host_that_is_none(host):
    with pytest.raises(Trouble, match="HOST"):
        checks.check_port(host, 8000)


@pytest.mark.parametrize("url", ["foo", "sqlite:///db", "mysql://u:secret@h/x", "://", "postgis://h/x"])
def test_a_database_of_another_kind_is_refused_without_telling_its_password(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(Trouble, match="DATABASE_URL must begin with postgres://") as refusal:
        checks.check_urls()
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LOG_LEVEL", "FOO", "LOG_LEVEL cannot be used: "),
        ("EMAIL_URL", "bogus", "EMAIL_URL cannot be used: "),
        ("DATABASE_URL", "postgres://u:secret/x@h/x", "DATABASE_URL cannot be used: "),
        ("PROXY_COUNT", "abc", "PROXY_COUNT cannot be used: "),
        ("DATABASE_URL", "sqlite:///db", "DATABASE_URL"),
        ("DATABASE_URL", "postgres://u:secret@127.0.0.1:1/x", "The database does not answer: "),
    ],
)
def test_settings_that_cannot_be_used(data, name, value, said):
    settings = {**environment.for_tests(data, URLS), name: value}
    command = [sys.executable, "-m", "dev.prepare"]
    answer = subprocess.run(
        command, cwd=folders.ROOT, env=settings, capture_output=True, text=True, timeout=60
    )
    assert answer.returncode == REFUSED, answer.stderr
    assert said in answer.stdout
    assert answer.stdout.count("\n") == 1
    assert "secret" not in answer.stdout
    assert answer.stderr == ""


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("/bin/false", "is not a working Python"),
        ("/etc/passwd", "is not a working Python"),
        ("/bin/echo", "is not a working Python"),
        ("/no/such/python", "cannot be found"),
    ],
)
def test_a_python_that_is_none(python, said):
    answer = subprocess.run(
        ["sh", "dev/start.sh", "no-such-command"],
        cwd=folders.ROOT,
        env={**os.environ, "PYTHON": python},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert answer.returncode == 1
    assert said in answer.stderr
    assert answer.stderr.count("\n") == 1
