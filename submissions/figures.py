"""One definition for every figure: the condition that counts is the condition that lists.

The words are in docs/figures.md; a test holds both together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from submissions import access
from submissions.enums import AssignmentState as State
from submissions.enums import Override, PieceState, ReviewStep, SuggestionState, Verdict
from submissions.models import Assignment, Review, Submission, Suggestion, Version


@dataclass(frozen=True)
class Figure:
    """A number of rows of `of`: its key in addresses, its Chinese name, what it means, its condition at an
    instant, its unit of counting, and whether it should be zero.

    Conditions on assignments use only what counters have as well (`Standing`), except where said.
    """

    key: str
    name: str
    meaning: str
    condition: Callable[[datetime], Q]
    of: type[Model] = Assignment
    counted: str = "项"
    bad: bool = False


def _praised(at: datetime) -> Q:
    sent_back = Review.objects.filter(version=OuterRef("pk"), verdict__in=Verdict.sending_back())
    praised = Review.objects.filter(version=OuterRef("pk"), recommended=True)
    return Q(Exists(praised)) & ~Q(Exists(sent_back))


def _held_past_correction(at: datetime) -> QuerySet[Submission]:
    """Pieces of an assignment that came back from the bureau and should be back there."""
    mine = Submission.objects.filter(assignment=OuterRef("pk"), state__in=PieceState.with_the_school())
    return mine.filter(correct_by__lte=at)


OWED = Figure("owed", "应报", "已下达的报送任务，不含免报和撤销", lambda at: Q(state__in=State.owed()))
HANDED = Figure("handed", "已报", "已报齐，等待审核或已通过", lambda at: Q(state__in=State.handed_in()))
ACCEPTED = Figure("accepted", "通过", "审核通过、已签收或零报告", lambda at: Q(state=State.ACCEPTED))
WAITING = Figure("waiting", "待审", "已报齐，等待审核", lambda at: Q(state__in=State.under_review()))
RETURNED = Figure("returned", "退回", "已退回，等待学校修改", lambda at: Q(state=State.RETURNED), bad=True)
MISSING = Figure("missing", "未报", "尚未报齐，不含退回待改的", lambda at: Q(state__in=State.not_handed_in()))
OVERDUE = Figure(
    "overdue",
    "逾期",
    "未报，且已过截止时间",
    lambda at: Q(state__in=State.not_handed_in(), due_at__lte=at),
    bad=True,
)
COMPLETE = Figure(
    "complete", "报齐过", "曾经报齐，含报齐后退回的", lambda at: Q(complete=True, state__in=State.owed())
)
IN_TIME = Figure(
    "in_time",
    "按时",
    "首次报齐时未过当时的截止时间",
    lambda at: Q(complete=True, late=False, state__in=State.owed()),
)
LATE = Figure(
    "late",
    "迟报",
    "首次报齐时已过当时的截止时间",
    lambda at: Q(late=True, state__in=State.owed()),
    bad=True,
)
UNFINISHED = Figure(
    "unfinished",
    "在办",
    "尚未报齐，或已退回待改",
    lambda at: Q(state__in=State.unfinished()),
)
NOT_DUE = Figure(
    "not_due",
    "未到期",
    "未报，尚未到截止时间",
    lambda at: Q(state__in=State.not_handed_in(), due_at__gt=at),
)
DUE = Figure("due", "已到期", "应报，且已过截止时间", lambda at: Q(state__in=State.owed(), due_at__lte=at))
DUE_HANDED = Figure(
    "due_handed",
    "到期已报",
    "已报，且已过截止时间",
    lambda at: Q(state__in=State.handed_in(), due_at__lte=at),
)
EXEMPT = Figure("exempt", "免报", "经同意不必报送", lambda at: Q(state=State.EXEMPT))
#: Not in counters, like all that follow.
UNCORRECTED = Figure(
    "uncorrected",
    "修改逾期",
    "已退回，且已过修改期限",
    lambda at: Q(state=State.RETURNED) & Q(Exists(_held_past_correction(at))),
    bad=True,
)
NIL = Figure("nil", "零报告", "没有可报内容，已作零报告", lambda at: Q(override=Override.NIL))
RETURNS = Figure(
    "returns",
    "退回次数",
    "教育局退回修改的次数，不含本单位负责人退回",
    lambda at: Q(verdict__in=Verdict.sending_back()) & ~Q(step=ReviewStep.SIGN),
    Review,
    "次",
    bad=True,
)
PIECES = Figure(
    "pieces", "通过篇数", "审核通过的材料", lambda at: Q(state=PieceState.ACCEPTED), Submission, "篇"
)
RECOMMENDED = Figure("recommended", "优秀推荐", "审核时推荐为优秀的材料", _praised, Version, "篇")
SHOWN = Figure(
    "shown",
    "优秀展示",
    "正在优秀成果中展示的材料",
    lambda at: Q(pk__in=access.shown().values("version")),
    Version,
    "篇",
)

SETTLED = Figure(
    "settled", "已办结", "采纳的建议，已填写办理结果", lambda at: Q(done_at__isnull=False), Suggestion, "条"
)
UNSETTLED = Figure(
    "unsettled",
    "逾期未办结",
    "采纳的建议，过了办理期限还没有办结",
    lambda at: Q(state__in=SuggestionState.carried_out(), done_at=None, due_on__lt=timezone.localdate(at)),
    Suggestion,
    "条",
    bad=True,
)

#: Of many units: read from counters.
COUNTED = (
    *(OWED, HANDED, ACCEPTED, WAITING, RETURNED, MISSING, OVERDUE, NOT_DUE),
    *(DUE, DUE_HANDED, IN_TIME, LATE, EXEMPT),
)
#: Of one unit: counted among its own rows.
OF_UNIT = (
    *(OWED, ACCEPTED, IN_TIME, LATE, OVERDUE, RETURNS, EXEMPT, NIL),
    *(PIECES, RECOMMENDED, SHOWN),
)
#: Of one unit or a few, in running campaigns: counted among their own rows.
AT_PRESENT = (*COUNTED, UNFINISHED, UNCORRECTED)
OF_SUGGESTIONS = (SETTLED, UNSETTLED)
EVERY = {figure.key: figure for figure in (*COUNTED, COMPLETE, *OF_UNIT, *AT_PRESENT, *OF_SUGGESTIONS)}


def percent(part: int, whole: int) -> int | None:
    """报送率 and the like, rounded down: “100%” means that nothing is missing; None of nothing."""
    return 100 * part // whole if whole else None
