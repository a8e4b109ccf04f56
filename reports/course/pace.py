"""How work comes in towards its due day, and what is therefore to be expected. Days and numbers only."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

#: Tasks that must have been owed before their pace says anything.
LEAST_HISTORY = 10
WEEK = 7


@dataclass(frozen=True)
class Batch:
    """What is due on one day; `numbers` by figure key, `owed` and `complete` (first complete) among them."""

    due: date
    numbers: Mapping[str, int]

    @property
    def owed(self) -> int:
        return self.numbers["owed"]

    @property
    def complete(self) -> int:
        return self.numbers["complete"]


@dataclass(frozen=True)
class Curve:
    """Share (0 to 1) of what was owed that was first complete by an offset in days from the last due day:
    negative before it, 0 on it, positive after. Never falls."""

    offsets: tuple[int, ...]
    shares: tuple[float, ...]

    @classmethod
    def of(cls, completed: Mapping[int, int], owed: int) -> "Curve":
        """From how many were completed at each offset, of `owed` (> 0) in all."""
        offsets = tuple(sorted(completed))
        sums = accumulate(completed[one] for one in offsets)
        return cls(offsets, tuple(min(1.0, done / owed) for done in sums))

    def __call__(self, offset: int) -> float:
        place = bisect_right(self.offsets, offset)
        return self.shares[place - 1] if place else 0.0


def expected(complete: int, owed: int, curve: Curve, today: int, then: int) -> float:
    """How many of `owed` will be complete at the offset `then`, with `complete` of them so at `today`.

    Of what is missing comes the share that by the curve comes in between: never less than `complete`,
    never more than `owed`, and not falling with `then`.
    """
    before = curve(today)
    if then <= today or before >= 1:
        return complete
    share = (curve(then) - before) / (1 - before)
    return complete + (owed - complete) * share


@dataclass(frozen=True)
class ByHistory:
    """As work came in towards due days that are over."""

    curve: Curve
    words = "按本活动和以往活动的报送进度推算"

    def complete(self, batches: Iterable[Batch], today: date, then: date) -> int:
        """How many of all batches together will be complete at the end of `then`, rounded down."""
        return int(sum(self._of(one, today, then) for one in batches) + 1e-6)

    def _of(self, one: Batch, today: date, then: date) -> float:
        return expected(one.complete, one.owed, self.curve, (today - one.due).days, (then - one.due).days)


@dataclass(frozen=True)
class ByWeek:
    """As work came in during the last seven days, `done` tasks in all."""

    done: int
    words = "按近7日进度推算"

    def complete(self, batches: Iterable[Batch], today: date, then: date) -> int:
        """How many of all batches together will be complete at the end of `then`, rounded down."""
        batches = list(batches)
        complete = sum(one.complete for one in batches)
        missing = sum(one.owed for one in batches) - complete
        return complete + min(missing, self.done * max(0, (then - today).days) // WEEK)


Forecast = ByHistory | ByWeek


def forecast(completed: Mapping[int, int], owed: int, last_week: int) -> Forecast:
    """By history where there is enough of it: `completed` by offset of `owed`; else by the last week."""
    return ByHistory(Curve.of(completed, owed)) if owed >= LEAST_HISTORY else ByWeek(last_week)
