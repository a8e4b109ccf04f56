"""What is filled in besides a text: the facts of a meeting, suggestions, the values of indicators."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from campaigns.enums import Comparator, RequirementKind
from campaigns.models import Indicator
from reports.demo import names
from reports.demo.words import suggestions
from reports.demo.writing import Voice
from submissions import sheets

R = RequirementKind


def fill_in(voice: Voice, kind: RequirementKind, name: str, day: date, asked: Iterable[Indicator]) -> dict:
    """The answers of a draft written on `day`, as a person would type them."""
    throw = voice.dice(name, "sheet")
    if kind == R.MINUTES:
        return {
            "held_on": (day - timedelta(days=throw.randint(0, 3))).isoformat(),
            "place": throw.choice(names.ROOMS),
            "chair": voice.head,
            "recorder": voice.secretary,
            "present": str(throw.randint(12, 64)),
            "agenda": throw.choice(suggestions.AGENDA),
        }
    if kind == R.SUGGESTION:
        matters = throw.sample(suggestions.MATTERS, throw.randint(2, 4))
        return {sheets.ITEMS: [throw.choice(matter.wordings) for matter in matters]}
    return {sheets.value_name(one): _reached(one, throw.uniform(0.55, 1.08)) for one in asked}


def _reached(indicator: Indicator, share: float) -> str:
    """About that share of the target, as a value that may be reported; what has a ceiling stays below it."""
    value: Any = indicator.value * Decimal(str(round(share, 2)))
    if indicator.unit == "%":
        value = min(value, Decimal(100))
    if indicator.comparator == Comparator.AT_MOST:
        value = min(value, indicator.value)
    whole = indicator.unit[-1:] in sheets.COUNTED
    return sheets.shown(value.quantize(Decimal(1) if whole else Decimal("0.1")))
