"""What a requirement asks besides date and number, in short phrases."""

from django import template

from campaigns.models import Requirement
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
