"""What the operator's page tells of periodic work: when it was last done, and what it came to."""

from datetime import datetime
from typing import Any

from portal.models import Heartbeat


def beat(name: str, *, at: datetime, seconds: float, summary: dict[str, Any] | None = None) -> None:
    """Write down that the work `name` has been done; a run that began earlier overwrites no later one."""
    fresh = {"at": at, "seconds": seconds, "summary": summary or {}}
    _, made = Heartbeat.objects.get_or_create(name=name, defaults=fresh)
    if not made:
        Heartbeat.objects.filter(name=name, at__lte=at).update(**fresh)
