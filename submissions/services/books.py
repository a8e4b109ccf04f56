"""Workbooks written to disk row by row, however long, made to be read, filtered and printed.

All text is text: codes keep their zeros, and nothing is taken for a formula.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
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
MAX_HEADER = 255  # what Excel takes above a page
A3, A4 = 8, 9
READABLE = 200  # characters across A4


class Cell(Enum):
    """What a column holds; the value is its number format."""

    TEXT = "@"
    NUMBER = "0"
    DECIMAL = "0.##"
    DAY = "yyyy-mm-dd"
    MOMENT = "yyyy-mm-dd hh:mm"


@dataclass(frozen=True)
class Column:
    """`width` is in characters of the usual size; a Chinese one takes two."""

    name: str
    width: int
    cell: Cell = Cell.TEXT
    upright: bool = False  # its name is written downwards


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
        across, down = book.add_format(head), book.add_format(head | {"rotation": 270, "text_wrap": True})
        self._sheet.set_row(0, 120 if any(column.upright for column in columns) else 22)
        for place, column in enumerate(columns):
            self._sheet.set_column(place, place, column.width, self._formats[column.cell])
            self._sheet.write_string(0, place, column.name, down if column.upright else across)
        self._sheet.freeze_panes(1, fixed)
        self._set_page(note)

    def _set_page(self, note: str) -> None:
        """Across, as many pages long as it takes, each with `note`, the names of the columns and its number.

        A4, or A3 where so many columns could not be read on it.
        """
        self._sheet.set_landscape()
        self._sheet.set_paper(A3 if sum(column.width for column in self._columns) > READABLE else A4)
        self._sheet.set_header(f"&L{note.replace('&', '&&')}"[:MAX_HEADER])
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0)
        self._sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        self._sheet.set_footer("&C第&P页，共&N页")

    def add(self, values: Sequence[Value], tints: Mapping[int, Tint] | None = None, level: int = 0) -> None:
        """Write the next row; rows once written cannot be changed.

        `tints` are those of its cells by place; `level` 1 puts it below the one before as its part.
        """
        self.rows += 1
        if level:
            self._sheet.set_row(self.rows, None, None, {"level": level})
        for place, (column, value) in enumerate(zip(self._columns, values, strict=True)):
            if value is None or value == "":
                continue
            layout = self._layout(column.cell, tints.get(place) if tints else None)
            if column.cell == Cell.TEXT:
                self._sheet.write_string(self.rows, place, harmless(legible(value))[:MAX_TEXT], layout)
            elif column.cell in (Cell.NUMBER, Cell.DECIMAL):
                self._sheet.write_number(self.rows, place, value, layout)
            elif column.cell == Cell.DAY:
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


class Book:
    """A workbook at `path`; its folder also takes what lies there in the meantime."""

    def __init__(self, path: Path) -> None:
        self._book = Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": str(path.parent),
                "default_format_properties": {"font_name": "宋体", "font_size": 11},
            },
        )
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
        """A sheet with `note` above every printed page."""
        made = Sheet(self._book, name, columns, note, fixed)
        self._sheets.append(made)
        return made
