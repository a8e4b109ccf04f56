"""Several people at the same moment: real threads, each with a connection and transactions of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

PATIENCE = 20  # seconds until a test that hangs fails


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Start all calls together; the result of each in order, or the exception it ended with."""
    start = Barrier(len(calls), timeout=PATIENCE)

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait()
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(PATIENCE) for future in [pool.submit(run, call) for call in calls]]


def kinds(results: list[Any]) -> list[str]:
    """The types of the results, sorted: what happened, whoever was first."""
    return sorted(type(result).__name__ for result in results)
