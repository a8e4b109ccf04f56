"""Who owns a data folder: one launcher at a time holds its lock.

A POSIX record lock belongs to one process and is not inherited by forks, so it is gone the moment
the launcher is, kill -9 included, even while its children still live.
"""

import fcntl
import json
import os
import re
import time
from pathlib import Path
from typing import Any

from dev.folders import Data
from dev.trouble import Trouble

CLEARING_SECONDS = 30


class Lock:
    """An exclusive (or shared) lock on a file; keep the object as long as the lock is wanted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("a+")
        except OSError as error:
            raise Trouble(f"The lock {path} cannot be opened ({error.strerror}).") from None

    def take(self, *, wait: bool = False, shared: bool = False) -> bool:
        """Takes the lock; without `wait` returns False when somebody else has it."""
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.lockf(self._file, kind | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        except PermissionError:
            return False
        except OSError as error:  # some network drives know no locks
            raise Trouble(f"{self._path} cannot be locked ({error.strerror}); use a local disk.") from None
        return True

    def release(self) -> None:
        """Gives the lock back."""
        self._file.close()


def owner_lock(data: Data) -> Lock:
    """The lock of whoever runs the servers of this data folder."""
    return Lock(data.root / "owner.lock")


def users_lock(data: Data) -> Lock:
    """Shared by those who use servers that another launcher owns."""
    return Lock(data.root / "users.lock")


def write_state(data: Data, **values: Any) -> None:
    """Tells other launchers about the running servers; replaces what was told before."""
    part = data.state.with_suffix(".part")
    try:
        part.write_text(json.dumps({"pid": os.getpid(), **values}))
        part.replace(data.state)
    except OSError as error:
        raise Trouble(unusable(error)) from None


def forget_state(data: Data) -> None:
    """Removes what the owner told; raises Trouble when something else lies in its place."""
    try:
        data.state.unlink(missing_ok=True)
    except OSError as error:
        raise Trouble(unusable(error)) from None


def unusable(error: OSError) -> str:
    """What to do about a state file that cannot be written or removed."""
    return f"{error.filename} is in the way ({error.strerror}); remove it and start again."


def read_state(data: Data) -> dict[str, Any]:
    """What the owner told and makes sense, {} when nothing."""
    try:
        state = json.loads(data.state.read_text())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(state, dict):
        return {}
    return {key: value for key, value in state.items() if key in MEANT and MEANT[key](value)}


def is_pid(value: Any) -> bool:
    """True for a number that can be a process id."""
    return type(value) is int and 0 < value < 2**31


def is_text(value: Any) -> bool:
    """True for a text that can be a path or an address."""
    return isinstance(value, str) and value.isprintable()


def is_urls(value: Any) -> bool:
    """True for the addresses of both servers."""
    return isinstance(value, dict) and all(is_text(value.get(name)) for name in ("DATABASE_URL", "REDIS_URL"))


MEANT = {"pid": is_pid, "folder": is_text, "pg": is_text, "address": is_text, "urls": is_urls}


def own(lock: Lock, data: Data) -> bool:
    """Takes the owner's lock; when a killed launcher's guard still clears up, waits for that to end."""
    begin = time.monotonic()
    while not lock.take():
        state = read_state(data)
        waited = time.monotonic() - begin
        if alive(state.get("pid")) or waited > (CLEARING_SECONDS if state else 2):
            return False
        time.sleep(0.1)
    return True


def alive(pid: int | None) -> bool:
    """True when there is a process with this id that has not ended."""
    if not pid:
        return False
    try:
        os.kill(pid, 0)
        # Where nobody reaps the dead (in a container), they keep their id.
        return not re.search(r"\) [ZX] ", Path(f"/proc/{pid}/stat").read_text())
    except ProcessLookupError:
        return False
    except OSError:
        return True


def already_running(data: Data) -> str | None:
    """A sentence when another launcher owns the data folder, else None."""
    if not data.is_there():
        return None
    lock = owner_lock(data)
    try:
        if own(lock, data):
            return None
    finally:
        lock.release()
    return running_sentence(read_state(data))


def running_sentence(state: dict[str, Any]) -> str:
    """How to say that the data folder is in use."""
    pid = f" (process {state['pid']})" if state.get("pid") else ""
    if state.get("address"):
        return (
            f"This checkout is already running at {state['address']}{pid}; stop it with Ctrl-C there first."
        )
    return f"Another make run or make manage is busy in this checkout{pid}; wait for it or stop it first."


def wait_for_state(data: Data, key: str, seconds: float) -> dict[str, Any] | None:
    """Waits until the owner has written `key`; None when it does not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        state = read_state(data)
        if state.get(key):
            return state
        time.sleep(0.1)
    return None
