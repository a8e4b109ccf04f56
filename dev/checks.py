"""What can be known before anything slow happens: the port, the data folder, the Python at hand."""

import errno
import importlib.util
import os
import socket
import subprocess
import sys

from dev.folders import PYTHON, ROOT, Data
from dev.lock import already_running
from dev.trouble import Trouble

DEFAULT_PORT = 8000
DEFAULT_HOST = "127.0.0.1"

SCHEMES = {
    "DATABASE_URL": ("postgres", "postgresql", "psql", "pgsql"),
    "REDIS_URL": ("redis", "rediss", "redis+socket"),
}


def before_run(data: Data) -> None:
    """Raises Trouble when `make run` cannot succeed."""
    running = already_running(data)
    if running:
        raise Trouble(running)
    data.make()
    check_urls()
    try:
        check_port(wanted_host(), wanted_port())
    except Trouble:
        if not clear_strays(data):
            raise
        check_port(wanted_host(), wanted_port())
    check_cluster(data)


def clear_strays(data: Data) -> bool:
    """Stops what a killed launcher of this checkout left; True when there was something."""
    if not PYTHON.exists():
        return False
    answer = subprocess.run([PYTHON, "-m", "dev.strays", str(data.root)], cwd=ROOT, stderr=subprocess.DEVNULL)
    return answer.returncode == 0


def wanted_host() -> str:
    """The address to listen on: HOST, else the local machine alone."""
    return os.environ.get("HOST") or DEFAULT_HOST


def wanted_port() -> int:
    """The port to listen on: PORT, else 8000."""
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    # Python refuses to read numbers of thousands of digits.
    if not text.isdecimal() or len(text) > 5 or not 0 < int(text) < 65536:
        shown = text if len(text) <= 20 else f"{text[:20]}..."
        raise Trouble(f"PORT must be a number from 1 to 65535, not {shown!r}.", 2)
    return int(text)


def check_urls() -> None:
    """Raises Trouble when a server of the user's own is of another kind; quotes no URL, for its password."""
    for name, schemes in SCHEMES.items():
        url = os.environ.get(name)
        if url and url.partition("://")[0] not in schemes:
            raise Trouble(f"{name} must begin with {schemes[0]}://; leave it out for the embedded server.", 2)


def check_port(host: str, port: int) -> None:
    """Raises Trouble when nothing can listen on this port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            raise Trouble(port_sentence(host, port, error)) from None
        except UnicodeError:
            raise Trouble("HOST is no name or address of this machine; mend it or leave it out.") from None


def port_sentence(host: str, port: int, error: OSError) -> str:
    """Why the port cannot be had and what to do."""
    other = port + 1 if port < 65535 else DEFAULT_PORT
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken by another program; choose another one, for example: PORT={other} make run"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than you have; choose one above 1023: PORT=8000 make run"
    return f"Nothing can listen on {host} port {port} ({error.strerror}); check HOST and PORT."


def free_port(*wanted: int) -> int:
    """The first of `wanted` that is free on the loopback address, else any."""
    for port in (*(port for port in wanted if port < 65536), 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((DEFAULT_HOST, port))
                probe.listen()
            except OSError:
                continue
            return probe.getsockname()[1]
    raise Trouble("There is no free port on this machine; end some programs and start again.")


def check_cluster(data: Data) -> None:
    """Raises Trouble when `pg` holds something that PostgreSQL did not make."""
    pg = data.pg
    if not pg.exists():
        return
    if not pg.is_dir():
        raise Trouble(f"{pg} is a file where PostgreSQL's folder belongs; move it away and start again.")
    try:
        broken = any(pg.iterdir()) and not (pg / "PG_VERSION").is_file()
    except PermissionError:
        return  # Belongs to the account that root drops to; PostgreSQL itself will tell.
    if broken:
        raise Trouble(
            f"{pg} holds something that is not a PostgreSQL database; move it away and start again "
            "(the demo is then loaded anew)."
        )


def can_make_venv() -> None:
    """Raises Trouble when this Python lacks what a virtual environment needs."""
    if all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        return
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    raise Trouble(
        f"Python {version} at {sys.executable} lacks its venv module; install it "
        f"(Debian, Ubuntu: apt install python{version}-venv) and try again."
    )
