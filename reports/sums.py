"""Figures summed over counters: every grouping of a page in one statement, and so of one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Left

from submissions.figures import COUNTED

#: What figures are grouped by, and where counters have it.
GROUPS = {
    "campaign": "occurrence__requirement__campaign",
    "phase": "occurrence__requirement__phase",
    "requirement": "occurrence__requirement",
    "kind": "unit_kind",
    "ownership": "ownership",
}

#: Figure key → number.
Numbers = dict[str, int]


def below(depth: int, path: str = "branch__path") -> Combinable:
    """Grouping by branches cut to `depth` characters of their path (schools.models.STEP a level)."""
    return Left(path, depth)


@dataclass
class Sums:
    """The figures of all, and of each group by its key."""

    total: Numbers
    of: dict[str, dict[Any, Numbers]] = field(default_factory=dict)


def read(counters: QuerySet, at: datetime, groups: Mapping[str, Combinable | str] | None = None) -> Sums:
    """Sum every counted figure over `counters` (Standing), in all and for each value of each group.

    One statement with GROUPING SETS: numbers of one page can be added up whatever is handed in meanwhile.
    """
    groups = groups or {}
    found = Sums(_nothing(), {name: {} for name in groups})
    for mask, keys, numbers in _summed(counters, at, groups):
        grouped = [name for n, name in enumerate(reversed(groups)) if not mask >> n & 1]
        if grouped:
            found.of[grouped[0]][keys[grouped[0]]] = numbers
        else:
            found.total = numbers
    return found


def _summed(counters: QuerySet, at: datetime, groups: Mapping[str, Combinable | str]) -> list[tuple]:
    """(bits of the groups that a row is *not* about, key by group, figures)."""
    keys = {f"by_{name}": F(path) if isinstance(path, str) else path for name, path in groups.items()}
    parts = {f"f_{one.key}": Case(When(one.condition(at), then=F("n")), default=Value(0)) for one in COUNTED}
    try:
        inner, params = counters.order_by().values(**keys, **parts).query.sql_with_params()
    except EmptyResultSet:  # an empty scope
        return []
    mask = f"GROUPING({', '.join(keys)})" if keys else "0"
    sets = ", ".join(["()", *(f"({name})" for name in keys)])
    columns = ", ".join([mask, *keys, *(f"coalesce(sum({name}), 0)::bigint" for name in parts)])
    # A province has a million counters: first they are added up where all keys agree, which is fast, and
    # only these few thousand sums go into every set. The names are ours, the values are parameters.
    if keys:
        cells = ", ".join([*keys, *(f"sum({name}) AS {name}" for name in parts)])
        inner = f"SELECT {cells} FROM ({inner}) AS parts GROUP BY {', '.join(keys)}"  # noqa: S608
    statement = f"SELECT {columns} FROM ({inner}) AS cells GROUP BY GROUPING SETS ({sets})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows = cursor.fetchall()
    split = 1 + len(keys)
    figures = [one.key for one in COUNTED]
    return [
        (row[0], dict(zip(groups, row[1:split], strict=True)), dict(zip(figures, row[split:], strict=True)))
        for row in rows
    ]


def _nothing() -> Numbers:
    return {one.key: 0 for one in COUNTED}
