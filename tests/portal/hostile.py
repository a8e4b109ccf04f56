"""Builders of good and hostile files for the tests of portal.files. Nothing here is a real document."""

import io
import random
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from portal.files.checks import Refused, check
from portal.files.kinds import FileKind

OFFICE = "application/vnd.openxmlformats-officedocument."
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = {
    "docx": ("word/document.xml", f"{OFFICE}wordprocessingml.document.main+xml", "document"),
    "xlsx": ("xl/workbook.xml", f"{OFFICE}spreadsheetml.sheet.main+xml", "workbook"),
    "pptx": ("ppt/presentation.xml", f"{OFFICE}presentationml.presentation.main+xml", "presentation"),
}
PROGRAM = b"MZ" + bytes(58) + struct.pack("<L", 64) + b"PE\0\0" + bytes(200)
NOISE = random.Random(1).randbytes(800_000)  # keeps the ratio of a zip ordinary, whatever else is in it
PACKAGE_CLASS = "0003000C-0000-0000-C000-000000000046"
FORMULA_CLASS = "0002CE02-0000-0000-C000-000000000046"


def verdict(data: bytes, name: str, allowed: Collection[FileKind] = FileKind.ALL) -> str:
    """The sentence that refuses `data` sent as `name`, or the value of its kind if it is taken."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(data)
        try:
            return check(path, name, allowed).value
        except Refused as refused:
            return refused.sentence


# Zip and Office Open XML ---------------------------------------------------------------------------


def zipped(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def parts_of(kind: str, overrides: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """The smallest set of parts that makes a docx, xlsx or pptx; add to it before zipping."""
    main, content_type, root = MAIN[kind]
    declared = {f"/{main}": content_type, **(overrides or {})}
    types = "".join(f'<Override PartName="{n}" ContentType="{t}"/>' for n, t in declared.items())
    return {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>'
        ).encode(),
        "_rels/.rels": relations([("officeDocument", main, "")]),
        main: f'<?xml version="1.0"?><w:{root} xmlns:w="urn:x"/>'.encode(),
    }


def relations(entries: Iterable[tuple[str, str, str]]) -> bytes:
    """Relationships as (last word of the type, target, target mode or '')."""
    rows = "".join(
        f'<Relationship Id="r{number}" Type="{RELATIONS}/{kind}" Target="{target}"'
        + (f' TargetMode="{mode}"/>' if mode else "/>")
        for number, (kind, target, mode) in enumerate(entries)
    )
    namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{namespace}">{rows}</Relationships>'.encode()


def ooxml(kind: str, more: Mapping[str, bytes] | None = None, **types: str) -> bytes:
    return zipped({**parts_of(kind, types), **(more or {})})


def swollen(markup: bytes, part: str = "word/document.xml") -> bytes:
    """A docx with so much in one part, the rest is noise."""
    whole = {
        "word/document.xml": b'<w:document xmlns:w="urn:x">%s</w:document>',
        "word/_rels/document.xml.rels": b"<Relationships>%s</Relationships>",
    }
    return ooxml("docx", {part: whole[part] % markup, "word/media/i.jpg": NOISE})


def with_flag(data: bytes, flag: int) -> bytes:
    """Set a general purpose flag on every entry, in local headers and in the directory."""
    return _patched(data, lambda local: 6 if local else 8, lambda old: struct.pack("<H", old | flag), "<H")


def with_size(data: bytes, size: int) -> bytes:
    """Every entry declares `size` bytes of content, whatever it has."""
    return _patched(data, lambda local: 22 if local else 24, lambda old: struct.pack("<L", size), "<L")


def _patched(
    data: bytes, offset_of: Callable[[bool], int], change: Callable[[int], bytes], layout: str
) -> bytes:
    out = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        local = [entry.header_offset for entry in archive.infolist()]
        place = archive.start_dir
    for start in local:
        at = start + offset_of(True)
        out[at : at + struct.calcsize(layout)] = change(struct.unpack_from(layout, out, at)[0])
    for _ in local:
        at = place + offset_of(False)
        out[at : at + struct.calcsize(layout)] = change(struct.unpack_from(layout, out, at)[0])
        name, extra, comment = struct.unpack_from("<3H", out, place + 28)
        place += 46 + name + extra + comment
    return bytes(out)


def overlapping(parts: Mapping[str, bytes]) -> bytes:
    """Two directory entries of the same length of name that share one local header's bytes."""
    data = bytearray(zipped(parts))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        first, second = archive.infolist()[-2:]
        place = archive.start_dir
        for entry in archive.infolist()[:-1]:
            place += 46 + len(entry.orig_filename.encode()) + len(entry.extra) + len(entry.comment)
    struct.pack_into("<L", data, place + 42, first.header_offset)
    assert second.header_offset != first.header_offset
    return bytes(data)


