"""What changed in a row, as JSON-ready values for the audit trail."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Model

Values = dict[str, Any]

# Hashes and moments of use are no business of the trail.
LEFT_OUT = {"id", "password", "last_login"}


def values_of(row: Model, prefix: str = "") -> Values:
    """Concrete fields of `row` by name (relations as ids), each name preceded by `prefix`."""
    return {
        f"{prefix}{field.name}": _plain(field.value_from_object(row))
        for field in row._meta.concrete_fields
        if field.name not in LEFT_OUT
    }


def difference(before: Values, after: Values) -> dict[str, Values]:
    """`{"before": …, "after": …}` with the names that differ alone; empty when nothing does."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not names:
        return {}
    return {
        "before": {name: before[name] for name in names if name in before},
        "after": {name: after[name] for name in names if name in after},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date | datetime | time) else value
