"""The sentences of a start that cannot succeed: each comes before anything slow."""

import ast
import re
import runpy
import socket
import sys

import pytest

from dev import checks, folders, install
from dev.folders import Data
from dev.trouble import Trouble

ROOT = folders.ROOT


@pytest.fixture
def taken_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_taken_port_is_named_with_a_way_out(taken_port):
    with pytest.raises(Trouble, match=rf"^Port {taken_port} is taken .* PORT=\d+ make run$"):
        checks.check_port("127.0.0.1", taken_port)


def test_a_free_port_is_fine(taken_port):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    checks.check_port("127.0.0.1", free)


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "80 80"])
def test_a_port_that_is_none(monkeypatch, port):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(Trouble, match="PORT must be a number"):
        checks.wanted_port()


def test_an_old_python_is_told_which_one_is_needed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(ROOT / "dev" / "bootstrap.py"), run_name="__main__")
    assert stop.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("Python 3.11 or newer is needed")
    assert said.count("\n") == 1


def test_bootstrap_is_readable_for_a_python_without_f_strings_and_annotations():
    tree = ast.parse((ROOT / "dev" / "bootstrap.py").read_text(), feature_version=(3, 5))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.AnnAssign)]


def test_a_python_without_venv_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(checks.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Trouble, match="lacks its venv module; install it"):
        checks.can_make_venv()


def test_a_data_folder_that_is_a_file(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(Trouble, match="is a file; move it away"):
        Data(tmp_path / "data").make()


def test_a_part_of_the_data_folder_that_is_a_file(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "media").write_text("")
    with pytest.raises(Trouble, match="media is a file where a folder belongs"):
        Data(tmp_path / "data").make()


def test_a_data_folder_that_cannot_be_written(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(folders.tempfile, "mkstemp", refuse)
    with pytest.raises(Trouble, match=r"cannot be used: .*redis \(Permission denied\)"):
        Data(tmp_path / "data").make()


def test_a_cluster_folder_with_something_else_in_it(tmp_path):
    data = Data(tmp_path)
    data.pg.mkdir()
    (data.pg / "notes.txt").write_text("mine")
    with pytest.raises(Trouble, match="not a PostgreSQL database"):
        checks.check_cluster(data)


def test_an_empty_cluster_folder_is_fine(tmp_path):
    data = Data(tmp_path)
    data.pg.mkdir()
    checks.check_cluster(data)


@pytest.mark.parametrize(
    "said",
    [
        "WARNING: Retrying ... NewConnectionError('...: Failed to establish a new connection')",
        "npm error code EAI_AGAIN",
        "npm error network request failed, reason: connect ECONNREFUSED 127.0.0.1:9",
    ],
)
def test_a_missing_network_is_recognised(said):
    assert install.NETWORK.search(said)


def test_a_wrong_version_is_no_network_trouble():
    said = "ERROR: No matching distribution found for django==99"
    assert not install.NETWORK.search(said)


def test_pip_without_network_gives_one_sentence(monkeypatch, tmp_path):
    def fail(command, log, environment=None):
        log.write_text("ConnectTimeout\nERROR: No matching distribution found for django\n")
        return 1

    monkeypatch.setattr(install, "CACHE", tmp_path)
    monkeypatch.setattr(install, "run_logged", fail)
    with pytest.raises(Trouble, match=r"no connection to the package index; .* run the same command again"):
        install.pip_install(["django"])


def test_lock_files_hold_no_address_and_no_path_of_a_machine():
    for file in [*ROOT.glob("requirements*.txt"), ROOT / "package-lock.json"]:
        text = file.read_text()
        assert '"resolved"' not in text, file
        for word in ("--index-url", "--find-links", "/home/", "/root/", "file://"):
            assert word not in text, (file, word)


def test_every_target_has_its_line_of_help():
    lines = (ROOT / "Makefile").read_text().splitlines()
    phony = next(line for line in lines if line.startswith(".PHONY:")).split()[1:]
    told = {line.split(":")[0] for line in lines if re.match(r"\w+: ## ", line)}
    assert set(phony) == told
