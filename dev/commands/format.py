"""`make format`: lets the tools mend what they can."""

import os
import sys

from dev import foreground


def main() -> int:
    """Returns 0 when every tool could do its work; djlint says 1 when it changed something."""
    python = [sys.executable, "-m"]
    environment = dict(os.environ)
    fixed = foreground.call([*python, "ruff", "check", "--fix", "."], environment)
    formatted = foreground.call([*python, "ruff", "format", "."], environment)
    foreground.call([*python, "djlint", "templates", "--reformat", "--quiet"], environment)
    return fixed or formatted
