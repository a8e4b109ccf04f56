"""`/healthz` (the process answers) and `/readyz` (what it stands on, each named).

Answered before host, session and TLS handling, so that probes need neither.
"""

import os
import uuid
from collections.abc import Callable

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from portal import broker
from portal.files.store import INCOMING

Handler = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """Serve the two probe addresses and pass everything else on."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            if request.path == "/healthz":
                return JsonResponse({"status": "ok"})
            if request.path == "/readyz":
                return readiness()
        return self.get_response(request)


def readiness() -> JsonResponse:
    """Probe each dependency.

    Returns 200 with `status` "ok", or "degraded" when only Redis is away (pages, uploads and
    reviews go on without it); 503 with "failed" otherwise. Each part is "ok" or a short reason.
    """
    parts = {
        "database": _database(),
        "migrations": _migrations(),
        "storage": _storage(),
        "redis": broker.state(seconds=1),
    }
    failed = any(parts[name] != "ok" for name in ("database", "migrations", "storage"))
    status = "failed" if failed else "ok" if parts["redis"] == "ok" else "degraded"
    return JsonResponse({"status": status, **parts}, status=503 if failed else 200)


def _database() -> str:
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "unreachable"
    return "ok"


def _migrations() -> str:
    try:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return "unknown"
    return "pending" if pending else "ok"


def _storage() -> str:
    probe = settings.MEDIA_ROOT / INCOMING / f".probe-{uuid.uuid4().hex}"
    try:
        probe.parent.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"probe")
        os.unlink(probe)
    except OSError:
        return "not writable"
    return "ok"
