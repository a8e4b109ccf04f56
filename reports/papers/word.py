"""The official Word document."""

from datetime import datetime

from reports.papers.paper import Paper


def write(paper: Paper, at: datetime) -> bytes:
    """The .docx of `paper`."""
    raise NotImplementedError
