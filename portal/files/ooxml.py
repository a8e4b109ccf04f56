"""Office Open XML (docx, xlsx, pptx): the right main part, no macros, no foreign objects.

ECMA-376 Part 1 (the main parts, 11.3.10, 12.3.23, 13.3.6) and Part 2 (packages, relationships).
"""

import re
import tempfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO
from urllib.parse import unquote
from zipfile import ZipInfo

from portal.files import markup, ole2
from portal.files.kinds import FileKind
from portal.files.refusal import Problem, Reason
from portal.files.zips import Budget, Package

MAX_DEPTH = 2  # packages inside packages: a chart's workbook is one level

_TYPES = "[content_types].xml"
_ROOT_RELATIONS = "_rels/.rels"
_PREFIX = "application/vnd.openxmlformats-officedocument."
_MAIN = {
    FileKind.DOCX: (f"{_PREFIX}wordprocessingml.document.main+xml", "document"),
    FileKind.XLSX: (f"{_PREFIX}spreadsheetml.sheet.main+xml", "workbook"),
    FileKind.PPTX: (f"{_PREFIX}presentationml.presentation.main+xml", "presentation"),
}
# Macro-enabled main parts, VBA projects and their data, Excel 4 macro sheets.
_MACRO_TYPE = re.compile(r"macroenabled|vbaproject|vbadata|macrosheet", re.IGNORECASE)
_MACRO_NAME = re.compile(r"vbaproject\w*\.bin$|(^|/)macrosheets/|vbadata\.xml$")
_CONTROL_TYPE = re.compile(r"activex", re.IGNORECASE)
_CONTROL_NAME = re.compile(r"(^|/)activex/")
# Relationships that make Office load something by itself when the file is opened.
_LOADED = re.compile(r"/(attachedTemplate|oleObject|frame|subDocument|aFChunk|control)$", re.IGNORECASE)
# "C:\\x", "file:///C:/x", "file:///Users/x", "x/y": no other machine is asked. All else is remote.
_LOCAL = re.compile(
    r"(file:/{0,3})?[a-z]:[\\/]|file:///(?![\\/])|(?![a-z][a-z0-9+.-]*:|[\\/]{2})", re.IGNORECASE
)


def inspect(file: BinaryIO, kind: FileKind) -> None:
    """Raise Problem unless the zip in `file` is a sound, harmless document of `kind`."""
    package = Package(file, budget := Budget())
    types = _content_types(package, budget)
    main = _main_part(package, budget)
    if main is None or types is None:
        raise Problem(Reason.MISMATCH)
    _refuse_active(package, types, budget, depth=0)
    expected, root = _MAIN[kind]
    if types.of(main.filename) != expected:
        raise Problem(Reason.MISMATCH)
    _read_through(package, main, budget, root)


def main_part(file: BinaryIO) -> Iterator[bytes]:
    """The part that is the document itself, unpacked, in blocks; raises Problem, also while it is read."""
    package = Package(file, budget := Budget())
    main = _main_part(package, budget)
    if main is None:
        raise Problem(Reason.MISMATCH)
    return package.blocks(main)


class _ContentTypes:
    """[Content_Types].xml (OPC, "Content types stream"): by part name, else by extension."""

    def __init__(self) -> None:
        self.overrides: dict[str, str] = {}
        self.defaults: dict[str, str] = {}

    def add(self, tag: str, attributes: dict[str, str]) -> None:
        value = attributes.get("ContentType", "")
        if tag == "Override":
            self.overrides[attributes.get("PartName", "").lower().removeprefix("/")] = value
        elif tag == "Default":
            self.defaults[attributes.get("Extension", "").lower()] = value

    def of(self, part: str) -> str:
        part = part.lower()
        return self.overrides.get(part) or self.defaults.get(part.rpartition(".")[2], "")

    def __iter__(self):
        yield from self.overrides.values()
        yield from self.defaults.values()


def _content_types(package: Package, budget: Budget) -> _ContentTypes | None:
    entry = package.entries.get(_TYPES)
    if entry is None:
        return None
    types = _ContentTypes()
    _for_each_element(package, entry, budget, types.add)
    return types


