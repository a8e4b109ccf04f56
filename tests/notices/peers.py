"""What messages are sent to in tests: a mail server and the robots of three platforms, on loopback.

Both take orders for the next messages (`then`), keep what they took, and are context managers:

    with MailPeer() as peer:
        peer.then(Refuse("rcpt", "550 no such user"), DROP)
"""

import base64
import hashlib
import hmac
import json
import logging
import ssl
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import AuthResult, Envelope, Session

HOST = "127.0.0.1"
PATIENCE = 20  # seconds that a peer hangs at most

logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # it tells of every command


class Orders:
    """What to do with the next messages, in turn; with those beyond, what is usual."""

    def __init__(self) -> None:
        self._orders: deque[Any] = deque()
        self._lock = Lock()

    def put(self, orders: tuple[Any, ...]) -> None:
        with self._lock:
            self._orders.extend(orders)

    def next(self) -> Any:
        with self._lock:
            return self._orders.popleft() if self._orders else None


# Mail -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Refuse:
    """Answer `words` (“450 later”) at "mail", "rcpt" or "data"."""

    stage: str
    words: str


HANG = "hang"  # take the text and answer nothing
DROP = "drop"  # take the mail, and close the connection without a word


@dataclass(frozen=True)
class Hold:
    """Take the mail, and say so only when `let_go` is set."""

    taken: Event = field(default_factory=Event)
    let_go: Event = field(default_factory=Event)


@dataclass(frozen=True)
class Taken:
    """A mail that the server has taken over, whatever it said to the sender."""

    sender: str
    to: tuple[str, ...]
    letter: EmailMessage


