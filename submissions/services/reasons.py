"""The reasons that a bureau's reviewers often return work for."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from portal import audit
from schools.models import Unit, User
from submissions.models import CommonReason


@transaction.atomic
def keep(bureau: Unit, texts: Sequence[str], *, by: User, at: datetime) -> None:
    """Let the bureau's common reasons be `texts`, distinct, in this order; the same list changes nothing."""
    Unit.objects.select_for_update(no_key=True).get(pk=bureau.pk)
    kept = CommonReason.objects.filter(bureau=bureau)
    before = list(kept.values_list("text", flat=True))
    if before == list(texts):
        return
    kept.delete()
    CommonReason.objects.bulk_create(
        CommonReason(bureau=bureau, text=text, order=order) for order, text in enumerate(texts, 1)
    )
    audit.record(
        "reason.change",
        at=at,
        by=by,
        target=bureau,
        summary=f"常用审核意见改为{len(texts)}条",
        detail={"before": {"reasons": before}, "after": {"reasons": list(texts)}},
    )
