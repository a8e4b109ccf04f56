"""What some kinds of material ask for besides title and text: minutes, suggestions, progress tables.

A draft keeps the answers as they were typed, by the names of the form's fields (`names`); `read` turns
them into the one shape that versions hold, or says what is wrong:

- minutes: `{"held_on": "2026-03-05", "place", "chair", "recorder", "agenda": str, "present": int}`
- suggestions: `{"items": [str, …]}`
- progress: `{"values": [{"indicator": pk, "name", "comparator", "target", "unit", "value": str}, …]}`;
  names, targets and units are those of the day, numbers without trailing zeros
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from campaigns.enums import Comparator, RequirementKind
from campaigns.models import Indicator
from portal.days import in_range
from submissions.models import Assignment

Sheet = dict[str, Any]

MINUTES = {
    "held_on": "时间",
    "place": "地点",
    "chair": "主持人",
    "recorder": "记录人",
    "present": "参加人数",
    "agenda": "议题",
}
ITEMS = "items"
MAX_ITEMS = 20
MAX_ITEM = 1000
#: What is counted one by one: such values are whole numbers. “万人” and “册/人” are not.
COUNTED = frozenset("所人个名次场篇项件校班户位家套台辆本册节门")
NOT_COUNTED = frozenset("百千万亿/／每")
#: How far “约为” may be off, as a share of the target.
ABOUT = Decimal("0.05")
LARGEST = Decimal("999999999999.99")

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_COUNT = re.compile(r"\d{1,6}")


class Unfit(Exception):
    """What was typed is not what is asked for; the message is the sentence for the person."""


def asked_for(assignment: Assignment) -> list[Indicator]:
    """The indicators for which the unit reports a value; none but in progress tables."""
    if assignment.requirement.kind != RequirementKind.PROGRESS:
        return []
    return list(assignment.requirement.indicators_for(assignment.unit))


def names(kind: str, indicators: Sequence[Indicator] = ()) -> list[str]:
    """The names under which a draft keeps the answers of a requirement of `kind`."""
    if kind == RequirementKind.MINUTES:
        return list(MINUTES)
    if kind == RequirementKind.SUGGESTION:
        return [ITEMS]
    return [value_name(one) for one in indicators] if kind == RequirementKind.PROGRESS else []


def value_name(indicator: Indicator) -> str:
    """Under which name a draft keeps the value of an indicator."""
    return f"value_{indicator.pk}"


def read(kind: str, typed: Sheet, indicators: Sequence[Indicator], *, today: date) -> Sheet:
    """The sheet of a version from what a draft holds. Raises Unfit with one sentence."""
    if kind == RequirementKind.MINUTES:
        return _minutes(typed, today)
    if kind == RequirementKind.SUGGESTION:
        return _suggestions(typed)
    if kind == RequirementKind.PROGRESS and indicators:
        return {"values": _table(typed, indicators)}
    return {}


def _minutes(typed: Sheet, today: date) -> Sheet:
    missing = [label for name, label in MINUTES.items() if not str(typed.get(name, "")).strip()]
    if missing:
        raise Unfit(f"会议纪要还没有填写{'、'.join(missing)}，请补充后再提交。")
    try:
        held_on = date.fromisoformat(str(typed["held_on"]))
        sensible = in_range(held_on)
    except ValueError:
        sensible = False
    if not sensible:
        raise Unfit("会议时间不是有效的日期，请重新选择。")
    if held_on > today:
        raise Unfit("会议时间在今天以后，请核对；会议召开后再提交纪要。")
    present = plain(str(typed["present"])).removesuffix("人")
    if not _COUNT.fullmatch(present) or not 0 < int(present) <= 100_000:
        raise Unfit("参加人数须填写大于0的整数，请改正。")
    said = {name: str(typed[name]).strip() for name in MINUTES}
    return said | {"held_on": held_on.isoformat(), "present": int(present)}


def _suggestions(typed: Sheet) -> Sheet:
    items = [item for one in typed.get(ITEMS, []) if (item := str(one).strip())]
    if not items:
        raise Unfit("请至少填写一条建议后再提交。")
    return {ITEMS: items}


def _table(typed: Sheet, indicators: Sequence[Indicator]) -> list[dict[str, Any]]:
    """Every line, or every sentence about a line that is wrong, so that all are put right at once."""
    lines, wrong = [], []
    for one in indicators:
        try:
            lines.append(_reported(one, str(typed.get(value_name(one), ""))))
        except Unfit as sentence:
            wrong.append(str(sentence))
    if wrong:
        raise Unfit("".join(wrong))
    return lines


def _reported(indicator: Indicator, typed: str) -> dict[str, Any]:
    return {
        "indicator": indicator.pk,
        "name": indicator.name,
        "comparator": indicator.comparator,
        "target": shown(indicator.value),
        "unit": indicator.unit,
        "value": shown(value_of(indicator, typed)),
    }


def value_of(indicator: Indicator, typed: str) -> Decimal:
    """The number a person typed for an indicator, its unit taken off. Raises Unfit."""
    name, unit = indicator.name, indicator.unit
    text = plain(typed).removesuffix(plain(unit))
    if not text:
        raise Unfit(f"请填写指标“{name}”的数值；没有进展的，填写上期的数值。")
    if not _NUMBER.fullmatch(text):
        raise Unfit(f"指标“{name}”须填写数字（单位：{unit}），请改正。")
    value = Decimal(text)
    if abs(value) > LARGEST or value != value.quantize(Decimal("0.01")):
        raise Unfit(f"指标“{name}”最多填写两位小数、12位整数，请改正。")
    if _is_counted(unit) and (value != value.to_integral_value() or value < 0):
        raise Unfit(f"指标“{name}”以“{unit}”计，须填写不小于0的整数，请改正。")
    if unit in ("%", "％") and not _may_exceed(indicator) and not 0 <= value <= 100:
        raise Unfit(f"指标“{name}”是百分比，须在0到100之间，请改正。")
    return value + 0  # no “-0”


def _is_counted(unit: str) -> bool:
    return unit[-1:] in COUNTED and not NOT_COUNTED & set(unit)


def _may_exceed(indicator: Indicator) -> bool:
    """A rate of growth may be negative or above 100 %, and so may what is to reach more than that."""
    return "增" in indicator.name or indicator.value > 100


def meets(comparator: str, target: Decimal, value: Decimal) -> bool:
    """Whether a reported value reaches its target; nothing (“达到0人”) is reached by nothing alone."""
    if comparator == Comparator.REACHES and not target:
        return not value
    if comparator in (Comparator.AT_LEAST, Comparator.REACHES):
        return value >= target
    if comparator == Comparator.AT_MOST:
        return value <= target
    return abs(value - target) <= abs(target) * ABOUT


def in_words(sheet: Sheet) -> dict[str, tuple[str, str]]:
    """The facts of a meeting as people read them: name → label and answer; empty for other sheets."""
    if "held_on" not in sheet:
        return {}
    day = date.fromisoformat(sheet["held_on"])
    said = sheet | {"held_on": f"{day.year}年{day.month}月{day.day}日", "present": f"{sheet['present']}人"}
    return {name: (label, said[name]) for name, label in MINUTES.items()}


def body_name(kind: str) -> str:
    """What the text of a piece is called."""
    if kind == RequirementKind.MINUTES:
        return "主要内容"
    return "说明" if kind in (RequirementKind.SUGGESTION, RequirementKind.PROGRESS) else "正文"


def plain(text: str) -> str:
    """Half-width, without blanks and thousands separators: “１，２００ 人” → “1200人”."""
    return re.sub(r"[\s,，]", "", unicodedata.normalize("NFKC", text))


def shown(value: Decimal) -> str:
    """A number without trailing zeros or an exponent."""
    return f"{value.normalize():f}"


def values_in(sheet: Sheet) -> Iterable[tuple[int, Decimal]]:
    """Indicator id and value of each line of a version's progress table."""
    return [(line["indicator"], Decimal(line["value"])) for line in sheet.get("values", [])]
