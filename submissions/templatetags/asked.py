"""What a requirement asks besides date and number, and what a sheet says, in short phrases."""

from decimal import Decimal
from typing import Any

from django import template

from campaigns.enums import Comparator
from campaigns.models import Requirement
from submissions import sheets
from submissions.rules import extensions_of

register = template.Library()


@register.filter
def terms(requirement: Requirement) -> list[str]:
    """“正文800至1200字”, “附件限docx、doc”, “须单位负责人签发” …; nothing where one click is asked."""
    if requirement.by_click:
        return []
    said = [
        _length(requirement.words_min, requirement.words_max),
        f"附件限{'、'.join(extensions_of(requirement))}" if requirement.file_kinds else "",
        "须单位负责人签发" if requirement.sign_off else "",
        "先由区县初审" if requirement.district_first else "",
        "可以零报告" if requirement.nil_allowed else "",
    ]
    return [phrase for phrase in said if phrase]


def _length(least: int | None, most: int | None) -> str:
    if least and most:
        return f"正文{least}至{most}字"
    return f"正文不少于{least}字" if least else f"正文不超过{most}字" if most else ""


@register.filter
def body_name(requirement: Requirement) -> str:
    """What the text of a piece is called."""
    return sheets.body_name(requirement.kind)


@register.filter
def minutes(sheet: sheets.Sheet) -> list[tuple[str, str]]:
    """Label and answer of each fact of a meeting."""
    return list(sheets.in_words(sheet).values())


@register.filter
def items_of(sheet: sheets.Sheet) -> list[str]:
    """The suggestions of a sheet; a template would take `items` for the method of a dict."""
    return sheet.get(sheets.ITEMS, [])


@register.filter
def values_of(sheet: sheets.Sheet) -> list[dict[str, Any]]:
    """Each line of a progress table, its comparator in words and whether the target is met."""
    return [
        line
        | {
            "comparator": Comparator(line["comparator"]).label,
            "met": sheets.meets(line["comparator"], Decimal(line["target"]), Decimal(line["value"])),
        }
        for line in sheet.get("values", [])
    ]


@register.filter
def last_value(last: dict[int, Decimal], line: dict[str, Any]) -> str:
    """What was reported for the line's indicator in the period before."""
    found = last.get(line["indicator"])
    return "未报" if found is None else f"{sheets.shown(found)}{line['unit']}"
