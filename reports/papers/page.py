"""A paper as a page: its blocks with their numbers, cells and the keys by which charts.js knows colours."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reports.papers.paper import (
    Block,
    Chart,
    ChartKind,
    Column,
    Grid,
    Heading,
    Paper,
    Series,
    Text,
    annexed,
    numbered,
    said,
)
from reports.papers.titles import HEAD_WIDE, SUBTITLE_WIDE, TITLE_WIDE, lines_of

KINDS = {ChartKind.BARS: "compare", ChartKind.STACK: "stack", ChartKind.LINE: "line"}
#: Colours and patterns of portal.css and charts.js for what has no key of its own, by place.
LINES = ("actual", "plan", "forecast")
OTHERS = ("handed", "waiting", "returned", "late", "exempt", "missing")


@dataclass(frozen=True)
class Cell:
    """`label` is the name of its column, for cards on a phone."""

    text: str
    label: str
    numeric: bool


@dataclass(frozen=True)
class Row:
    head: str
    cells: tuple[Cell, ...]
    total: bool = False


@dataclass(frozen=True)
class Told:
    """A heading of `level` 2 to 5, or paragraphs (0), the first of which begins with `lead`."""

    lines: tuple[str, ...]
    level: int = 0
    lead: str = ""
    part: str = "told"


@dataclass(frozen=True)
class Table:
    """`named`: its title stands above it already. `cards`: words beside the first column, so that on a phone
    each row is a card."""

    key: str
    caption: str
    heads: tuple[tuple[tuple[str, ...], bool], ...]  # name in lines, whether numbers stand below
    rows: tuple[Row, ...]
    note: str
    named: bool
    cards: bool
    part: str = "table"


@dataclass(frozen=True)
class Drawing:
    """`heads`: key and name of each series; `rows`: a name with its values."""

    key: str
    caption: str
    kind: str
    heads: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[int | None, ...]], ...]
    sign: str
    part: str = "drawing"


Part = Told | Table | Drawing


def parts_of(paper: Paper) -> list[Part]:
    """What stands between the addressees and the signature."""
    return list(_parts(numbered(paper.blocks), ""))


def annexes_of(paper: Paper) -> list[tuple[str, str, list[Part]]]:
    """Label (“附件2”, of a single one “附件”), title and parts of each annex."""
    return [
        (label, annex.title, list(_parts(inside, f"annex-{n}-")))
        for n, (label, annex, inside) in enumerate(annexed(paper), start=1)
    ]


def title_of(paper: Paper) -> list[str]:
    """In the lines that the Word file breaks it into: where it needs more than one, it breaks there."""
    return lines_of(paper.title, TITLE_WIDE)


def subtitle_of(paper: Paper) -> list[str]:
    """As `title_of`, in its brackets."""
    return lines_of(f"（{paper.subtitle}）", SUBTITLE_WIDE)


def _parts(blocks: Iterable[tuple[Block, str]], prefix: str) -> Iterator[Part]:
    for place, (block, number) in enumerate(blocks, start=1):
        key = f"{prefix}block-{place}"
        match block:
            case Heading(text=text, level=level):
                yield Told((f"{number}{text}",), level + 1)
            case Text(text=text, lead=lead):
                yield Told(tuple(one for line in text.splitlines() if (one := line.strip())), lead=lead)
            case Grid():
                caption = f"{number}　{block.title}" if number else block.title
                yield _table(block, key, caption, named=not number)
            case Chart():
                yield _drawing(block, key, f"{number}　{block.title}")


def _table(grid: Grid, key: str, caption: str, *, named: bool) -> Table:
    rows = tuple(
        Row(
            said(row[0]),
            tuple(
                Cell(said(value), column.name, column.numeric)
                for column, value in zip(grid.columns[1:], row[1:], strict=True)
            ),
            grid.total and n == len(grid.rows),
        )
        for n, row in enumerate(grid.rows, start=1)
    )
    heads = tuple((_head(column), column.numeric) for column in grid.columns)
    cards = any(not numeric for _, numeric in heads[1:])
    return Table(key, caption, heads, rows, grid.note, named, cards)


def _head(column: Column) -> tuple[str, ...]:
    """Where a narrow column of numbers may break its name, which is at no other place."""
    return tuple(lines_of(column.name, HEAD_WIDE)) if column.numeric else (column.name,)


def _drawing(chart: Chart, key: str, caption: str) -> Drawing:
    heads = tuple((_key(chart, n, one), one.name) for n, one in enumerate(chart.series))
    values = zip(*(one.values for one in chart.series), strict=True)
    rows = tuple(zip(chart.names, values, strict=True))
    sign = "%" if chart.counted == "%" else ""
    return Drawing(key, f"{caption}（单位：{chart.counted}）", KINDS[chart.kind], heads, rows, sign)


def _key(chart: Chart, n: int, series: Series) -> str:
    if chart.kind == ChartKind.LINE:
        return LINES[n % len(LINES)]
    if chart.counted == "%":
        return "percent" if n == 0 else OTHERS[n % len(OTHERS)]
    return series.key or OTHERS[n % len(OTHERS)]
