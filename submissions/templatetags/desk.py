"""The officer's desk: its tabs, with how much waits behind each."""

from typing import Any

from django import template

from schools.enums import Role
from submissions import access

register = template.Library()


@register.inclusion_tag("parts/desk.html", takes_context=True)
def desk(context: dict[str, Any], here: str) -> dict[str, Any]:
    """The tabs; `here` names the one that is shown. Nothing for people who are no officers."""
    user = context["request"].user
    if Role.OFFICER not in user.roles:
        return {}
    unanswered = access.unanswered_suggestions(user, Role.OFFICER)
    return {
        "tabs": (
            ("queue", "待审材料", "queue", 0),
            ("extensions", "延期申请", "extensions", access.extension_queue(user).count()),
            ("suggestions", "合理化建议", "all_suggestions", unanswered.count()),
            ("shelf", "优秀成果", "shelf_desk", 0),
            ("reasons", "常用意见", "common_reasons", 0),
        ),
        "here": here,
    }
