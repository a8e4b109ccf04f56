"""All tables of a paper as a workbook, a sheet each: figures are figures, to be sorted and added up."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from reports.papers.paper import Grid, Paper, Value, grids_of, said
from submissions.services.books import Book, Cell, Column

WIDTHS = (8, 60)  # characters, of the narrowest and the widest column
SAMPLE = 200  # rows whose words decide how wide one is
EMPTY = "表格"  # a workbook needs a sheet


def write(paper: Paper, at: datetime) -> bytes:
    """The .xlsx of all tables of `paper`, dated `at` (aware): the same paper makes the same bytes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tables.xlsx"
        with Book(path, at) as book:
            grids = list(grids_of(paper))
            for number, grid in enumerate(grids, start=1):
                _sheet(book, grid, f"{number}.{grid.title}", paper.title)
            if not grids:
                book.sheet(EMPTY, [Column("说明", 40)]).add([f"《{paper.title}》没有表格。"])
        return path.read_bytes()


def _sheet(book: Book, grid: Grid, name: str, title: str) -> None:
    held = [[row[place] for row in grid.rows] for place in range(len(grid.columns))]
    cells = [_cell(values) for values in held]
    columns = [
        Column(column.name, _width([column.name, *map(said, values[:SAMPLE])]), cell)
        for column, values, cell in zip(grid.columns, held, cells, strict=True)
    ]
    sheet = book.sheet(name, columns, f"{title}　{grid.title}")
    for row in grid.rows:
        sheet.add(
            [
                said(value) if cell == Cell.TEXT and not isinstance(value, int) else value
                for value, cell in zip(row, cells, strict=True)
            ]
        )


def _cell(values: Iterable[Value]) -> Cell:
    """What the column holds: days or numbers where it holds nothing else, words otherwise."""
    kinds = {type(value) for value in values if value is not None and value != ""}
    if kinds == {date}:
        return Cell.DAY
    return Cell.DECIMAL if kinds and kinds <= {int, Decimal} else Cell.TEXT


def _width(texts: Iterable[str]) -> int:
    longest = max(len(text.encode("gb18030", "replace")) for text in texts)
    return min(max(longest + 2, WIDTHS[0]), WIDTHS[1])
