"""`make soak [ROUNDS=7] [SCHOOLS=2000] [SEED=1]`: the long version of tests/soak (docs/reminders.md)."""

import os
import shlex
import sys

from dev import embedded, environment, foreground

DEFAULTS = {"ROUNDS": "7", "SCHOOLS": "2000", "SEED": "1"}


def main() -> int:
    """Returns pytest's exit code."""
    asked = {f"SOAK_{name}": os.environ.get(name) or usual for name, usual in DEFAULTS.items()}
    more = shlex.split(os.environ.get("ARGS", ""))
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-s", "tests/soak", *more]
    with embedded.for_tests() as (data, running):
        return foreground.call(command, {**environment.for_tests(data, running.urls), **asked})
