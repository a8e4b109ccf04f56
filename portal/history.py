"""What was changed about a row, read back from the audit trail in words."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone

from portal.changes import Values
from portal.models import AuditEvent

EMPTY = "（空）"
SIDES = ("before", "after")
NAMING = ("title", "name", "label", "post")  # fields by which a row of a plan is known


class Change(NamedTuple):
    """One field: its label, and its value before and after, as text; None where there was no row."""

    label: str
    before: str | None
    after: str | None


class Entry(NamedTuple):
    event: AuditEvent
    changes: list[Change]


class Place(NamedTuple):
    """Where a key of a trail's detail points: “phases.12.name” is `name` of the phase 12."""

    field: models.Field
    row: tuple[type[models.Model], int] | None


def entries(events: Iterable[AuditEvent]) -> list[Entry]:
    """The events with their changes in words; related rows are named with one query for each model."""
    events = list(events)
    places = {
        (event.pk, key): place
        for event in events
        for side in SIDES
        for key in _said(event, side)
        if (place := _place(event.target, key)) is not None
    }
    names = _Names()
    for event in events:
        for side in SIDES:
            for key, value in _said(event, side).items():
                if place := places.get((event.pk, key)):
                    names.want(place, value)
    names.fetch()
    return [Entry(event, _changes(event, places, names)) for event in events]


def _said(event: AuditEvent, side: str) -> dict[str, Any]:
    found = event.detail.get(side)
    return found if isinstance(found, dict) else {}


def _changes(event: AuditEvent, places: dict[tuple[int, str], Place], names: "_Names") -> list[Change]:
    before, after = (_said(event, side) for side in SIDES)
    found = []
    for key in {**before, **after}:
        place = places.get((event.pk, key))
        if place is None:
            continue
        old, new = (names.text(place.field, said[key]) if key in said else None for said in (before, after))
        if key not in before and _is_default(place.field, after[key]):
            continue  # what a new row has anyway says nothing
        if {old, new} - {None, EMPTY}:
            found.append(Change(names.label(place, _called(key, before | after)), old, new))
    return found


def _is_default(field: models.Field, value: Any) -> bool:
    return field.has_default() and value == field.get_default()


def _called(key: str, said: Values) -> str:
    """How a row called itself when it was there: “phases.12.aim” asks for the name of phase 12."""
    row = key.rpartition(".")[0]
    return next((str(said[at]) for name in NAMING if said.get(at := f"{row}.{name}")), "")


def _place(target: str, key: str) -> Place | None:
    """None for what has no name of its own: a field that is gone, or a row's link to its plan."""
    try:
        model = apps.get_model(target.partition(":")[0])
        name, _, rest = key.partition(".")
        field = model._meta.get_field(name)
        if not rest:
            if field.one_to_one and field.auto_created:  # a row of its own, which the trail tells in words
                field = models.TextField(field.related_model._meta.verbose_name)
            return Place(field, None) if isinstance(field, models.Field) else None
        pk, _, inner = rest.partition(".")
        below = field.related_model
        found = below._meta.get_field(inner)
    except (LookupError, ValueError, FieldDoesNotExist, AttributeError):
        return None
    return None if found.related_model is model else Place(found, (below, int(pk)))


class _Names:
    """Names of the rows that values point to, fetched together."""

    def __init__(self) -> None:
        self.wanted: dict[type[models.Model], set[int]] = defaultdict(set)
        self.known: dict[type[models.Model], dict[int, str]] = {}

    def want(self, place: Place, value: Any) -> None:
        if place.row:
            self.wanted[place.row[0]].add(place.row[1])
        if place.field.related_model and value:
            self.wanted[place.field.related_model] |= set(value if isinstance(value, list) else [value])

    def fetch(self) -> None:
        for model, keys in self.wanted.items():
            self.known[model] = {pk: str(row) for pk, row in model._base_manager.in_bulk(keys).items()}

    def label(self, place: Place, called: str) -> str:
        """“阶段“宣传发动”的开始日期”, or the field alone; `called` is the name of a row that is gone."""
        label = str(place.field.verbose_name)
        if place.row is None:
            return label
        model, pk = place.row
        name = self.known[model].get(pk)
        gone = "" if name else "（已删除）"
        return f"{model._meta.verbose_name}{f'“{name or called}”' if name or called else ''}{gone}的{label}"

    def text(self, field: models.Field, value: Any) -> str:
        if value in (None, "", []):
            return EMPTY
        if field.related_model:
            known = self.known[field.related_model]
            keys = value if isinstance(value, list) else [value]
            return "、".join(known.get(key, "（已删除）") for key in keys)
        if isinstance(value, list):
            base = field.base_field if isinstance(field, ArrayField) else field
            labels = dict(base.flatchoices)
            # An outline number is one thing, a list of choices several.
            return "、".join(labels[one] for one in value) if labels else ".".join(map(str, value))
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(field, models.DateTimeField):
            return _instant(timezone.localtime(datetime.fromisoformat(value)))
        if isinstance(field, models.DateField):
            return date.fromisoformat(value).isoformat()
        return str(dict(field.flatchoices).get(value, value))


def _instant(at: datetime) -> str:
    """Midnight belongs to the day that ends with it, as deadlines are written: “2026-04-30 24:00”."""
    if at.time() == time.min:
        return f"{at.date() - timedelta(days=1)} 24:00"
    return f"{at:%Y-%m-%d %H:%M}"
