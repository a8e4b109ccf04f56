"""The browser's and the robots' side, on the loopback address alone."""

import json
import re
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from dev.mailsink import pages
from dev.mailsink.store import GROUPS, MAILS, TABS, Store

LARGEST = 64 * 1024
HOSTS = re.compile(r"(127\.0\.0\.1|localhost)(:\d{1,5})?", re.ASCII)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Words = tuple[str, str]
Json = dict[str, Any]


def dingtalk(said: Json) -> Words:
    """Title and text of a message, as DingTalk's robots are told it."""
    told = said.get("markdown") or said.get("text") or {}
    return str(told.get("title", "")), str(told.get("text") or told.get("content") or "")


def wecom(said: Json) -> Words:
    told = said.get("markdown") or said.get("text") or {}
    return "", str(told.get("content", ""))


def feishu(said: Json) -> Words:
    return "", str((said.get("content") or {}).get("text", ""))


#: By path: what the robot is called, how it is told, and what its own server answers (libraries: contracts).
FINE = {"errcode": 0, "errmsg": "ok"}
ROBOTS: dict[str, tuple[str, Callable[[Json], Words], Json]] = {
    "/robot/send": ("钉钉群机器人", dingtalk, FINE),
    "/cgi-bin/webhook/send": ("企业微信群机器人", wecom, FINE),
    "/open-apis/bot/v2/hook": ("飞书群机器人", feishu, {"code": 0, "msg": "success", "data": {}}),
}


class Handler(BaseHTTPRequestHandler):
    """One request. Other sites cannot speak through a browser of this machine: the host must be ours, and
    robots send JSON, for which a browser would have to ask first."""

    server: "Server"
    server_version, sys_version = "sink", ""
    timeout = 30

    def do_GET(self) -> None:
        if not HOSTS.fullmatch(self.headers.get("Host", "")):
            return self.answer(HTTPStatus.MISDIRECTED_REQUEST, "text/plain", "unknown host\n")
        asked = urlsplit(self.path)
        if asked.path == "/style.css":
            return self.answer(HTTPStatus.OK, "text/css", pages.STYLE)
        page = self.page(asked.path.strip("/") or MAILS, parse_qs(asked.query))
        if page is None:
            said = pages.refusal("没有这个页面，或者这条消息已被更新的消息取代。")
            return self.answer(HTTPStatus.NOT_FOUND, "text/html", said)
        return self.answer(HTTPStatus.OK, "text/html", page)

    def page(self, path: str, query: dict[str, list[str]]) -> str | None:
        """A tab or one message of it; None where there is none. No path leads to a file."""
        tab, _, pk = path.partition("/")
        store = self.server.store
        if tab not in TABS:
            return None
        if pk:
            row = store.one(tab, int(pk)) if re.fullmatch(r"\d{1,9}", pk, re.ASCII) else None
            return row and pages.message(tab, row)
        wanted, asked = query.get("page", ["1"])[0], query.get("q", [""])[0][:100]
        number = max(1, int(wanted)) if re.fullmatch(r"\d{1,5}", wanted, re.ASCII) else 1
        rows, total = store.page(tab, number, asked), store.count(tab, asked)
        return pages.listing(tab, rows, total=total, number=number, asked=asked)

    def do_POST(self) -> None:
        path, token = robot_of(self.path)
        if refused := self.why_not(path):
            return self.answer(refused, "text/plain", f"{refused.phrase}\n")
        name, told, fine = ROBOTS[path]
        try:
            title, text = told(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        except (ValueError, AttributeError, RecursionError):
            return self.answer(HTTPStatus.BAD_REQUEST, "text/plain", "not understood\n")
        subject = title or next(iter(text.strip().splitlines()), "")[:60]
        self.server.store.take(
            GROUPS, sender=name, receiver=f"工作群 {token[:12]}", subject=subject, body=text
        )
        return self.answer(HTTPStatus.OK, "application/json", json.dumps(fine))

    def why_not(self, path: str) -> HTTPStatus | None:
        """Why what is posted is not read, None when it is."""
        length = self.headers.get("Content-Length", "")
        if not HOSTS.fullmatch(self.headers.get("Host", "")):
            return HTTPStatus.MISDIRECTED_REQUEST
        if path not in ROBOTS:
            return HTTPStatus.NOT_FOUND
        if self.headers.get_content_type() != "application/json":
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        if not re.fullmatch(r"\d{1,5}", length, re.ASCII) or int(length) > LARGEST:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return None

    def answer(self, status: HTTPStatus, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing between the lines of the portal."""


def robot_of(address: str) -> tuple[str, str]:
    """The path of a robot, and its key, which Feishu has in the path and the others in the query."""
    asked = urlsplit(address)
    query = parse_qs(asked.query)
    for name in ("access_token", "key"):
        if name in query:
            return asked.path, query[name][0]
    path, _, token = asked.path.rpartition("/")
    return path, token


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, store: Store, port: int) -> None:
        self.store = store
        super().__init__(("127.0.0.1", port), Handler)
