"""Texts and days of a version as they are read."""

from datetime import date

from django import template

register = template.Library()


@register.filter
def paragraphs(text: str) -> list[str]:
    """The lines of `text` that hold something, without the blanks around them (indenting is the page's)."""
    return [line for one in text.splitlines() if (line := one.strip())]


@register.filter
def iso_day(day: str) -> str:
    """“2026年3月5日” of the “2026-03-05” that a sheet holds."""
    found = date.fromisoformat(day)
    return f"{found.year}年{found.month}月{found.day}日"
