"""Tables as they are shown, charted and taken away as a workbook: one description for all three."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, Self

from reports.sums import Numbers
from submissions.figures import COUNTED, percent
from submissions.services.books import Cell as Kind

Value = str | int | Decimal | date | datetime | None


@dataclass(frozen=True)
class Column:
    """`key` is its CSS class (f-KEY) and what charts know it by.

    `counted` is what a cell counts (“项”), for people who hear the page; `share`: percent, drawn as a bar.
    """

    name: str
    key: str = ""
    meaning: str = ""
    kind: Kind = Kind.NUMBER
    counted: str = "项"
    bad: bool = False
    share: bool = False

    @property
    def width(self) -> int:
        """Characters of the usual size, for workbooks."""
        return {Kind.TEXT: 30, Kind.NUMBER: 9, Kind.DECIMAL: 12, Kind.DAY: 12, Kind.MOMENT: 17}[self.kind]

    @property
    def numeric(self) -> bool:
        return self.kind in (Kind.NUMBER, Kind.DECIMAL)


@dataclass(frozen=True)
class Cell:
    """`value` as it is; `shown` where people read it differently; `url` leads to exactly its rows.

    `mark`: the style of a word of state (“accepted” is .state-accepted), shown with its sign.
    """

    value: Value
    url: str = ""
    shown: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Line:
    """`value` is what charts take instead of the name, such as the day itself; `now` marks today. `tick`: the
    value of a box in front of the name, for the form `ticks` of the page."""

    name: str
    cells: tuple[Cell, ...]
    url: str = ""
    value: str = ""
    depth: int = 0
    now: bool = False
    tick: str = ""


@dataclass(frozen=True)
class Table:
    """`first` is the name of the first column, `chart` the kind of chart drawn from it (static/js/charts.js);
    `series` are the columns it shows. `note` stands below the heading, `empty` instead of rows. `cards`: on
    a phone each line is a card with the names of its columns, for tables with words in them."""

    key: str
    title: str
    first: str
    columns: tuple[Column, ...]
    lines: Sequence[Line]
    chart: str = ""
    series: tuple[str, ...] = ()
    note: str = ""
    empty: str = "还没有报送任务"
    cards: bool = False

    @property
    def folds(self) -> bool:
        """Whether the chart tells it first, and the lines unfold on demand."""
        return bool(self.chart and self.lines)

    def without_empty(self, *keys: str) -> Self:
        """Without those of the named columns in which no line says anything."""
        kept = [
            n
            for n, column in enumerate(self.columns)
            if column.key not in keys or any(line.cells[n].value for line in self.lines)
        ]
        lines = [replace(line, cells=tuple(line.cells[n] for n in kept)) for line in self.lines]
        return replace(self, columns=tuple(self.columns[n] for n in kept), lines=lines)

    def cells_of(self, line: Line) -> Iterable[tuple[Column, Cell]]:
        return zip(self.columns, line.cells, strict=True)

    @property
    def rows(self) -> list[tuple[Line, list[tuple[Column, Cell]]]]:
        """Lines with their cells beside the columns, for templates."""
        return [(line, list(self.cells_of(line))) for line in self.lines]


#: Figures that charts stack: together they are what is owed.
STACKED = ("accepted", "waiting", "returned", "overdue", "not_due")

FIGURE_COLUMNS = (
    Column("报送率", "percent", "已报占应报的百分比，不足1%的部分舍去", share=True, counted="%"),
    Column(
        "到期报送率", "due_percent", "到期已报占已到期的百分比，不足1%的部分舍去", share=True, counted="%"
    ),
    *(Column(one.name, one.key, one.meaning, counted=one.counted, bad=one.bad) for one in COUNTED),
)


class Lists(Protocol):
    """What knows the addresses of the rows behind numbers, such as a `Look`."""

    def rows(self, **narrowed: object) -> str: ...


def figure_cells(numbers: Numbers, look: Lists, **narrowed: object) -> tuple[Cell, ...]:
    """The cells below `FIGURE_COLUMNS`, each number with the address of its rows."""
    return (
        Cell(percent(numbers["handed"], numbers["owed"])),
        Cell(percent(numbers["due_handed"], numbers["due"])),
        *(Cell(numbers[one.key], look.rows(**narrowed, figure=one.key)) for one in COUNTED),
    )
