"""All tables of a paper as a workbook, a sheet each: figures are figures, to be sorted and added up."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from reports.papers.paper import Grid, Paper, Value, annexed, numbered, said
from reports.papers.sentences import NOTHING
from submissions.services.books import Book, Cell, Column

WIDTHS = (8, 60)  # characters, of the narrowest and the widest column
SAMPLE = 200  # rows whose words decide how wide one is
SHARE = re.compile(r"\d{1,9}%")
EMPTY = "表格"  # a workbook needs a sheet


def write(paper: Paper, at: datetime) -> bytes:
    """The .xlsx of all tables of `paper`, dated `at` (aware): the same paper makes the same bytes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tables.xlsx"
        with Book(path, at) as book:
            grids = list(_named(paper))
            for label, grid in grids:
                _sheet(book, grid, label, _note(paper, label, grid))
            if not grids:
                book.sheet(EMPTY, [Column("说明", 40)]).add([f"《{paper.title}》没有表格。"])
        return path.read_bytes()


def _named(paper: Paper) -> Iterator[tuple[str, Grid]]:
    """Its tables as the paper calls them: 表1, 附表1; 附件 where an annex is nothing but its table."""
    yield from ((label, one) for one, label in numbered(paper.blocks) if isinstance(one, Grid))
    for annex, _, inside in annexed(paper):
        yield from ((label or annex, one) for one, label in inside if isinstance(one, Grid))


def _note(paper: Paper, label: str, grid: Grid) -> str:
    """Above every printed page: what paper it comes from, as of when, and what the figures mean."""
    subtitle = f"（{paper.subtitle}）" if paper.subtitle else ""
    note = f"　注：{grid.note}" if grid.note else ""
    return f"{paper.title}{subtitle}　{label}　{grid.title}{note}"


def _sheet(book: Book, grid: Grid, label: str, note: str) -> None:
    held = [[row[place] for row in grid.rows] for place in range(len(grid.columns))]
    cells = [_cell(values) for values in held]
    columns = [
        Column(column.name, _width([column.name, *map(said, values[:SAMPLE])]), cell)
        for column, values, cell in zip(grid.columns, held, cells, strict=True)
    ]
    sheet = book.sheet(f"{label}.{grid.title}", columns, note)
    for row in grid.rows:
        sheet.add([_written(value, cell) for value, cell in zip(row, cells, strict=True)])


def _written(value: Value, cell: Cell) -> Value:
    if cell == Cell.PERCENT and isinstance(value, str):
        return Decimal(value[:-1]) / 100 if SHARE.fullmatch(value) else value
    return said(value) if cell == Cell.TEXT and not isinstance(value, int) else value


def _cell(values: Sequence[Value]) -> Cell:
    """What the column holds: shares, days or numbers where it holds nothing else (“—” for none of a share),
    words otherwise."""
    told = {value for value in values if value not in (None, "", NOTHING)}
    if told and all(isinstance(value, str) and SHARE.fullmatch(value) for value in told):
        return Cell.PERCENT
    kinds = {type(value) for value in values if value is not None and value != ""}
    if kinds == {date}:
        return Cell.DAY
    return Cell.DECIMAL if kinds and kinds <= {int, Decimal} else Cell.TEXT


def _width(texts: Iterable[str]) -> int:
    longest = max(len(text.encode("gb18030", "replace")) for text in texts)
    return min(max(longest + 2, WIDTHS[0]), WIDTHS[1])
