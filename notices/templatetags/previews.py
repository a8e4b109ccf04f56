"""A notice's text where only a line or two of it is shown."""

from django import template
from django.utils.text import Truncator

register = template.Library()

CLOSING = "，。；：！？"


@register.filter
def run_on(text: str, longest: int) -> str:
    """The lines of `text` as one, kept apart by “；”; cut to `longest` characters, it ends in “……”."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    joined = "".join(line if line.endswith(tuple(CLOSING)) else f"{line}；" for line in lines)
    return Truncator(joined.removesuffix("；")).chars(longest, truncate="……")
