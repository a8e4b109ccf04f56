"""The workbook."""

from datetime import datetime

from reports.papers.paper import Paper


def write(paper: Paper, at: datetime) -> bytes:
    """The .xlsx of all tables of `paper`."""
    raise NotImplementedError
