"""What is owed, in lines that a person reads: in an inbox, a mail, a group."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from notices.templatetags.days import due_day, remaining
from submissions.models import Assignment

#: Beyond this many, lines and names are counted instead of listed.
LINES, NAMES = 30, 10


def own_lines(tasks: Iterable[Assignment], at: datetime, *, named: bool) -> list[str]:
    """One line for each task of people's own units, in the order of their dates; `act_by` must be there.

    `named`: with the name of the unit, for people of several.
    """
    lines = []
    for task in sorted(tasks, key=lambda one: (one.act_by, one.pk)):
        unit = f"{task.unit.name}：" if named else ""
        back = "（退回待改）" if task.act_by != task.due_at else ""
        lines.append(f"{unit}{_what(task)}{back}，{due_day(task.act_by)}截止，{remaining(task.act_by, at)}")
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
    """“2项报送任务已逾期、1项即将截止”, or of others’ “3个单位未按时报送材料”."""
    late = sum(task.act_by <= at for task in own)
    parts = [f"{late}项报送任务已逾期"] if late else []
    if soon := len(own) - late:
        parts.append(f"{soon}项{'' if late else '报送任务'}即将截止")
    if others:
        units = len({task.unit_id for task in others})
        parts.append(f"{units}个单位有材料未报")
    return "、".join(parts)


def _what(task: Assignment) -> str:
    return f"《{task.requirement.campaign.title}》{task.name}"


def _bounded(lines: list[str], counted: str) -> list[str]:
    return lines if len(lines) <= LINES else [*lines[:LINES], f"……共{len(lines)}{counted}，请登录平台查看。"]
