"""What tests of archives and lists share: ordering one, and opening what came of it."""

import hashlib
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import docx
from openpyxl import load_workbook

from campaigns.models import Campaign
from portal import jobs
from portal.files import store
from portal.models import Job
from schools.models import User
from submissions.archive import SUMS
from submissions.models import Assignment, Version
from submissions.services import drafts, exporting, submitting
from submissions.services.exporting import ARCHIVE, Part
from tests.factories import NOW, PDF, drafted, upload


def made(
    campaign: Campaign, by: User, kind: str = ARCHIVE, *, at: Any = NOW, run: Any = None, **narrower: Any
) -> Job:
    """A job of `kind` as a worker leaves it; `run` is when the worker gets to it."""
    job = exporting.order(kind, Part(campaign, **narrower), by=by, at=at)
    jobs.run(job.pk, lambda: run or at)
    job.refresh_from_db()
    return job


def with_files(owed: Assignment, by: User, *names: str, **said: Any) -> Version:
    """A piece handed in with PDF files of those names."""
    piece = drafted(owed, by, **said)
    for number, name in enumerate(names):
        drafts.attach(piece, upload(name, PDF + b"\n" * names[:number].count(name)), by=by, at=NOW)
    return submitting.submit(piece, by=by, at=said.get("at", NOW))


def opened(job: Job) -> ZipFile:
    return ZipFile(store.path_of(job.product))


def names_in(job: Job) -> list[str]:
    return opened(job).namelist()


def sheet_of(content: bytes, name: str) -> list[dict[str, Any]]:
    """The rows of a sheet, each by the names of its columns."""
    book = load_workbook(BytesIO(content))
    head, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def manifest(job: Job) -> list[dict[str, Any]]:
    return sheet_of(opened(job).read("目录.xlsx"), "目录")


def sums_agree(job: Job) -> bool:
    """Whether the sums name every other entry, each with its hash."""
    zipped = opened(job)
    told = dict(reversed(line.split("  ", 1)) for line in zipped.read(SUMS).decode().splitlines())
    found = {name: hashlib.sha256(zipped.read(name)).hexdigest() for name in zipped.namelist()}
    return told == {name: digest for name, digest in found.items() if name != SUMS}


def text_of(content: bytes) -> list[str]:
    """Paragraphs, and cells row by row, of a Word file."""
    document = docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [one.text for one in document.paragraphs if one.text] + cells
