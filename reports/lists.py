"""Lists behind numbers, each made of what is looked at and its address: by the page, and by a worker."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from reports.tables import Column, Kind, Line, Table

AT_ONCE = 500  # rows that are read together


@dataclass(frozen=True)
class Listed:
    """`table` has no lines yet: `lines` makes them of some of the rows `found`, in their order.

    `heading` says how many there are, `told` what they were narrowed to, `more` tables that stand above;
    `count` is how many, if that is known: with a million pieces each count takes seconds.
    """

    heading: str
    found: QuerySet | list
    lines: Callable[[Iterable[Any]], list[Line]]
    table: Table
    told: tuple[str, ...] = ()
    more: tuple[Table, ...] = ()
    count: int | None = None

    def __len__(self) -> int:
        if self.count is not None:
            return self.count
        return self.found.count() if isinstance(self.found, QuerySet) else len(self.found)

    def all_lines(self) -> Iterator[Line]:
        """Every line, with few of the rows in memory."""
        several = isinstance(self.found, QuerySet)
        rows = self.found.iterator(AT_ONCE) if several else iter(self.found)
        while some := list(islice(rows, AT_ONCE)):
            yield from self.lines(some)


def each(line: Callable[[Any], Line]) -> Callable[[Iterable[Any]], list[Line]]:
    """A line for each row."""
    return lambda rows: [line(one) for one in rows]


UNIT, BRANCH = Column("单位", "unit", kind=Kind.TEXT), Column("镇街或教育局", "branch", kind=Kind.TEXT)


def words(*names: tuple[str, str]) -> tuple[Column, ...]:
    """Columns of text: (name, key) each."""
    return tuple(Column(name, key, kind=Kind.TEXT) for name, key in names)
