"""Days of a plan that begins on another day. Order is kept: what came first still does.

The plan stands on its stretches, the campaign and its phases. The day on which one begins and the
day after its last are edges; two edges never fall together, so phases keep at least a day and stay
side by side. Everything else, what is due or held, stays between the same edges as before.
"""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from campaigns.recurrence import day_in_month
from notices.workdays import DAY, is_workday, shift


@dataclass(frozen=True)
class Move:
    """Where days go, each looked at alone; `origin` is sure of its day."""

    origin: date
    first: Callable[[date], date]  # on which something begins
    last: Callable[[date], date]  # on which a stretch ends
    due: Callable[[date], date]  # through which something is in time


def by_calendar(origin: date, target: date) -> Move:
    """By whole months when both are the first of a month (the last day stays the last), else by days."""
    months = (target.year - origin.year) * 12 + target.month - origin.month

    def by_months(day: date) -> date:
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        is_last = day.day == monthrange(day.year, day.month)[1]
        return day_in_month(year, month + 1, 31 if is_last else day.day)

    def by_days(day: date) -> date:
        return day + (target - origin)

    move = by_months if origin.day == target.day == 1 else by_days
    return Move(origin, move, move, move)


def by_workdays(origin: date, target: date) -> Move:
    """The n-th working day from the one becomes the n-th from the other; what was side by side stays so."""

    def first(day: date) -> date:
        return shift(day, origin, target)

    def last(day: date) -> date:
        return shift(day + DAY, origin, target) - DAY

    return Move(origin, first, last, lambda day: first(day) if is_workday(day) else last(day))


class Moved:
    """A plan's days and where they come to lie; None stays None.

    `stretches` are the first and last days of the campaign and its phases; either may be missing.
    """

    def __init__(self, stretches: Iterable[tuple[date | None, date | None]], move: Move) -> None:
        self._move = move
        edges = {}
        for starts_on, ends_on in stretches:
            edges |= {starts_on: move.first(starts_on)} if starts_on else {}
            edges |= {ends_on + DAY: move.last(ends_on) + DAY} if ends_on else {}
        self._edges = sorted(edges)
        # Where two would fall together, the earlier one gives way: often it has days of rest to spare.
        for edge, later in reversed([*pairwise(self._edges)]):
            if edge != move.origin:
                edges[edge] = min(edges[edge], edges[later] - DAY)
        for before, edge in pairwise(self._edges):
            edges[edge] = max(edges[edge], edges[before] + DAY)
        self._moved = edges

    def start(self, day: date | None) -> date | None:
        """Of a stretch."""
        return day and self._moved[day]

    def end(self, day: date | None) -> date | None:
        """Of a stretch."""
        return day and self._moved[day + DAY] - DAY

    def held(self, day: date | None) -> date | None:
        """Any day on which something takes place or begins."""
        return day and self._between(day, self._move.first(day))

    def due(self, day: date | None) -> date | None:
        """Any last day; a working day stays one, as far as its stretch allows."""
        return day and self._between(day, self._move.due(day))

    def _between(self, day: date, moved: date) -> date:
        place = bisect_right(self._edges, day)
        if place > 0:
            moved = max(moved, self._moved[self._edges[place - 1]])
        if place < len(self._edges):
            moved = min(moved, self._moved[self._edges[place]] - DAY)
        return moved
