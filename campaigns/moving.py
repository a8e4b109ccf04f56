"""Days of a plan that begins on another day. Order is kept: what came first still does.

A day on which something begins, and the day after a last day, are edges. Two edges never fall
together, so phases keep at least a day, stay side by side and hold what is due in them.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from campaigns.recurrence import day_in_month
from notices.workdays import DAY, is_workday, shift


@dataclass(frozen=True)
class Move:
    """Where a first day and a last day go, each looked at alone."""

    first: Callable[[date], date]
    last: Callable[[date], date]


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
    return Move(move, move)


def by_workdays(origin: date, target: date) -> Move:
    """The n-th working day from the one becomes the n-th from the other; what was side by side stays so."""
    return Move(
        first=lambda day: shift(day, origin, target),
        last=lambda day: shift(day + DAY, origin, target) - DAY,
    )


class Moved:
    """The edges of a plan and where they come to lie.

    `starts` and `ends` (last days) are all the days that will be asked for; None among them is skipped.
    """

    def __init__(self, starts: Iterable[date | None], ends: Iterable[date | None], move: Move) -> None:
        edges = {day: move.first(day) for day in starts if day}
        edges |= {day + DAY: move.last(day) + DAY for day in ends if day}
        self._moved: dict[date, date] = {}
        self._before: dict[date, date] = {}  # of each edge, where the one before it lies
        latest = date.min
        for edge, moved in sorted(edges.items()):
            self._before[edge] = latest
            self._moved[edge] = latest = max(moved, latest + DAY)

    def start(self, day: date | None) -> date | None:
        return day and self._moved[day]

    def end(self, day: date | None) -> date | None:
        return day and self._moved[day + DAY] - DAY

    def due(self, day: date | None) -> date | None:
        """A last day that stays a working day if it was one, unless that would upset the order."""
        if day is None:
            return None
        moved = back = self._moved[day + DAY] - DAY
        while is_workday(day) and not is_workday(back) and back > self._before[day + DAY]:
            back -= DAY
        return back if is_workday(back) else moved
