"""Brings the database up to date, loads the demo once and prints the demo accounts: `python -m dev.prepare`.

One process for three management commands: each start of Django costs seconds. What goes to
standard output is the demo accounts alone, or the one sentence of a refusal (exit code 3);
progress goes to standard error.
"""

import io
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command, get_commands
from django.db import OperationalError

from dev.trouble import REFUSED


def main() -> int:
    """Returns the exit code."""
    try:
        django.setup()
    except (ImproperlyConfigured, ValueError, LookupError) as error:
        print(settings_sentence(error))
        return REFUSED
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except ImproperlyConfigured as error:  # an engine that is none is noticed at the first query
        print(settings_sentence(error))
        return REFUSED
    except OperationalError as error:
        print(f"The database does not answer: {first_line(error)}; check DATABASE_URL.")
        return REFUSED
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


def settings_sentence(error: Exception) -> str:
    """One sentence about settings that do not load; it names the variable where that can be told."""
    # The level of the log is the one setting that is tried out later.
    name = variable(error) or ("LOG_LEVEL" if "Unknown level" in str(root_cause(error)) else "")
    where = f"{name} cannot be used" if name else "The settings cannot be used"
    advice = "deploy/production.env.example tells what each variable means"
    reason = first_line(root_cause(error))
    if name.endswith("_URL"):  # what Python says about a URL may quote its password
        reason = "it is no URL of the right form (in a password, / is %2F, @ is %40, # is %23)"
    return f"{where}: {reason}; {advice}."


def root_cause(error: BaseException) -> BaseException:
    """What an exception was raised from, down to the first; logging wraps its own in vaguer ones."""
    while error.__cause__:
        error = error.__cause__
    return error


def variable(error: BaseException) -> str:
    """The environment variable that django-environ was reading, which its own errors do not always name."""
    found = ""
    trace = error.__traceback__
    while trace:
        frame = trace.tb_frame
        if frame.f_globals.get("__name__", "").startswith("environ."):
            found = str(frame.f_locals.get("var") or found)
        trace = trace.tb_next
    return found


def first_line(error: BaseException) -> str:
    """The first line of what an exception says, or its kind when it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".。:;") if lines else type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
