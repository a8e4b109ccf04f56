"""每周进展 and 月度汇总: what is counted of all campaigns of a bureau in a stretch of days."""

from datetime import date, datetime
from typing import Any

from portal.jobs import Report as Told
from schools.models import Unit


def count(host: Unit, kind: str, starts_on: date, ends_on: date, at: datetime, told: Told) -> dict[str, Any]:
    """What happened in the days (both included), and how things stand at `at`."""
    raise NotImplementedError
