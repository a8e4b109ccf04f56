"""The one way to leave a trace."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models

from portal.models import AuditEvent


def target_of(row: models.Model) -> str:
    """How the trail calls `row`."""
    return f"{row._meta.label_lower}:{row.pk}"


def record(
    action: str,
    *,
    at: datetime,
    by: Any | None = None,
    target: models.Model | None = None,
    summary: str = "",
    detail: dict[str, Any] | None = None,
    address: str | None = None,
) -> AuditEvent:
    """Append one audit event in the caller's transaction.

    `action` is "noun.verb"; `by` is a user or None for the system; `detail` holds JSON-ready
    values, by habit {"before": …, "after": …}.
    """
    return AuditEvent.objects.create(
        at=at,
        actor=by,
        action=action,
        target=target_of(target) if target is not None else "",
        summary=summary[:300],
        detail=detail or {},
        address=address,
    )


def record_many(
    action: str,
    about: Iterable[tuple[models.Model, str, dict[str, Any]]],
    *,
    at: datetime,
    by: Any | None = None,
) -> None:
    """Append one event for each (target, summary, detail) in the caller's transaction."""
    AuditEvent.objects.bulk_create(
        (
            AuditEvent(
                at=at,
                actor=by,
                action=action,
                target=target_of(target),
                summary=summary[:300],
                detail=detail,
            )
            for target, summary, detail in about
        ),
        batch_size=2000,
    )
