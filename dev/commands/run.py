"""`make run`: the whole portal on one machine, in the foreground, until Ctrl-C."""

import json
import subprocess
import sys
import urllib.error
import urllib.request

from dev import checks, embedded, environment, foreground, lock
from dev.folders import ROOT, Data, demo_data
from dev.processes import Crew
from dev.trouble import REFUSED, Trouble, complain, say

READY_SECONDS = 90


def main() -> int:
    """Returns 0 after a stop that was asked for, 1 when a part ended by itself."""
    foreground.follow_make()
    data = demo_data()
    host, port = checks.wanted_host(), checks.wanted_port()
    say("Starting PostgreSQL and Redis ...")
    with embedded.for_run(data) as running:
        address = f"http://{shown_host(host)}:{port}"
        sink = environment.Sink.beside(port)
        settings = environment.for_demo(data, running.urls, environment.with_sink(sink, address))
        say("Preparing the database ...")
        accounts = prepare(settings)
        checks.check_port(host, port)
        crew = Crew(commands(data, host, port, sink), settings)
        told = [*accounts.splitlines(), f"What it sends (mails, group messages) is shown at {sink.address}"]
        crew.meanwhile(lambda: announce(crew, address, told, data, running))
        postgres = running.servers.postgres if running.servers else None
        if postgres:
            crew.watch("PostgreSQL", postgres.process, postgres.log)
        try:
            return crew.work()
        finally:
            say("Stopping ...")


def commands(data: Data, host: str, port: int, sink: environment.Sink) -> dict[str, list[str]]:
    """The processes that honcho runs side by side."""
    python = [sys.executable, "-m"]
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    # Root is what a container or a borrowed machine gives; celery's long warning about it helps nobody here.
    celery = [sys.executable, "-W", "ignore:You're running the worker", "-m", "celery", "-A", "portal", "-q"]
    beat_files = ["--schedule", str(data.run / "beat-schedule"), "--pidfile", ""]
    gunicorn = ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--timeout", "120"]
    quiet = ["--log-level", "warning", "--graceful-timeout", "5", "--no-control-socket"]
    return {
        "web": [*python, "gunicorn", "portal.wsgi:application", "--bind", bind, *gunicorn, *quiet],
        "worker": [
            *celery,
            "worker",
            "--loglevel",
            "WARNING",
            "--concurrency",
            "2",
            "--without-mingle",
            "-O",
            "fair",
        ],
        "beat": [*celery, "beat", "--loglevel", "WARNING", *beat_files],
        "mailsink": [*python, "dev.mailsink", str(data.mail), str(sink.smtp), str(sink.http)],
    }


def prepare(settings: dict[str, str]) -> str:
    """Migrates and loads the demo; returns the text about the demo accounts."""
    answer = subprocess.run(
        [sys.executable, "-m", "dev.prepare"], cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True
    )
    if answer.returncode == REFUSED:
        raise Trouble(answer.stdout.strip())
    if answer.returncode:
        raise Trouble("The database could not be prepared; what went wrong stands above.")
    return answer.stdout.strip()


def shown_host(host: str) -> str:
    """The host to type into a browser on this machine."""
    if host in ("0.0.0.0", "::"):  # noqa: S104
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def announce(crew: Crew, address: str, told: list[str], data: Data, running: embedded.Running) -> None:
    """Waits until the portal is ready, tells other launchers and prints where it is."""
    reason = "no answer"
    for _ in range(READY_SECONDS * 4):
        if crew.ending.wait(0.25):
            return
        reason = readiness(address)
        if not reason:
            break
    if reason:
        say(f"The portal is not ready after {READY_SECONDS} seconds ({reason}); see the lines above.")
        return
    try:
        lock.write_state(data, **running.notes, urls=running.urls, address=address)
    except Trouble as trouble:
        complain(str(trouble))
    crew.tell(box([f"The portal is running at {address}", *told, "Ctrl-C stops it."]))


def readiness(address: str) -> str:
    """Empty when /readyz answers with success, else the reason why not."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}/readyz", timeout=5):
            return ""
    except urllib.error.HTTPError as error:
        return describe(error.read()) or f"/readyz answers {error.code}"
    except OSError as error:
        return str(getattr(error, "reason", error))


def describe(body: bytes) -> str:
    """The parts that /readyz names as not well."""
    try:
        parts = json.loads(body)
    except ValueError:
        return ""
    return ", ".join(f"{name}: {state}" for name, state in parts.items() if state not in ("ok", "failed"))


def box(lines: list[str]) -> str:
    """The lines between two rules; no sides, since Chinese characters differ in width between terminals."""
    rule = "=" * 78
    return "\n".join(["", rule, *(f"  {line}" for line in lines), rule, ""])
