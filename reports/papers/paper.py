"""A paper before it has a shape: title, blocks in their order, annexes, who sends it.

`papers/word.py` writes it as an official document, a template shows it, `papers/book.py` takes its tables
away as a workbook. Nobody counts or words anything after this point, so the three agree.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

Value = str | int | Decimal | date | None

NUMERALS = "〇一二三四五六七八九"


@dataclass(frozen=True)
class Heading:
    """`level` 1 to 4: 一、（一）1.（1）; the number is not part of `text`."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Text:
    """A paragraph. `lead` begins it in bold-like 楷体, as in “专题一。”"""

    text: str
    lead: str = ""


@dataclass(frozen=True)
class Column:
    """`wide`: its share of the width beside the others. Numbers stand right, words left."""

    name: str
    wide: float = 1.0
    numeric: bool = False


@dataclass(frozen=True)
class Grid:
    """A table with a title (“表1　…” in the paper). `total`: the last row sums up the others. Never empty:
    what has no rows is said in a sentence instead."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Value, ...]]
    total: bool = False
    note: str = ""


class ChartKind(StrEnum):
    BARS = "bars"  # horizontal, one for each name: townships compared
    STACK = "stack"  # horizontal, stacked: together they are what is owed
    LINE = "line"  # over days


@dataclass(frozen=True)
class Series:
    """`key` is that of a figure of tasks (submissions.figures), which looks the same in all charts."""

    name: str
    values: tuple[int | None, ...]
    key: str = ""


@dataclass(frozen=True)
class Chart:
    """`names` along the axis, as many values in each series; `counted` is what they count (“项”, “%”)."""

    kind: ChartKind
    title: str
    names: tuple[str, ...]
    series: tuple[Series, ...]
    counted: str = "项"


Block = Heading | Text | Grid | Chart


@dataclass(frozen=True)
class Annex:
    """On a page of its own behind the paper, named in it: “附件1：…”"""

    title: str
    blocks: tuple[Grid | Text, ...]


@dataclass(frozen=True)
class Paper:
    """`subtitle` is the period or what the figures hold for, in brackets below the title; `addressees` come
    without the colon, "" for none; `dated` is the day of signature, None for “（签发之日）”.

    `number` is the 发文字号 that the bureau supplies: with it the paper has a red head with the name of the
    sender (`head`, such as “示例县教育局文件”); without it it is plain. `mark` stands in the corner of what
    has not been signed (“草稿”). `sent_to` is the 抄送 line of the 版记.
    """

    title: str
    sender: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    addressees: str = ""
    dated: date | None = None
    annexes: tuple[Annex, ...] = ()
    number: str = ""
    head: str = ""
    mark: str = ""
    sent_to: str = ""


def said(value: Value) -> str:
    """A value as it is printed: days as 2026年3月5日, numbers without a grouping, "" for None."""
    match value:
        case None:
            return ""
        case date():
            return f"{value.year}年{value.month}月{value.day}日"
        case Decimal():
            return f"{value.normalize():f}"
    return str(value)


def numbered(blocks: Iterable[Block]) -> Iterator[tuple[Block, str]]:
    """Each block with its number: “一、”, “（二）”, “3.”, “（4）”; “表1”, “图1”; "" for paragraphs."""
    counts = [0, 0, 0, 0]
    grids = charts = 0
    for block in blocks:
        match block:
            case Heading(level=level):
                counts[level - 1] += 1
                counts[level:] = [0] * (4 - level)
                yield block, _said(level, counts[level - 1])
            case Grid():
                grids += 1
                yield block, f"表{grids}"
            case Chart():
                charts += 1
                yield block, f"图{charts}"
            case _:
                yield block, ""


def annexed(paper: Paper) -> Iterator[tuple[str, Annex, list[tuple[Grid | Text, str]]]]:
    """Each annex with what it is called (“附件2”, of a single one “附件”) and its blocks with their numbers.

    Their tables are 附表1, 附表2 … through all annexes, so that none is taken for one of the paper; the only
    table of an annex that bears its title needs no name of its own ("").
    """
    grids = 0
    for n, annex in enumerate(paper.annexes, start=1):
        inside: list[tuple[Grid | Text, str]] = []
        tables = [one for one in annex.blocks if isinstance(one, Grid)]
        alone = len(tables) == 1 and tables[0].title == annex.title
        for block in annex.blocks:
            named = isinstance(block, Grid) and not alone
            grids += named
            inside.append((block, f"附表{grids}" if named else ""))
        yield f"附件{n if len(paper.annexes) > 1 else ''}", annex, inside


def _said(level: int, n: int) -> str:
    return {1: f"{in_chinese(n)}、", 2: f"（{in_chinese(n)}）", 3: f"{n}.", 4: f"（{n}）"}[level]


def in_chinese(n: int) -> str:
    """一 to 九十九."""
    tens, ones = divmod(n, 10)
    return f"{'' if tens < 2 else NUMERALS[tens]}{'十' if tens else ''}{NUMERALS[ones] if ones else ''}"


def grids_of(paper: Paper) -> Iterator[Grid]:
    """Every table of the paper, those of its annexes last."""
    yield from (one for one in paper.blocks if isinstance(one, Grid))
    for annex in paper.annexes:
        yield from (one for one in annex.blocks if isinstance(one, Grid))
