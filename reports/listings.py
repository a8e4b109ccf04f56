"""Lists behind numbers as tables, to be taken away whole: one line for each row of the page's list."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from notices.workdays import last_day
from reports import workbooks
from reports.deciding import Matter
from reports.happened import NEWLY_OVERDUE, Change
from reports.tables import Cell, Column, Line, Table, Value
from schools.models import Unit
from submissions import standing
from submissions.enums import AssignmentState, Override
from submissions.models import Assignment, AssignmentEvent, Version
from submissions.services.books import Cell as Kind

KEY = "list"  # ?table= of such a list
#: Longer ones are not written while somebody waits; their page says so.
MOST = 5_000

#: A column, and what stands in it for a row.
Field = tuple[Column, Callable[[Any], Value]]
Fields = tuple[Field, ...]


def respond(
    request: HttpRequest, found: QuerySet, subject: str, table: Callable[[Iterable[Any]], Table], at: datetime
) -> HttpResponse:
    """All rows `found` as a workbook. Raises Http404 for another table, and for what is too long."""
    if request.GET["table"] != KEY or found.count() > MOST:
        raise Http404
    return workbooks.respond(table(found), subject, at)


def laid_out(title: str, first: str, name: Callable[[Any], str], fields: Fields, rows: Iterable) -> Table:
    """A line for each of `rows`, called `name`."""
    lines = [Line(name(one), tuple(Cell(value(one)) for _, value in fields)) for one in rows]
    return Table(KEY, title, first, tuple(column for column, _ in fields), lines)


def text(name: str, value: Callable[[Any], str]) -> Field:
    return Column(name, kind=Kind.TEXT), value


def day(name: str, value: Callable[[Any], date | None]) -> Field:
    return Column(name, kind=Kind.DAY), value


def moment(name: str, value: Callable[[Any], datetime | None]) -> Field:
    return Column(name, kind=Kind.MOMENT), value


# Tasks ------------------------------------------------------------------------------------------------


def state_of(task: Assignment) -> str:
    """How the task stands, as its mark says it (parts/state.html)."""
    if task.requirement.by_click and task.state == AssignmentState.TODO:
        return "待签收"
    if task.requirement.by_click and task.state == AssignmentState.ACCEPTED:
        return "已签收"
    return "零报告" if task.override == Override.NIL else task.get_state_display()


WHOSE: Fields = (text("镇街", lambda task: task.branch.name),)
PLAN: Fields = (
    text("活动", lambda task: task.requirement.campaign.title),
    text("报送任务", lambda task: task.name),
)
DUE: Fields = (text("状态", state_of), day("截止日期", lambda task: last_day(task.due_at)))
CORRECTION: Fields = (day("修改期限", lambda task: last_day(task.correct_by) if task.correct_by else None),)
DONE: Fields = (
    moment("首次报齐", lambda task: task.completed_at),
    text("迟报", lambda task: "是" if task.late else ""),
)


def of_tasks(title: str, tasks: Iterable[Assignment]) -> Table:
    """Tasks of several units (`worklist.dated`, with branch and plan)."""
    return laid_out(title, "单位", unit_of, (*WHOSE, *PLAN, *DUE, *CORRECTION, *DONE), tasks)


def unit_of(task: Assignment) -> str:
    return task.unit.name


def of_change(change: Change, rows: Iterable[Assignment | AssignmentEvent]) -> Table:
    """What happened of one kind; events tell when, what is newly overdue has its deadline."""
    fields = (*WHOSE, *PLAN, *DUE, *DONE)
    if change is NEWLY_OVERDUE:
        return laid_out(change.name, "单位", unit_of, fields, rows)
    of_events = ((column, _of_its_task(value)) for column, value in fields)
    happened_at = moment("时间", lambda event: event.at)
    return laid_out(change.name, "单位", _of_its_task(unit_of), (*of_events, happened_at), rows)


def _of_its_task(value: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda event: value(event.assignment)


# One unit ---------------------------------------------------------------------------------------------


def of_figure(title: str, model: type, rows: Iterable[Any]) -> Table:
    """The rows of a figure of one unit (`standing.with_plan`), whatever they are."""
    if model is Assignment:
        return laid_out(title, "报送任务", lambda task: task.name, (PLAN[0], *DUE, *CORRECTION, *DONE), rows)
    lines = [standing.row(one) for one in rows]
    fields: Fields = (
        text("活动", lambda line: line["task"].requirement.campaign.title),
        text("报送任务", lambda line: line["task"].name),
        day("截止日期", lambda line: last_day(line["task"].due_at)),
    )
    if any(line.get("review") for line in lines):
        fields += (
            moment("审核时间", lambda line: line["review"].at),
            text("审核结果", lambda line: line["review"].get_verdict_display()),
            text("审核意见", lambda line: line["review"].reason),
        )
    return laid_out(title, "材料", lambda line: line["title"], fields, lines)


def of_pieces(pieces: Iterable[Version]) -> Table:
    """Versions with their plan and `word` (reports/views/unit.py)."""
    fields: Fields = (
        text("活动", lambda one: one.submission.assignment.requirement.campaign.title),
        text("报送任务", lambda one: one.submission.assignment.name),
        (Column("版本"), lambda one: one.number),
        text("状态", lambda one: one.word),
        moment("报送时间", lambda one: one.submitted_at),
        text("报送人", lambda one: f"{one.submitted_by.name}{'代报' if one.on_behalf else ''}"),
    )
    return laid_out("已报材料", "材料", lambda one: one.title, fields, pieces)


# Units ------------------------------------------------------------------------------------------------


def of_units(units: Iterable[Unit]) -> Table:
    """Units with their parents and former names."""
    fields: Fields = (
        text("上级单位", lambda unit: unit.parent.name if unit.parent else ""),
        text("单位类别", lambda unit: unit.get_kind_display()),
        text("办学性质", lambda unit: unit.get_ownership_display()),
        text("标识码", lambda unit: unit.code),
        text("曾用名", lambda unit: "、".join(one.name for one in unit.former_names.all())),
        moment("撤并时间", lambda unit: unit.closed_at),
    )
    return laid_out("单位", "单位", lambda unit: unit.name, fields, units)


# What waits -------------------------------------------------------------------------------------------

WAITING: dict[str, tuple[str, Callable[[Any], str], Fields]] = {
    "reviews": (
        "材料",
        lambda piece: piece.current.title,
        (
            text("单位", lambda piece: piece.assignment.unit.name),
            text("活动", lambda piece: piece.assignment.requirement.campaign.title),
            text("报送任务", lambda piece: piece.assignment.name),
            moment("报送时间", lambda piece: piece.handed_in_at),
        ),
    ),
    "answers": (
        "建议",
        lambda one: one.text,
        (
            text("提出单位", lambda one: one.unit.name if one.unit else one.source),
            text("活动", lambda one: one.campaign.title),
            moment("提出时间", lambda one: one.added_at),
        ),
    ),
    "bulletins": (
        "通报",
        lambda one: one.title,
        (
            text("活动", lambda one: one.campaign.title),
            text("主办单位", lambda one: one.campaign.host.name),
            moment("统计时间", lambda one: one.counted_at),
        ),
    ),
    "reports": (
        "报告",
        lambda one: one.title,
        (
            text("类型", lambda one: one.get_kind_display()),
            text("版本", lambda one: one.issue),
            text("编制单位", lambda one: one.host.name),
            moment("统计时间", lambda one: one.counted_at),
        ),
    ),
    "campaigns": (
        "活动",
        lambda one: one.title,
        (text("主办单位", lambda one: one.host.name), day("结束日期", lambda one: one.ends_on)),
    ),
    "phases": (
        "阶段",
        lambda one: one.name,
        (
            text("活动", lambda one: one.campaign.title),
            text("主办单位", lambda one: one.campaign.host.name),
            day("结束日期", lambda one: one.ends_on),
        ),
    ),
}
WAITING["suggestions"] = WAITING["answers"]
WAITING["drafts"] = WAITING["bulletins"]
WAITING["report_drafts"] = WAITING["reports"]


def of_matter(matter: Matter, rows: Iterable[Any]) -> Table:
    """What waits of one kind."""
    first, name, fields = WAITING[matter.key]
    return laid_out("待处理事项", first, name, fields, rows)
