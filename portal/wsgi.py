"""WSGI entry point for gunicorn."""

import os
from collections.abc import Callable, Iterable
from email.message import Message
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

portal = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
    """The portal, behind a check that Django makes too late.

    Django decodes the query with whatever encoding the Content-Type names, before any middleware
    runs, and fails there; browsers send forms in the page's own encoding, UTF-8.
    """
    kind = Message()
    kind["Content-Type"] = environ.get("CONTENT_TYPE") or "text/plain"
    if (kind.get_content_charset() or "utf-8") not in ("utf-8", "utf8"):
        start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
        return ["请求的编码不是 UTF-8，服务器无法处理，请换用常见的浏览器重试。".encode()]
    return portal(environ, start_response)
