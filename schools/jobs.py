"""Long jobs on the roster: check, import, export (portal.jobs)."""

from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from portal import jobs
from portal.files import store
from portal.files.kinds import FileKind
from portal.models import Job
from schools.roster import APPLY, CHECK, EXPORT, applying, checking, reading, writing


@jobs.register(CHECK, page="roster_preview")
def check(job: Job, report: jobs.Report, at: datetime) -> dict[str, Any]:
    """What the uploaded roster would do; mistakes in its rows are an answer, not a failure."""
    report("读取文件")
    book = _read(job)
    report("逐行核对", 0, sum(map(len, book.sheets.values())))
    return checking.check(book, job.by).as_result()


@jobs.register(APPLY, page="roster_outcome")
def apply(job: Job, report: jobs.Report, at: datetime) -> dict[str, Any]:
    """Import the roster that was checked before."""
    report("读取文件")
    try:
        return applying.apply(_read(job), at=at, by=job.by, report=report).as_result()
    except applying.NotApplied as refusal:
        result = {"errors": refusal.errors, "error_count": refusal.count}
        raise jobs.Refused(refusal.sentence, result) from refusal


@jobs.register(EXPORT)
def export(job: Job, report: jobs.Report, at: datetime) -> dict[str, Any]:
    """Write the roster as it stands."""
    report("写入表格")
    name = f"花名册{timezone.localtime(at):%Y%m%d}.xlsx"
    content = SimpleUploadedFile(name, writing.export(job.by))
    job.product = store.save(content, by=job.by, at=at, allowed={FileKind.XLSX})
    return {}


def _read(job: Job) -> reading.Book:
    try:
        return reading.read(store.path_of(job.source))
    except reading.Unreadable as refusal:
        raise jobs.Refused(str(refusal)) from refusal
