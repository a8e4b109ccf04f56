"""PDF: whole, readable without a password, and without scripts, programs or attachments.

PDF 32000-1:2008, mainly 7.5 (file structure), 7.3.5 (names), 7.5.7 (object streams) and 12.6
(actions). Names are searched in the raw bytes instead of parsing objects, because readers repair
broken files and so find objects that a strict parser would not see.
"""

import mmap
import re
import zlib
from collections.abc import Iterator

from portal.files.refusal import Problem, Reason
from portal.files.zips import Budget

MAX_STREAMS = 100_000
MAX_UNPACKED = 64 * 1024 * 1024  # bytes read and written while unpacking object streams
_PROBE = 4096  # bytes
_BLOCK = 64 * 1024  # bytes
_OVERLAP = 1024  # bytes; longer than anything searched for

# Annex H.3, notes 13 and 18: the header within the first 1024 bytes, %%EOF within the last.
_HEADER = re.compile(rb"%PDF-[12]\.\d")
_OBJECT = re.compile(rb"\d\s+obj\b")
_START = re.compile(rb"startxref\s+(\d{1,10})\s")
# White space and comments, possessively: hostile runs of them must not cost more than one pass.
_SPACE = rb"(?:[\x00\t\n\x0c\r ]++|%[^\r\n]*+[\r\n]){0,100}+"
_REFERENCE = rb"\d++\s++\d++\s++R"
_NAME_END = rb"(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|\Z)"


def _name(text: str) -> bytes:
    """A pattern for the rest of a name; any character may be written as #xx (7.3.5)."""
    return b"".join(b"(?:%s|#%s)" % (letter.encode(), _either_case(f"{ord(letter):02x}")) for letter in text)


def _either_case(digits: str) -> bytes:
    return "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in digits).encode()


_ENCRYPTED = re.compile(b"/" + _name("Encrypt") + _SPACE + rb"(?:" + _REFERENCE + rb"|<<)")
# /JS is short enough to turn up in compressed data by chance, so a script must follow: a string of
# readable or UTF-16 text, a hexadecimal string, or a reference.
_ACTIVE = re.compile(
    b"/(?:"
    + b"(?P<attachment>" + _name("EmbeddedFile") + b"s?" + _NAME_END + b")"
    + b"|" + _name("JavaScript") + _NAME_END
    + b"|" + _name("Launch") + _NAME_END
    + b"|" + _name("JS") + _SPACE
    + rb"(?:\((?:[\t\n\r\x20-\x7e]{8}|\xfe\xff|\xef\xbb\xbf)|<[0-9A-Fa-f\s]{4}|" + _REFERENCE + rb")"
    + b")"
)  # fmt: skip
_STREAM = re.compile(rb"(?<!end)stream(?:\r\n|\n|\r)")
_OBJECTS = re.compile(b"/" + _name("ObjStm") + _NAME_END)
_FILTER = re.compile(b"/" + _name("Filter") + _NAME_END)
# Filters that are not undone here, or a name spelt so that it cannot be told.
_ODD_FILTER = re.compile(rb"#|/(?:Predictor|ASCII|A85|AHx|LZW|RunLength|RL|Crypt)")
# How the content of an object stream begins: pairs of numbers, then the first object (7.5.7).
_LOOKS_LIKE_OBJECTS = re.compile(rb"\s*\d+\s+\d+(?:\s+\d+)*\s*(?:<<|[\[(/<]|\Z)")


def inspect(data: mmap.mmap) -> None:
    """Raise Problem unless `data` is a sound, harmless PDF."""
    _check_frame(data)
    if _ENCRYPTED.search(data):
        raise Problem(Reason.PASSWORD)
    _refuse_active(data)
    for objects in _object_streams(data):
        _refuse_active(objects)


def _check_frame(data: mmap.mmap) -> None:
    header = _HEADER.search(data, 0, 1024)
    # Markup before the header is a page that pretends to be a paper.
    if header is None or b"<" in data[: header.start()]:
        raise Problem(Reason.MISMATCH)
    if data.rfind(b"%%EOF", max(0, len(data) - 1024)) < 0:
        raise Problem(Reason.DAMAGED)
    starts = _START.findall(data[max(0, len(data) - 2048) :])
    if not starts or int(starts[-1]) >= len(data) or not _OBJECT.search(data):
        raise Problem(Reason.DAMAGED)


def _refuse_active(data: mmap.mmap | bytes) -> None:
    found = _ACTIVE.search(data)
    if found:
        raise Problem(Reason.PDF_ATTACHMENT if found["attachment"] else Reason.PDF_ACTIVE)


def _object_streams(data: mmap.mmap) -> Iterator[bytes]:
    """The unpacked contents of object streams, in overlapping blocks.

    Every stream is probed, since a reader follows cross-references and not /Type. One that says
    it holds objects but cannot be unpacked here is refused: there is no honest reason for it.
    """
    place, budget = 0, Budget(content=MAX_UNPACKED)
    for _ in range(MAX_STREAMS):
        keyword = _STREAM.search(data, place)
        if keyword is None:
            return
        place = keyword.end()
        dictionary = data[max(0, keyword.start() - 2048) : keyword.start()].rpartition(b"obj")[2]
        declared = _OBJECTS.search(dictionary) is not None
        probe = _step(zlib.decompressobj(), data[place : place + _PROBE], 512, budget)[0]
        if not (declared or _LOOKS_LIKE_OBJECTS.match(probe)):
            continue
        if declared and _FILTER.search(dictionary) and (not probe or _ODD_FILTER.search(dictionary)):
            raise Problem(Reason.STRUCTURE)
        yield from _unpack(data, place, budget)
    raise Problem(Reason.STRUCTURE)


def _unpack(data: mmap.mmap, place: int, budget: Budget) -> Iterator[bytes]:
    """Blocks, each with the end of the one before, until the data end or stop making sense."""
    unpack, tail, sound = zlib.decompressobj(), b"", True
    while sound and not unpack.eof:
        pending = unpack.unconsumed_tail
        if not pending:
            pending = data[place : place + _BLOCK]
            place += len(pending)
        block, sound = _step(unpack, pending, _BLOCK * 16, budget)
        if not pending and not block:
            return
        budget.spend(content=len(block) + len(pending))
        yield tail + block
        tail = block[-_OVERLAP:]


def _step(unpack, data: bytes, limit: int, budget: Budget) -> tuple[bytes, bool]:
    """Up to `limit` bytes from `data`, and whether the data were sound.

    Readers show what comes before damage, so that is looked for; it costs extra, and a file that
    makes this happen again and again runs out of budget.
    """
    before = unpack.copy()
    try:
        return unpack.decompress(data, limit), True
    except zlib.error:
        best, low, high = b"", 0, len(data)
    while low < high:
        middle = (low + high + 1) // 2
        try:
            best, low = before.copy().decompress(data[:middle], limit), middle
        except zlib.error:
            high = middle - 1
    if low > 1:  # beyond the two bytes that tell whether this is zlib's format at all
        budget.spend(content=32 * len(data))
    return best, False
