"""The servers of a data folder for the length of a `with` block, whoever else uses them."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

from dev import checks, folders, guard, lock, strays
from dev.foreground import ignore_stops
from dev.servers import Servers, own_urls
from dev.trouble import Trouble, say


@dataclass
class Running:
    """Servers that are up: their URLs, and what there is to supervise when they are our own."""

    urls: dict[str, str]
    servers: Servers | None = None
    notes: dict[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def owned(data: folders.Data, owner: lock.Lock, *, durable: bool, own: dict[str, str]) -> Iterator[Running]:
    """Servers of our own; the caller holds `owner`, the data folder's lock, which is released at the end."""
    checks.check_cluster(data)
    if strays.sweep(data):
        say("Stopped what an earlier run had left behind.")
    watcher = guard.start(data)
    servers = None
    try:
        servers = Servers(data, durable=durable, own=own)
        pg = str(servers.postgres.account.pg) if servers.postgres else ""
        notes = {"folder": str(servers.folder), "pg": pg}
        lock.write_state(data, **notes)
        servers.start()
        lock.write_state(data, **notes, urls=servers.urls)
        yield Running(servers.urls, servers, notes)
    finally:
        ignore_stops()
        if servers:
            servers.stop()
            folders.remove_temp(servers.folder)
        with contextlib.suppress(Trouble):  # the next start tells it
            lock.forget_state(data)
        watcher.kill()
        watcher.wait()
        owner.release()


@contextlib.contextmanager
def for_run(data: folders.Data) -> Iterator[Running]:
    """The demo's servers, for `make run`; raises Trouble when somebody else has them."""
    data.make()
    owner = lock.owner_lock(data)
    if not lock.own(owner, data):
        owner.release()
        raise Trouble(lock.running_sentence(lock.read_state(data)))
    with owned(data, owner, durable=True, own=own_urls()) as running:
        yield running


@contextlib.contextmanager
def for_manage(data: folders.Data) -> Iterator[Running]:
    """The demo's servers, for `make manage`: those that run already, or else our own for its duration."""
    data.make()
    own = own_urls()
    users = lock.users_lock(data)
    owner = lock.owner_lock(data)
    if len(own) == 2:
        yield Running(own)
        return
    if lock.own(owner, data):
        os.environ[strays.MARK] = str(data.root)
        with owned(data, owner, durable=True, own=own) as running:
            yield running
            users.take(wait=True)  # others have joined: wait until they are done
        return
    owner.release()
    users.take(wait=True, shared=True)
    state = lock.wait_for_state(data, "urls", 60)
    if not state:
        raise Trouble("This checkout is starting or stopping in another terminal; try again in a moment.")
    yield Running({**state["urls"], **own})
    users.release()


@contextlib.contextmanager
def for_tests() -> Iterator[tuple[folders.Data, Running]]:
    """Private servers on an empty private data folder, both gone at the end."""
    data = folders.Data(folders.make_temp())
    os.environ[strays.MARK] = str(data.root)
    try:
        data.make()
        owner = lock.owner_lock(data)
        owner.take(wait=True)
        with owned(data, owner, durable=False, own={}) as running:
            yield data, running
    finally:
        shutil.rmtree(data.root, ignore_errors=True)
