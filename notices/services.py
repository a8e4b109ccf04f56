"""Writers of notices; called inside the transaction of what they tell about."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from notices.models import Notice


def tell(
    recipients: Iterable[Any], *, matter: str, title: str, at: datetime, body: str = "", url: str = ""
) -> None:
    """Put one notice into each recipient's inbox (users or their ids), once per person and matter."""
    Notice.objects.bulk_create(
        (
            Notice(
                recipient_id=getattr(to, "pk", to),
                matter=matter,
                title=title[:120],
                body=body,
                url=url,
                at=at,
            )
            for to in recipients
        ),
        ignore_conflicts=True,
        batch_size=2000,
    )


def mark_read(recipient: Any, *, at: datetime, only: int | None = None) -> int:
    """Mark the person's unread notices (or just the one with id `only`) as read; returns how many."""
    unread = Notice.objects.filter(recipient=recipient).unread()
    if only is not None:
        unread = unread.filter(pk=only)
    return unread.update(read_at=at)
