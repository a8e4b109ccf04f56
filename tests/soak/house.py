"""Servers of one soak alone: PostgreSQL and Redis that may be stopped, emptied and killed.

They are those of `dev.servers`, started a second time on a private folder, whatever servers the tests
themselves run on; so nothing that is done to them disturbs another test. PostgreSQL runs durably here,
since what it has acknowledged has to survive its own crash.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import environ
from django.db import connections

from dev import folders, guard, lock, strays
from dev.servers import NAME, Servers, postgres_url

PATIENCE = 120  # seconds that a server may need on a busy machine


class House:
    """The servers, and a database for each round, copied from one that is migrated once."""

    def __init__(self, data: folders.Data) -> None:
        self.data = data
        self.servers = Servers(data, durable=True, own={})
        self.redis, self.postgres = self.servers.redis, self.servers.postgres

    def url(self, name: str) -> str:
        return postgres_url(self.servers.folder).removesuffix(NAME) + name

    def environment(self, name: str) -> dict[str, str]:
        """What a process needs that works on the database `name`; its temporary files go with the house."""
        return {
            **os.environ,
            "DATABASE_URL": self.url(name),
            "REDIS_URL": self.servers.urls["REDIS_URL"],
            "TMPDIR": str(self.data.run),
            strays.MARK: str(self.data.root),
        }

    def migrate(self) -> None:
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=folders.ROOT, env=self.environment(NAME), check=True)

    def copy(self, name: str) -> None:
        """A fresh database `name`; nobody may be connected to the migrated one."""
        self.postgres.ask(f'CREATE DATABASE "{name}" TEMPLATE {NAME}')

    def stop_redis(self) -> None:
        """It keeps nothing: what comes back is empty."""
        self.redis.stop()

    def restart_postgres(self, how: signal.Signals, meanwhile: Callable[[], None] = lambda: None) -> None:
        """SIGINT ends every connection in order (fast), SIGQUIT is a crash (immediate)."""
        self.postgres.process.send_signal(how)
        self.postgres.process.wait(PATIENCE)
        meanwhile()
        self.postgres.start()


@contextlib.contextmanager
def own_house() -> Iterator[House]:
    """A house with a migrated database; everything in it is gone at the end, also of a killed test."""
    data = folders.Data(folders.make_temp())
    data.make()
    owner = lock.owner_lock(data)
    owner.take(wait=True)
    watcher = guard.start(data)
    house = None
    try:
        house = House(data)
        lock.write_state(data, folder=str(house.servers.folder), pg=str(house.postgres.account.pg))
        house.servers.start()
        house.migrate()
        yield house
    finally:
        if house:
            house.servers.stop()
            folders.remove_temp(house.servers.folder)
        watcher.kill()
        watcher.wait()
        owner.release()
        shutil.rmtree(data.root, ignore_errors=True)


@contextlib.contextmanager
def lived_in(url: str) -> Iterator[None]:
    """This thread's rows are those of the database at `url`, as the workers see them."""
    usual = connections["default"]
    there = {name: usual.settings_dict[name] for name in usual.settings_dict}
    there |= environ.Env.db_url_config(url)
    connections["default"] = type(usual)({**there, "OPTIONS": usual.settings_dict["OPTIONS"]}, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = usual
