"""Workbooks written to disk row by row, however long, made to be read, filtered and printed.

All text is text: codes keep their zeros, and nothing is taken for a formula.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Self

from django.utils import timezone
from xlsxwriter import Workbook
from xlsxwriter.format import Format

from portal.lines import legible
from schools.roster.writing import harmless

MAX_ROWS = 1_000_000  # a sheet holds little more
MAX_TEXT = 32_767  # and a cell no longer text
MAX_NAME = 31  # what Excel takes as the name of a sheet, in UTF-16
NAMELESS = "表"
#: What it takes in none, and what reads the same to people; it takes ' inside, but at neither end.
WIDE = str.maketrans("[]:*?/\\'", "［］：＊？／＼＇")
MAX_HEADER = 255  # what Excel takes above a page, in UTF-16; "&" begins a code there
MAX_HEIGHT = 260  # points of a row of headings
A3, A4 = 8, 9
READABLE = 200  # characters across A4


class Cell(Enum):
    """What a column holds; the value is its number format."""

    TEXT = "@"
    NUMBER = "0"
    DECIMAL = "0.##"
    PERCENT = "0%"  # 0.72 is shown as 72%
    DAY = "yyyy-mm-dd"
    MOMENT = "yyyy-mm-dd hh:mm"


@dataclass(frozen=True)
class Column:
    """`width` is in characters of the usual size; a Chinese one takes two.

    `upright`: its name, of one line or more, is turned, and makes it wider where it must.
    """

    name: str
    width: int
    cell: Cell = Cell.TEXT
    upright: bool = False


@dataclass(frozen=True)
class Tint:
    """How a cell looks: colours like "#CFEBD9"; `outlined`: one of a grid, its mark in the middle."""

    ground: str
    ink: str = "#1F2933"
    bold: bool = False
    outlined: bool = False

    def layout(self) -> dict[str, object]:
        """What xlsxwriter calls this."""
        middle = {"border": 1, "border_color": "#D9DFE6", "align": "center"} if self.outlined else {}
        return {"bg_color": self.ground, "font_color": self.ink, "bold": self.bold} | middle


Value = str | int | Decimal | date | datetime | None  # datetimes are aware; None and "" leave the cell empty


class Sheet:
    """One sheet of a `Book`, its first row the names of its columns; `fixed` columns stay in sight."""

    def __init__(
        self, book: Workbook, name: str, columns: Sequence[Column], note: str = "", fixed: int = 0
    ) -> None:
        self._book = book
        self._sheet = book.add_worksheet(name)
        self._columns = columns
        self._formats = {cell: book.add_format({"num_format": cell.value}) for cell in Cell}
        self._tinted: dict[tuple[Cell, Tint], Format] = {}
        self.rows = 0
        head = {"bold": True, "bg_color": "#E8EFF7", "bottom": 1, "valign": "vcenter"}
        turned = head | {"rotation": 90, "text_wrap": True, "valign": "bottom"}
        across, upward = book.add_format(head), book.add_format(turned)
        lengths = [_length(line) for one in columns if one.upright for line in one.name.split("\n")]
        height = min(max([22, *lengths]), MAX_HEIGHT)
        self._sheet.set_row(0, height)
        for place, column in enumerate(columns):
            width = max(column.width, 2.5 * _lines(column.name, height)) if column.upright else column.width
            self._sheet.set_column(place, place, width, self._formats[column.cell])
            self._sheet.write_string(0, place, column.name, upward if column.upright else across)
        self._sheet.freeze_panes(1, fixed)
        self._set_page(note)

    def _set_page(self, note: str) -> None:
        """Across, as many pages long as it takes, each with `note`, the names of the columns and its number.

        A4, or A3 where so many columns could not be read on it.
        """
        self._sheet.set_landscape()
        self._sheet.set_paper(A3 if sum(column.width for column in self._columns) > READABLE else A4)
        if note:
            self._sheet.set_header(f"&L{_within(note.replace('&', '＆'), MAX_HEADER - 2)}")
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0)
        self._sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        self._sheet.set_footer("&C第&P页，共&N页")

    def add(self, values: Sequence[Value], tints: Mapping[int, Tint] | None = None, level: int = 0) -> None:
        """Write the next row; rows once written cannot be changed.

        Whole numbers are numbers in every column, and words are words. `tints` are those of its cells by
        place; `level` 1 puts it below the one before as its part.
        """
        self.rows += 1
        if level:
            self._sheet.set_row(self.rows, None, None, {"level": level})
        for place, (column, value) in enumerate(zip(self._columns, values, strict=True)):
            if value is None or value == "":
                continue
            kind = {int: Cell.NUMBER, str: Cell.TEXT}.get(type(value), column.cell)
            layout = self._layout(kind, tints.get(place) if tints else None)
            if kind == Cell.TEXT:
                self._sheet.write_string(self.rows, place, harmless(legible(value))[:MAX_TEXT], layout)
            elif kind in (Cell.NUMBER, Cell.DECIMAL, Cell.PERCENT):
                self._sheet.write_number(self.rows, place, value, layout)
            elif kind == Cell.DAY:
                self._sheet.write_datetime(self.rows, place, value, layout)
            else:
                local = timezone.localtime(value).replace(tzinfo=None)
                self._sheet.write_datetime(self.rows, place, local, layout)

    def _layout(self, cell: Cell, tint: Tint | None) -> Format:
        if tint is None:
            return self._formats[cell]
        if (cell, tint) not in self._tinted:
            made = self._book.add_format({"num_format": cell.value} | tint.layout())
            self._tinted[cell, tint] = made
        return self._tinted[cell, tint]

    def finish(self) -> None:
        """Offer filters over what was written."""
        self._sheet.autofilter(0, 0, self.rows, len(self._columns) - 1)


def _length(line: str) -> int:
    """Points that a line of a heading takes: a Chinese character 12."""
    return 10 + sum(12 if ord(character) > 0x2E80 else 7 for character in line)


def _lines(name: str, height: int) -> int:
    """How many lines of `height` points a heading takes."""
    return sum(ceil(_length(line) / height) for line in name.split("\n"))


def _within(text: str, units: int) -> str:
    """As much of `text` as that many units of UTF-16 hold."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")


