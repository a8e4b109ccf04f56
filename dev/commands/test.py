"""`make test [ARGS="..."]`: pytest on PostgreSQL and Redis of its own."""

import os
import shlex
import sys

from dev import embedded, environment, foreground


def main() -> int:
    """Returns pytest's exit code."""
    command = [sys.executable, "-m", "pytest", "-n", "2", *shlex.split(os.environ.get("ARGS", ""))]
    with embedded.for_tests() as (data, running):
        return foreground.call(command, environment.for_tests(data, running.urls))
