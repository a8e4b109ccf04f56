"""A small process that outlives the launcher only to clear up after it: `python -m dev.guard PID DATA`.

The launcher ends it after an orderly stop. When the launcher is killed outright, the guard stops
everything that is left, unless the next launcher is already there and does the same.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from dev.folders import ROOT, TEMP_PREFIX, Data
from dev.lock import owner_lock


def start(data: Data) -> subprocess.Popen[bytes]:
    """Starts a guard over the calling process."""
    environment = {key: value for key, value in os.environ.items() if key != "PORTAL_RUN"}
    return subprocess.Popen(
        [sys.executable, "-m", "dev.guard", str(os.getpid()), str(data.root)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def main(launcher: int, data: Data) -> None:
    """Waits until the launcher, our parent, is gone and then clears up."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.getppid() == launcher:
        time.sleep(0.5)
    lock = owner_lock(data)
    if not lock.take():
        return
    from dev import strays  # late: keeps the waiting guard small

    strays.sweep(data)
    lock.release()
    if data.root.name.startswith(TEMP_PREFIX):
        shutil.rmtree(data.root, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Data(Path(sys.argv[2])))