def sheet_name(text: str) -> str:
    """A name that Excel takes for a sheet, not empty, on one line."""
    name = " ".join(legible(text).translate(WIDE).split())
    return _within(name, MAX_NAME).rstrip() or NAMELESS


class Book:
    """A workbook at `path`; its folder also takes what lies there in the meantime.

    Dated `at`, the same rows make the same bytes.
    """

    def __init__(self, path: Path, at: datetime | None = None) -> None:
        self._book = Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": str(path.parent),
                "default_format_properties": {"font_name": "宋体", "font_size": 11},
            },
        )
        if at:
            self._book.set_properties({"created": at.astimezone(UTC).replace(microsecond=0, tzinfo=None)})
        self._sheets: list[Sheet] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            for sheet in self._sheets:
                sheet.finish()
            self._book.close()

    def sheet(self, name: str, columns: Sequence[Column], note: str = "", fixed: int = 0) -> Sheet:
        """A sheet with `note` above every printed page; `name` is changed where Excel does not take it."""
        made = Sheet(self._book, self._free(sheet_name(name)), columns, note, fixed)
        self._sheets.append(made)
        return made

    def _free(self, name: str) -> str:
        """The name, or with the first number behind it that no other sheet has; case makes no difference."""
        taken = {one.get_name().lower() for one in self._book.worksheets()}
        free, n = name, 1
        while free.lower() in taken:
            n += 1
            number = f"（{n}）"
            free = _within(name, MAX_NAME - len(number)) + number
        return free
