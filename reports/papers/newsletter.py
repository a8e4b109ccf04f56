"""简报, put into words."""

from typing import Any

from reports.papers.paper import Paper
from reports.papers.wording import Words


def compose(figures: dict[str, Any], words: Words) -> Paper:
    """The paper out of frozen figures."""
    raise NotImplementedError
