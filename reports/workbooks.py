"""A shown table as an Excel file, sent at once: what is on the page, and when it held."""

import tempfile
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from pathlib import Path

from django.http import FileResponse
from django.utils import timezone

from portal.files.names import named_after
from reports.tables import Column, Line, Table
from submissions.services.books import Book
from submissions.services.books import Column as Written


def respond(table: Table, subject: str, at: datetime) -> FileResponse:
    """The table as a download. `subject` is what it is about; `at` when its figures held."""
    said = f"{timezone.localtime(at):%Y年%-m月%-d日 %H:%M}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        write(path, table, table.lines, f"{subject}　{table.title}　数据截至{said}")
        file = BytesIO(path.read_bytes())
    name = named_after(f"{subject}{table.title}{timezone.localtime(at):%Y%m%d%H%M}.xlsx")
    return FileResponse(file, as_attachment=True, filename=name)


def write(path: Path, table: Table, lines: Iterable[Line], note: str) -> None:
    """Write the table with `lines` to `path`, `note` (what, and when) into the header of its pages."""
    columns = [Written(table.first, 24), *(_written(one) for one in table.columns)]
    with Book(path) as book:
        sheet = book.sheet(table.title[:31], columns, note=note)
        for line in lines:
            sheet.add(["　" * line.depth + line.name, *(cell.value for cell in line.cells)])


def _written(column: Column) -> Written:
    name = f"{column.name}（%）" if column.share else column.name
    return Written(name, max(column.width, 2 * len(name) + 2), column.kind)
