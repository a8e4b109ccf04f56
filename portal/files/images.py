"""JPEG and PNG: walked from the first byte to the last, nothing decoded.

JPEG after ITU-T T.81 annex B; PNG after the W3C PNG specification, third edition, 5.
"""

import mmap
import re
import struct
import zlib
from typing import BinaryIO

from portal.files.refusal import Problem, Reason

JPEG_SIGNATURE = b"\xff\xd8\xff"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_SIDE = 20_000  # pixels
MAX_SEGMENTS = 10_000
MAX_CHUNKS = 100_000

_BLOCK = 64 * 1024
_EOI, _SOS = 0xD9, 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
# In coded data FF is followed by 00 or a restart marker; FF before FF is only filling.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
_FILLING = re.compile(rb"\xff*")
# Phones put more pictures, a short film or their own data behind a photo, so a tail as such is
# fine. Markup, archives and programs are not.
_FOREIGN_TAIL = re.compile(
    rb"<(?:!doctype|html|head|body|script|iframe|\?php)|<svg[\s>]"
    rb"|%PDF-|PK\x05\x06\x00\x00\x00\x00|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\x7fELF[\x01\x02]",
    re.IGNORECASE,
)

# PNG 11.2.1: bit depths allowed for each colour type.
_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


def inspect_jpeg(data: mmap.mmap) -> None:
    """Raise Problem unless `data` is a whole JPEG of sane size with nothing foreign behind it."""
    place, framed, scanned = 2, False, False
    for _ in range(MAX_SEGMENTS):
        if data[place : place + 1] != b"\xff":
            raise Problem(Reason.DAMAGED)
        place = _FILLING.match(data, place).end()
        marker = _byte(data, place)
        place += 1
        if marker == _EOI:
            if not (framed and scanned):
                raise Problem(Reason.DAMAGED)
            _check_jpeg_tail(data, place)
            return
        if marker in _STANDALONE:
            continue
        length = _byte(data, place) << 8 | _byte(data, place + 1)
        if length < 2 or place + length > len(data):
            raise Problem(Reason.DAMAGED)
        if marker in _FRAMES:
            _check_frame(data[place : place + length])
            framed = True
        place += length
        if marker == _SOS:
            scanned = True
            found = _NEXT_MARKER.search(data, place)
            if found is None:
                raise Problem(Reason.DAMAGED)
            place = found.start()
    raise Problem(Reason.STRUCTURE)


def _byte(data: mmap.mmap, place: int) -> int:
    if place >= len(data):
        raise Problem(Reason.DAMAGED)
    return data[place]


def _check_frame(segment: bytes) -> None:
    """T.81 B.2.2: length, precision, lines, samples per line, components."""
    if len(segment) < 8:
        raise Problem(Reason.DAMAGED)
    height, width = struct.unpack_from(">2H", segment, 3)
    _check_size(width, height)


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        raise Problem(Reason.DAMAGED)
    if width > MAX_SIDE or height > MAX_SIDE:
        raise Problem(Reason.IMAGE_SIZE)


def _check_jpeg_tail(data: mmap.mmap, place: int) -> None:
    if data[place : place + 2] == b"MZ" or _FOREIGN_TAIL.search(data, place):
        raise Problem(Reason.IMAGE_TAIL)


def inspect_png(file: BinaryIO) -> None:
    """Raise Problem unless `file` is a whole PNG of sane size with nothing behind its end."""
    file.seek(len(PNG_SIGNATURE))
    coded = False
    for number in range(MAX_CHUNKS):
        header = file.read(8)
        if len(header) < 8:
            raise Problem(Reason.DAMAGED)
        length, name = struct.unpack(">L4s", header)
        if (number == 0) != (name == b"IHDR") or not name.isalpha():
            raise Problem(Reason.DAMAGED)
        body = _png_body(file, name, length)
        if name == b"IHDR":
            _check_png_header(body, length)
        coded = coded or name == b"IDAT"
        if name == b"IEND":
            if length or not coded:
                raise Problem(Reason.DAMAGED)
            if file.read(_BLOCK).strip(b"\0"):
                raise Problem(Reason.IMAGE_TAIL)
            return
    raise Problem(Reason.STRUCTURE)


def _png_body(file: BinaryIO, name: bytes, length: int) -> bytes:
    """Read past a chunk, checking its CRC; returns its first block."""
    crc, left, first = zlib.crc32(name), length, b""
    while left:
        block = file.read(min(_BLOCK, left))
        if not block:
            raise Problem(Reason.DAMAGED)
        first = first or block
        crc = zlib.crc32(block, crc)
        left -= len(block)
    if file.read(4) != crc.to_bytes(4, "big"):
        raise Problem(Reason.DAMAGED)
    return first


def _check_png_header(body: bytes, length: int) -> None:
    if length != 13:
        raise Problem(Reason.DAMAGED)
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(">2L5B", body)
    _check_size(width, height)
    if depth not in _PNG_DEPTHS.get(colour, ()) or compression or filtering or interlace > 1:
        raise Problem(Reason.DAMAGED)
