"""What every way out has in common: one attempt is bounded, raises nothing, and gives no secret away."""

import logging
import re
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

from notices.channels import SECONDS, Answer
from notices.enums import Outcome

logger = logging.getLogger(__name__)

T = TypeVar("T")

#: After so many seconds an attempt is given up, whatever its parts (names, connections, answers) took.
PATIENCE = SECONDS - 5
LONGEST = 300  # characters of an answer that are kept

UNREADABLE = Answer(Outcome.REFUSED, "已存的密码或密钥无法解读，请在通道设置中重新填写。")
ADDRESS = re.compile(r"([\w.+-])[\w.+-]*@(?=[\w-])")
TOO_LATE = Answer(Outcome.UNREACHABLE, "对方没有在规定时间内答复。")


def attempt(work: Callable[[], Answer], patience: float | None = None) -> Answer:
    """The answer that `work` comes to within `patience` seconds (None: PATIENCE).

    Work that takes longer is left to itself, in a thread that its own time-outs will end; it must not
    touch the database.
    """
    try:
        return within(PATIENCE if patience is None else patience, work)
    except TimeoutError:
        return TOO_LATE
    except Exception as error:
        # Its traceback is not for the log: it could quote an address that is a secret.
        logger.error("Sending a message failed: %s", type(error).__name__)
        return Answer(Outcome.UNREACHABLE, f"发送程序出错（{type(error).__name__}），请联系平台运维人员。")


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` returns or raises; TimeoutError when it takes longer, and is left to itself."""
    ended: Future[T] = Future()

    def run() -> None:
        try:
            ended.set_result(work())
        except Exception as error:
            ended.set_exception(error)

    Thread(target=run, name="attempt", daemon=True).start()
    return ended.result(seconds)


def plain(said: str, hidden: Iterable[str] = ()) -> str:
    """What a peer said as one short line for the operator, without control signs and `hidden` secrets."""
    for secret in filter(None, hidden):
        said = said.replace(secret, "***")
    said = "".join(sign if sign.isprintable() else " " for sign in said)
    return re.sub(r" {2,}", " ", said).strip()[:LONGEST]


def masked(text: str) -> str:
    """Mail addresses in `text` by their first letter alone: s***@example.com."""
    return ADDRESS.sub(r"\1***@", text)
