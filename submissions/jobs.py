"""Long jobs on what was handed in: the archive and the list (portal.jobs)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils import timezone

from portal import jobs
from portal.files import store
from portal.files.kinds import FileKind
from portal.files.names import named_after
from portal.models import Job
from submissions.rules import NotAllowed
from submissions.services import archiving, exporting, listing


@jobs.register(exporting.ARCHIVE)
def archive(job: Job, report: jobs.Report, at: datetime) -> dict[str, Any]:
    """Put the pieces into a zip."""
    part = exporting.part_of(job.params)
    with store.workspace() as folder, _told():
        made = archiving.write(part, folder, by=job.by, at=at, report=report)
        report("保存压缩包")
        name = _name(part, "材料", at, FileKind.ZIP)
        job.product = store.put(made.path, name, FileKind.ZIP, by=job.by, at=at)
    return {"said": made.in_words}


@jobs.register(exporting.LIST)
def list_(job: Job, report: jobs.Report, at: datetime) -> dict[str, Any]:
    """Write the list of tasks and pieces."""
    part = exporting.part_of(job.params)
    with store.workspace() as folder, _told():
        path = folder / "list.xlsx"
        count = listing.write(part, path, by=job.by, at=at, report=report)
        report("保存台账")
        name = _name(part, "台账", at, FileKind.XLSX)
        job.product = store.put(path, name, FileKind.XLSX, by=job.by, at=at)
    return {"said": f"共{count}项报送任务"}


def _name(part: exporting.Part, what: str, at: datetime, kind: FileKind) -> str:
    return named_after(f"{part.name}{what}{timezone.localtime(at):%Y%m%d}.{kind}")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except NotAllowed as refusal:
        raise jobs.Refused(str(refusal)) from refusal
