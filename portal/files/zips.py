"""Zip containers read with suspicion: no entry is trusted about its size, name or place.

Layout after PKWARE APPNOTE 6.3.x; what an Office file may use of it after ECMA-376 Part 2 (OPC),
annex "Physical Package Format": stored or deflated entries, no encryption, unique names.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from portal.files import markup as xml
from portal.files.refusal import Problem, Reason

MAX_ENTRIES = 10_000
MAX_DIRECTORY = 4 * 1024 * 1024  # bytes
MAX_CONTENT = 300 * 1024 * 1024  # bytes, all entries of a package and of the packages inside it
MAX_RATIO = 100  # unpacked to packed, once the content is large enough to hurt
RATIO_FROM = 20 * 1024 * 1024  # bytes
BLOCK = 64 * 1024  # bytes
_PADDING = 16  # bytes that may follow the end record

_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCAL = struct.Struct("<4s5H3L2H")

# APPNOTE 4.4.4: bit 0 encrypted, bit 6 strong encryption, bit 13 masked local header.
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_UTF8 = 0x0800
# What the standard library raises on a broken directory or broken data.
_BROKEN = (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error, EOFError)


@dataclass
class Budget:
    """Bytes that may still be unpacked, bytes and elements that may be parsed, shared by nested packages."""

    content: int = MAX_CONTENT
    markup: int = xml.MAX_BYTES
    elements: int = xml.MAX_ELEMENTS

    def spend(self, *, content: int = 0, markup: int = 0) -> None:
        self.content -= content
        self.markup -= markup
        if self.content < 0 or self.markup < 0:
            raise Problem(Reason.BOMB)


class Package:
    """A zip file whose directory has been checked; `entries` by lower-case name (OPC names ignore case)."""

    def __init__(self, file: BinaryIO, budget: Budget) -> None:
        self._file = file
        self._directory = _directory_offset(file)
        try:
            listed = zipfile.ZipFile(file).infolist()
        except _BROKEN:
            raise Problem(Reason.DAMAGED) from None
        if len(listed) > MAX_ENTRIES:
            raise Problem(Reason.BOMB)
        self.entries: dict[str, zipfile.ZipInfo] = {}
        for entry in listed:
            _check_entry(entry)
            if entry.filename.lower() in self.entries:
                raise Problem(Reason.STRUCTURE)
            self.entries[entry.filename.lower()] = entry
        content = sum(entry.file_size for entry in listed)
        packed = sum(entry.compress_size for entry in listed)
        if content > RATIO_FROM and content > packed * MAX_RATIO:
            raise Problem(Reason.BOMB)
        budget.spend(content=content)
        self._check_places()

    def blocks(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """The content of `entry` in blocks; Problem unless size and CRC are as declared."""
        self._file.seek(self._start(entry))
        unpack = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
        packed, size, crc = entry.compress_size, 0, 0
        block = pending = b""
        while packed or pending or block:
            if packed and not pending:
                pending = self._file.read(min(BLOCK, packed))
                packed -= len(pending)
                if not pending:
                    raise Problem(Reason.DAMAGED)
            # Without input it still empties what the decompressor holds back.
            block, pending = _unpack(unpack, pending)
            size += len(block)
            if size > entry.file_size:
                # More comes out than the directory promised: only a bomb lies like that.
                raise Problem(Reason.BOMB)
            crc = zlib.crc32(block, crc)
            if block:
                # A caller may read elsewhere in the file between two blocks.
                place = self._file.tell()
                yield block
                self._file.seek(place)
        if unpack and unpack.unused_data:
            raise Problem(Reason.STRUCTURE)  # data hidden behind the end of the stream
        if size != entry.file_size or crc != entry.CRC or (unpack and not unpack.eof):
            raise Problem(Reason.DAMAGED)

    def _start(self, entry: zipfile.ZipInfo) -> int:
        """Where the data of `entry` begin; its local header must tell the same story."""
        self._file.seek(entry.header_offset)
        raw = self._file.read(_LOCAL.size)
        if len(raw) < _LOCAL.size or not raw.startswith(b"PK\x03\x04"):
            raise Problem(Reason.DAMAGED)
        _, _, flags, method, *_, name_length, extra_length = _LOCAL.unpack(raw)
        if flags & _ENCRYPTED:
            raise Problem(Reason.PASSWORD)
        name = entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8 else "cp437", "replace")
        if method != entry.compress_type or self._file.read(name_length) != name:
            raise Problem(Reason.STRUCTURE)
        return entry.header_offset + _LOCAL.size + name_length + extra_length

    def _check_places(self) -> None:
        """Entries lie one after another before the directory: shared bytes are how bombs are made."""
        end = 0
        for entry in sorted(self.entries.values(), key=lambda each: each.header_offset):
            if entry.header_offset < end:
                raise Problem(Reason.BOMB)
            end = self._start(entry) + entry.compress_size
        if end > self._directory:
            raise Problem(Reason.DAMAGED)


def _unpack(unpack, data: bytes) -> tuple[bytes, bytes]:
    """One bounded step: what came out, and the input still to be used."""
    if unpack is None:
        return data, b""
    if unpack.eof:
        if data:
            raise Problem(Reason.STRUCTURE)  # data hidden behind the end of the stream
        return b"", b""
    try:
        return unpack.decompress(data, BLOCK), unpack.unconsumed_tail
    except zlib.error:
        raise Problem(Reason.DAMAGED) from None


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise Problem(Reason.PASSWORD)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Problem(Reason.STRUCTURE)
    # The raw name: the library cuts names at NUL and may take another one from an extra field.
    name = entry.orig_filename
    parts = name.removesuffix("/").split("/")
    if (
        name != entry.filename
        or any(character in name for character in "\\:")
        or any(ord(character) < 32 for character in name)
        or any(part in ("", ".", "..") for part in parts)
    ):
        raise Problem(Reason.STRUCTURE)


def _directory_offset(file: BinaryIO) -> int:
    """Where the central directory begins, after making sure that it is small enough to be read.

    The end record must be the last thing in the file and have no comment, as Office and WPS write
    it; some servers add a line end. This refuses truncated files, appended data and look-alike
    records at once.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - _END.size - _PADDING))
    last = file.read()
    place = last.rfind(b"PK\x05\x06")
    if place < 0 or len(last) - place < _END.size or last[place + _END.size :].strip(b"\r\n\0"):
        raise Problem(Reason.DAMAGED)
    *_, count, length, offset, comment = _END.unpack_from(last, place)
    if comment:
        raise Problem(Reason.DAMAGED)
    end = size - len(last) + place
    if end >= _END64_LOCATOR.size:
        file.seek(end - _END64_LOCATOR.size)
        mark, _, place, _ = _END64_LOCATOR.unpack(file.read(_END64_LOCATOR.size))
        if mark == b"PK\x06\x07":
            end = end - _END64_LOCATOR.size - _END64.size
            if place != end or end < 0:
                raise Problem(Reason.DAMAGED)
            file.seek(end)
            mark, *_, count, length, offset = _END64.unpack(file.read(_END64.size))
            if mark != b"PK\x06\x06":
                raise Problem(Reason.DAMAGED)
    if count > MAX_ENTRIES or length > MAX_DIRECTORY:
        raise Problem(Reason.BOMB)
    if offset + length != end:
        raise Problem(Reason.DAMAGED)
    return offset
