"""Brings the database up to date, loads the demo once and prints the demo accounts: `python -m dev.prepare`.

One process for three management commands: each start of Django costs seconds. What goes to
standard output is the demo accounts alone; progress goes to standard error.
"""

import io
import sys

import django
from django.core.management import CommandError, call_command, get_commands


def main() -> int:
    """Returns the exit code."""
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    known = get_commands()
    if "load_demo" in known:
        try:
            call_command("load_demo", stdout=sys.stderr)
        except CommandError as refusal:
            print(refusal, file=sys.stderr)
    if "demo_accounts" in known:
        accounts = io.StringIO()
        call_command("demo_accounts", stdout=accounts)
        print(accounts.getvalue().strip())
    return 0


if __name__ == "__main__":
    sys.exit(main())
