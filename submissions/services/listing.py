"""The list of a campaign as a workbook: a row for each task, and one for each piece."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from campaigns.enums import RequirementKind
from notices.workdays import last_day
from schools.enums import Ownership, UnitKind
from schools.models import User
from submissions.enums import AssignmentState, Override, PieceState, Verdict
from submissions.models import Submission, Version
from submissions.rules import NotAllowed
from submissions.services import exporting
from submissions.services.books import MAX_ROWS, Book, Cell, Column, Value
from submissions.wordcount import count_words

Report = Callable[[str, int, int], None]

UNIT = (
    Column("单位", 26),
    Column("标识码", 13),
    Column("所属镇街或教育局", 20),
    Column("单位类别", 12),
)
PLAN = (Column("阶段", 16), Column("报送要求", 26), Column("材料类别", 12), Column("期次", 14))
TASKS = (
    *UNIT,
    Column("办学性质", 10),
    *PLAN,
    Column("截止日期", 12, Cell.DAY),
    Column("状态", 10),
    Column("特别处理", 10),
    Column("逾期天数", 10, Cell.NUMBER),
    Column("首次报齐时间", 17, Cell.MOMENT),
    Column("迟报", 6),
    Column("应报篇数", 10, Cell.NUMBER),
    Column("已报篇数", 10, Cell.NUMBER),
    Column("通过篇数", 10, Cell.NUMBER),
)
PIECES = (
    Column("活动", 24),
    *UNIT,
    *PLAN,
    Column("第几篇", 8, Cell.NUMBER),
    Column("标题", 36),
    Column("作者", 14),
    Column("专题", 20),
    Column("版本", 6, Cell.NUMBER),
    Column("提交时间", 17, Cell.MOMENT),
    Column("迟报", 6),
    Column("状态", 10),
    Column("推荐为优秀", 11),
    Column("审核意见", 30),
    Column("审核人", 10),
    Column("代报", 6),
    Column("字数", 8, Cell.NUMBER),
    Column("附件数", 8, Cell.NUMBER),
)
YES = "是"


def write(part: exporting.Part, path: Path, *, by: User, at: datetime, report: Report) -> int:
    """Write the workbook to `path`; how many tasks it lists. `at` decides what is overdue.

    Raises NotAllowed when there are none, or too many for a sheet.
    """
    owed, handed = exporting.tasks(part, by), exporting.pieces(part, by)
    count = owed.count()
    if not count:
        raise NotAllowed("所选范围内还没有报送任务，没有可导出的内容。")
    if count > MAX_ROWS:
        raise NotAllowed("所选范围内的报送任务太多，一个表格放不下，请按阶段或报送要求分别导出。")
    with Book(path) as book:
        add_tasks(book, owed, count, at=at, report=report)
        rows = (piece_row(version) for version in handed.iterator(chunk_size=500))
        _fill(book.sheet("材料", PIECES), rows, handed.count(), partial(report, "写入材料"))
    return count


def add_tasks(
    book: Book, owed: QuerySet, count: int, *, at: datetime, report: Report, note: str = ""
) -> None:
    """A sheet with a row for each of the `count` tasks `owed`, in their order."""
    rows = (task_row(row, at) for row in _rows(owed))
    _fill(book.sheet("报送任务", TASKS, note=note), rows, count, partial(report, "写入报送任务"))


def _fill(sheet: Any, rows: Iterable[list[Value]], total: int, told: Callable[[int, int], None]) -> None:
    for row in rows:
        sheet.add(row)
        told(sheet.rows, total)


def _rows(owed: QuerySet) -> Iterable[tuple]:
    """What `task_row` takes, straight from the database: 60,000 tasks are not worth as many objects."""
    requirement = "occurrence__requirement__"
    return owed.values_list(
        "unit__name", "unit__code", "branch__name", "unit_kind", "ownership",
        f"{requirement}phase__name", f"{requirement}title", f"{requirement}kind", "occurrence__label",
        "due_at", "state", "override", "completed_at", "late", f"{requirement}min_pieces",
        _pieces_in(PieceState.handed_in()), _pieces_in((PieceState.ACCEPTED,)),
    ).iterator(chunk_size=2000)  # fmt: skip


def _pieces_in(states: Iterable[PieceState]) -> Coalesce:
    counted = (
        Submission.objects.filter(assignment=OuterRef("pk"), state__in=states)
        .order_by()
        .values("assignment")
        .values(n=Count("pk"))
    )
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def task_row(row: tuple, at: datetime) -> list[Value]:
    """The row of one task, in the order of `TASKS`."""
    (unit, code, branch, kind, ownership, phase, title, material, label,
     due_at, state, override, completed_at, late, least, handed, accepted) = row  # fmt: skip
    last = last_day(due_at)
    overdue = state in AssignmentState.not_handed_in() and due_at <= at
    special = override in (Override.NIL, Override.ACKNOWLEDGED)
    by_click = material in RequirementKind.without_pieces()
    return [
        unit, code, branch, UnitKind(kind).label, Ownership(ownership).label,
        phase, title, RequirementKind(material).label, label,
        last, AssignmentState(state).label, Override(override).label if special else "",
        (timezone.localtime(at).date() - last).days if overdue else None,
        completed_at, YES if late else "",
        None if by_click else least, None if by_click else handed, None if by_click else accepted,
    ]  # fmt: skip


def piece_row(version: Version) -> list[Value]:
    """The row of one of `exporting.pieces`, in the order of `PIECES`."""
    piece = version.submission
    owed = piece.assignment
    decision = version.decision or {}
    sent_back = decision.get("verdict") in Verdict.sending_back()
    return [
        owed.requirement.campaign.title,
        owed.unit.name, owed.unit.code, owed.branch.name, owed.get_unit_kind_display(),
        owed.requirement.phase.name, owed.requirement.title, owed.requirement.get_kind_display(),
        owed.occurrence.label,
        piece.number, version.title, version.authors, version.topic.title if version.topic else "",
        version.number, version.submitted_at, YES if owed.late else "",
        # A correction that is on its way inside the school does not change what this version is.
        PieceState.RETURNED.label if sent_back else piece.get_state_display(),
        YES if version.praised and not sent_back else "",
        decision.get("reason", ""), decision.get("by", ""),
        YES if version.on_behalf else "", count_words(version.body) if version.body else "",
        len(version.version_files.all()),
    ]  # fmt: skip
