"""Whether Redis answers. Asked for pages and before every hint, so it is asked briefly and remembered."""

import threading
import time
from collections.abc import Callable

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

#: Seconds for which an answer is remembered, and for which a page waits for one.
KEPT, PATIENCE = 10.0, 0.2


def state(seconds: float) -> str:
    """ "ok", or in short why not; each step (connection, answer) may take `seconds`."""
    url = settings.REDIS_URL.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
    try:
        client = redis.Redis.from_url(
            url,
            socket_connect_timeout=seconds,
            socket_timeout=seconds,
            retry=Retry(NoBackoff(), 0),
            lib_name=None,  # saves two questions before the one that matters
            lib_version=None,
        )
    except ValueError:
        return "address not understood"
    try:
        client.ping()
    except redis.RedisError:
        return "unreachable"
    finally:
        client.close()
    return "ok"


class Remembered:
    """The answer to a question, asked again after `KEPT` seconds, by one thread while the others go on
    with the old answer. One for each process."""

    def __init__(self, ask: Callable[[], bool]) -> None:
        self._ask = ask
        self._asking = threading.Lock()
        self.forget()

    def __call__(self) -> bool:
        if self._answer is not None and time.monotonic() < self._until:
            return self._answer
        if not self._asking.acquire(blocking=self._answer is None):
            return bool(self._answer)
        try:
            if self._answer is None or time.monotonic() >= self._until:
                self.hold(self._ask(), KEPT)
        finally:
            self._asking.release()
        return bool(self._answer)

    def hold(self, answer: bool, seconds: float) -> None:
        """Answer so for `seconds`."""
        self._answer, self._until = answer, time.monotonic() + seconds

    def forget(self) -> None:
        self._answer: bool | None = None
        self._until = 0.0


answers = Remembered(lambda: state(PATIENCE) == "ok")
