"""A zip that opens everywhere: names that are safe and distinct, entries streamed, their hashes beside them.

Lengths are counted as Windows counts them (UTF-16 units). A whole path stays far below its 260, so that there
is room for the folder people unpack into.
"""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from portal.files.names import named_after

SUMS = "SHA256SUMS.txt"
LONGEST = 40  # UTF-16 units of a folder's name
LONGEST_FILE = 80  # and of a file's
BLOCK = 1024 * 1024


class Names:
    """The names within one folder, no two alike for a file system that ignores case or spelling."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {_alike(name) for name in taken}

    def folder(self, raw: str) -> str:
        """A name of at most `LONGEST` for a folder called `raw`."""
        return self._take(named_after(raw), "", LONGEST)

    def file(self, raw: str) -> str:
        """A name of at most `LONGEST_FILE` for a file called `raw`, its extension kept."""
        name = named_after(raw)
        stem, dot, extension = name.rpartition(".")
        if not dot or _units(extension) > 10:
            stem, dot, extension = name, "", ""
        return self._take(stem, dot + extension, LONGEST_FILE)

    def _take(self, stem: str, extension: str, longest: int) -> str:
        number, mark = 1, ""
        while True:
            name = _cut(stem, longest - _units(mark + extension)) + mark + extension
            if _alike(name) not in self._taken:
                self._taken.add(_alike(name))
                return name
            number += 1
            mark = f"（{number}）"


def told_apart(places: Sequence[Sequence[str]]) -> list[str]:
    """A name for each place (names from the top down to itself): its own, and where several share it, with as
    many of those above it as it takes: “中心小学（东镇）”."""
    labels = [place[-1] for place in places]
    for above in range(1, max(map(len, places), default=1)):
        shared = Counter(map(_alike, labels))
        for at, place in enumerate(places):
            if shared[_alike(labels[at])] > 1 and above < len(place):
                labels[at] = f"{place[-1]}（{'·'.join(place[-1 - above : -1])}）"
    return labels


class Archive:
    """A zip in the making; the sums of its entries are kept in a file beside it and added at the end.

    Times are local, as zips have them.
    """

    def __init__(self, path: Path, at: datetime) -> None:
        self._at = at
        self._zip = ZipFile(path, "w", ZIP_STORED, allowZip64=True)
        self._sums_at = path.with_name(SUMS)
        self._sums = self._sums_at.open("w", encoding="utf-8", newline="\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sums.close()
        if kind is None:
            with self._sums_at.open("rb") as sums:
                self._write(SUMS, blocks(sums), self._at, ZIP_DEFLATED)
        self._zip.close()

    def add(self, name: str, content: Iterable[bytes], *, at: datetime, squeeze: bool) -> str:
        """Add an entry (below 2 GiB) under a safe path; its SHA-256. `squeeze` what is not compressed yet."""
        digest = self._write(name, content, at, ZIP_DEFLATED if squeeze else ZIP_STORED)
        self._sums.write(f"{digest}  {name}\n")
        return digest

    def _write(self, name: str, content: Iterable[bytes], at: datetime, method: int) -> str:
        entry = ZipInfo(name, at.timetuple()[:6])
        entry.compress_type = method
        entry.external_attr = 0o644 << 16
        digest = hashlib.sha256()
        with self._zip.open(entry, "w") as target:
            for block in content:
                digest.update(block)
                target.write(block)
        return digest.hexdigest()


def blocks(file: BinaryIO) -> Iterable[bytes]:
    """What is left of a binary file, a piece at a time."""
    return iter(lambda: file.read(BLOCK), b"")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, units: int) -> str:
    """The beginning of `text`, no character cut in two, without what may not end a name."""
    text = text[:units]
    while _units(text) > units:
        text = text[:-1]
    return text.rstrip(" .")


def _alike(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())
