"""A bureau's own .docx with fields, filled in a sandbox."""

from datetime import datetime
from typing import Any

from reports.papers.paper import Paper
from reports.papers.wording import Words


class Faulty(Exception):
    """A template that cannot be filled: one sentence that names the field."""


def fill(
    template: bytes, kind: str, figures: dict[str, Any], paper: Paper, words: Words, at: datetime
) -> bytes:
    """The .docx of `template` with its fields filled."""
    raise NotImplementedError
