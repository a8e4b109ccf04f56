"""Sending anew what was given up or waits after a failure, by the operator."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from notices.enums import DeliveryState
from notices.models import Delivery
from notices.services import outbox
from notices.services.settling import send_again
from portal import audit
from portal.celery import hint


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


@transaction.atomic
def hasten(delivery: Delivery, *, at: datetime, by: Any) -> bool:
    """Let a message that waits after a failed attempt be tried now and not after its pause; quiet hours and
    one digest a day hold nevertheless. False when it does not wait like that, or is due already."""
    paused = Delivery.objects.filter(state=DeliveryState.WAITING, tries__gt=0, not_before__gt=at)
    found = paused.select_for_update(of=("self",)).filter(pk=delivery.pk).first()
    if found is None:
        return False
    found.not_before = at
    found.save(update_fields=["not_before"])
    audit.record("delivery.hasten", at=at, by=by, target=found, summary="不等间隔，立即再试一次")
    hint(outbox.DELIVER_TASK)
    return True
