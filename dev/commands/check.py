"""`make check`: every check runs, and one that fails makes the whole fail."""

import sys
from collections.abc import Iterator

from dev import embedded, environment, foreground
from dev.folders import ROOT
from dev.trouble import say

Check = tuple[str, list[str]]


def main() -> int:
    """Returns 0 when every check passes."""
    failed = [title for title, command in plain_checks() if not passes(title, command, None)]
    with embedded.for_tests() as (data, running):
        settings = environment.for_tests(data, running.urls)
        title = "makemigrations --check"
        if not passes(
            title, [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"], settings
        ):
            failed.append(title)
    title = "check --deploy"
    deploy = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    if not passes(title, deploy, environment.production_example()):
        failed.append(title)
    say(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def plain_checks() -> Iterator[Check]:
    """The checks that need no settings."""
    python = sys.executable
    yield "ruff check", [python, "-m", "ruff", "check", "."]
    yield "ruff format", [python, "-m", "ruff", "format", "--check", "."]
    if any((ROOT / "templates").rglob("*.html")):
        # Linted, not reformatted: new line breaks between Chinese words show as blanks on the page.
        yield "djlint", [python, "-m", "djlint", "templates", "--lint", "--quiet"]
    if (ROOT / ".importlinter").exists():
        yield (
            "import contract",
            [python, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        )


def passes(title: str, command: list[str], settings: dict[str, str] | None) -> bool:
    """Runs one check under its title."""
    import os

    say(f"== {title}")
    return foreground.call(command, settings or dict(os.environ)) == 0
