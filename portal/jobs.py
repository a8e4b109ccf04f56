"""Long work that a worker does for a person: import, export, archive (docs/architecture.md, “Long jobs”).

A room registers what it can do in its own `jobs.py`, loaded when the portal starts:

    @jobs.register("roster.check", page="roster_preview")
    def check(job: Job, report: Report, at: datetime) -> dict: ...

and a view starts it: `jobs.start("roster.check", title="核对名册", by=user, at=now, source=stored)`.
The work and its outcome are one transaction that holds the job's row, so they are both there or
neither, two workers never do one job at once, and what a killed worker left is taken up again.
"""

import logging
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import Error, InterfaceError, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.urls import reverse

from portal import audit
from portal.celery import hint
from portal.files import references
from portal.models import Job, JobProgress, JobState, StoredFile

RUN_TASK = "portal.tasks.run_jobs"
ATTEMPTS = 3  # begun and ended without an outcome; then the job is given up
KEPT = timedelta(days=7)  # how long the file that a job made can be fetched
PAUSE = 0.3  # seconds between two reports of the same step that are written down

INTERRUPTED = "处理多次中断，已停止；请重新发起，如仍不成功，请联系系统管理员。"
CRASHED = "处理时出现问题，已记录；请稍后重新发起，如仍不成功，请联系系统管理员。"

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


class Refused(Exception):
    """Raised by a work that cannot be done as asked: one sentence for the person who asked.

    `result`, JSON-ready, is kept as the job's result (say a list of rows with their errors).
    Everything else the work has written is taken back.
    """

    def __init__(self, sentence: str, result: dict[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.result = result or {}


class Report:
    """How far one job has come, told on a connection of its own, so that all see it at once.

    The work calls it: `report("写入", done=40, total=300)`; as often as it likes, since the same
    step is written down at most every `PAUSE` seconds.
    """

    def __init__(self, aside: BaseDatabaseWrapper, job: Job, clock: Clock) -> None:
        self._aside = aside
        self._job = job
        self._clock = clock
        self._step = ""
        self._written = 0.0

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        if step == self._step and time.monotonic() - self._written < PAUSE:
            return
        self._write("step = %s, done = %s, total = %s", step[:60], done, total)
        self._step, self._written = step, time.monotonic()

    def begin(self) -> int:
        """Count one more attempt, whatever becomes of it; which one it is."""
        found = self._write("attempts = attempts + 1, step = '', done = 0, total = 0")
        return found[0] if found else 1  # no row to be seen: a job of the caller's own transaction

    def _write(self, changes: str, *values: object) -> tuple[int] | None:
        table = JobProgress._meta.db_table
        with self._aside.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET {changes}, beat_at = %s WHERE job_id = %s RETURNING attempts",  # noqa: S608
                [*values, self._clock(), self._job.pk],
            )
            return cursor.fetchone()


Work = Callable[[Job, Report, datetime], dict[str, Any]]


@dataclass(frozen=True)
class Kind:
    """What is done, and the URL name (called with the job's pk) of the page that shows what came of it.

    `one_moment`: all that it reads is read as of one moment, however long it takes.
    """

    work: Work
    page: str
    one_moment: bool


_kinds: dict[str, Kind] = {}


def register(kind: str, *, page: str = "", one_moment: bool = False) -> Callable[[Work], Work]:
    """Let the decorated function do the jobs of that kind ("room.verb").

    It returns the job's result, JSON-ready, and may set `job.product`. It is called again from the
    start when a worker died over it, so what it does outside the database must bear repeating.
    """

    def remember(work: Work) -> Work:
        if kind in _kinds:
            raise ValueError(f"{kind} is registered twice")
        _kinds[kind] = Kind(work, page, one_moment)
        return work

    return remember


def start(
    kind: str,
    *,
    title: str,
    by: AbstractBaseUser | None,
    at: datetime,
    params: dict[str, Any] | None = None,
    source: StoredFile | None = None,
) -> Job:
    """Write down what is to be done, and ask a worker to do it once the transaction has committed.

    Never fails for want of Redis: the scan finds the row. Whether `by` may ask for this is the
    CALLER's duty. KeyError for a kind that nobody registered.
    """
    _kinds[kind]
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind, title=title[:120], by=by, created_at=at, params=params or {}, source=source
        )
        JobProgress.objects.create(job=job, beat_at=at)
        audit.record("job.start", at=at, by=by, target=job, summary=job.title)
        hint(RUN_TASK)
    return job


