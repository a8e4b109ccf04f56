"""A workbook into rows of text; whatever stands in its cells, the answer is rows and sentences."""

import logging
import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils import get_column_letter

from schools.roster.layout import CHARGES, LAYOUT, MAX_ROWS, PAIRS, PEOPLE, UNITS, Column, tidy

HEADER_WITHIN = 10  # rows in which the one with the names of the columns is looked for
MAX_COLUMNS = 60
#: Spreadsheet programs keep 15 digits of a number; what comes after them has been lost already.
EXACT = 10**15

UNREADABLE = "无法读取这个表格，请用 WPS 或 Office 打开，另存为 xlsx 格式后重新上传。"
NO_SHEET = f"没有找到名为“{'”“'.join(LAYOUT)}”的工作表，请下载模板，按模板填写后重新上传。"
NO_HEADER = "前{within}行中没有找到列名（{names}），请按模板补上列名。"
UNKNOWN = "列名“{name}”不在模板中，请删除这一列或按模板改正列名。"
TWICE = "列名“{name}”出现了两次，请删除多余的一列。"
NAMELESS = "这一列有内容但没有列名，请补上列名或清空这一列。"
TOO_MANY = f"数据超过{MAX_ROWS}行，请拆分成几个文件，分次导入。"
FORMULA = "单元格里是公式，请复制后“选择性粘贴”为数值。"
FAULTY = "单元格里是错误值（{shown}），请改正后重新填写。"
DATE = "单元格被识别为日期，请把单元格格式设为“文本”后重新填写。"
TRUTH = "单元格里是逻辑值，请改为文字后重新填写。"
LONG_NUMBER = "数字超过15位，末几位已被表格软件改写，请把单元格格式设为“文本”后重新填写。"


class Unreadable(Exception):
    """The workbook as a whole cannot be used; the message is a sentence for the person who sent it."""


@dataclass(frozen=True)
class RowError:
    """What is wrong where; `row` 0 and an empty `column` mean the sheet as a whole."""

    sheet: str
    row: int
    column: str
    sentence: str


@dataclass(frozen=True)
class Row:
    """One line of a sheet, its cells by the name of the column; a cell left empty is ""."""

    sheet: str
    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass
class Book:
    """What was read: the rows of each sheet, and what could not be read."""

    units: list[Row] = field(default_factory=list)
    people: list[Row] = field(default_factory=list)
    charges: list[Row] = field(default_factory=list)
    pairs: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    @property
    def sheets(self) -> dict[str, list[Row]]:
        """The rows by the name of their sheet, in the order in which they are gone through."""
        return {UNITS: self.units, PEOPLE: self.people, CHARGES: self.charges, PAIRS: self.pairs}


class Problem(Exception):
    """Raised where a cell cannot be taken as text."""


def read(path: Path) -> Book:
    """Read the workbook at `path`. Raises Unreadable when there is nothing in it to work with."""
    try:
        # Opened here: openpyxl would ask for an extension, which stored files have not.
        with path.open("rb") as file, closing(load_workbook(file, read_only=True)) as workbook:
            return _book(workbook)
    except Unreadable:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers stumble over
        logging.getLogger(__name__).info("a roster cannot be read", exc_info=True)
        raise Unreadable(UNREADABLE) from error


def _book(workbook: Any) -> Book:
    sheets = {tidy(sheet.title): sheet for sheet in workbook.worksheets}
    if not sheets.keys() & LAYOUT.keys():
        raise Unreadable(NO_SHEET)
    book = Book()
    for name, rows in book.sheets.items():
        if name in sheets:
            sheets[name].reset_dimensions()  # what the file says about its size need not be true
            rows.extend(_Sheet(name, book.errors).rows(sheets[name]))
    return book


class _Sheet:
    """Reads one sheet, and notes what is wrong with it in `errors`."""

    def __init__(self, name: str, errors: list[RowError]) -> None:
        self.name = name
        self.errors = errors
        self.known = {column.name: column for column in LAYOUT[name]}

    def rows(self, sheet: Any) -> Iterator[Row]:
        last = HEADER_WITHIN + MAX_ROWS + 1
        lines = enumerate(sheet.iter_rows(max_row=last, max_col=MAX_COLUMNS), start=1)
        places = self._header(lines)
        if places is None:
            return
        taken = 0
        for number, cells in lines:
            row = self._row(number, cells, places)
            if row is None:
                continue
            taken += 1
            if taken > MAX_ROWS or number == last:
                self._note(number, "", TOO_MANY)
                return
            yield row

    def _header(self, lines: Iterator[tuple[int, tuple]]) -> dict[int, Column] | None:
        """Where each column stands; None, with the reason noted, when the sheet cannot be used."""
        required = {column.name for column in self.known.values() if column.required}
        seen = False
        for number, cells in islice(lines, HEADER_WITHIN):
            names = {place: tidy(str(cell.value or "")).rstrip("*＊") for place, cell in enumerate(cells)}
            names = {place: name for place, name in names.items() if name}
            seen = seen or bool(names)
            if required <= set(names.values()):
                return self._places(number, names)
        if seen:  # a sheet with nothing in it at all is simply left out
            self._note(0, "", NO_HEADER.format(within=HEADER_WITHIN, names="、".join(sorted(required))))
        return None

    def _places(self, number: int, names: dict[int, str]) -> dict[int, Column] | None:
        places: dict[int, Column] = {}
        for place, name in names.items():
            if name not in self.known:
                self._note(number, get_column_letter(place + 1), UNKNOWN.format(name=name[:40]))
            elif self.known[name] in places.values():
                self._note(number, get_column_letter(place + 1), TWICE.format(name=name))
            else:
                places[place] = self.known[name]
        return places if len(places) == len(names) else None

    def _row(self, number: int, cells: tuple, places: dict[int, Column]) -> Row | None:
        """The line as text; None for an empty one."""
        found, empty = {}, True
        for place, cell in enumerate(cells):
            if cell.value is None or cell.value == "":
                continue
            column = places.get(place)
            label = column.name if column else get_column_letter(place + 1)
            try:
                text = text_of(cell)
                if column is None and tidy(text):
                    raise Problem(NAMELESS)
            except Problem as problem:
                self._note(number, label, str(problem))
                empty = False
                continue
            if column and (text := column.tidy(text)):
                found[label] = text
                empty = False
        return None if empty else Row(self.name, number, found)

    def _note(self, number: int, column: str, sentence: str) -> None:
        self.errors.append(RowError(self.name, number, column, sentence))


def text_of(cell: ReadOnlyCell) -> str:
    """What stands in a cell that is not empty, as text; raises Problem when it is no text and no number."""
    value, kind = cell.value, cell.data_type
    if kind == "f":
        raise Problem(FORMULA)
    if kind == "e":
        raise Problem(FAULTY.format(shown=str(value)[:20]))
    if kind == "b" or isinstance(value, bool):
        raise Problem(TRUTH)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, str):
        # The export puts an apostrophe before what a spreadsheet could take for a formula.
        return value[1:] if value[:1] == "'" and value[1:2] in GUARDED else value
    raise Problem(DATE)


GUARDED = ("=", "+", "-", "@", "\t", "\r", "'")


def _number(value: float) -> str:
    """Codes and telephone numbers that were typed as numbers: 3104000001.0 is “3104000001”."""
    if not math.isfinite(value):
        raise Problem(FAULTY.format(shown=value))
    if abs(value) >= EXACT:
        raise Problem(LONG_NUMBER)
    return str(int(value)) if value == int(value) else str(value)
