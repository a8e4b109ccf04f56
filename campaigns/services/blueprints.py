"""Templates that a bureau keeps for itself, and what is there to choose from."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from campaigns.blueprints import Plan, read, shelf
from campaigns.models import Blueprint
from portal import audit
from schools.models import Unit, User


class NotThere(ObjectDoesNotExist):
    """No such template for this unit, or it was retired."""


@dataclass(frozen=True)
class Offer:
    """A template to choose: `blueprint` is None for a built-in one."""

    key: str
    name: str
    kind: str
    summary: str
    blueprint: Blueprint | None = None


@transaction.atomic
def save(host: Unit, text: str, *, by: User, at: datetime) -> Blueprint:
    """Keep `text` as the next edition of the template of its name; the same text again is no new edition.

    Raises campaigns.blueprints.Invalid, whose problems name the lines.
    """
    plan = read(text)
    Unit.objects.select_for_update(no_key=True).get(pk=host.pk)  # two people may save the same name at once
    latest = Blueprint.objects.filter(host=host, name=plan.name).order_by("-edition").first()
    if latest and latest.text == text and latest.retired_at is None:
        return latest
    blueprint = Blueprint.objects.create(
        host=host,
        name=plan.name,
        edition=latest.edition + 1 if latest else 1,
        kind=plan.kind,
        summary=plan.summary,
        text=text,
        created_by=by,
        created_at=at,
    )
    detail = {"after": {"host": host.pk, "text": text.splitlines()}}
    summary = f"保存活动模板“{blueprint}”"
    audit.record("blueprint.save", at=at, by=by, target=blueprint, summary=summary, detail=detail)
    return blueprint


@transaction.atomic
def retire(blueprint: Blueprint, *, by: User, at: datetime) -> None:
    """Offer the template no longer, in any of its editions so far; a second time changes nothing."""
    editions = Blueprint.objects.filter(
        host=blueprint.host_id, name=blueprint.name, edition__lte=blueprint.edition, retired_at=None
    )
    if editions.update(retired_at=at):
        summary = f"停用活动模板“{blueprint}”"
        audit.record("blueprint.retire", at=at, by=by, target=blueprint, summary=summary)


def available(unit: Unit) -> list[Offer]:
    """What a campaign of `unit` may begin from: the built-in ones, then for each bureau at or above the
    unit, the nearest first, the newest edition of each of its templates that is not retired."""
    own = (
        Blueprint.objects.filter(host__path__in=unit.ancestor_paths(), retired_at=None)
        .select_related("host")
        .order_by("-host__path", "name", "-edition")
        .distinct("host__path", "name")
    )
    offers = [
        Offer(f"builtin-{kind}", plan.name, kind, plan.summary) for kind, plan in shelf.built_in().items()
    ]
    return offers + [Offer(f"own-{one.pk}", str(one), one.kind, one.summary, one) for one in own]


def text_of(key: str, unit: Unit) -> str:
    """The file of what is offered to `unit` under `key`. Raises NotThere."""
    offer = _offer(key, unit)
    return offer.blueprint.text if offer.blueprint else shelf.text_of(offer.kind)


def get(key: str, unit: Unit) -> Plan:
    """The plan of what is offered to `unit` under `key`. Raises NotThere."""
    offer = _offer(key, unit)
    return read(offer.blueprint.text) if offer.blueprint else shelf.built_in()[offer.kind]


def _offer(key: str, unit: Unit) -> Offer:
    for offer in available(unit):
        if offer.key == key:
            return offer
    raise NotThere
