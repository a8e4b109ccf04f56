"""What the main streams of doc, xls and ppt must look like, and the code they can carry themselves."""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from portal.files.refusal import Problem, Reason

if TYPE_CHECKING:
    from portal.files.ole2 import Container, Stream

MAX_RECORDS = 500_000
MAX_STORAGE = 32 * 1024 * 1024  # bytes of the objects inside one presentation, unpacked

# [MS-DOC] 2.5.2 FibBase; 0xA5DC is Word 6 and 95.
_WORD_MARKS = (0xA5EC, 0xA5DC)
_WORD_97 = 0x00C1
_WORD_ENCRYPTED = 0x0100

# [MS-XLS] 2.3 record numbers, 2.4.28 BoundSheet8.dt.
_BOF, _EOF, _FILE_PASS, _BOUND_SHEET = 0x0809, 0x000A, 0x002F, 0x0085
_MAX_BIFF_RECORD = 8224
_MACRO_SHEETS = (1, 6)

# [MS-PPT] 2.13.24 record types; 2.3.2 CurrentUserAtom.headerToken when encrypted.
_DOCUMENT, _LIST, _VBA_INFO, _VBA_ATOM, _STORAGE = 0x03E8, 0x07D0, 0x03FF, 0x0400, 0x1011
_OPENED = (_DOCUMENT, _LIST, _VBA_INFO)
_ENCRYPTED_TOKEN = 0xF3D1C4DF


def inspect_word(container: "Container") -> None:
    """doc and wps: the FIB at the start of WordDocument says what it is and whether it is encrypted."""
    stream = container.stream("WordDocument")
    if stream is None:
        raise Problem(Reason.MISMATCH)
    fib = stream.read(0, 32)
    if len(fib) < 32:
        raise Problem(Reason.DAMAGED)
    mark, version = struct.unpack_from("<2H", fib)
    (flags,) = struct.unpack_from("<H", fib, 10)
    if mark not in _WORD_MARKS:
        raise Problem(Reason.MISMATCH)
    if flags & _WORD_ENCRYPTED:
        raise Problem(Reason.PASSWORD)
    if version >= _WORD_97 and not (container.stream("0Table") or container.stream("1Table")):
        raise Problem(Reason.DAMAGED)


def inspect_workbook(container: "Container") -> None:
    """xls and et: the records of the workbook's globals, up to the first end-of-file record."""
    stream = container.stream("Workbook") or container.stream("Book")
    if stream is None:
        raise Problem(Reason.MISMATCH)
    place = 0
    for number in range(MAX_RECORDS):
        header = stream.read(place, 4)
        if len(header) < 4:
            raise Problem(Reason.DAMAGED)
        record, length = struct.unpack("<2H", header)
        if number == 0 and record != _BOF:
            raise Problem(Reason.MISMATCH)
        if record == _EOF:
            return
        if length > _MAX_BIFF_RECORD:
            raise Problem(Reason.DAMAGED)
        _check_workbook_record(record, stream.read(place + 4, min(length, 8)))
        place += 4 + length
    raise Problem(Reason.STRUCTURE)


def _check_workbook_record(record: int, body: bytes) -> None:
    if record == _FILE_PASS:
        raise Problem(Reason.PASSWORD)
    if record == _BOUND_SHEET and len(body) > 5 and body[5] in _MACRO_SHEETS:
        raise Problem(Reason.MACRO)


def inspect_slides(container: "Container") -> Iterator[io.BytesIO]:
    """ppt: yields the OLE2 objects kept inside the stream, unpacked, for the caller to look at."""
    stream, user = container.stream("PowerPoint Document"), container.stream("Current User")
    if stream is None or user is None:
        raise Problem(Reason.MISMATCH)
    head = user.read(0, 16)
    if len(head) < 16:
        raise Problem(Reason.DAMAGED)
    if struct.unpack_from("<L", head, 12)[0] == _ENCRYPTED_TOKEN:
        raise Problem(Reason.PASSWORD)
    left, documents = MAX_STORAGE, 0
    for kind, instance, place, length in _slide_records(stream):
        if kind == _VBA_ATOM and any(stream.read(place + 4, 4)):  # fHasMacros
            raise Problem(Reason.MACRO)
        if kind == _STORAGE:
            data = _unpacked(stream, place, length, packed=bool(instance), limit=left)
            left -= len(data)
            yield io.BytesIO(data)
        documents += kind == _DOCUMENT
    if not documents:
        raise Problem(Reason.MISMATCH)


def _slide_records(stream: "Stream") -> Iterator[tuple[int, int, int, int]]:
    """(type, instance, offset of the body, its length); containers on the way to VBA are entered."""
    place = 0
    for _ in range(MAX_RECORDS):
        header = stream.read(place, 8)
        if not header:
            return
        if len(header) < 8:
            raise Problem(Reason.DAMAGED)
        version, kind, length = struct.unpack("<2HL", header)
        if place + 8 + length > stream.size:
            raise Problem(Reason.DAMAGED)
        yield kind, version >> 4, place + 8, length
        place += 8 if kind in _OPENED else 8 + length
    raise Problem(Reason.STRUCTURE)


def _unpacked(stream: "Stream", place: int, length: int, *, packed: bool, limit: int) -> bytes:
    """An object's bytes ([MS-PPT] ExOleObjStg): plain, or a 4-byte size and zlib data."""
    if length > limit:
        raise Problem(Reason.BOMB)
    if not packed:
        return stream.read(place, length)
    try:
        unpack = zlib.decompressobj()
        data = unpack.decompress(stream.read(place + 4, length - 4), limit + 1)
    except zlib.error:
        raise Problem(Reason.DAMAGED) from None
    if len(data) > limit:
        raise Problem(Reason.BOMB)
    return data
