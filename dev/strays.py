"""Processes that an earlier launcher of this data folder left behind, found and stopped.

What `make run` starts carries PORTAL_RUN=<data folder> in its environment. PostgreSQL and Redis
overwrite theirs, but their working directory is their folder in the data folder. Nothing else
is ever signalled, so a process id that the system gave to somebody else is safe.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from dev.folders import Data, remove_temp
from dev.lock import forget_state, owner_lock, read_state

MARK = "PORTAL_RUN"
PATIENCE = 6.0

Ask = Callable[[psutil.Process], None]


def sweep(data: Data) -> int:
    """Stops every stray of this data folder; the caller holds its lock. Returns how many there were."""
    state = read_state(data)
    pg = Path(state.get("pg") or data.pg)
    found = list(find(data, pg))
    workers = [process for process in found if not is_server(process)]
    servers = [process for process in found if process not in workers]
    finish(workers, psutil.Process.terminate)
    finish(servers, stop_server)
    if state.get("folder"):
        remove_temp(Path(state["folder"]))
    forget_state(data)
    return len(found)


def find(data: Data, pg: Path) -> Iterable[psutil.Process]:
    """Yields the strays; never this process or one that it descends from."""
    family = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    homes = {str(pg), str(data.redis)}
    for process in psutil.process_iter():
        if process.pid in family:
            continue
        try:
            marked = process.environ().get(MARK) == str(data.root)
            if marked or (is_server(process) and process.cwd() in homes):
                yield process
        except (psutil.Error, OSError):
            continue


def forget_dead_postmaster(pg: Path) -> None:
    """Removes a PID file whose PostgreSQL is gone; the caller holds the lock and has swept.

    PostgreSQL itself refuses to start when that process id has been given to another process of
    the same user, or when nobody has reaped the dead one.
    """
    file = pg / "postmaster.pid"
    try:
        process = psutil.Process(int(file.read_text().split()[0]))
        if lives(process) and is_server(process) and process.cwd() == str(pg):
            return
    except (psutil.NoSuchProcess, FileNotFoundError, ValueError, IndexError):
        pass
    except (psutil.AccessDenied, OSError):
        return  # cannot be told; PostgreSQL decides
    file.unlink(missing_ok=True)


def is_server(process: psutil.Process) -> bool:
    """True for PostgreSQL's and Redis's own processes."""
    try:
        return process.name() in ("postgres", "redis-server")
    except psutil.Error:
        return False


def stop_server(process: psutil.Process) -> None:
    """Asks a server to stop at once but in order: SIGINT is PostgreSQL's fast shutdown."""
    process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)


def finish(processes: list[psutil.Process], ask: Ask) -> None:
    """Asks the processes to end, waits, and kills what is left."""
    for process in processes:
        attempt(ask, process)
    for process in wait_for(processes):
        attempt(psutil.Process.kill, process)
    wait_for(processes)


def wait_for(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Waits for the processes to end; returns those that do not. In a container nobody may reap the dead."""
    end = time.monotonic() + PATIENCE
    alive = processes
    while (alive := [process for process in alive if lives(process)]) and time.monotonic() < end:
        time.sleep(0.05)
    return alive


def lives(process: psutil.Process) -> bool:
    """False for the dead, reaped or not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def attempt(ask: Ask, process: psutil.Process) -> None:
    """Calls `ask(process)`; a process that is gone already is fine."""
    try:
        ask(process)
    except psutil.Error:
        pass


def main(data: Data) -> int:
    """Clears up by itself, `python -m dev.strays DATA`; returns 0 when there was something to stop."""
    owner = owner_lock(data)
    return 0 if owner.take() and sweep(data) else 1


if __name__ == "__main__":
    sys.exit(main(Data(Path(sys.argv[1]))))
