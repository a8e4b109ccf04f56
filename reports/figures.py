"""One definition for every figure; the same condition sums counters and lists the rows behind them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from submissions.enums import AssignmentState as State


@dataclass(frozen=True)
class Figure:
    """A number of assignments: its key in addresses, its Chinese name, what it means, and whether it
    should be zero."""

    key: str
    name: str
    meaning: str
    bad: bool = False


FIGURES: tuple[Figure, ...] = (
    Figure("owed", "应报", "已下达的报送任务，不含免报和撤销"),
    Figure("handed", "已报", "已报齐，等待审核或已通过"),
    Figure("accepted", "通过", "审核通过"),
    Figure("waiting", "待审", "已报齐，等待审核"),
    Figure("returned", "退回", "已退回，等待学校修改", bad=True),
    Figure("missing", "未报", "尚未报齐，不含退回待改的"),
    Figure("overdue", "逾期", "未报，且已过截止时间", bad=True),
    Figure("late", "迟报", "首次报齐时已过当时的截止时间", bad=True),
    Figure("exempt", "免报", "经同意不必报送"),
)


def condition(key: str, at: datetime) -> Q:
    """The figure as a filter on assignments or on counters (both have state, late, due_at).

    `at` decides what is overdue. Raises KeyError for an unknown figure.
    """
    return {
        "owed": Q(state__in=State.owed()),
        "handed": Q(state__in=State.handed_in()),
        "accepted": Q(state=State.ACCEPTED),
        "waiting": Q(state__in=(State.SUBMITTED, State.FIRST_PASSED)),
        "returned": Q(state=State.RETURNED),
        "missing": Q(state__in=State.not_handed_in()),
        "overdue": Q(state__in=State.not_handed_in(), due_at__lte=at),
        "late": Q(late=True, state__in=State.owed()),
        "exempt": Q(state=State.EXEMPT),
    }[key]


def totals(counters: QuerySet, at: datetime, *by: str) -> list[dict]:
    """Sum every figure over counters, one row for each combination of the fields `by`, in their order.

    Rows are dicts of the `by` fields and the figure keys; one row when `by` is empty.
    """
    sums = {figure.key: Coalesce(Sum("n", filter=condition(figure.key, at)), 0) for figure in FIGURES}
    if not by:
        return [counters.aggregate(**sums)]
    return list(counters.values(*by).annotate(**sums).order_by(*by))
