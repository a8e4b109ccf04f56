"""One light for each campaign: late, at risk or on track, and why. The thresholds are in docs/figures.md."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from django.utils import timezone

from campaigns.enums import CampaignState
from notices.templatetags.days import day_of
from notices.workdays import DAY
from reports.course.forecasting import Ahead
from reports.course.pace import Batch, ByHistory, Forecast
from reports.looking import Look
from reports.tables import Cell
from submissions.figures import COMPLETE, HANDED, OVERDUE, OWED, percent

#: 滞后: of what is due so far, this many percent are overdue, and it is more than one school's matter.
LATE_SHARE, LATE_LEAST = 10, 2
#: 有风险: so many percent are overdue; one school among many is no alarm.
RISK_SHARE = 3
#: 有风险: of all that is due until the next due day, less than so many percent are expected to be complete.
RISK_EXPECTED = 90
#: Without history people are taken for slow until shortly before the day, so only these last days count.
LAST_DAYS = 3


class State(Enum):
    """Key, word, icon (never colour alone); in the order in which leaders want to see them."""

    LATE = ("late", "滞后", "bi-exclamation-octagon-fill")
    RISK = ("risk", "有风险", "bi-exclamation-triangle-fill")
    FINE = ("fine", "正常", "bi-check-circle-fill")
    EARLY = ("early", "未到期", "bi-hourglass")
    NOTHING = ("nothing", "无任务", "bi-dash-circle")
    ENDED = ("ended", "已结束", "bi-flag-fill")

    def __init__(self, key: str, word: str, icon: str) -> None:
        self.key, self.word, self.icon = key, word, icon


@dataclass(frozen=True)
class Light:
    """`why` is a sentence in parts: words, and numbers with the address of their rows."""

    state: State
    why: tuple[str | Cell, ...]


@dataclass(frozen=True)
class Next:
    """The next due day, today included: what is due on it, how many tasks of it are expected to be complete
    at its end, and what share in percent of all that is due until then (`together`)."""

    batch: Batch
    expected: int
    together: int
    forecast: Forecast
    owed: Cell
    complete: Cell

    @property
    def day(self) -> date:
        return self.batch.due

    @property
    def percent(self) -> int | None:
        return percent(self.expected, self.batch.owed)


def next_due(ahead: Ahead) -> Next | None:
    """What is due next of a running campaign; None where nothing is."""
    look, due, forecast = ahead.look, ahead.due, ahead.forecast
    if look.campaign.state != CampaignState.PUBLISHED:
        return None
    today = timezone.localtime(look.at).date()
    batch = next((one for one in due if one.due >= today and one.owed), None)
    if batch is None:
        return None
    until = [one for one in due if one.due <= batch.due]
    comes = forecast.complete(until, today, batch.due)
    rows = {"due_from": batch.due, "due_until": batch.due}
    return Next(
        batch,
        forecast.complete([batch], today, batch.due),
        percent(comes, sum(one.owed for one in until)),
        forecast,
        Cell(batch.owed, look.rows(figure=OWED.key, **rows)),
        Cell(batch.complete, look.rows(figure=COMPLETE.key, **rows)),
    )


def light(ahead: Ahead, coming: Next | None) -> Light:
    """How the campaign stands, by what is due on each day (figures of the look's moment)."""
    look, due = ahead.look, ahead.due
    owed = sum(one.owed for one in due)
    ended = look.campaign.state != CampaignState.PUBLISHED
    if not owed:
        return Light(State.ENDED if ended else State.NOTHING, ("您的管辖范围内没有报送任务",))
    if ended:
        return Light(State.ENDED, _result(look, due, owed))
    today = timezone.localtime(look.at).date()
    over = sum(one.owed for one in due if one.due < today)
    overdue = sum(one.numbers[OVERDUE.key] for one in due)
    state, why = _by_overdue(look, overdue, over, today)
    if state is not State.LATE and coming and _doubtful(coming, today):
        return Light(State.RISK, (*why, _doubt(coming)))
    return Light(state, why)


def _by_overdue(look: Look, overdue: int, over: int, today: date) -> tuple[State, tuple[str | Cell, ...]]:
    if not over:
        return State.EARLY, ("还没有任务到截止日",)
    due = Cell(over, look.rows(figure=OWED.key, due_until=today - DAY))
    if not overdue:
        return State.FINE, ("已到期", due, "项，没有逾期")
    share = 100 * overdue / over
    said = f"{int(share)}%" if share >= 1 else "不到1%"
    why = ("逾期", Cell(overdue, look.rows(figure=OVERDUE.key)), "项，占已到期", due, f"项的{said}")
    if share >= LATE_SHARE and overdue >= LATE_LEAST:
        return State.LATE, why
    return (State.RISK if share >= RISK_SHARE else State.FINE), why


def _doubtful(coming: Next, today: date) -> bool:
    """Whether too little is expected, and the forecast good enough to alarm anybody."""
    good = isinstance(coming.forecast, ByHistory) or (coming.day - today).days < LAST_DAYS
    return good and coming.together < RISK_EXPECTED


def _doubt(coming: Next) -> str:
    return f"；预计到{day_of(coming.day)}，届时到期的任务报齐{coming.together}%，不到{RISK_EXPECTED}%"


def _result(look: Look, due: list[Batch], owed: int) -> tuple[str | Cell, ...]:
    """What became of it in the end."""
    handed = sum(one.numbers[HANDED.key] for one in due)
    return (
        "应报", Cell(owed, look.rows(figure=OWED.key)),
        "项，最终已报", Cell(handed, look.rows(figure=HANDED.key)),
        f"项，占{percent(handed, owed)}%",
    )  # fmt: skip
