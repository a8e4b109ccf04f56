"""What is owed, in lines that a person reads: in an inbox, a mail, a group."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from notices.templatetags.days import due_day, remaining
from notices.workdays import end_of, nth_workday
from submissions.enums import AssignmentState
from submissions.models import Assignment

BACK = {AssignmentState.RETURNED: "（退回待改）"}
MARKS = {**BACK, AssignmentState.TO_SIGN: "（待负责人签发）"}
#: What is due within so many working days is due soon.
AHEAD = 7
#: Beyond this many, lines and names are counted instead of listed.
LINES, NAMES = 30, 10


def own_lines(
    tasks: Iterable[Assignment], at: datetime, *, named: bool, marks: Mapping[str, str] = MARKS
) -> list[str]:
    """One line for each task of people's own units, in the order of their dates; `act_by` must be there.

    `named`: with the name of the unit, for people of several. `marks`: what is said of which state.
    """
    lines = []
    for task in sorted(tasks, key=lambda one: (one.act_by, one.pk)):
        unit = f"{task.unit.name}：" if named else ""
        mark = marks.get(task.state, "")
        lines.append(f"{unit}{_what(task)}{mark}，{due_day(task.act_by)}截止，{remaining(task.act_by, at)}")
    return _bounded(lines, "项")


def lines_of_others(tasks: Iterable[Assignment], at: datetime) -> list[str]:
    """One line for each thing asked and its deadline, with the units that have not handed it in."""
    groups: dict[tuple, list[Assignment]] = {}
    for task in sorted(tasks, key=lambda one: (one.act_by, one.occurrence_id, one.unit.path)):
        groups.setdefault((task.occurrence_id, task.act_by), []).append(task)
    lines = [
        f"{_what(some[0])}，{due_day(act_by)}截止，{remaining(act_by, at)}，未报：{names(some)}"
        for (_, act_by), some in groups.items()
    ]
    return _bounded(lines, "项要求")


def names(tasks: Sequence[Assignment]) -> str:
    """“示例一小、示例二小”, and how many they are where they are too many to name."""
    units = list(dict.fromkeys(task.unit.name for task in tasks))
    said = "、".join(units[:NAMES])
    return said if len(units) <= NAMES else f"{said}等{len(units)}个单位"


def heading(own: Sequence[Assignment], others: Sequence[Assignment], at: datetime) -> str:
    """“2项报送任务已逾期、1项即将截止”, and of others’ “3个单位未按时报送材料”."""
    late = sum(task.act_by <= at for task in own)
    near = sum(at < task.act_by <= soon(at) for task in own)
    counts = ((late, "已逾期"), (near, "即将截止"), (len(own) - late - near, "待报送"))
    parts = [f"{count}项{how}" for count, how in counts if count]
    if parts:
        parts[0] = parts[0].replace("项", "项报送任务", 1)
    if others:
        parts.append(f"{len({task.unit_id for task in others})}个单位未按时报送材料")
    return "、".join(parts)


def opening(own: Sequence[Assignment], others: Sequence[Assignment], at: datetime) -> str:
    """The first sentence of a mail: whose tasks these are."""
    units = len({task.unit_id for task in own})
    whose = "本单位" if units == 1 else f"您所在的{units}个单位"
    parts = [f"{whose}有{heading(own, [], at)}"] if own else []
    if others:
        parts.append(f"{'另' if own else ''}有{heading([], others, at)}，请予督促")
    return "；".join(parts) + "。"


def soon(at: datetime) -> datetime:
    """The instant up to which something is due soon: the end of the AHEAD-th working day after `at`."""
    return end_of(nth_workday(timezone.localdate(at), AHEAD))


def _what(task: Assignment) -> str:
    return f"《{task.requirement.campaign.title}》{task.name}"


def _bounded(lines: list[str], counted: str) -> list[str]:
    return lines if len(lines) <= LINES else [*lines[:LINES], f"……共{len(lines)}{counted}，请登录平台查看。"]
