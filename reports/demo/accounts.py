"""The accounts to try the demo with, as a table for the screen."""

import unicodedata

from reports.demo.load import is_loaded
from reports.demo.people import PASSWORD, SHOWN
from schools.models import User

HEADER = ("角色", "用户名", "密码")


def table() -> list[str]:
    """Aligned lines (role, user name, password), the header first; empty where there is no demo."""
    if not is_loaded():
        return []
    known = User.objects.in_bulk(SHOWN, field_name="username")
    rows = [(part(known[name]), name, PASSWORD) for name in SHOWN if name in known]
    widths = [max(map(width, column)) for column in zip(HEADER, *rows, strict=True)]
    return [
        "  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in (HEADER, *rows)
    ]


def part(user: User) -> str:
    """What the person plays: the role, and where."""
    posts = user.active_memberships
    where = "、".join(post.unit.name for post in posts)
    told = f"{posts[0].get_role_display()}（{where}）"
    return f"{told}，先改密码" if user.must_change_password else told


def width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
