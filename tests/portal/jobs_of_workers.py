"""A kind of job for tests with a real worker, which loads it by `celery worker --include`."""

import time
from datetime import datetime

from portal import jobs
from portal.models import Job
from tests.factories import StoredFileFactory

KIND = "test.interrupted"


@jobs.register(KIND)
def work(job: Job, report: jobs.Report, at: datetime) -> dict:
    """Write a row; at the first attempt, then wait to be killed."""
    StoredFileFactory(name="由任务写入.pdf")
    report("写入")
    if job.progress.attempts == 1:
        time.sleep(60)
    return {}
