"""Workers and beats of a soak: real processes, each with its children a group of its own, killed as one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from dev.folders import ROOT

HURRIED = "tests.soak.hurried"  # for workers alone: who imports it is hurried
CELERY = [sys.executable, "-W", "ignore:You're running the worker", "-m", "celery", "-A", "portal", "-q"]
WORKER = ["worker", "--loglevel", "WARNING", "--concurrency", "1", "--without-mingle", "--without-gossip"]


class Crew:
    """As many workers and beats as were started; what they say lies in `folder`, a file each."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment = {**environment, "DJANGO_SETTINGS_MODULE": "tests.soak.settings"}
        self.folder = folder
        self.workers: list[subprocess.Popen] = []
        self.beats: list[subprocess.Popen] = []
        self.killed = 0
        self._started = 0

    def start_worker(self) -> None:
        self.workers.append(self._start([*WORKER, "--include", HURRIED, "-n", f"w{self._started}"]))

    def start_beat(self) -> None:
        schedule = ["--schedule", str(self.folder / f"schedule-{self._started}"), "--pidfile", ""]
        self.beats.append(self._start(["beat", "--loglevel", "WARNING", *schedule]))

    def kill(self, worker: subprocess.Popen) -> None:
        """kill -9 for the worker and the child that does its work."""
        self.killed += 1
        self.workers.remove(worker)
        end(worker)

    def stop(self) -> None:
        for process in (*self.workers, *self.beats):
            end(process)
        self.workers.clear()
        self.beats.clear()

    def dead(self) -> list[str]:
        """Commands of those that have ended by themselves, which none may."""
        return [str(one.args) for one in (*self.workers, *self.beats) if one.poll() is not None]

    def _start(self, command: list[str]) -> subprocess.Popen:
        self._started += 1
        with (self.folder / f"{command[0]}-{self._started}.log").open("wb") as out:
            return subprocess.Popen(
                [*CELERY, *command],
                cwd=ROOT,
                env=self.environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )


def end(process: subprocess.Popen) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
