"""Uploads in pieces: what has arrived stays when the line breaks, and the sender goes on from there.

The truth about an upload is its part file: the offset is its size, synced before it is told. The row says
whose it is and what it is to become. The protocol (tus) is portal/views_uploads.py.
"""

import fcntl
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from portal.files import store
from portal.files.checks import claimed_kind
from portal.files.kinds import FileKind
from portal.files.names import clean_name
from portal.files.refusal import Reason, Refused, refuse
from portal.models import StoredFile, Upload

MAX_UNFINISHED = 20  # uploads of one person
ABANDONED = timedelta(days=1)  # since the last byte
BLOCK = 64 * 1024  # bytes

TOO_MANY = (
    f"您有{MAX_UNFINISHED}个文件还没有传完，请先传完或取消，再上传新的文件；没有传完的文件一天后自动清除。"
)


class Gone(Exception):
    """There is no such upload of this person, or its bytes are no longer there."""


class Busy(Exception):
    """Another request is writing to the same upload."""


class Misplaced(Exception):
    """The bytes do not continue what has arrived, or there are more of them than were announced."""


class Unfinished(Exception):
    """Not everything has arrived or been looked at yet."""


def create(name: str, size: int, *, by: AbstractBaseUser, at: datetime) -> Upload:
    """Begin an upload of `size` bytes; `at` is an aware time.

    Raises Refused with a sentence for what could not be kept in the end: the kind of file, its size,
    or too many that `by` has begun.
    """
    name = clean_name(name)
    claimed_kind(name, FileKind.ALL)
    if size > settings.UPLOAD_MAX_BYTES:
        raise refuse(Reason.TOO_LARGE, name, limit=settings.UPLOAD_MAX_BYTES)
    if size < 1:
        raise refuse(Reason.EMPTY, name)
    with transaction.atomic():
        # Counting and adding is one step for each person.
        get_user_model().objects.select_for_update(no_key=True).get(pk=by.pk)
        unfinished = Upload.objects.filter(by=by, stored=None)
        if unfinished.count() >= MAX_UNFINISHED and not _sweep(unfinished, at):
            raise Refused(TOO_MANY)
        upload = Upload.objects.create(by=by, name=name, size=size, created_at=at)
    part = _part(upload)
    part.parent.mkdir(parents=True, exist_ok=True)
    part.touch(exist_ok=False)
    store.sync(part.parent)
    return upload


def find(token: UUID, *, by: AbstractBaseUser) -> Upload:
    """The upload of this person, finished or not; raises Gone."""
    upload = Upload.objects.filter(pk=token, by=by).first()
    if upload is None:
        raise Gone
    return upload


def offset_of(upload: Upload) -> int:
    """How many bytes have arrived; raises Gone when they were removed."""
    if upload.stored_id is not None:
        return upload.size
    try:
        return _part(upload).stat().st_size
    except FileNotFoundError:
        raise Gone from None


def append(upload: Upload, *, offset: int, length: int, read: Callable[[int], bytes]) -> int:
    """Add `length` bytes from `read` at `offset`; the new offset, told once the bytes are on disk.

    When `read` gives less, or raises, what came is kept. Raises Misplaced, Busy, Gone; OSError when the
    disk fails.
    """
    if upload.stored_id is not None:
        if (offset, length) != (upload.size, 0):
            raise Misplaced
        return upload.size
    with _opened(_part(upload)) as part:
        have = os.fstat(part).st_size
        if offset != have or length > upload.size - have:
            raise Misplaced
        try:
            while length and (block := read(min(BLOCK, length))):
                length -= len(block)
                while block:
                    written = os.write(part, block)
                    have, block = have + written, block[written:]
        finally:
            os.fsync(part)
        return have


def sealed(upload: Upload, allowed: Collection[FileKind] = FileKind.ALL) -> store.Sealed | None:
    """The whole upload, checked, for `keep`; None when another call has kept it or given it up meanwhile.

    Takes seconds for a large file: nothing that others wait for may be locked. Raises Unfinished; Refused
    with a sentence, and then nothing of the upload stays; OSError when the disk fails.
    """
    try:
        claimed_kind(upload.name, allowed)
        if offset_of(upload) < upload.size:
            raise Unfinished
        return store.seal(_part(upload), upload.name, allowed)
    except (Gone, FileNotFoundError):
        return None
    except Refused:
        discard(upload.token, by=upload.by)
        raise


def lock(token: UUID, *, by: AbstractBaseUser) -> Upload:
    """The upload of this person, locked until the transaction ends; raises Gone."""
    upload = Upload.objects.select_for_update(of=["self"]).filter(pk=token, by=by).first()
    if upload is None:
        raise Gone
    return upload


def keep(upload: Upload, found: store.Sealed | None, *, by: AbstractBaseUser, at: datetime) -> StoredFile:
    """Store a locked upload, once and for all, as `sealed` has found it.

    Raises Gone when its bytes are no longer there, Unfinished when they have to be sealed (again); OSError
    when the disk fails, and then it stays as it was.
    """
    if found is None:
        offset_of(upload)
        raise Unfinished
    upload.stored = store.keep(found, by=by, at=at)
    upload.save(update_fields=["stored"])
    # Until then the bytes have two names, so that a transaction that fails loses nothing.
    transaction.on_commit(lambda: found.part.unlink(missing_ok=True))
    return upload.stored


@transaction.atomic
def discard(token: UUID, *, by: AbstractBaseUser) -> None:
    """Give an unfinished upload up; of one that is finished, or gone, nothing is changed."""
    for upload in Upload.objects.select_for_update().filter(pk=token, by=by, stored=None):
        _remove(upload)


def sweep(at: datetime) -> int:
    """Remove uploads that nobody has gone on with for a day before `at`, and the rows of finished ones."""
    return _sweep(Upload.objects.all(), at)


@transaction.atomic
def _sweep(uploads: QuerySet[Upload], at: datetime) -> int:
    limit, removed = at - ABANDONED, 0
    for upload in uploads.filter(created_at__lt=limit).select_for_update(skip_locked=True):
        try:
            touched = _part(upload).stat().st_mtime
        except FileNotFoundError:
            touched = 0.0
        if upload.stored_id is not None or touched < limit.timestamp():
            _remove(upload)
            removed += 1
    return removed


def _remove(upload: Upload) -> None:
    _part(upload).unlink(missing_ok=True)
    upload.delete()


def _part(upload: Upload) -> Path:
    return settings.MEDIA_ROOT / store.INCOMING / f"{upload.token.hex}.part"


@contextmanager
def _opened(part: Path) -> Iterator[int]:
    """The descriptor of the part file, for appending by one request at a time."""
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_APPEND)
    except FileNotFoundError:
        raise Gone from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        if not os.fstat(descriptor).st_nlink:  # given up while we came
            raise Gone
        yield descriptor
    finally:
        os.close(descriptor)
