"""The house rules, checked on the whole repository: direction, migrations, settings, templates, size."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import django
import pytest
from django.apps import apps
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command

ROOT = Path(settings.BASE_DIR)
ROOMS = ["portal", "schools", "notices", "campaigns", "submissions", "reports"]  # from the floor up
TEMPLATES = ROOT / "templates"
MAX_LINES = 350


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def product_files() -> list[Path]:
    return [path for path in python_files(*ROOMS) if "migrations" not in path.parts]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def run(*command: str, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=env or None,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


# Direction ------------------------------------------------------------------------------------------


def test_imports_run_one_way():
    lint = "from importlinter.cli import lint_imports_command as run; run(['--no-cache', '--no-logo'])"
    answer = run("-c", lint, **os.environ)
    assert (answer.returncode, answer.stdout.rpartition("Contracts: ")[2].strip()) == (
        0,
        "2 kept, 0 broken.",
    ), answer.stdout + answer.stderr


def test_no_model_points_to_a_higher_room():
    """import-linter does not see string foreign keys; the user model, named by a setting, is exempt."""
    upward = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for room, label in enumerate(ROOMS)
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
        if field.related_model is not None
        and field.related_model._meta.label != settings.AUTH_USER_MODEL
        and field.related_model._meta.app_label in ROOMS[room + 1 :]
    ]
    assert upward == []


def test_every_room_is_installed():
    assert [label for label in ROOMS if not apps.is_installed(label)] == []


def test_time_is_passed_in_below_the_views():
    """Services, rules and states read no clock, so that tests and jobs decide what time it is."""
    reading = [
        f"{name_of(path)}:{node.lineno}"
        for path in product_files()
        if "services" in path.parts
        or path.stem in {"rules", "states", "readiness", "audience", "access", "figures"}
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"}
    ]
    assert reading == []


def test_services_take_no_request():
    taking = [
        f"{name_of(path)}: {node.name}"
        for path in product_files()
        if "services" in path.parts or path.stem == "services"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and "request" in {argument.arg for argument in node.args.args}
    ]
    assert taking == []


def test_tasks_are_adapters_of_at_most_fifteen_lines():
    long = [
        f"{name_of(path)}: {node.name}"
        for path in product_files()
        if path.stem == "tasks"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= 15
    ]
    assert long == []


# Django's own checks --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_migration_is_missing(capsys):
    try:
        call_command("makemigrations", check=True, dry_run=True)
    except SystemExit:
        pytest.fail(capsys.readouterr().out)


def test_the_checks_are_silent():
    assert run_checks() == []


def test_the_checks_for_deployment_are_silent_under_the_documented_settings():
    lines = (ROOT / "deploy" / "production.env.example").read_text().splitlines()
    documented = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env = kept | documented | {"SECRET_KEY": "Shili-2026_x" * 5, "PORTAL_MODE": "production"}
    answer = run("manage.py", "check", "--deploy", "--fail-level", "DEBUG", **env)
    assert (answer.returncode, answer.stdout.strip(), answer.stderr.strip()) == (
        0,
        "System check identified no issues (0 silenced).",
        "",
    )


@pytest.mark.parametrize("missing", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "MEDIA_ROOT"])
def test_a_missing_variable_is_named_at_the_start(missing):
    env = {name: value for name, value in os.environ.items() if name != missing}
    answer = run("manage.py", "check", **env)
    assert (answer.returncode != 0, missing in answer.stderr) == (True, True)


# Templates ------------------------------------------------------------------------------------------


def templates() -> list[str]:
    return sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))


@cache
def named_in_code() -> set[str]:
    """Every string constant that looks like a template, and what templates include or extend."""
    constants = {
        node.value
        for path in python_files(*ROOMS)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".html")
    }
    tags = re.compile(r"{%\s*(?:include|extends)\s+[\"']([^\"']+)[\"']")
    return constants.union(*(tags.findall((TEMPLATES / name).read_text()) for name in templates()))


def overrides_django(name: str) -> bool:
    """Error pages, and templates of the admin that a model of ours may have its own of."""
    if name in {f"{status}.html" for status in (400, 403, 404, 500)}:
        return True
    stock = Path(django.__file__).parent / "contrib" / "admin" / "templates" / "admin"
    return name.startswith("admin/") and (stock / Path(name).name).exists()


@pytest.mark.parametrize("name", templates())
def test_every_template_is_used(name):
    assert name in named_in_code() or overrides_django(name)


def test_every_template_that_code_names_exists():
    own = {name for name in named_in_code() if not name.startswith(("admin/", "django/", "bootstrap5/"))}
    assert own - set(templates()) == set()


INLINE = {
    "script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "other host": re.compile(r"(?:src|href|action)\s*=\s*[\"']?(?:https?:)?//", re.IGNORECASE),
}


@pytest.mark.parametrize("name", templates())
def test_no_template_holds_what_the_content_security_policy_forbids(name):
    text = (TEMPLATES / name).read_text()
    assert [what for what, pattern in INLINE.items() if pattern.search(text)] == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("script", "<script>alert(1)</script>"),
        ("style element", "<style>p{}</style>"),
        ("style attribute", '<p class="a" style="color:red">'),
        ("handler", '<a href="#" onclick="go()">'),
        ("other host", '<link href="https://cdn.example/a.css">'),
    ],
)
def test_the_patterns_above_find_what_they_look_for(what, line):
    assert [found for found, pattern in INLINE.items() if pattern.search(line)] == [what]


@pytest.mark.parametrize("path", sorted((ROOT / "static" / "css").glob("*.css")), ids=lambda path: path.name)
def test_every_brace_of_a_style_sheet_is_closed(path):
    """One that is not shuts everything after it into its rule."""
    depths = [0]
    for sign in re.findall("[{}]", re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)):
        depths.append(depths[-1] + (1 if sign == "{" else -1))
    assert (min(depths), max(depths) <= 3, depths[-1]) == (0, True, 0)


# Size -----------------------------------------------------------------------------------------------


def test_no_python_file_smells_of_size():
    """A smell and not a law: split the file, or argue in review why it stays whole."""
    files = [*product_files(), *python_files("dev")]
    assert {name_of(path): n for path in files if (n := len(path.read_text().splitlines())) > MAX_LINES} == {}


def test_every_python_file_parses():
    for path in python_files(*ROOMS, "dev", "tests"):
        ast.parse(path.read_text(), filename=name_of(path))
