"""Is this file what its name says, and is it harmless? The one entry to all checks."""

import mmap
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from portal.files import images, ole2, ooxml, pdf
from portal.files.kinds import FileKind
from portal.files.names import clean_name
from portal.files.refusal import Problem, Reason, Refused, refuse

__all__ = ["Refused", "check", "claimed_kind"]

_ZIP = b"PK\x03\x04"
# What phones take photos in unless told otherwise.
_PHOTOS = (".heic", ".heif", ".hif", ".avif", ".webp", ".dng")


def check(path: Path, name: str, allowed: Collection[FileKind] = FileKind.ALL) -> FileKind:
    """The kind of the file at `path`, sent under `name`, when content and name agree.

    Reads in pieces or maps the file: memory does not grow with its size, and everything that is
    unpacked is counted against a limit. Raises Refused with a sentence naming the file; OSError
    from the disk itself passes through, as that is not the sender's doing.
    """
    shown = clean_name(name)
    kind = claimed_kind(shown, allowed)
    try:
        _inspect(path, kind)
    except Problem as problem:
        raise refuse(problem.reason, shown, kind) from None
    return kind


def claimed_kind(name: str, allowed: Collection[FileKind]) -> FileKind:
    """The kind that a cleaned name claims; raises Refused unless it is one of `allowed`."""
    kind = FileKind.of_name(name)
    if kind is not None and kind in allowed:
        return kind
    photo = FileKind.JPEG in allowed and name.lower().endswith(_PHOTOS)
    raise refuse(Reason.PHOTO if photo else Reason.NOT_ALLOWED, name, allowed=allowed)


def _inspect(path: Path, kind: FileKind) -> None:
    """Look at the content by its signature first; raise Problem unless it is a good `kind`."""
    with path.open("rb") as file:
        head = file.read(len(ole2.SIGNATURE))
        if not head:
            raise Problem(Reason.EMPTY)
        file.seek(0)
        if kind in FileKind.OOXML and head.startswith(_ZIP):
            ooxml.inspect(file, kind)
        elif kind in FileKind.OOXML and head == ole2.SIGNATURE:
            ole2.inspect_claimed_ooxml(file)
        elif kind in FileKind.OLE2 and head == ole2.SIGNATURE:
            ole2.inspect(file, kind)
        elif kind is FileKind.PNG and head.startswith(images.PNG_SIGNATURE):
            images.inspect_png(file)
        elif kind is FileKind.JPEG and head.startswith(images.JPEG_SIGNATURE):
            images.inspect_jpeg(_mapped(file))
        elif kind is FileKind.PDF:
            pdf.inspect(_mapped(file))
        else:
            raise Problem(Reason.MISMATCH)


def _mapped(file: BinaryIO) -> mmap.mmap:
    """The file as bytes that the system pages in and out; closed when no longer referred to."""
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
