"""Runs a command in the user's terminal and passes its exit code and the signals on."""

import ctypes
import os
import signal
import subprocess
import sys
from types import FrameType

from dev.folders import ROOT
from dev.trouble import Trouble

PR_SET_PDEATHSIG = 1


class Stopped(BaseException):
    """Raised in the launcher by SIGTERM and by SIGHUP of a closed terminal; not an error."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


def raise_stopped(number: int, frame: FrameType | None) -> None:
    """Signal handler: unwinds the launcher so that its `finally` blocks stop what it started."""
    raise Stopped(number)


def listen_for_stops() -> None:
    """From now on SIGTERM and SIGHUP unwind the launcher in order, as Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, raise_stopped)


def ignore_stops() -> None:
    """From now on nothing but kill -9 disturbs the clearing up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def call(command: list[str], environment: dict[str, str]) -> int:
    """Runs the command with the terminal as its own and returns its exit code.

    Ctrl-C reaches it straight from the terminal; SIGTERM and SIGHUP are handed to it.
    """
    # A handler and not SIG_IGN, which the command would inherit.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        process = subprocess.Popen(command, cwd=ROOT, env=environment)
    except OSError as error:
        raise Trouble(f"{command[0]} cannot be started ({error.strerror}).") from None
    try:
        code = process.wait()
    except Stopped as stop:
        process.send_signal(stop.code - 128)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


def follow_make() -> None:
    """Stops this launcher in order when the `make` that started it is killed (Linux only).

    Without it, a killed make would leave the launcher running with nobody to press Ctrl-C.
    """
    if sys.platform != "linux" or "MAKELEVEL" not in os.environ:
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