# OLE2 ------------------------------------------------------------------------------------------------

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def ole2(
    streams: Mapping[str, bytes], classes: Mapping[str, str] | None = None, *, small: bool = False
) -> bytes:
    """An OLE2 file of version 3 ([MS-CFB]); "a/b" puts stream b into storage a.

    Streams are filled up to 4096 bytes with zeros; if `small`, those below go into the mini stream
    as they are. `classes` gives storages their class identifiers.
    """
    tree, file = _tree(streams), _Sectors()
    mini, mini_fat = b"", []
    starts: dict[str, tuple[int, int]] = {}
    for path, content in streams.items():
        if small and 0 < len(content) < 4096:
            starts[path] = (len(mini_fat), len(content))
            mini += content + bytes(-len(content) % 64)
            mini_fat += [*range(len(mini_fat) + 1, len(mini) // 64), _END]
        else:
            starts[path] = (file.add(content.ljust(4096, b"\0")), max(4096, len(content)))
    if mini:
        starts[""] = (file.add(mini), len(mini))
    mini_at = file.add(struct.pack(f"<{len(mini_fat)}L", *mini_fat), fill=b"\xff") if mini else _END
    entries = [_entry(path, tree, starts, (classes or {}).get(path, "")) for path in tree]
    directory = file.add(b"".join(entries))
    fat = file.fat()
    count = len(fat) // 128
    header = struct.pack("<8s16s5H6x", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 62, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9L", 0, count, directory, 0, 4096, mini_at, bool(mini), _END, 0)
    difat = [*range(len(file.sectors), len(file.sectors) + count)]
    header += struct.pack("<109L", *difat, *[_FREE] * (109 - count))
    return header + b"".join(file.sectors) + struct.pack(f"<{len(fat)}L", *fat)


class _Sectors:
    """Sectors of 512 bytes, and which follows which."""

    def __init__(self) -> None:
        self.sectors: list[bytes] = []
        self._next: list[int] = []

    def add(self, data: bytes, fill: bytes = b"\0") -> int:
        """Append `data`; the number of its first sector."""
        first = len(self.sectors)
        self.sectors += [data[at : at + 512].ljust(512, fill) for at in range(0, len(data), 512)]
        self._next += [*range(first + 1, len(self.sectors)), _END]
        return first

    def fat(self) -> list[int]:
        """The whole allocation table, for sectors of its own right behind the others."""
        count = -(-len(self._next) // 127)
        return [*self._next, *[_FAT] * count, *[_FREE] * (count * 128 - len(self._next) - count)]


def _tree(streams: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Every path from the root ('') on, with the paths right below it."""
    tree: dict[str, list[str]] = {"": []}
    for path in streams:
        steps = path.split("/")
        for depth in range(1, len(steps) + 1):
            below, above = "/".join(steps[:depth]), "/".join(steps[: depth - 1])
            if below not in tree:
                tree[below] = []
                tree[above].append(below)
    return tree


def _entry(path: str, tree: dict[str, list[str]], starts: dict[str, tuple[int, int]], clsid: str) -> bytes:
    """A directory entry; siblings hang in one line to the right, which readers accept."""
    numbers = {each: number for number, each in enumerate(tree)} | {None: _FREE}
    siblings = next((kids for kids in tree.values() if path in kids), [path])
    following = next(iter(siblings[siblings.index(path) + 1 :]), None)
    child = next(iter(tree[path]), None)
    name = (path.rpartition("/")[2] if path else "Root Entry").encode("utf-16-le") + b"\0\0"
    kind = 5 if not path else 2 if path in starts else 1
    start, size = starts.get(path, (0 if path else _END, 0))
    head = struct.pack("<64sHBB3L", name, len(name), kind, 1, _FREE, numbers[following], numbers[child])
    return head + struct.pack("<16sL16xLQ", _guid(clsid), 0, start, size)


def _guid(text: str) -> bytes:
    if not text:
        return bytes(16)
    a, b, c, d, e = text.split("-")
    return struct.pack("<LHH", int(a, 16), int(b, 16), int(c, 16)) + bytes.fromhex(d + e)


def doc(more: Mapping[str, bytes] | None = None, *, flags: int = 0x0200, **kwargs) -> bytes:
    fib = struct.pack("<2H6xH20x", 0xA5EC, 0x00C1, flags)
    return ole2({"WordDocument": fib, "1Table": b"", **(more or {})}, **kwargs)


def biff(*records: tuple[int, bytes]) -> bytes:
    every = [(0x0809, b"\0\x06\x05\0"), *records, (0x000A, b"")]
    return b"".join(struct.pack("<2H", number, len(body)) + body for number, body in every)


def xls(*records: tuple[int, bytes], more: Mapping[str, bytes] | None = None) -> bytes:
    return ole2({"Workbook": biff(*records), **(more or {})})


def sheet(kind: int) -> tuple[int, bytes]:
    """A BoundSheet8 record: 0 a worksheet, 1 an Excel 4 macro sheet."""
    return 0x0085, struct.pack("<LBB", 0, 0, kind) + b"\x06\0Sheet1"


def slide_record(kind: int, body: bytes, *, version: int = 0, instance: int = 0) -> bytes:
    return struct.pack("<2HL", version | instance << 4, kind, len(body)) + body


def ppt(*records: bytes, inside: bytes = b"", token: int = 0xE391C05F) -> bytes:
    """`inside` goes into the document container, `records` behind it."""
    user = slide_record(0x0FF6, struct.pack("<2L", 20, token) + bytes(12))
    content = slide_record(0x03E8, inside, version=0xF) + b"".join(records)
    # The rest of the last sector belongs to a record too: streams here are never shorter than 4096.
    content += slide_record(0x0FF5, bytes(max(0, 4096 - 8 - len(content))))
    return ole2({"Current User": user, "PowerPoint Document": content})


def vba_info(has_macros: int) -> bytes:
    atom = slide_record(0x0400, struct.pack("<3L", 1, has_macros, 2), version=2)
    info = slide_record(0x03FF, atom, version=0xF, instance=1)
    return slide_record(0x07D0, info, version=0xF)


def packed_storage(storage: bytes) -> bytes:
    return slide_record(0x1011, struct.pack("<L", len(storage)) + zlib.compress(storage), instance=1)


# PDF -------------------------------------------------------------------------------------------------


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF of one catalogue and `objects`, numbered from 2."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate([b"<</Type/Catalog/Pages 2 0 R>>", *objects], start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(places) + 1,
        trailer,
        start,
    )


def pdf_stream(content: bytes, dictionary: bytes) -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (dictionary, len(content), content)


def object_stream(content: bytes, *, dictionary: bytes = b"/Type/ObjStm/Filter/FlateDecode") -> bytes:
    """Objects packed as readers since PDF 1.5 do; the first object has number 9."""
    return pdf_stream(zlib.compress(b"9 0 " + content), dictionary + b"/N 1/First 4")


# Images ------------------------------------------------------------------------------------------------


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))


def png(width: int = 2, height: int = 2, *, tail: bytes = b"", header: bytes = b"") -> bytes:
    """A grey picture; sizes above a few hundred get pixels for two rows alone."""
    header = header or struct.pack(">2L5B", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + bytes(min(width, 300))) * min(height, 2))
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"") + tail


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg(width: int = 8, height: int = 8, *, tail: bytes = b"") -> bytes:
    """One grey block with the tables it needs: one DC and one AC code of one bit each."""
    frame = struct.pack(">BHHB3B", 8, height, width, 1, 1, 0x11, 0)
    table = bytes([1] + [0] * 15) + b"\0"
    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        + segment(0xDB, b"\0" + bytes([16] * 64))
        + segment(0xC0, frame)
        + segment(0xC4, b"\x00" + table)
        + segment(0xC4, b"\x10" + table)
        + segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
        + b"\x3f\xff\xd9"
        + tail
    )