def run_waiting(clock: Clock) -> int:
    """Do every waiting job that nobody else is doing, oldest first; how many were brought to an end.

    Jobs outlast the moment they begin in: therefore a clock, where services take a time.
    """
    ended = 0
    waiting = Job.objects.filter(state=JobState.WAITING).order_by("created_at", "pk")
    for pk in list(waiting.values_list("pk", flat=True)):
        try:
            ended += run(pk, clock)
        except Error:
            log.warning("job %s is left to the next scan", pk, exc_info=True)
    return ended


def run(pk: int, clock: Clock) -> bool:
    """Do one job; False when it is finished already or being done by somebody else.

    Raises a database error, and leaves the job waiting, when the connection is lost, after a
    deadlock and the like: what another attempt may well survive.
    """
    kind = Job.objects.filter(pk=pk).values_list("kind", flat=True).first()
    with closing(connection.copy()) as aside, transaction.atomic(durable=True):
        if kind in _kinds and _kinds[kind].one_moment:
            read_as_of_now()
        # The key stays free: rows that refer to the job may be written by others meanwhile.
        free = Job.objects.select_for_update(skip_locked=True, no_key=True)
        job = free.filter(pk=pk, state=JobState.WAITING).first()
        if job is None:
            return False
        report = Report(aside, job, clock)
        if report.begin() > ATTEMPTS:
            _fail(job, INTERRUPTED, at=clock())
            return True
        try:
            # A savepoint: whatever goes wrong is taken back to here while the row stays ours.
            with transaction.atomic():
                _do(job, report, clock)
        except (OperationalError, InterfaceError):
            raise
        except Refused as refusal:
            _fail(job, refusal.sentence, refusal.result, at=clock())
        except Exception:
            log.exception("job %s (%s) crashed", job.pk, job.kind)
            _fail(job, CRASHED, at=clock())
    return True


def read_as_of_now() -> None:
    """Let the transaction that has just begun read everything as of one moment (REPEATABLE READ).

    What others change meanwhile is neither seen nor waited for; a row that they have changed and that is to
    be changed here raises OperationalError. Inside of another transaction, as in tests, nothing happens.
    """
    if not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def page_of(job: Job) -> str | None:
    """The page that shows what came of a finished job, if its kind has one and there is something to show."""
    kind = _kinds.get(job.kind)
    shown = job.state == JobState.DONE or (job.state == JobState.FAILED and job.result)
    return reverse(kind.page, args=[job.pk]) if kind and kind.page and shown else None


def expires_at(job: Job) -> datetime | None:
    """From when on the file that the job made is no longer given out; None when it made none."""
    return job.finished_at + KEPT if job.product_id else None


def purge_products(at: datetime) -> int:
    """Remove the bytes of products whose time is over, unless the file has become anything else; how many."""
    over = Job.objects.filter(product__isnull=False, finished_at__lte=at - KEPT)
    stored = StoredFile.objects.filter(pk__in=over.values("product"), purged_at=None)
    return references.purge(stored.exclude(references.referred_to(besides=Job.product.field)), at=at)


def _do(job: Job, report: Report, clock: Clock) -> None:
    job.result = _kinds[job.kind].work(job, report, clock())
    job.state, job.finished_at = JobState.DONE, clock()
    job.save(update_fields=["state", "finished_at", "result", "product"])
    audit.record("job.done", at=job.finished_at, by=job.by, target=job, summary=job.title)
    connection.check_constraints()  # those that wait for the commit would fail where nobody can tell it


def _fail(job: Job, sentence: str, result: dict[str, Any] | None = None, *, at: datetime) -> None:
    job.state, job.finished_at, job.message, job.result = JobState.FAILED, at, sentence[:300], result or {}
    job.save(update_fields=["state", "finished_at", "message", "result"])
    audit.record(
        "job.failed", at=at, by=job.by, target=job, summary=job.title, detail={"message": job.message}
    )
