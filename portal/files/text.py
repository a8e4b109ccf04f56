"""The words in a stored file: to be compared, and read in the page. No layout, no pictures."""

import re
import time
from collections.abc import Callable
from pathlib import Path

from portal.files import markup, ooxml, pdf_text, word97
from portal.files.kinds import FileKind
from portal.files.refusal import Problem

LIMIT = 200_000  # characters; the longest thesis a school sends has a quarter of that
PATIENCE = 5.0  # seconds for the XML of one document

# What no page and no database column takes: controls but for tab and line end, and lone surrogates.
_UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_GAP = re.compile(r"\n{3,}")


def text_of(path: Path, kind: FileKind) -> str:
    """The text of a Word or PDF file, up to `LIMIT` characters; "" for other kinds.

    Paragraphs end with a line end, cells of a table with a tab. Raises nothing: of a file that is gone,
    damaged or too laborious, it is "" or what could be read. Takes at most some seconds.
    """
    reader = _READERS.get(kind)
    if reader is None:
        return ""
    try:
        found = reader(path)
    except Exception:  # whatever a parser says about odd bytes: there is no text to be had
        return ""
    lines = (line.rstrip() for line in _UNSHOWN.sub("", found[: 2 * LIMIT]).split("\n"))
    return _GAP.sub("\n\n", "\n".join(lines)).strip()[:LIMIT]


def _docx(path: Path) -> str:
    words, read, until = _Words(), 0, time.monotonic() + PATIENCE
    with path.open("rb") as file:
        for block in ooxml.main_part(file):
            read += len(block)
            if read > markup.MAX_BYTES or not words.take(block) or time.monotonic() > until:
                break
    return "".join(words.found)


def _word97(path: Path) -> str:
    with path.open("rb") as file:
        return word97.text(file, LIMIT)


class _Words:
    """The running text of WordprocessingML (ECMA-376 Part 1, 17), while its markup comes.

    Streamed, since a tree of it takes twenty times the memory; it also sees content controls
    and text boxes, which python-docx passes over.
    """

    def __init__(self) -> None:
        self.found: list[str] = []
        self._length = 0
        self._in_text = False
        self._cells = self._twice = 0  # depth of open elements
        self._reader = markup.Reader(self._start, self._end, self._characters, token=markup.LONG_TOKEN)

    def take(self, block: bytes) -> bool:
        """Read on; False once it is enough, no longer makes sense, or takes too much."""
        try:
            self._reader.feed(block)
        except Problem:
            return False
        return self._length < LIMIT

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._in_text = name == "t"
        if name == "Fallback":  # says once more what newer programs read beside it
            self._twice += 1
        elif name == "tc":
            self._cells += 1
        elif name == "tab":
            self._add("\t")
        elif name in ("br", "cr"):
            self._add("\n")

    def _end(self, name: str) -> None:
        self._in_text = False
        if name == "Fallback":
            self._twice -= 1
        elif name == "p" and not self._cells:
            self._add("\n")
        elif name == "tc":
            self._cells -= 1
            self._add("\t")
        elif name == "tr":
            self._add("\n")

    def _characters(self, data: str) -> None:
        if self._in_text:
            self._add(data)

    def _add(self, data: str) -> None:
        if not self._twice:
            self.found.append(data)
            self._length += len(data)


_READERS: dict[FileKind, Callable[[Path], str]] = {
    FileKind.DOCX: _docx,
    FileKind.PDF: lambda path: pdf_text.text(path, LIMIT),
    FileKind.DOC: _word97,
    FileKind.WPS: _word97,
}
