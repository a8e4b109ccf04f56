"""Due instants in words, as templates show them."""

from datetime import date, timedelta

import pytest

from notices.templatetags.days import due_date, remaining, urgency
from notices.workdays import end_of
from tests.factories import at

NOW = at(4, 28)  # a Tuesday; 1 to 5 May 2026 are holidays, Saturday 9 May is worked


@pytest.mark.parametrize(
    ("last", "said", "style"),
    [
        (date(2026, 4, 27), "逾期1天", "flag-overdue"),
        (date(2026, 4, 28), "今天截止", "flag-soon"),
        (date(2026, 4, 30), "还有2个工作日", "flag-soon"),
        (date(2026, 5, 5), "还有2个工作日", "flag-soon"),
        (date(2026, 5, 9), "还有6个工作日", "muted"),
        (date(2100, 12, 31), f"还有{(date(2100, 12, 31) - date(2026, 4, 28)).days}天", "muted"),
    ],
)
def test_what_is_left(last: date, said: str, style: str) -> None:
    assert (remaining(end_of(last), NOW), urgency(end_of(last), NOW)) == (said, style)


def test_only_days_off_are_left() -> None:
    holiday = at(5, 2)
    assert remaining(end_of(date(2026, 5, 3)), holiday) == "还有1天（均为休息日）"


def test_a_date_as_a_paper_writes_it() -> None:
    assert due_date(at(4, 30, 0) + timedelta(days=1)) == "2026年4月30日"


def test_without_the_years_calendar_nobody_counts_working_days():
    """The State Council names the days of 2099 in the autumn of 2098."""
    assert remaining(end_of(date(2099, 2, 14)), end_of(date(2099, 1, 14))) == "还有30天"
