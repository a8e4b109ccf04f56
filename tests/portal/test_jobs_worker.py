"""A real worker process, killed in the middle of a job."""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from portal import jobs
from portal.celery import app
from portal.models import JobProgress, StoredFile
from tests.factories import NOW, UserFactory
from tests.portal import jobs_of_workers

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60  # seconds for a worker to come up on a busy machine
QUEUE = f"test-{uuid.uuid4().hex}"  # no other worker listens here


@pytest.fixture
def worker(transactional_db: None) -> Iterator[subprocess.Popen]:
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    environment = os.environ | {"DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}"}
    command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "-P", "solo", "-l", "WARNING"]
    options = ["-Q", QUEUE, "--include", jobs_of_workers.__name__, "--without-gossip", "--without-mingle"]
    process = subprocess.Popen([*command, *options], env=environment)
    yield process
    process.kill()
    process.wait(PATIENCE)


def soon(true: Callable[[], object]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def test_what_a_killed_worker_left_is_done_by_the_next_scan(worker: subprocess.Popen) -> None:
    job = jobs.start(jobs_of_workers.KIND, title="导入名册", by=UserFactory(), at=NOW)
    app.send_task(jobs.RUN_TASK, queue=QUEUE)
    assert soon(JobProgress.objects.filter(step="写入").exists)
    assert (jobs.run_waiting(lambda: NOW), StoredFile.objects.count()) == (0, 0)  # the worker is at it
    worker.kill()
    # The server may need a moment to see that the worker is gone.
    assert soon(lambda: jobs.run_waiting(lambda: NOW) == 1)
    job.refresh_from_db()
    assert (job.state, job.progress.attempts, StoredFile.objects.count()) == ("done", 2, 1)
