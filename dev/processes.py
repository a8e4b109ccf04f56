"""Web, worker and beat under honcho: one output, and when one of them ends all end."""

import multiprocessing
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from honcho.manager import SYSTEM_PRINTER_NAME, Manager
from honcho.printer import Message, Printer
from honcho.process import Process

from dev.folders import ROOT
from dev.trouble import Trouble, say

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 8


class Crew(Manager):
    """honcho's manager with our words: quiet about itself, clear about who ended first."""

    def __init__(self, commands: dict[str, list[str]], environment: dict[str, str]) -> None:
        # Python 3.14 would start honcho's helpers afresh; they are written for fork.
        multiprocessing.set_start_method("fork", force=True)
        super().__init__(QuietPrinter(sys.stdout))
        self._process_ctor = Part
        self.ending = threading.Event()
        self.first: str | None = None
        self.where = "what it said last stands above"
        self._threads: list[Callable[[], None]] = []
        for name, command in commands.items():
            # exec: no shell stays between honcho and the program that it signals.
            self.add_process(name, f"exec {shlex.join(command)}", env=environment, cwd=str(ROOT))

    def meanwhile(self, task: Callable[[], None]) -> None:
        """Runs `task` in a thread as soon as the processes have been started."""
        self._threads.append(task)

    def watch(self, title: str, process: "subprocess.Popen[bytes] | None", log: Path) -> None:
        """Ends the run when a server that nothing can do without ends by itself."""

        def wait() -> None:
            while not self.ending.wait(0.5):
                if process and process.poll() is not None:
                    self.first, self.where = title, f"details: {log}"
                    os.kill(os.getpid(), signal.SIGTERM)
                    return

        self.meanwhile(wait)

    def work(self) -> int:
        """Runs until a stop is asked for, and returns 0 then; raises Trouble when a part ended by itself."""
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        try:
            self.loop()
        finally:
            self.ending.set()
        if self.first:
            raise Trouble(f"{self.first} ended by itself, so everything was stopped; {self.where}.")
        return 0

    def tell(self, text: str) -> None:
        """Prints a text in one piece between the lines of the processes."""
        say(text)

    def _start(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # until the helpers can bear them
        super()._start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        for task in self._threads:
            threading.Thread(target=task, daemon=True).start()

    def terminate(self) -> None:
        """Ends all; notes who ended first unless a signal asked for it. Survives a very early Ctrl-C."""
        if not self._terminating and self.returncode not in (130, 143):
            self.first = next((name for name, part in self._processes.items() if "returncode" in part), None)
        self.ending.set()
        deadline = time.monotonic() + 2
        while not self._all_started() and time.monotonic() < deadline:
            self._take_start_event()
        last_resort = threading.Timer(PATIENCE, self.kill)
        last_resort.daemon = True
        last_resort.start()
        super().terminate()

    def _take_start_event(self) -> None:
        """Learns the process id of a part that has just been started."""
        try:
            message = self.events.get(timeout=0.1)
        except Exception:
            return
        if message.type == "start":
            self._processes[message.name]["pid"] = message.data["pid"]

    def _killall(self, force: bool = False) -> None:
        """As honcho's, without its lines and for those alone that have a process id.

        A program stops its own processes: Celery's, ended under its hands, would be reported as lost.
        """
        for part in self._processes.values():
            if "returncode" in part or not part.get("pid"):
                continue
            if force:
                self._procmgr.kill(part["pid"])
            else:
                with suppress(ProcessLookupError):
                    os.kill(part["pid"], signal.SIGTERM)


class Part(Process):
    """honcho's helper around one program; signals meant for the launcher pass it by."""

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        for number in STOPS:
            # Handlers, since SIG_IGN would be inherited by the program.
            signal.signal(number, lambda *_: None)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        super().run(events, ignore_signals)


class QuietPrinter(Printer):
    """Leaves out honcho's own lines; a closed terminal stops nothing."""

    def write(self, message: Message) -> Any:
        if message.name == SYSTEM_PRINTER_NAME:
            return
        try:
            super().write(message)
        except OSError:
            pass
