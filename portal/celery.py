"""Celery: messages are disposable hints, PostgreSQL is the ledger (docs/architecture.md)."""

import logging
import os
from functools import partial

from celery import Celery
from django.db import transaction
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

log = logging.getLogger(__name__)


def hint(task: str, *args: object) -> None:
    """Ask a worker to run the task of that dotted name soon, once the current transaction has committed.

    Never raises: with the broker down the message is dropped and logged, and the periodic scan
    that stands behind every task does the work when the broker is back. Asking again in the same
    transaction changes nothing.
    """
    waiting = transaction.get_connection().run_on_commit
    if not any(getattr(call, "args", None) == (task, args) for _, call, _ in waiting):
        transaction.on_commit(partial(_send, task, args), robust=True)


def _send(task: str, args: tuple[object, ...]) -> None:
    try:
        app.send_task(task, args=args, ignore_result=True)
    except OperationalError as error:
        log.warning("broker unreachable, %s left to the next scan: %s", task, error)
