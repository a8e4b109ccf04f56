"""Long jobs: the work and its outcome are one, nobody does a job twice, nothing is lost with a worker."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError, connection, transaction

import portal.celery
from portal import jobs
from portal.files import store
from portal.models import AuditEvent, Job, JobProgress, JobState, StoredFile
from portal.tasks import run_jobs
from tests.concurrently import at_once
from tests.factories import NOW, PDF, StoredFileFactory, UserFactory

LATER = NOW + timedelta(minutes=2)


def later() -> datetime:
    return LATER


@pytest.fixture
def kind() -> Iterator[str]:
    """A kind of job for one test, to be given its work by `jobs.register`."""
    yield "test.work"
    jobs._kinds.pop("test.work", None)


def started(kind: str, **params: object) -> Job:
    return jobs.start(kind, title="导入名册", by=UserFactory(), at=NOW, params=params)


def leave_a_row() -> None:
    StoredFileFactory(name="由任务写入.pdf")


def rows_left() -> int:
    return StoredFile.objects.filter(name="由任务写入.pdf").count()


def trail() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", "summary"))


# What comes of a job ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_job_waits_until_somebody_does_it(kind: str) -> None:
    jobs.register(kind)(lambda job, report, at: {})
    job = started(kind)
    assert (job.state, job.progress.attempts, trail()) == ("waiting", 0, [("job.start", "导入名册")])


@pytest.mark.django_db
def test_the_result_of_the_work_is_the_result_of_the_job(kind: str) -> None:
    @jobs.register(kind)
    def work(job: Job, report: jobs.Report, at: datetime) -> dict:
        leave_a_row()
        return {"rows": job.params["rows"] * 2, "at": at.isoformat()}

    job = started(kind, rows=21)
    assert jobs.run_waiting(later) == 1
    job.refresh_from_db()
    assert (job.state, job.finished_at, job.message) == (JobState.DONE, LATER, "")
    assert job.result == {"rows": 42, "at": LATER.isoformat()}
    assert (rows_left(), trail()[-1]) == (1, ("job.done", "导入名册"))


@pytest.mark.django_db
def test_the_work_may_leave_a_file(kind: str) -> None:
    @jobs.register(kind)
    def work(job: Job, report: jobs.Report, at: datetime) -> dict:
        job.product = store.save(ContentFile(PDF, name="台账.pdf"), by=job.by, at=at)
        return {}

    job = started(kind)
    jobs.run(job.pk, later)
    job.refresh_from_db()
    assert (job.product.name, store.path_of(job.product).read_bytes()) == ("台账.pdf", PDF)


@pytest.mark.django_db
def test_a_refusal_tells_its_sentence_and_takes_the_work_back(kind: str) -> None:
    @jobs.register(kind)
    def work(job: Job, report: jobs.Report, at: datetime) -> dict:
        leave_a_row()
        raise jobs.Refused("第3行缺少单位名称，请补充后重新导入。", {"rows": [3]})

    job = started(kind)
    assert jobs.run(job.pk, later) is True
    job.refresh_from_db()
    assert (job.state, job.message) == (JobState.FAILED, "第3行缺少单位名称，请补充后重新导入。")
    assert (job.result, job.finished_at, rows_left()) == ({"rows": [3]}, LATER, 0)
    assert trail()[-1] == ("job.failed", "导入名册")


@pytest.mark.django_db
def test_a_crash_is_logged_and_takes_the_work_back(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    @jobs.register(kind)
    def work(job: Job, report: jobs.Report, at: datetime) -> dict:
        leave_a_row()
        raise ZeroDivisionError

    job = started(kind)
    with caplog.at_level(logging.ERROR, "portal.jobs"):
        jobs.run(job.pk, later)
    job.refresh_from_db()
    assert (job.state, job.message, rows_left()) == (JobState.FAILED, jobs.CRASHED, 0)
    assert [record.exc_info[0] for record in caplog.records] == [ZeroDivisionError]


@pytest.mark.django_db
def test_a_result_that_is_no_json_is_a_crash(kind: str) -> None:
    @jobs.register(kind)
    def work(job: Job, report: jobs.Report, at: datetime) -> dict:
        leave_a_row()
        return {"set": {1}}

    job = started(kind)
    jobs.run(job.pk, later)
    job.refresh_from_db()
    assert (job.state, job.message, job.result, rows_left()) == (JobState.FAILED, jobs.CRASHED, {}, 0)


@pytest.mark.django_db
def test_a_broken_relation_that_only_the_commit_would_find_is_a_crash(kind: str) -> None:
    @jobs.register(kind)
    def work(job: Job, report: jobs.Report, at: datetime) -> dict:
        StoredFileFactory(uploaded_by_id=10**9)
        return {}

    job = started(kind)
    jobs.run(job.pk, later)
    job.refresh_from_db()
    assert (job.state, job.message) == (JobState.FAILED, jobs.CRASHED)


@pytest.mark.django_db
def test_a_finished_job_is_not_done_again(kind: str) -> None:
    calls = []
    jobs.register(kind)(lambda job, report, at: calls.append(job.pk) or {})
    job = started(kind)
    assert ([jobs.run(job.pk, later), jobs.run(job.pk, later)], calls) == ([True, False], [job.pk])


@pytest.mark.django_db
def test_jobs_are_done_in_the_order_of_their_starts_and_one_that_fails_holds_up_none(kind: str) -> None:
    order = []

    @jobs.register(kind)
    def work(job: Job, report: jobs.Report, at: datetime) -> dict:
        order.append(job.params["n"])
        if job.params["n"] == 1:
            raise OperationalError("deadlock detected")
        return {}

    for n in (1, 2, 3):
        started(kind, n=n)
    assert (jobs.run_waiting(later), order) == (2, [1, 2, 3])
    assert list(Job.objects.order_by("pk").values_list("state", flat=True)) == ["waiting", "done", "done"]


@pytest.mark.django_db
def test_a_kind_that_nobody_registered_cannot_be_started() -> None:
    with pytest.raises(KeyError):
        started("test.unknown")
    assert Job.objects.count() == 0


def test_a_kind_is_registered_once(kind: str) -> None:
    jobs.register(kind)(lambda job, report, at: {})
    with pytest.raises(ValueError, match=r"test\.work is registered twice"):
        jobs.register(kind)(lambda job, report, at: {})


# Progress ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_by_others_while_the_work_is_not(kind: str) -> None:
    seen = []

    @jobs.register(kind)
    def work(job: Job, report: jobs.Report, at: datetime) -> dict:
        leave_a_row()
        report("写入", done=40, total=300)
        seen.extend(at_once(lambda: (JobProgress.objects.values().get(job=job), rows_left())))
        return {}

    job = started(kind)
    jobs.run(job.pk, later)
    told = {"job_id": job.pk, "attempts": 1, "step": "写入", "done": 40, "total": 300, "beat_at": LATER}
    assert (seen, rows_left()) == ([(told, 0)], 1)


@pytest.mark.django_db(transaction=True)
def test_reports_of_one_step_are_written_down_now_and_then_and_a_new_step_at_once(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([10.0, 10.1, 10.4, 10.4, 10.4])  # asked: at once, when due, and after each writing
    monkeypatch.setattr(jobs, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    written = []

    @jobs.register(kind)
    def work(job: Job, report: jobs.Report, at: datetime) -> dict:
        for step, done in [("读取", 1), ("读取", 2), ("读取", 3), ("写入", 1)]:
            report(step, done, 9)
            written.append(JobProgress.objects.values_list("step", "done").get(job=job))
        return {}

    jobs.run(started(kind).pk, later)
    assert written == [("读取", 1), ("读取", 1), ("读取", 3), ("写入", 1)]


@pytest.mark.django_db(transaction=True)
def test_the_connection_of_the_progress_is_closed_afterwards(kind: str) -> None:
    jobs.register(kind)(lambda job, report, at: report("读取") or {})
    counted = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    with connection.cursor() as cursor:
        cursor.execute(counted)
        before = cursor.fetchone()
        jobs.run(started(kind).pk, later)
        cursor.execute("SELECT pg_sleep(0.2)")  # the server takes a moment to see a client go
        cursor.execute(counted)
        assert cursor.fetchone() == before


# Two workers, and those that die ------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_second_worker_passes_over_a_job_that_is_being_done(kind: str) -> None:
    begun, second_is_back = Event(), Event()

    @jobs.register(kind)
    def work(job: Job, report: jobs.Report, at: datetime) -> dict:
        begun.set()
        return {"waited": second_is_back.wait(20)}

    def second() -> int:
        begun.wait(20)
        try:
            return jobs.run_waiting(later)
        finally:
            second_is_back.set()

    job = started(kind)
    assert at_once(lambda: jobs.run_waiting(later), second) == [1, 0]
    job.refresh_from_db()
    assert (job.result, job.progress.attempts) == ({"waited": True}, 1)


class Killed(BaseException):
    """Passes every handler, as the end of a process does."""


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_leaves_the_job_to_the_next_scan(kind: str) -> None:
    @jobs.register(kind)
    def work(job: Job, report: jobs.Report, at: datetime) -> dict:
        leave_a_row()
        if job.progress.attempts < 2:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return {}

    job = started(kind)
    assert jobs.run_waiting(later) == 0
    job.refresh_from_db()
    assert (job.state, rows_left()) == (JobState.WAITING, 0)
    assert jobs.run_waiting(later) == 1
    job.refresh_from_db()
    assert (job.state, job.progress.attempts, rows_left()) == (JobState.DONE, 2, 1)


@pytest.mark.django_db(transaction=True)
def test_a_job_that_ends_three_times_without_an_outcome_is_given_up(kind: str) -> None:
    calls = []

    @jobs.register(kind)
    def work(job: Job, report: jobs.Report, at: datetime) -> dict:
        leave_a_row()
        calls.append(job.pk)
        raise Killed

    job = started(kind)
    for _ in range(jobs.ATTEMPTS):
        with pytest.raises(Killed):
            jobs.run_waiting(later)
    assert Job.objects.get().state == JobState.WAITING
    assert jobs.run_waiting(later) == 1
    job.refresh_from_db()
    assert (job.state, job.message, len(calls), rows_left()) == (JobState.FAILED, jobs.INTERRUPTED, 3, 0)


@pytest.mark.django_db(transaction=True)
def test_a_job_started_in_a_transaction_that_is_rolled_back_was_never_started(kind: str) -> None:
    jobs.register(kind)(lambda job, report, at: {})
    with transaction.atomic():
        started(kind)
        transaction.set_rollback(True)
    assert (Job.objects.count(), jobs.run_waiting(later)) == (0, 0)


# Hints ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_start_asks_a_worker_once_committed(kind: str, django_capture_on_commit_callbacks) -> None:
    jobs.register(kind)(lambda job, report, at: {})
    with django_capture_on_commit_callbacks() as calls:
        started(kind)
    assert [call.asks for call in calls] == [[(jobs.RUN_TASK, ())]]


@pytest.mark.django_db(transaction=True)
def test_without_redis_a_start_succeeds_and_the_scan_does_the_job(
    kind: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    jobs.register(kind)(lambda job, report, at: {})
    app = portal.celery.Celery("portal-under-test", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.update(broker_url=f"redis+socket://{tmp_path}/none.sock")
    monkeypatch.setattr(portal.celery, "app", app)
    with caplog.at_level(logging.WARNING, "portal.celery"):
        job = started(kind)
    [lost] = [record.message for record in caplog.records if record.name == "portal.celery"]
    assert lost.split(":")[0] == f"broker unreachable, {jobs.RUN_TASK} left to the next scan"
    jobs.run_waiting(later)
    job.refresh_from_db()
    assert job.state == JobState.DONE


@pytest.mark.django_db
def test_the_scan_on_the_schedule_does_waiting_jobs(kind: str, settings) -> None:
    jobs.register(kind)(lambda job, report, at: {})
    started(kind)
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert (run_jobs.name, run_jobs.name in scheduled, run_jobs()) == (jobs.RUN_TASK, True, 1)
