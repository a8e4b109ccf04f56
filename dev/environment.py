"""The environment that Django gets from the launcher; deploy/production.env.example tells what each means."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from dev import checks
from dev.folders import PYTHON, ROOT, Data
from dev.trouble import Trouble

ANEW = "move it away and start again, a new key is made then and everybody logs in anew"


def common(data: Data, urls: dict[str, str]) -> dict[str, str]:
    """What every command needs: servers, folders, settings module; programs of the venv come first."""
    return {
        **urls,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_MODE": "local",
        "MEDIA_ROOT": str(data.media),
        "STATIC_ROOT": str(data.static),
        "PYTHONUNBUFFERED": "1",
        "PATH": os.pathsep.join([*program_folders(), os.environ.get("PATH", "")]),
    }


def program_folders() -> list[str]:
    """The venv's programs, and PostgreSQL's (psql for `dbshell`, pg_dump) where they are embedded."""
    from dev.servers import find_postgres

    try:
        return [str(PYTHON.parent), str(find_postgres())]
    except Trouble:
        return [str(PYTHON.parent)]


@dataclass(frozen=True)
class Sink:
    """Where `make run` catches what the portal sends: ports of the loopback address (dev/mailsink)."""

    smtp: int
    http: int

    @property
    def address(self) -> str:
        return f"http://{checks.DEFAULT_HOST}:{self.http}"

    @classmethod
    def beside(cls, port: int) -> "Sink":
        """On the ports after the portal's, or others that are free."""
        http = checks.free_port(port + 1)
        return cls(http=http, smtp=checks.free_port(http + 1))


#: For `make manage`, which starts no sink: mails appear on the screen, robots are told nothing.
NO_SINK = {
    "EMAIL_URL": "consolemail://",
    "CSRF_TRUSTED_ORIGINS": "",
    **dict.fromkeys(("DINGTALK_URL", "WECOM_URL", "FEISHU_URL"), f"http://{checks.DEFAULT_HOST}:9"),
}


def with_sink(sink: Sink, portal: str) -> dict[str, str]:
    """Everything goes to the sink; the first trusted origin, `portal`, is what links in mails begin with."""
    return {
        "EMAIL_URL": f"smtp://{checks.DEFAULT_HOST}:{sink.smtp}",
        "CSRF_TRUSTED_ORIGINS": portal,
        **dict.fromkeys(("DINGTALK_URL", "WECOM_URL", "FEISHU_URL"), sink.address),
    }


def for_demo(data: Data, urls: dict[str, str], outgoing: dict[str, str] = NO_SINK) -> dict[str, str]:
    """For `make run` (`outgoing` by `with_sink`) and `make manage`: what the user has set in the environment
    wins."""
    defaults = {
        **common(data, urls),
        "SECRET_KEY": secret_key(data.root / "secret_key"),
        "ALLOWED_HOSTS": allowed_hosts(checks.wanted_host()),
        **outgoing,
    }
    own = {
        name: value for name, value in os.environ.items() if name != "PATH" and (value or name not in urls)
    }
    return {**defaults, **own, "DJANGO_SETTINGS_MODULE": "portal.settings"}


def for_tests(data: Data, urls: dict[str, str]) -> dict[str, str]:
    """For `make test` and `make check`: nothing of the user's environment reaches the settings."""
    return {
        **os.environ,
        **common(data, urls),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1],testserver",
        "CSRF_TRUSTED_ORIGINS": "",
        "EMAIL_URL": "memorymail://",
        "DEBUG": "false",
        "TMPDIR": str(temp_folder(data)),
    }


def production_example() -> dict[str, str]:
    """The documented production settings, as `manage.py check --deploy` has to like them."""
    lines = (ROOT / "deploy" / "production.env.example").read_text().splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {
        **os.environ,
        **{name.strip(): value.strip() for name, value in pairs},
        "PORTAL_MODE": "production",
    }


def temp_folder(data: Data) -> Path:
    """A folder for the temporary files of a test run; goes away with it."""
    folder = data.root / "tmp"
    folder.mkdir(exist_ok=True)
    return folder


def allowed_hosts(host: str) -> str:
    """The host names to answer to; any when the user asked to listen on every address."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104
        return "*"
    named = f"[{host}]" if ":" in host else host
    return ",".join(dict.fromkeys(["localhost", "127.0.0.1", "[::1]", named]))


def secret_key(path: Path) -> str:
    """The data folder's own random key, made once, readable by its owner alone."""
    try:
        if path.exists() and not path.is_file():
            raise Trouble(f"{path} is no file; {ANEW}.")
        known = path.read_text(encoding="utf-8").strip() if path.exists() else ""
        if not known.isprintable():
            raise Trouble(f"{path} holds no key; {ANEW}.")
        if known:
            return known
        fresh = secrets.token_urlsafe(50)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(fresh)
    except UnicodeDecodeError:
        raise Trouble(f"{path} holds no key; {ANEW}.") from None
    except OSError as error:
        raise Trouble(f"{path} cannot be used ({error.strerror}); {ANEW}.") from None
    return fresh
