"""What the robots of group chats have in common: one POST of JSON, and a code in the answer."""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import requests

from notices.channels import Answer, Message, attempts
from notices.enums import Outcome
from notices.models import Channel
from notices.sealing import Unreadable, unseal

CONNECT, READ = 5, 10  # seconds
LIMIT = 64 * 1024  # bytes of an answer
A_MINUTE = timedelta(minutes=1)
LONGEST_WAIT = 3600  # seconds; what a peer asks for beyond is not believed
MORE = "……详见平台"


@dataclass(frozen=True)
class Request:
    """What goes to a robot; times are those of now."""

    url: str
    body: dict[str, Any]
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Contract:
    """How a platform wants to be spoken to, and what its codes mean.

    `build` takes the token, the secret ("" without a signature), the text and the Unix time in seconds.
    `refusals` are codes that no repetition changes, each with what the operator should do; `busy` are those
    of too many messages, which ask for `wait`. Other codes are worth another attempt.
    """

    build: Callable[[str, str, str, float], Request]
    code: str
    said: str
    longest: int  # bytes of text in UTF-8
    refusals: dict[int, str]
    busy: frozenset[int]
    wait: timedelta = A_MINUTE


class RobotLine:
    """The line to one robot. Subclasses name their contract."""

    contract: Contract

    def __init__(self, channel: Channel, patience: float | None = None) -> None:
        self.name = channel.name
        self._patience = patience
        self._keys: tuple[str, str] | None = None
        try:
            self._keys = (unseal(channel.token), unseal(channel.secret))
        except Unreadable:
            pass
        self._session = requests.Session()

    def send(self, message: Message) -> Answer:
        if self._keys is None:
            return attempts.UNREADABLE
        if not self._keys[0]:
            return Answer(Outcome.REFUSED, "尚未填写机器人地址，请在通道设置中填写。")
        text = fit(text_of(message), self.contract.longest)
        return attempts.attempt(lambda: self._post(text), self._patience)

    def close(self) -> None:
        self._session.close()

    def _post(self, text: str) -> Answer:
        asked = self.contract.build(*self._keys, text, time.time())
        try:
            with self._session.post(
                asked.url,
                params=asked.params,
                data=json.dumps(asked.body, ensure_ascii=False).encode("utf-8", "replace"),
                headers={"Content-Type": "application/json; charset=utf-8", "Accept-Encoding": "identity"},
                timeout=(CONNECT, READ),
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._judge(response, _read(response))
        except requests.Timeout:
            return attempts.TOO_LATE
        except requests.exceptions.SSLError:
            return Answer(Outcome.UNREACHABLE, "加密连接失败，请检查平台所在服务器的网络和时间。")
        except requests.RequestException:
            # What it says would quote the address.
            return Answer(Outcome.UNREACHABLE, "未能连接或连接中断，请检查平台所在服务器能否访问外网。")

    def _judge(self, response: requests.Response, read: bytes) -> Answer:
        status = response.status_code
        if status == 429:
            return Answer(Outcome.BUSY, "HTTP 429", _asked_wait(response) or self.contract.wait)
        answer = _parsed(read)
        code = answer.get(self.contract.code)
        # True and 0.0 equal 1 and 0: a code is a whole number.
        if not (status == 200 or 400 <= status < 500) or type(code) is not int:
            why = "对方的答复无法识别。" if status == 200 else f"HTTP {status}"
            return Answer(Outcome.UNREACHABLE, why)
        words = attempts.plain(f"{code} {answer.get(self.contract.said, '')}", self._keys)
        if code == 0:
            outcome = Outcome.ACCEPTED if status == 200 else Outcome.UNREACHABLE
            return Answer(outcome, words)
        if code in self.contract.busy:
            return Answer(Outcome.BUSY, words, self.contract.wait)
        if hint := self.contract.refusals.get(code):
            return Answer(Outcome.REFUSED, f"{hint}（{words}）"[: attempts.LONGEST])
        return Answer(Outcome.UNREACHABLE, words)


def text_of(message: Message) -> str:
    """Title and body, without signs that no group needs."""
    title, body = message.title.strip(), message.body.strip()
    text = body if body.startswith(title) else f"{title}\n{body}"
    return "".join(sign for sign in text if sign == "\n" or sign.isprintable())


def fit(text: str, longest: int) -> str:
    """`text` in at most `longest` bytes of UTF-8: cut at the end of a line where there is one."""
    raw = text.encode()
    if len(raw) <= longest:
        return text
    room = longest - len(f"\n{MORE}".encode())
    kept = raw[: room + 1].decode(errors="ignore")
    end = kept.rfind("\n")
    if end > 0:
        return f"{kept[:end]}\n{MORE}"
    return raw[:room].decode(errors="ignore") + MORE


def signature(key: str, about: str) -> str:
    """HMAC-SHA256 in Base64."""
    return base64.b64encode(hmac.new(key.encode(), about.encode(), hashlib.sha256).digest()).decode()


def _read(response: requests.Response) -> bytes:
    """The body, as far as it may be long."""
    read = b""
    for part in response.iter_content(8192):
        read += part
        if len(read) > LIMIT:
            return b""
    return read


def _parsed(read: bytes) -> dict[str, Any]:
    try:
        found = json.loads(read)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _asked_wait(response: requests.Response) -> timedelta | None:
    """What Retry-After asks for, where it is a number of seconds."""
    asked = response.headers.get("Retry-After", "")
    return timedelta(seconds=min(int(asked), LONGEST_WAIT)) if re.fullmatch(r"[1-9]\d{0,5}", asked) else None
