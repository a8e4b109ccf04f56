"""What every test stands on: a media folder of its own, a quick password hasher, Debian's chromium."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import override_settings
from hypothesis import settings as hypothesis_settings

from tests.office import office

NO_CHROMIUM = "no chromium"
NO_OFFICE = "no LibreOffice"
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The chromium of this machine, if it has one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("/usr/bin/chromium")


def pytest_configure() -> None:
    # A busy machine is no reason to fail.
    hypothesis_settings.register_profile("house", deadline=None, print_blob=True)
    hypothesis_settings.load_profile("house")
    # Playwright keeps an event loop in the thread that runs the test; Django would refuse the ORM there.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what needs a program this machine lacks, before any of its fixtures is made."""
    if item.get_closest_marker("office") and office() is None:
        if os.environ.get("REQUIRE_OFFICE_TESTS") == "1":
            pytest.fail("REQUIRE_OFFICE_TESTS=1, and there is no LibreOffice on this machine", pytrace=False)
        pytest.skip(NO_OFFICE)
    if item.get_closest_marker("browser") and chromium() is None:
        if os.environ.get("REQUIRE_BROWSER_TESTS") == "1":
            pytest.fail("REQUIRE_BROWSER_TESTS=1, and there is no chromium on this machine", pytrace=False)
        pytest.skip(NO_CHROMIUM)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many such tests did not run, so that a green run cannot be mistaken for a whole one."""
    skipped = terminalreporter.stats.get("skipped", [])
    for kind, reason in (("browser", NO_CHROMIUM), ("office", NO_OFFICE)):
        left_out = [report for report in skipped if report.longrepr[2] == f"Skipped: {reason}"]
        if left_out:
            terminalreporter.write_line(f"{kind} tests left out: {len(left_out)} ({reason})", yellow=True)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    return {**browser_type_launch_args, "executable_path": chromium(), "args": CHROMIUM_ARGS}


@pytest.fixture(autouse=True, scope="session")
def _settings_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A media folder for each worker, and a hasher that does not cost 0.26 s; other hashers stay known.

    Every test client loads the middleware anew; static files are looked for when they are asked for, and not
    all listed each time.
    """
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher", *django_settings.PASSWORD_HASHERS]
    media = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_ROOT=Path(media), PASSWORD_HASHERS=hashers, WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(autouse=True)
def _no_special_days() -> None:
    """No test inherits another's special days, nor pays the query of the minute for them."""
    from notices import workdays

    workdays.hold()


@pytest.fixture(autouse=True)
def _background_work_goes_on() -> None:
    """Pages ask now and then whether it does; no test is the one that pays for the question."""
    from portal import broker, heartbeats

    broker.answers.hold(True, seconds=600)
    heartbeats.on_time.hold(True, seconds=600)


@pytest.fixture
def place(db):
    """The county most tests stand in."""
    from tests.factories import county

    return county()
