"""Celery: messages are disposable hints, PostgreSQL is the ledger (docs/architecture.md)."""

import logging
import os

from celery import Celery
from django.db import transaction
from kombu.exceptions import OperationalError

from portal import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

log = logging.getLogger(__name__)

EXPIRES = 60  # seconds


def hint(task: str, *args: object) -> None:
    """Ask a worker to run the task of that dotted name soon, once the current transaction has committed.

    Never raises: with the broker down the message is dropped and logged, and the periodic scan
    that stands behind every task does the work when the broker is back. Asking again in the same
    transaction changes nothing; a transaction that asks for several waits for a silent broker once.
    """
    waiting = transaction.get_connection().run_on_commit
    asked = next((call.asks for _, call, _ in waiting if hasattr(call, "asks")), None)
    if asked is None:
        asked = []

        def send() -> None:  # a partial has no name, which Django wants of what goes wrong in it
            _send(asked)

        send.asks = asked
        transaction.on_commit(send, robust=True)
    if (task, args) not in asked:
        asked.append((task, args))


def _send(asked: list[tuple[str, tuple]]) -> None:
    """Send what was asked for, in turn; where one does not get through, the others would not either.

    A broker that hangs would be waited for; so nobody tries who knows that it did not answer just now.
    """
    names = ", ".join(task for task, _ in asked)
    if not broker.answers():
        log.warning("broker away, %s left to the next scan", names)
        return
    try:
        for task, args in asked:
            # One that found the workers busy for so long is worth nothing: the scan has been there.
            app.send_task(task, args=args, ignore_result=True, expires=EXPIRES)
    except OperationalError as error:
        broker.answers.hold(False, broker.KEPT)
        log.warning("broker unreachable, %s left to the next scan: %s", names, error)
