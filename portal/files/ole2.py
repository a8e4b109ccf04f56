"""The older Office and WPS formats (doc, wps, xls, et, ppt), which are OLE2 containers.

[MS-CFB] for the container, [MS-DOC], [MS-XLS] and [MS-PPT] for what lies in it. WPS 文字 and
WPS 表格 keep their own formats as the same streams, which is why they share the checks.
The container itself is read by olefile; `Container` keeps its memory and time bounded.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

import olefile

from portal.files import ole2_streams
from portal.files.kinds import FileKind
from portal.files.refusal import Problem, Reason

SIGNATURE = olefile.MAGIC
MAX_ENTRIES = 4096  # streams and storages; a long document full of formulas has some hundreds

# Where Word, Excel and the VBA runtime keep macros ([MS-OVBA] 2.2.1, [MS-DOC] 2.1, [MS-XLS] 2.1.2).
_MACROS = frozenset({"macros", "vba", "_vba_project", "_vba_project_cur"})
# ActiveX controls as Word and Excel keep them.
_CONTROLS = frozenset({"\x03ocxname", "\x03ocxdata", "ctls"})
# The data of an OLE 1 object ([MS-OLEDS] OLENativeStream). A packaged file looks the same as a
# formula from the inside; the class of the storage decides which program gets it, so only
# formulas (Equation 2 and 3, MathType) and drawings (Paint, MS Draw, the clip gallery) pass.
_NATIVE = "\x01ole10native"
_DRAWN = frozenset(
    f"{number}-0000-0000-C000-000000000046"
    for number in ("0003000B", "0002CE02", "0002CE03", "0003000A", "00030007", "00021290", "00030026")
)
# [MS-OFFCRYPTO]: an encrypted OOXML package, encrypted slides, rights management.
_ENCRYPTED = frozenset({"encryptedpackage", "encryptedsummary", "\x09drmcontent"})


def inspect(file: BinaryIO, kind: FileKind) -> None:
    """Raise Problem unless the OLE2 container in `file` is a sound, harmless document of `kind`."""
    container = opened(file)
    container.refuse_active()
    if kind in (FileKind.DOC, FileKind.WPS):
        ole2_streams.inspect_word(container)
    elif kind in (FileKind.XLS, FileKind.ET):
        ole2_streams.inspect_workbook(container)
    else:
        for storage in ole2_streams.inspect_slides(container):
            inspect_object(storage)


def inspect_claimed_ooxml(file: BinaryIO) -> None:
    """Always raise: a docx, xlsx or pptx is OLE2 only when it is encrypted ([MS-OFFCRYPTO] 2.3)."""
    opened(file).refuse_active()
    raise Problem(Reason.MISMATCH)


def inspect_object(file: BinaryIO) -> None:
    """Raise Problem if the OLE2 object in `file`, embedded in a document, carries code or a file."""
    opened(file).refuse_active()


class Container(olefile.OleFileIO):
    """An OLE2 file opened with limits, its streams readable in pieces."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._size = size
        try:
            super().__init__(file)
        except Problem:
            raise
        except Exception:
            # Whatever a parser says about hostile bytes (OSError, IndexError, RecursionError …)
            # means the same to the sender.
            raise Problem(Reason.DAMAGED) from None
        if self.root.size > self._size:
            raise Problem(Reason.DAMAGED)

    def loaddirectory(self, sect: int) -> None:
        """Before the library reads the directory into memory: how long is it?"""
        for count, _ in enumerate(self.chain(sect), start=1):
            if count * self.sectorsize > MAX_ENTRIES * 128:
                raise Problem(Reason.STRUCTURE)
        super().loaddirectory(sect)

    def refuse_active(self) -> None:
        # The list and not the tree: hostile trees have loops, and depth does not matter here.
        entries = [entry for entry in self.direntries if entry is not None]
        names = {entry.name.lower() for entry in entries}
        if names & _ENCRYPTED:
            raise Problem(Reason.PASSWORD)
        if names & _MACROS:
            raise Problem(Reason.MACRO)
        if names & _CONTROLS:
            raise Problem(Reason.EMBEDDED)
        for entry in entries:
            if entry.clsid not in _DRAWN and any(kid.name.lower() == _NATIVE for kid in entry.kids):
                raise Problem(Reason.EMBEDDED)

    def stream(self, name: str) -> "Stream | None":
        """The stream `name` right below the root, or None."""
        entry = next((kid for kid in self.root.kids if kid.name.lower() == name.lower()), None)
        if entry is None or entry.entry_type != olefile.STGTY_STREAM:
            return None
        if entry.size > self._size:
            raise Problem(Reason.DAMAGED)
        return Stream(self, entry)

    def chain(self, sector: int) -> Iterator[int]:
        """The sectors of a stream, in order; Problem for a chain that leaves the file or loops."""
        for _ in range(len(self.fat)):
            if sector == olefile.ENDOFCHAIN:
                return
            if sector >= len(self.fat):
                break
            yield sector
            sector = self.fat[sector]
        if sector != olefile.ENDOFCHAIN:
            raise Problem(Reason.DAMAGED)


class Stream:
    """A stream read in pieces; olefile would read the whole of it."""

    def __init__(self, container: Container, entry) -> None:
        self._container = container
        self.size: int = entry.size
        self._small = b""
        self._sectors: list[int] = []
        if entry.size < container.minisectorcutoff:
            try:
                self._small = container.openstream([entry.name]).read()
            except Exception:  # see Container: the bytes are hostile
                raise Problem(Reason.DAMAGED) from None
        else:
            self._sectors = list(container.chain(entry.isectStart))

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer at the end of the stream."""
        length = min(length, self.size - offset)
        if length <= 0:
            return b""
        if not self._sectors:
            return self._small[offset : offset + length]
        size = self._container.sectorsize
        first, last = offset // size, (offset + length - 1) // size
        if last >= len(self._sectors):
            raise Problem(Reason.DAMAGED)
        data = b"".join(self._sector(number) for number in self._sectors[first : last + 1])
        return data[offset - first * size :][:length]

    def _sector(self, number: int) -> bytes:
        """One sector; the last one of a file may be cut short ([MS-CFB] 2.2 does not forbid it)."""
        size = self._container.sectorsize
        self._container.fp.seek((number + 1) * size)
        return self._container.fp.read(size)


def opened(file: BinaryIO) -> Container:
    """The container in `file`, its header and directory checked; raises Problem."""
    size = file.seek(0, 2)
    file.seek(0)
    _check_header(file.read(512), size)
    file.seek(0)
    return Container(file, size)


def _check_header(header: bytes, size: int) -> None:
    """Fields of the header that olefile would follow without a limit ([MS-CFB] 2.2)."""
    if len(header) < 512 or not header.startswith(SIGNATURE):
        raise Problem(Reason.DAMAGED)
    version, order, shift, mini_shift = struct.unpack_from("<4H", header, 26)
    (fat_sectors,) = struct.unpack_from("<L", header, 44)
    cutoff, _, mini_sectors = struct.unpack_from("<3L", header, 56)
    if order != 0xFFFE or (version, shift) not in ((3, 9), (4, 12)) or (mini_shift, cutoff) != (6, 4096):
        raise Problem(Reason.DAMAGED)
    sectors = size >> shift
    # One FAT sector describes 2^(shift-2) sectors; a few may be spare.
    if fat_sectors > (sectors >> (shift - 2)) + 16 or mini_sectors > sectors:
        raise Problem(Reason.DAMAGED)
