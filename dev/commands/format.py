"""`make format`: lets ruff mend what it can."""

import os
import sys

from dev import foreground


def main() -> int:
    """Returns 0 when ruff could do its work. Templates are formatted by hand (see check.py)."""
    python = [sys.executable, "-m"]
    environment = dict(os.environ)
    fixed = foreground.call([*python, "ruff", "check", "--fix", "."], environment)
    formatted = foreground.call([*python, "ruff", "format", "."], environment)
    return fixed or formatted
