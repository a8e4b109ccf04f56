"""The text of doc and wps files: the piece table of [MS-DOC] 2.4.1.

The characters of a document lie in pieces of the WordDocument stream, in Unicode or in Windows-1252; the
Clx in the table stream says in which order, and where each is.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from portal.files import ole2
from portal.files.refusal import Problem, Reason

MAX_CLX = 4 * 1024 * 1024  # bytes; a piece takes twelve

# [MS-DOC] 2.5: FibBase.wIdent of Word 97 and later, its flags, and where the main counts stand in the FIB.
_WORD_97 = 0xA5EC
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
_CHARACTERS_AT, _CLX_AT, _FIB_SIZE = 0x4C, 0x1A2, 0x1AA
_PRC, _PCDT = 1, 2  # [MS-DOC] 2.9.38
_ONE_BYTE = 0x40000000  # [MS-DOC] 2.9.73 FcCompressed

# [MS-DOC] 2.4.1 and 2.8.25: characters with a meaning of their own, and fields.
_SHOWN_AS = {"\r": "\n", "\x07": "\t", "\x0b": "\n", "\x0c": "\n", "\x0e": "\n", "\x1e": "-", "\xa0": " "}
_FIELD, _RESULT, _FIELD_END = "\x13", "\x14", "\x15"


def text(file: BinaryIO, limit: int) -> str:
    """The main text of the document in `file`, at most `limit` characters; "" for Word 95 and older.

    Raises Problem for what is damaged or encrypted.
    """
    container = ole2.opened(file)
    document = _stream(container, "WordDocument")
    fib = document.read(0, _FIB_SIZE)
    if len(fib) < _FIB_SIZE:
        raise Problem(Reason.DAMAGED)
    mark, flags = struct.unpack_from("<H8xH", fib)
    if mark != _WORD_97:
        return ""
    if flags & _ENCRYPTED:
        raise Problem(Reason.PASSWORD)
    (characters,) = struct.unpack_from("<L", fib, _CHARACTERS_AT)
    place, length = struct.unpack_from("<2L", fib, _CLX_AT)
    table = _stream(container, "1Table" if flags & _TABLE_1 else "0Table")
    left, found = min(characters, limit), []
    for size, offset, encoding, width in _pieces(table.read(place, min(length, MAX_CLX))):
        taken = min(size, left)
        found.append(document.read(offset, taken * width).decode(encoding, "replace"))
        left -= taken
        if not left:
            break
    return _shown("".join(found))


def _stream(container: ole2.Container, name: str) -> ole2.Stream:
    stream = container.stream(name)
    if stream is None:
        raise Problem(Reason.DAMAGED)
    return stream


def _pieces(clx: bytes) -> Iterator[tuple[int, int, str, int]]:
    """(characters, offset in WordDocument, encoding, bytes a character) of each piece, in order."""
    place = 0
    while clx[place : place + 1] == bytes([_PRC]) and place + 3 <= len(clx):
        place += 3 + struct.unpack_from("<H", clx, place + 1)[0]
    if clx[place : place + 1] != bytes([_PCDT]) or place + 5 > len(clx):
        raise Problem(Reason.DAMAGED)
    (length,) = struct.unpack_from("<L", clx, place + 1)
    table = clx[place + 5 : place + 5 + length]
    # n + 1 positions of four bytes, then n descriptors of eight ([MS-DOC] 2.8.35).
    count = max(0, (len(table) - 4) // 12)
    positions = struct.unpack_from(f"<{count + 1}L", table) if count else ()
    for number in range(count):
        size = positions[number + 1] - positions[number]
        (where,) = struct.unpack_from("<2xL", table, 4 * (count + 1) + 8 * number)
        if size < 0:
            raise Problem(Reason.DAMAGED)
        if where & _ONE_BYTE:
            yield size, (where & ~_ONE_BYTE) // 2, "cp1252", 1
        else:
            yield size, where, "utf-16-le", 2


def _shown(raw: str) -> str:
    """What a reader sees: of a field its result and not its instruction."""
    found, instructions = [], []
    hidden = 0
    for character in raw:
        if character == _FIELD:
            instructions.append(True)
            hidden += 1
        elif character == _RESULT and instructions:
            hidden -= instructions[-1]
            instructions[-1] = False
        elif character == _FIELD_END and instructions:
            hidden -= instructions.pop()
        elif not hidden:
            found.append(_SHOWN_AS.get(character, character))
    return "".join(found)
