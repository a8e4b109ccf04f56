"""`python -m dev COMMAND`, inside the finished .venv: what bootstrap.py hands over to."""

import importlib
import sys

from dev.foreground import Stopped, listen_for_stops
from dev.trouble import Trouble, complain

COMMANDS = ("run", "test", "soak", "manage", "check", "format")


def main(arguments: list[str]) -> int:
    """Runs the command and turns every foreseen end into an exit code."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        complain("Call it through make; `make help` lists the targets.")
        return 2
    listen_for_stops()
    try:
        return importlib.import_module(f"dev.commands.{arguments[0]}").main()
    except Trouble as trouble:
        complain(str(trouble))
        return trouble.code
    except Stopped as stop:
        return stop.code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
