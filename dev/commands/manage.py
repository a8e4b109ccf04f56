"""`make manage ARGS="..."`: a management command on the data of `make run`."""

import os
import shlex
import sys

from dev import embedded, environment, foreground
from dev.folders import demo_data


def main() -> int:
    """Returns the command's exit code."""
    command = [sys.executable, "manage.py", *(shlex.split(os.environ.get("ARGS", "")) or ["help"])]
    data = demo_data()
    with embedded.for_manage(data) as running:
        return foreground.call(command, environment.for_demo(data, running.urls))
