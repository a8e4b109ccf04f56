"""A table of a paper as Word's XML: as wide as the type area, its head on every page, rows whole.

Written as text: python-docx would need the square of the number of cells.
"""

from collections.abc import Iterator
from itertools import accumulate, pairwise
from math import sqrt

from portal.word import escaped, paragraph, run
from portal.word_page import HEADING, TYPE_WIDTH, faces
from reports.papers.paper import Column, Grid, Value, said
from reports.papers.titles import em

#: How many columns its type serves, its style, its size in points.
TYPES = ((6, "TableText", 12), (10, "TableTextSmall", 10.5), (1000, "TableTextTiny", 9))
PADDING = 75  # twips at either side of a cell
SAMPLE = 200  # rows whose days and numbers decide how narrow a column may be
HEAD, WORD = 5, 4  # characters of a head and of a word that are not broken
SHORT_TEXT = 6.5  # and of a day or a short name
MOST = 40  # characters of a cell, beyond which it asks for no more width
TALLEST = 12  # lines of a row that may not be torn apart between two pages
LOW = 24  # lines of a table that is not parted between two pages, and
SHORT = 8  # rows of a table that is not parted between two pages
_BLACK = f"<w:rPr>{faces(HEADING)}</w:rPr>"
_MIDDLE = '<w:jc w:val="center"/>'
_RIGHT = '<w:jc w:val="right"/>'


def table(grid: Grid, caption: str) -> str:
    """The caption above (none for ""), the table, the note or a little room below."""
    _, style, size = next(one for one in TYPES if len(grid.columns) <= one[0])
    widths = widths_of(grid, size)
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    layout = (
        f'<w:tblStyle w:val="TableGrid"/><w:tblW w:w="{TYPE_WIDTH}" w:type="dxa"/><w:jc w:val="center"/>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="30" w:type="dxa"/>'
        '<w:bottom w:w="30" w:type="dxa"/></w:tblCellMar>'
    )
    return "".join(
        (
            paragraph(run(caption), "Caption", "<w:keepNext/>") if caption else "",
            f"<w:tbl><w:tblPr>{layout}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>",
            _head(grid.columns, widths, style),
            *_rows(grid, widths, style, size),
            "</w:tbl>",
            _below(grid.note),
        )
    )


def widths_of(grid: Grid, size: float) -> list[int]:
    """In twips, together the width of the type area: by the share that a column was meant to have and by what
    it holds, but no day, number, short head or short word is broken.
    """
    lengths = [_lengths(grid, place) for place in range(len(grid.columns))]
    least = [
        round(_least(grid, place, held) * size * 20) + 2 * PADDING + 40 for place, held in enumerate(lengths)
    ]
    if sum(least) > TYPE_WIDTH:
        least = [TYPE_WIDTH // len(least)] * len(least)
    shares = [
        sqrt(max(column.wide, 0.1) * min(max(held[len(held) * 4 // 5], WORD), MOST))
        for column, held in zip(grid.columns, lengths, strict=True)
    ]
    fixed: dict[int, float] = {}
    while True:
        free = [place for place in range(len(shares)) if place not in fixed]
        each = (TYPE_WIDTH - sum(fixed.values())) / sum(shares[place] for place in free)
        tight = {place: least[place] for place in free if each * shares[place] < least[place]}
        if not tight or len(tight) == len(free):
            break
        fixed |= tight
    wanted = [fixed.get(place, each * share) for place, share in enumerate(shares)]
    edges = [round(edge) for edge in accumulate(wanted, initial=0)]
    return [right - left for left, right in pairwise(edges)]


def _lengths(grid: Grid, place: int) -> list[float]:
    """How long the cells of a column are, in characters, the shortest first."""
    return sorted(em(said(row[place])[: 2 * MOST]) for row in grid.rows[:SAMPLE])


def _least(grid: Grid, place: int, lengths: list[float]) -> float:
    values = [said(row[place]) for row in grid.rows[:SAMPLE] if not isinstance(row[place], str)]
    # Half a character more: LibreOffice parts digits from Chinese characters.
    short = max((length + 0.5 for length in lengths if length <= SHORT_TEXT), default=0)
    return max([min(em(grid.columns[place].name), HEAD), min(lengths[-1], WORD), short, *map(em, values)])


def _head(columns: tuple[Column, ...], widths: list[int], style: str) -> str:
    layout = f'<w:pPr><w:pStyle w:val="{style}"/><w:keepNext/>{_MIDDLE}</w:pPr>'
    cells = "".join(
        _cell(width, f"<w:p>{layout}{_letters(escaped(column.name), black=True)}</w:p>")
        for column, width in zip(columns, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cells}</w:tr>"


def _rows(grid: Grid, widths: list[int], style: str, size: float) -> Iterator[str]:
    sides = [_RIGHT if column.numeric else "" for column in grid.columns]
    layouts = [f'<w:pPr><w:pStyle w:val="{style}"/>{side}</w:pPr>' for side in sides]
    kept = [f'<w:pPr><w:pStyle w:val="{style}"/><w:keepNext/>{side}</w:pPr>' for side in sides]
    room = [max((width - 2 * PADDING) / (20 * size), 1) for width in widths]
    last = len(grid.rows) - 1
    # Kept together, what is higher than a page would lose its caption to the page before.
    short = len(grid.rows) <= SHORT and sum(_tall(row, room) for row in grid.rows) <= LOW
    for number, row in enumerate(grid.rows):
        black = grid.total and number == last
        texts = [_lines(value) for value in row]
        whole = _tall(row, room) <= TALLEST
        # A short table stays together, the sum with what it sums up, the note with the last row.
        wanted = bool(grid.note) if number == last else short or (grid.total and number == last - 1)
        cells = "".join(
            _cell(width, "".join(f"<w:p>{layout}{_letters(line, black)}</w:p>" for line in lines))
            for width, layout, lines in zip(widths, kept if wanted and whole else layouts, texts, strict=True)
        )
        yield f"<w:tr>{'<w:trPr><w:cantSplit/></w:trPr>' if whole else ''}{cells}</w:tr>"


def _tall(row: tuple[Value, ...], room: list[float]) -> float:
    """Lines of its highest cell, where a line of each holds `room` characters."""
    return max(
        sum(em(line) // wide + 1 for line in said(value).splitlines() or [""])
        for value, wide in zip(row, room, strict=True)
    )


def _lines(value: Value) -> list[str]:
    return [escaped(line) for line in said(value).splitlines()] or [""]


def _letters(text: str, black: bool) -> str:
    return f'<w:r>{_BLACK if black else ""}<w:t xml:space="preserve">{text}</w:t></w:r>' if text else ""


def _cell(width: int, inside: str) -> str:
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>{inside}</w:tc>'
    )


def _below(note: str) -> str:
    """Word needs a paragraph between two tables anyway."""
    if note:
        spaced = '<w:spacing w:before="40" w:after="120"/>'
        return paragraph(run(f"注：{note}"), "TableTextSmall", spaced)
    return paragraph("", "TableTextSmall", '<w:spacing w:line="200" w:lineRule="exact"/>')