class MailPeer:
    """A mail server. `taken` is what it has, `connections` how often it was called."""

    def __init__(
        self,
        *,
        login: tuple[str, str] | None = None,
        starttls: ssl.SSLContext | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.taken: list[Taken] = []
        self.connections = 0
        self._orders = Orders()
        self._controller = _AnyPort(
            _MailHandler(self, self._orders),
            hostname=HOST,
            port=0,
            ssl_context=tls,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=_asking_for(login) if login else None,
            auth_required=login is not None,
            auth_require_tls=False,
        )

    @property
    def port(self) -> int:
        return self._controller.port

    def then(self, *orders: Refuse | Hold | str | None) -> None:
        """What to do with the next messages; None takes one as usual."""
        self._orders.put(orders)

    def hang_up(self) -> None:
        """Close all connections, as servers do with quiet ones."""
        self._controller.hang_up()

    def __enter__(self) -> Self:
        self._controller.start()
        self.connections = 0  # it has called itself
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


class _AnyPort(Controller):
    """On a port of the system's choice."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def factory(self) -> Server:
        self.handler.peer.connections += 1
        made = super().factory()
        self.handler.servers.append(made)
        return made

    def hang_up(self) -> None:
        closed = Event()

        def close() -> None:
            for server in self.handler.servers:
                if server.transport is not None:
                    server.transport.close()
            closed.set()

        self.loop.call_soon_threadsafe(close)
        closed.wait(PATIENCE)


class _MailHandler:
    def __init__(self, peer: MailPeer, orders: Orders) -> None:
        self.peer = peer
        self.servers: list[Server] = []
        self._orders = orders

    async def handle_MAIL(
        self, server: Server, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.order = self._orders.next()
        refused = self._refused(envelope, "mail")
        if not refused:
            envelope.mail_from = address
        return refused or "250 OK"

    async def handle_RCPT(
        self, server: Server, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refused = self._refused(envelope, "rcpt")
        if not refused:
            envelope.rcpt_tos.append(address)
        return refused or "250 OK"

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        if refused := self._refused(envelope, "data"):
            return refused
        if envelope.order == HANG:
            await server.loop.create_future()
        letter = message_from_bytes(envelope.content, policy=policy.default)
        self.peer.taken.append(Taken(envelope.mail_from, tuple(envelope.rcpt_tos), letter))
        if envelope.order == DROP:
            server.transport.abort()
        if isinstance(envelope.order, Hold):
            envelope.order.taken.set()
            await server.loop.run_in_executor(None, envelope.order.let_go.wait, PATIENCE)
        return f"250 OK queued as {len(self.peer.taken)}"

    def _refused(self, envelope: Envelope, stage: str) -> str:
        order = envelope.order
        return order.words if isinstance(order, Refuse) and order.stage == stage else ""


def _asking_for(login: tuple[str, str]) -> Callable[..., AuthResult]:
    def check(server: Server, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        # Not `handled`: a refusal is still to be said.
        return AuthResult(success=(given.login.decode(), given.password.decode()) == login, handled=False)

    return check


# Robots -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reply:
    """A reply in place of the usual one; `taken`: the text reaches the group all the same."""

    status: int = 200
    body: bytes | dict[str, Any] = b""
    headers: dict[str, str] = field(default_factory=dict)
    taken: bool = False


@dataclass(frozen=True)
class Said:
    """What a robot has told its group."""

    kind: str
    token: str
    text: str


class RobotPeer:
    """The robots of DingTalk, WeCom and Feishu at `url`. `secrets` are those of tokens that are signed;
    tokens it does not know are refused. `asked` counts every request, `said` is what reached the groups."""

    SKEW = 3600  # seconds that a time stamp may be off

    def __init__(self, secrets: dict[str, str]) -> None:
        self.secrets = secrets
        self.said: list[Said] = []
        self.asked = 0
        self.closing = Event()
        self.orders = Orders()
        self._server = ThreadingHTTPServer((HOST, 0), _RobotHandler)
        self._server.daemon_threads = True
        self._server.peer = self
        self.url = f"http://{HOST}:{self._server.server_address[1]}"

    def then(self, *orders: Reply | str | None) -> None:
        """What to do with the next requests: a Reply, HANG, DROP (when it was said), or None."""
        self.orders.put(orders)

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _RobotHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        peer: RobotPeer = self.server.peer
        peer.asked += 1
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        kind, judge = _PATHS.get(parts.path.rpartition("/")[0], ("", None))
        said, answer = judge(peer, parts.path, query, body) if judge else (None, {})
        order = peer.orders.next()
        if order == HANG:
            peer.closing.wait(PATIENCE)
            self.close_connection = True
            return
        if said and (not isinstance(order, Reply) or order.taken):
            peer.said.append(Said(kind, *said))
        if order == DROP:
            self.close_connection = True
            return
        self._reply(order or Reply(200 if judge else 404, answer))

    def _reply(self, reply: Reply) -> None:
        body = json.dumps(reply.body).encode() if isinstance(reply.body, dict) else reply.body
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


Judged = tuple[tuple[str, str] | None, dict[str, Any]]


def _hmac(key: str, about: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), about.encode(), hashlib.sha256).digest()).decode()


def _in_time(stamp: Any, unit: float) -> bool:
    return str(stamp).isdecimal() and abs(time.time() - int(stamp) / unit) < RobotPeer.SKEW


def _dingtalk(peer: RobotPeer, path: str, query: dict[str, str], body: dict[str, Any]) -> Judged:
    token = query.get("access_token", "")
    if token not in peer.secrets:
        return None, {"errcode": 300001, "errmsg": "token is not exist"}
    if secret := peer.secrets[token]:
        stamp = query.get("timestamp", "")
        if not _in_time(stamp, 1000):
            return None, {"errcode": 310000, "errmsg": "invalid timestamp"}
        if query.get("sign") != _hmac(secret, f"{stamp}\n{secret}"):
            return None, {"errcode": 310000, "errmsg": "sign not match"}
    return (token, body["text"]["content"]), {"errcode": 0, "errmsg": "ok"}


def _wecom(peer: RobotPeer, path: str, query: dict[str, str], body: dict[str, Any]) -> Judged:
    token, text = query.get("key", ""), body["text"]["content"]
    if token not in peer.secrets:
        return None, {"errcode": 93000, "errmsg": "invalid webhook url"}
    if len(text.encode()) > 2048:
        return None, {"errcode": 40058, "errmsg": "text.content exceed max length 2048"}
    return (token, text), {"errcode": 0, "errmsg": "ok"}


def _feishu(peer: RobotPeer, path: str, query: dict[str, str], body: dict[str, Any]) -> Judged:
    token = unquote(path.rpartition("/")[2])
    if token not in peer.secrets:
        return None, {"code": 19001, "msg": "incoming webhook access token invalid"}
    if secret := peer.secrets[token]:
        stamp = body.get("timestamp")
        if not _in_time(stamp, 1) or body.get("sign") != _hmac(f"{stamp}\n{secret}", ""):
            return None, {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}
    return (token, body["content"]["text"]), {"code": 0, "msg": "success", "data": {}}


#: By the path without its last part.
_PATHS: dict[str, tuple[str, Callable[..., Judged]]] = {
    "/robot": ("dingtalk", _dingtalk),
    "/cgi-bin/webhook": ("wecom", _wecom),
    "/open-apis/bot/v2/hook": ("feishu", _feishu),
}
