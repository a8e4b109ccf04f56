"""The days of the running discussion, told from today: today lies in the last third of its second phase."""

import calendar
import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.utils import timezone

from notices.workdays import DAY, add_workdays, is_workday

#: How many days of the second phase are left at least.
LEFT = timedelta(days=8)


@dataclass(frozen=True)
class Span:
    """First and last day of a phase, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Frame:
    """Three phases of one, two and one months that end in the middle or at the end of a month."""

    today: date
    spreading: Span  # 宣传发动
    learning: Span  # 学习讨论
    harvest: Span  # 成果转化

    @classmethod
    def around(cls, today: date) -> "Frame":
        """The frame of which `today` lies 8 to 23 days before the end of the second phase."""
        end = _period_end(today + LEFT)
        ends = [_months(end, -3), _months(end, -2), end, _months(end, 1)]
        spans = [Span(before + DAY, last) for before, last in pairwise(ends)]
        return cls(today, *spans)

    @property
    def published_on(self) -> date:
        return add_workdays(self.spreading.first - DAY, 1)

    @property
    def minutes_by(self) -> date:
        """The middle of the second phase."""
        return _months(self.learning.last, -1)

    @property
    def summary_by(self) -> date:
        """Ten days before the end of everything."""
        return self.harvest.last - 10 * DAY

    @property
    def cut(self) -> datetime:
        """Nothing of the story happens at or after this instant: the first of today.

        So the demo of one day is the same whether it is loaded in the morning or at night.
        """
        return midnight(self.today)


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def office_hour(day: date, throw: random.Random) -> datetime:
    """Some minute of the working hours of `day`."""
    minute = throw.choice((throw.randint(8 * 60 + 20, 11 * 60 + 30), throw.randint(13 * 60 + 40, 17 * 60)))
    return midnight(day) + timedelta(minutes=minute, seconds=throw.randint(0, 59))


def workdays(first: date, last: date) -> list[date]:
    """The working days from `first` to `last`, both included."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if is_workday(day)]


def workdays_ago(day: date, count: int) -> date:
    """The `count`-th working day before `day` (count ≥ 1)."""
    while count > 0:
        day -= DAY
        count -= is_workday(day)
    return day


def _period_end(day: date) -> date:
    """The first 15th or last day of a month from `day` on."""
    last = calendar.monthrange(day.year, day.month)[1]
    return day.replace(day=15 if day.day <= 15 else last)


def _months(end: date, count: int) -> date:
    """The same kind of day (15th, or last of the month) `count` months later."""
    month = end.year * 12 + end.month - 1 + count
    year, month = divmod(month, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, 15 if end.day == 15 else last)


def month_first(day: date, count: int) -> date:
    """The first of the month `count` months after that of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, 1)
