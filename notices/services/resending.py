"""Sending anew what was given up, by the operator."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from notices.models import Delivery
from notices.services.delivering import send_again
from portal import audit


@transaction.atomic
def resend(deliveries: Iterable[Delivery], *, at: datetime, by: Any) -> int:
    """Let these messages be tried anew at once; how many it was. Those that were not given up, or for which a
    newer digest stands in, are left as they are. Leaves one trace, with the ids."""
    again = [one for one in deliveries if send_again(one, at=at)]
    if again:
        audit.record(
            "delivery.resend",
            at=at,
            by=by,
            target=again[0] if len(again) == 1 else None,
            summary=f"重新发送{len(again)}条外发消息",
            detail={"deliveries": [one.pk for one in again]},
        )
    return len(again)
