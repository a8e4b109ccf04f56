"""A part of a paper before it has a number: what it says, and what it hangs behind the paper."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from reports.papers.paper import Annex, Block, Chart, ChartKind, Column, Grid, Series, Text, Value
from reports.papers.sentences import name, share
from submissions.figures import COUNTED, percent

Numbers = dict[str, int]
Line = dict[str, Any]  # counts.schema.Line

MOST_ROWS = 40  # of a table among the words; a longer one is an annex
MOST_STACKS = 20
MOST_BARS = 24
#: 未到期 of the dashboard says in a tip that it has not been handed in; paper has no tips.
NAMES = {one.key: one.name for one in COUNTED} | {"not_due": "未到期未报"}
ONCE_COMPLETE = "按时、迟报以首次报齐的时间计，含其后退回或撤回的。"
#: What a bar of tasks is made of; together they are what is owed.
STACKED = ("accepted", "waiting", "returned", "overdue", "not_due")


@dataclass(frozen=True)
class Section:
    """Left out of the paper where `blocks` is empty."""

    heading: str
    blocks: tuple[Block, ...]
    annexes: tuple[Annex, ...] = ()


def section(heading: str, *parts: Iterable[Block | Annex]) -> Section:
    """What its parts say; annexes may come from any of them."""
    every = [one for part in parts for one in part]
    annexes = tuple(one for one in every if isinstance(one, Annex))
    return Section(heading, tuple(one for one in every if not isinstance(one, Annex)), annexes)


def placed(grid: Grid | None, most: int = MOST_ROWS) -> list[Block | Annex]:
    """A table among the words; a long one behind the paper, and a sentence that says so."""
    if grid is None:
        return []
    if len(grid.rows) <= most:
        return [grid]
    return [Text(f"具体情况见附件“{grid.title}”。"), Annex(grid.title, (grid,))]


def grid_of(
    title: str, columns: Iterable[Column], rows: Iterable[tuple[Value, ...]], note: str = ""
) -> Grid | None:
    """A table without the columns in which no row says anything; None without rows."""
    every, columns = list(rows), list(columns)
    if not every:
        return None
    kept = [n for n in range(len(columns)) if n == 0 or any(row[n] not in ("", "—", None) for row in every)]
    slim = tuple(tuple(row[n] for n in kept) for row in every)
    return Grid(title, tuple(columns[n] for n in kept), slim, note=note)


# Tables of tasks --------------------------------------------------------------------------------------


def _of(key: str) -> Callable[[Numbers], Value]:
    return lambda numbers: numbers[key]


#: Of a table of tasks: its name, what it shows, whether it is needed.
_COLUMNS: tuple[tuple[str, Callable[[Numbers], Value], Callable[[Numbers], bool]], ...] = (
    ("应报", _of("owed"), lambda _: True),
    ("已报", _of("handed"), lambda _: True),
    ("报送率", lambda one: share(one["handed"], one["owed"]), lambda _: True),
    # Once everything is due it is the same.
    (
        "到期报送率",
        lambda one: share(one["due_handed"], one["due"]),
        lambda one: 0 < one["due"] < one["owed"],
    ),
    ("按时", _of("in_time"), lambda one: one["in_time"] > 0 or one["late"] > 0),
    ("迟报", _of("late"), lambda one: one["in_time"] > 0 or one["late"] > 0),
    ("退回", _of("returned"), lambda one: one["returned"] > 0),
    ("逾期", _of("overdue"), lambda one: one["overdue"] > 0),
    (NAMES["not_due"], _of("not_due"), lambda one: one["not_due"] > 0),
    ("免报", _of("exempt"), lambda one: one["exempt"] > 0),
)


def tasks_grid(title: str, first: str, lines: list[Line], whole: Numbers) -> Grid | None:
    """A line for each group of tasks, and `whole` below them where they add up to it."""
    if not lines:
        return None
    shown = [
        (label, tell) for label, tell, needed in _COLUMNS if any(needed(one["numbers"]) for one in lines)
    ]
    rows = [(one["name"], *(tell(one["numbers"]) for _, tell in shown)) for one in lines]
    total = len(lines) > 1 and all(sum(one["numbers"][key] for one in lines) == n for key, n in whole.items())
    if total:
        rows.append(("合计", *(tell(whole) for _, tell in shown)))
    columns = (Column(first, 3), *(Column(label, _wide(label), numeric=True) for label, _ in shown))
    note = ONCE_COMPLETE if any(once_complete(one["numbers"])[1] for one in lines) else ""
    return Grid(title, columns, tuple(rows), total, note)


def once_complete(numbers: Numbers) -> tuple[int, int]:
    """How many have been complete once, and how many of those are not handed in now: they went back."""
    complete = numbers["in_time"] + numbers["late"]
    return complete, complete - numbers["handed"]


def _wide(label: str) -> float:
    return {"报送率": 1.2, "到期报送率": 1.4, NAMES["not_due"]: 1.2}.get(label, 1)


# Charts of tasks --------------------------------------------------------------------------------------


def stack(title: str, lines: list[Line]) -> list[Chart]:
    """What became of the tasks of each group; none of a single group or of too many."""
    owing = [one for one in lines if one["numbers"]["owed"]]
    if not 2 <= len(owing) <= MOST_STACKS:
        return []
    series = tuple(
        Series(NAMES[key], tuple(one["numbers"][key] for one in owing), key)
        for key in STACKED
        if any(one["numbers"][key] for one in owing)
    )
    return [Chart(ChartKind.STACK, title, tuple(name(one["name"]) for one in owing), series)]


def due_shares(lines: list[Line]) -> list[tuple[str, int]]:
    """Name and 到期报送率 of each group that has anything due."""
    found = [(one["name"], percent(one["numbers"]["due_handed"], one["numbers"]["due"])) for one in lines]
    return [(name(who), n) for who, n in found if n is not None]


def bars(title: str, lines: list[Line]) -> list[Chart]:
    """到期报送率 of each group; of very many those that stand lowest. None where all stand alike."""
    shares = due_shares(lines)
    if len({n for _, n in shares}) < 2:
        return []
    if len(shares) > MOST_BARS:
        shares = sorted(shares, key=lambda one: one[1])[:MOST_BARS]
        title = f"{title}（较低的{MOST_BARS}个）"
    names, values = zip(*shares, strict=True)
    series = (Series("到期报送率", values),)
    return [Chart(ChartKind.BARS, title, names, series, "%")]
