"""Trying a channel out while somebody waits at a page: not for long, and few at once.

A page takes a thread of the portal; a mail server that drips would else stop all of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper

from notices.channels import Answer, Message, open_line
from notices.models import Channel
from schools.rules import NotAllowed

PATIENCE = 8  # seconds for the answer
AT_ONCE = 2  # in the whole installation
LOCK = 7_301_002  # of this module alone, among the database's advisory locks

BUSY = "正在进行的测试较多，请稍候再试。"


@contextmanager
def turn() -> Iterator[None]:
    """Hold one of the few turns. Raises NotAllowed where none is free.

    It is a lock of the database session, since what is recorded before the test has to be committed before
    it; the death of the process ends it.
    """
    with connection.cursor() as cursor:
        taken = next((number for number in range(AT_ONCE) if _is_free(cursor, number)), None)
    if taken is None:
        raise NotAllowed(BUSY)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, taken])


def send(channel: Channel | None, message: Message) -> Answer:
    """What the channel (None: the mail server of the settings) says to one message, within PATIENCE."""
    line = open_line(channel, PATIENCE)
    try:
        return line.send(message)
    finally:
        line.close()


def _is_free(cursor: CursorWrapper, number: int) -> bool:
    """And takes it, if so."""
    cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, number])
    return cursor.fetchone()[0]
