"""Taking files in, most of them uploads: to disk, checked there, then under a name nobody can guess.

Invariant: what has been acknowledged is on disk. The bytes and the folder are synced before the
row is written, so a row never points at bytes that a power cut could take back.
"""

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile

from portal import audit
from portal.files.checks import check
from portal.files.kinds import FileKind
from portal.files.names import clean_name
from portal.files.refusal import Reason, refuse
from portal.models import StoredFile

INCOMING = "incoming"
ABANDONED = timedelta(days=1)  # far longer than any request may run


def save(
    upload: UploadedFile,
    *,
    by: AbstractBaseUser | None,
    at: datetime,
    allowed: Collection[FileKind] = FileKind.ALL,
) -> StoredFile:
    """Store an upload and return its row; `at` is an aware time, `by` None for the portal itself.

    Raises Refused with a sentence for the sender, OSError when the disk fails. Either way, and
    when the row cannot be written, nothing stays on disk. If the surrounding transaction is
    rolled back later, the bytes stay without a row: harmless, since only rows lead to them.
    """
    name = clean_name(upload.name or "")
    part = settings.MEDIA_ROOT / INCOMING / f"{uuid4().hex}.part"
    with _removed(part):
        _receive(upload, part, name)
        return keep(seal(part, name, allowed), by=by, at=at)


@dataclass(frozen=True)
class Sealed:
    """A file that is known through and through, and on disk at `part`: whole, checked, synced, hashed."""

    part: Path
    name: str
    kind: FileKind
    size: int
    sha256: str


def seal(part: Path, name: str, allowed: Collection[FileKind] = FileKind.ALL) -> Sealed:
    """Check a file that has arrived whole at `part`, under a cleaned name; takes seconds for a large one.

    Raises Refused with a sentence for the sender, OSError when the disk fails.
    """
    return _sealed(part, name, check(part, name, allowed))


def keep(sealed: Sealed, *, by: AbstractBaseUser | None, at: datetime) -> StoredFile:
    """Store a sealed file; quick.

    The bytes get a second name; removing the first is the caller's business. Raises OSError when the disk
    fails; then, and when the row cannot be written, the second name does not stay.
    """
    unguessable = uuid4().hex
    key = f"{unguessable[:2]}/{unguessable[2:4]}/{unguessable}"
    target = settings.MEDIA_ROOT / key
    with _removed_on_failure(target):
        _place(sealed.part, target)
        return StoredFile.objects.create(
            key=key,
            name=sealed.name,
            kind=sealed.kind,
            size=sealed.size,
            sha256=sealed.sha256,
            uploaded_by=by,
            uploaded_at=at,
        )


def put(part: Path, name: str, kind: FileKind, *, by: AbstractBaseUser | None, at: datetime) -> StoredFile:
    """Store what lies at `part`, unchecked and however large: a file the portal itself made in a `workspace`.

    Raises OSError when the disk fails; otherwise as `keep`.
    """
    return keep(_sealed(part, name, kind), by=by, at=at)


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder for files in the making, on the disk of the stored ones; it goes with all that is left in it.

    What a killed process leaves of it, `sweep_incoming` removes.
    """
    folder = settings.MEDIA_ROOT / INCOMING / f"{uuid4().hex}.part"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def purge(stored: StoredFile, *, at: datetime) -> None:
    """Remove the bytes; row, hash and trace stay. In a transaction: one that fails can be repeated."""
    stored.purged_at = at
    stored.save(update_fields=["purged_at"])
    audit.record("file.purge", at=at, target=stored, summary=stored.name)
    path_of(stored).unlink(missing_ok=True)


def path_of(stored: StoredFile) -> Path:
    """Where the bytes lie; they may be gone if `purged_at` is set."""
    return settings.MEDIA_ROOT / stored.key


def sweep_incoming(at: datetime) -> int:
    """Remove what killed processes left unfinished more than a day before `at`; how many files."""
    limit = (at - ABANDONED).timestamp()
    removed = 0
    for part in (settings.MEDIA_ROOT / INCOMING).glob("*.part"):
        # Another sweep, or the upload's own clean-up, may come first.
        try:
            if part.stat().st_mtime < limit:
                shutil.rmtree(part) if part.is_dir() else part.unlink()
                removed += 1
        except FileNotFoundError:
            continue
    return removed


def _receive(upload: UploadedFile, part: Path, name: str) -> None:
    """Write the upload to `part`."""
    limit = settings.UPLOAD_MAX_BYTES
    if (upload.size or 0) > limit:
        raise refuse(Reason.TOO_LARGE, name, limit=limit)
    part.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with part.open("xb") as file:
        for chunk in upload.chunks():
            size += len(chunk)
            # The declared size is the sender's word; this is what came.
            if size > limit:
                raise refuse(Reason.TOO_LARGE, name, limit=limit)
            file.write(chunk)


def _sealed(part: Path, name: str, kind: FileKind) -> Sealed:
    """Sync the file; its size in bytes and SHA-256 in hex are those on disk."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256")
        return Sealed(part, name, kind, file.tell(), digest.hexdigest())


def _place(part: Path, target: Path) -> None:
    """Link, and sync every folder whose entries may have changed on the way down to `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(part, target)
    for folder in (target.parent, target.parent.parent, settings.MEDIA_ROOT):
        sync(folder)


def sync(folder: Path) -> None:
    """Make sure that the entries of a folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _removed(path: Path) -> Iterator[None]:
    """However it goes inside, `path` does not stay."""
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _removed_on_failure(path: Path) -> Iterator[None]:
    """Whatever goes wrong inside, even a time-out that ends the process, `path` does not stay."""
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise
