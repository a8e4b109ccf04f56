"""The steps of a ladder of reminders: what they may be, and how they are said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from campaigns.enums import Told

FARTHEST = 60  # working days before or after the last day
MOST = 12
NONE = "不催办"

TOO_MANY = f"催办节点最多{MOST}个，请精简。"
TOO_FAR = f"天数应为1至{FARTHEST}的整数，请改正。"
NOBODY = "没有选择提醒谁，请至少选择一类。"
TOO_EARLY = "截止前只提醒信息员、单位负责人和工作群，其余请安排在截止当天或逾期后。"


@dataclass(frozen=True)
class Step:
    """One rung: `days` working days after the last day (negative: before it, 0: on it), and whom it tells."""

    days: int
    tells: frozenset[Told]


def wrong_with(steps: Sequence[Step]) -> list[tuple[int, str]]:
    """What will not do, as (place from 0, sentence); [] when all is well."""
    found = [(place, sentence) for place, step in enumerate(steps) if (sentence := _wrong(step))]
    days = [step.days for step in steps]
    for place, day in enumerate(days):
        if day in days[:place]:
            found.append((place, f"“{when(day)}”重复，同一天只设一个节点，请合并。"))
    if len(steps) > MOST:
        found.append((MOST, TOO_MANY))
    return sorted(found)


def _wrong(step: Step) -> str:
    if abs(step.days) > FARTHEST:
        return TOO_FAR
    if not step.tells:
        return NOBODY
    if step.days < 0 and not step.tells <= set(Told.beforehand()):
        return TOO_EARLY
    return ""


def when(days: int) -> str:
    """“截止前7个工作日”, “截止当天”, “逾期1个工作日”."""
    if days == 0:
        return "截止当天"
    return f"{'截止前' if days < 0 else '逾期'}{abs(days)}个工作日"


def in_order(tells: Iterable[Told]) -> list[Told]:
    told = set(tells)
    return [one for one in Told if one in told]


def whom(tells: Iterable[Told]) -> list[str]:
    """Labels in the order of the enum."""
    return [one.label for one in in_order(tells)]


def in_words(steps: Iterable[Step]) -> str:
    """“截止前7、3个工作日和当天提醒信息员；逾期1个工作日提醒信息员和单位负责人”, or “不催办”."""
    lowest_first = sorted(steps, key=lambda step: step.days)
    together = groupby(lowest_first, key=lambda step: step.tells)
    said = (f"{_days([step.days for step in same])}提醒{_joined(whom(tells))}" for tells, same in together)
    return "；".join(said) or NONE


def _days(days: list[int]) -> str:
    before, after = [str(-day) for day in days if day < 0], [str(day) for day in days if day > 0]
    parts = [f"截止前{'、'.join(before)}个工作日"] if before else []
    if 0 in days:
        parts.append("当天" if before else "截止当天")
    if after:
        parts.append(f"逾期{'、'.join(after)}个工作日")
    return _joined(parts)


def _joined(words: list[str]) -> str:
    *others, last = words
    return f"{'、'.join(others)}和{last}" if others else last
