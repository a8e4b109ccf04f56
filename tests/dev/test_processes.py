"""The parts of `make run`: how they are stopped."""

import signal
import subprocess
import sys

from dev.folders import ROOT

# As Celery's worker does, it lets the process that is at work finish when it is asked to stop.
WORKER = """
import signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1); print('done', flush=True)"])
signal.signal(signal.SIGTERM, lambda *_: sys.exit(child.wait()))
print("up", flush=True)
signal.pause()
"""
CREW = f"""
import os, sys
from dev.processes import Crew
Crew({{"worker": [sys.executable, "-c", {WORKER!r}]}}, dict(os.environ)).work()
"""


def test_a_part_that_is_stopped_lets_its_own_processes_finish():
    with subprocess.Popen([sys.executable, "-c", CREW], cwd=ROOT, stdout=subprocess.PIPE, text=True) as crew:
        first = crew.stdout.readline()
        crew.send_signal(signal.SIGTERM)
        said = [line.rpartition("| ")[2].strip() for line in (first, *crew.stdout)]
    assert (said, crew.returncode) == (["up", "done"], 0)