def _main_part(package: Package, budget: Budget) -> ZipInfo | None:
    """The part that the package's own relationships name as the document."""
    entry = package.entries.get(_ROOT_RELATIONS)
    if entry is None:
        return None
    targets: list[str] = []

    def look(tag: str, attributes: dict[str, str]) -> None:
        named = tag == "Relationship" and attributes.get("Type", "").endswith("/officeDocument")
        if named and not targets:
            targets.append(attributes.get("Target", "").lower().removeprefix("/"))

    _for_each_element(package, entry, budget, look)
    return package.entries.get(targets[0]) if targets else None


def _read_through(package: Package, part: ZipInfo, budget: Budget, root: str) -> None:
    """Make sure that the first element is `root`, and that the part can be read without harm."""
    first: list[str] = []

    def look(tag: str, _: dict[str, str]) -> None:
        if not first:
            first.append(tag)
            if tag != root:
                raise Problem(Reason.MISMATCH)

    budget.spend(markup=part.file_size)
    reader = markup.Reader(look, token=markup.LONG_TOKEN, left=budget.elements)
    for block in package.blocks(part):
        reader.feed(block)
    reader.end()


def _refuse_active(package: Package, types: Iterable[str], budget: Budget, depth: int) -> None:
    """Go through every part once: macros, controls, objects, remote templates, damage."""
    declared = list(types)
    if any(map(_MACRO_TYPE.search, declared)) or any(map(_MACRO_NAME.search, package.entries)):
        raise Problem(Reason.MACRO)
    if any(map(_CONTROL_TYPE.search, declared)) or any(map(_CONTROL_NAME.search, package.entries)):
        raise Problem(Reason.EMBEDDED)
    for name, entry in package.entries.items():
        if name.endswith(".rels"):
            _for_each_element(package, entry, budget, _refuse_remote)
            continue
        blocks = package.blocks(entry)
        first = next(blocks, b"")
        if first.startswith((ole2.SIGNATURE, b"PK\x03\x04")):
            _inspect_object(first, blocks, budget, depth)
        elif _is_program(first):
            raise Problem(Reason.EMBEDDED)
        for _ in blocks:  # to the end: size and CRC are checked there
            pass


def _refuse_remote(tag: str, attributes: dict[str, str]) -> None:
    if tag != "Relationship":
        return
    kind = attributes.get("Type", "")
    if kind.endswith("/vbaProject"):
        raise Problem(Reason.MACRO)
    target = re.sub(r"[\x00-\x20]", "", unquote(attributes.get("Target", "")))
    if _LOADED.search(kind) and not _LOCAL.match(target):
        raise Problem(Reason.REMOTE)


def _inspect_object(first: bytes, rest: Iterable[bytes], budget: Budget, depth: int) -> None:
    """An object inside the document: a chart's workbook or a formula is fine, a program is not."""
    if depth >= MAX_DEPTH:
        raise Problem(Reason.EMBEDDED)
    with tempfile.TemporaryFile() as file:
        file.write(first)
        file.writelines(rest)
        file.seek(0)
        if first.startswith(ole2.SIGNATURE):
            ole2.inspect_object(file)
            return
        inner = Package(file, budget)
        types = _content_types(inner, budget)
        if types is None:
            raise Problem(Reason.EMBEDDED)
        _refuse_active(inner, types, budget, depth + 1)


def _is_program(first: bytes) -> bool:
    """A Windows or Linux program (PE/COFF 2: the offset of "PE\\0\\0" stands at 0x3C; ELF)."""
    if first.startswith(b"MZ"):
        offset = int.from_bytes(first[0x3C:0x40], "little")
        return first[offset : offset + 4] == b"PE\0\0"
    return first.startswith(b"\x7fELF")


def _for_each_element(package: Package, entry: ZipInfo, budget: Budget, look: markup.Start) -> None:
    """Call `look` with local name and attributes of every element of a part; nothing is kept."""
    budget.spend(markup=entry.file_size)
    reader = markup.Reader(look, left=budget.elements)
    for block in package.blocks(entry):
        reader.feed(block)
    reader.end()
    budget.elements = reader.left
