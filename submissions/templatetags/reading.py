"""A text as it is read: in paragraphs."""

from django import template

register = template.Library()


@register.filter
def paragraphs(text: str) -> list[str]:
    """The lines of `text` that hold something, without the blanks around them (indenting is the page's)."""
    return [line for one in text.splitlines() if (line := one.strip())]
