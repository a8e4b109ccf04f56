"""The periods of a recurring requirement: how each is called and the last day on which it is in time."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from campaigns.enums import Frequency

MAX_PERIODS = 120
WEEK = timedelta(weeks=1)

TOO_MANY = f"定期报送最多{MAX_PERIODS}期，请缩短起止日期或降低频次。"
NOT_A_WEEKDAY = "每周报送的截止日须为1至7（1为星期一），请改正。"
NOT_A_MONTHDAY = "每月、每季度报送的截止日须为1至31，请改正。"
NOT_RECURRING = "一次性的报送要求没有期次，请直接填写截止日期。"


class TooMany(ValueError):
    """More than MAX_PERIODS."""


@dataclass(frozen=True)
class Period:
    """One week, month or quarter: its name and its due day (in time through that day)."""

    label: str
    due_on: date


def periods(frequency: str, first: date, last: date, due_day: int) -> list[Period]:
    """The periods whose due day lies between `first` and `last`, both included, in order.

    `due_day` is the ISO weekday (weekly) or the day of the month, of the quarter's last month
    (quarterly); 31 means the last day of any month. Raises ValueError with a Chinese sentence when
    the rule makes no sense, TooMany when it gives more than MAX_PERIODS.
    """
    if frequency == Frequency.WEEKLY:
        if not 1 <= due_day <= 7:
            raise ValueError(NOT_A_WEEKDAY)
        every = _weeks(first, last, due_day)
    elif frequency in (Frequency.MONTHLY, Frequency.QUARTERLY):
        if not 1 <= due_day <= 31:
            raise ValueError(NOT_A_MONTHDAY)
        every = _months(first, last, due_day, quarters=frequency == Frequency.QUARTERLY)
    else:
        raise ValueError(NOT_RECURRING)
    found = []
    for period in every:
        if first <= period.due_on <= last:
            if len(found) == MAX_PERIODS:
                raise TooMany(TOO_MANY)
            found.append(period)
    return found


def squeezed(frequency: str, first: date, last: date, due_day: int) -> tuple[date, list[Period]]:
    """The last day, earlier if need be, through which there are at most MAX_PERIODS; and those periods.

    For a rule that was fine before its days were moved, and may have grown by one period since.
    """
    while True:
        try:
            return last, periods(frequency, first, last, due_day)
        except TooMany:
            last -= WEEK


def day_in_month(year: int, month: int, day: int) -> date:
    """That day of the month, or its last one when the month is shorter."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def _weeks(first: date, last: date, weekday: int) -> Iterator[Period]:
    day = first + timedelta((weekday - first.isoweekday()) % 7)
    while day <= last:
        year, week, _ = day.isocalendar()
        yield Period(f"{year}年第{week}周", day)
        day += WEEK


def _months(first: date, last: date, day: int, *, quarters: bool) -> Iterator[Period]:
    """Every month (last month of a quarter) from that of `first` to that of `last`."""
    for index in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        year, month = index // 12, index % 12 + 1
        if not quarters:
            yield Period(f"{year}年{month}月", day_in_month(year, month, day))
        elif month % 3 == 0:
            yield Period(f"{year}年第{month // 3}季度", day_in_month(year, month, day))
