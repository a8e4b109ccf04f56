"""A paper on a page: {% include "reports/paper/paper.html" %}."""

from django import template

from reports.papers import page
from reports.papers.paper import Paper, said

register = template.Library()
register.filter("printed", said)


@register.filter
def parts(paper: Paper) -> list[page.Part]:
    """What stands between the addressees and the signature."""
    return page.parts_of(paper)


register.filter("title_lines", page.title_of)
register.filter("subtitle_lines", page.subtitle_of)


@register.filter
def annexes(paper: Paper) -> list[tuple[str, str, list[page.Part]]]:
    """Label, title and parts of each annex."""
    return page.annexes_of(paper)
