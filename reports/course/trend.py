"""Day by day: what was due, what was handed in, and what is to be expected until the last due day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from django.db.models import Sum
from django.utils import timezone

from campaigns.enums import CampaignState
from notices.templatetags.days import day_of
from notices.workdays import DAY
from reports.course.forecasting import Ahead
from reports.course.pace import Batch, Forecast
from reports.looking import Look
from reports.tables import Cell, Column, Line, Table
from submissions.figures import COMPLETE, OWED, percent
from submissions.models import Pace

#: Longer stretches have a line for each week, which ends on the same day of the week as today.
MOST_DAYS = 400
SERIES = ("plan", "actual", "forecast")


@dataclass(frozen=True)
class Course:
    """All that the table tells. `came`: first complete, by day; `today`: None when it is over."""

    due: Sequence[Batch]
    came: dict[date, int]
    today: date | None
    forecast: Forecast
    begins: date
    step: timedelta

    @property
    def owed(self) -> int:
        return sum(one.owed for one in self.due)

    @property
    def complete(self) -> int:
        return sum(one.complete for one in self.due)

    @property
    def ends(self) -> date:
        """The later of today and the last due day issued; of what is over, the day of the last hand-in."""
        last = self.due[-1].due
        return max(last, self.today or max(self.came, default=last))

    @property
    def days(self) -> list[date]:
        """The last day of each line; today is one of them."""
        anchor = self.today or self.ends
        back = (anchor - self.begins) // self.step
        on = (self.ends - anchor) // self.step
        found = [anchor + n * self.step for n in range(-back, on + 1)]
        return found if found[-1] == self.ends else [*found, self.ends]


def table(ahead: Ahead) -> Table:
    """The trend of what is looked at, with what is to be expected in `note`; one statement."""
    look, due = ahead.look, [one for one in ahead.due if one.owed]
    course = _course(look, due, ahead.forecast) if due else None
    return Table(
        "trend",
        "趋势和预计",
        "日期",
        _columns(daily=course is None or course.step == DAY),
        _lines(look, course) if course else (),
        "trend",
        SERIES,
        note=said(course) if course else "",
    )


def _course(look: Look, due: list[Batch], forecast: Forecast) -> Course:
    counted = look.counters(Pace).order_by("completed_on").values_list("completed_on").annotate(Sum("n"))
    came = {day: n for day, n in counted if n}
    running = look.campaign.state == CampaignState.PUBLISHED
    today = timezone.localtime(look.at).date() if running else None
    begins = min([look.campaign.starts_on, due[0].due, *came, *([today] if today else [])])
    course = Course(due, came, today, forecast, begins, DAY)
    if (course.ends - begins).days < MOST_DAYS:
        return course
    return Course(due, came, today, forecast, begins, 7 * DAY)


def said(course: Course) -> str:
    """What is to be expected, in a sentence, and by what it was reckoned."""
    owed, complete, last = course.owed, course.complete, course.due[-1].due
    if complete == owed:
        return f"应报{owed}项，已全部报齐。"
    so_far = f"应报{owed}项，曾报齐{complete}项（含退回），占{percent(complete, owed)}%"
    if course.today is None:
        return f"{so_far}；活动已结束。"
    if last <= course.today:
        return f"{so_far}；已下达的任务均已到截止日。"
    comes = course.forecast.complete(course.due, course.today, last)
    share = f"占应报的{percent(comes, owed)}%（{course.forecast.words}）"
    if over := [one for one in course.due if one.due < course.today]:
        due, came = sum(one.owed for one in over), sum(one.complete for one in over)
        so_far += f"；其中已到期的{due}项中曾报齐{came}项"
    return f"{so_far}；预计到{day_of(last)}报齐{comes}项，{share}。"


def _columns(*, daily: bool) -> tuple[Column, ...]:
    came, when = ("当日报齐", "当日") if daily else ("一周报齐", "到这一天为止的七日内")
    return (
        Column("应完成", "plan", "截止日在这一天及以前的应报任务，累计"),
        Column(came, "daily", f"{when}首次报齐的任务"),
        Column("累计报齐", "actual", "到这一天为止曾经报齐的任务，含报齐后退回的"),
        Column("预计累计", "forecast", "按以往的报送进度或近7日的进度推算"),
    )


def _lines(look: Look, course: Course) -> list[Line]:
    sums = accumulate(one.owed for one in course.due)
    planned = dict(zip((one.due for one in course.due), sums, strict=True))
    lines, plan, actual, before = [], 0, 0, None
    for day in course.days:
        first = course.begins if before is None else before + DAY
        stretch = [first + n * DAY for n in range((day - first).days + 1)]
        plan = max([plan, *(planned[one] for one in stretch if one in planned)])
        came = sum(course.came.get(one, 0) for one in stretch)
        actual += came
        cells = (
            Cell(plan, look.rows(figure=OWED.key, due_until=day)),
            *_past(look, course, (first, day), came, actual),
        )
        lines.append(Line(_name(day, course), cells, value=day.isoformat(), now=day == course.today))
        before = day
    return lines


def _past(look: Look, course: Course, days: tuple[date, date], came: int, actual: int) -> tuple[Cell, ...]:
    """What was handed in until the end of `days`, or on days to come what is expected."""
    first, day = days
    if course.today and day > course.today:
        comes = course.forecast.complete(course.due, course.today, day)
        return Cell(None), Cell(None), Cell(comes)
    return (
        Cell(came, look.rows(figure=COMPLETE.key, done_from=first, done_until=day)),
        Cell(actual, look.rows(figure=COMPLETE.key, done_until=day)),
        Cell(None),
    )


def _name(day: date, course: Course) -> str:
    within_a_year = course.begins.year == course.ends.year
    return f"{day.month}月{day.day}日" if within_a_year else f"{day.year}年{day.month}月{day.day}日"
