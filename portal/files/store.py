"""Taking uploads: to disk in pieces, checked there, then under a name nobody can guess.

Invariant: what has been acknowledged is on disk. The bytes and the folder are synced before the
row is written, so a row never points at bytes that a power cut could take back.
"""

import hashlib
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile

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
    unguessable = uuid4().hex
    key = f"{unguessable[:2]}/{unguessable[2:4]}/{unguessable}"
    part = settings.MEDIA_ROOT / INCOMING / f"{unguessable}.part"
    with _removed_on_failure(part):
        size, digest = _receive(upload, part, name)
        kind = check(part, name, allowed)
        target = settings.MEDIA_ROOT / key
        _move(part, target)
    with _removed_on_failure(target):
        return StoredFile.objects.create(
            key=key, name=name, kind=kind, size=size, sha256=digest, uploaded_by=by, uploaded_at=at
        )


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
                part.unlink()
                removed += 1
        except FileNotFoundError:
            continue
    return removed


def _receive(upload: UploadedFile, part: Path, name: str) -> tuple[int, str]:
    """Write the upload to `part` and sync it; its size in bytes and SHA-256 in hex."""
    limit = settings.UPLOAD_MAX_BYTES
    if (upload.size or 0) > limit:
        raise refuse(Reason.TOO_LARGE, name, limit=limit)
    part.parent.mkdir(parents=True, exist_ok=True)
    size, digest = 0, hashlib.sha256()
    with part.open("xb") as file:
        for chunk in upload.chunks():
            size += len(chunk)
            # The declared size is the sender's word; this is what came.
            if size > limit:
                raise refuse(Reason.TOO_LARGE, name, limit=limit)
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def _move(part: Path, target: Path) -> None:
    """Rename, and sync every folder whose entries may have changed on the way down to `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part.rename(target)
    try:
        for folder in (target.parent, target.parent.parent, settings.MEDIA_ROOT):
            _sync(folder)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _removed_on_failure(path: Path) -> Iterator[None]:
    """Whatever goes wrong inside, even a time-out that ends the process, `path` does not stay."""
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise
