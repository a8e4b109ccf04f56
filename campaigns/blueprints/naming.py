"""Units that a template names, found among those of a bureau."""

import re
from collections.abc import Iterable
from itertools import chain

from campaigns.blueprints.shape import Plan, numbered
from schools.models import FormerName, Unit

_BUREAU = re.compile(r"(文教体|教育和体育|教育体育|教体|文教|教育)局$")


def names_of_units(plan: Plan) -> list[str]:
    """Every unit that the plan names, once each, in the order of the file."""
    topics = [topic for _, topic in numbered(plan.topics)]
    named = chain(
        *([topic.lead, *topic.supporting] for topic in topics),
        [plan.office],
        (activity.host for activity in plan.activities),
        *([one.branch, *one.included, *one.excluded, one.receiver] for one in plan.requirements),
    )
    return list(dict.fromkeys(name for name in named if name))


def match(names: Iterable[str], host: Unit) -> dict[str, Unit | None]:
    """For each name the active unit under `host` (or `host` itself) that bears it; None when unclear.

    The bureau's own name before it does not count (“示例县教育局党委办” is “党委办”), a former name
    counts when no unit bears it now. Of several units the one nearest to the host is meant.
    """
    bare = {name: _bare(name, host) for name in names}
    prefixes = ("", *_prefixes(host))
    asked = {f"{prefix}{one}" for name in bare for one in (name, bare[name]) for prefix in prefixes}
    units = Unit.objects.within(host).active()
    current = [(unit.name, unit) for unit in units.filter(name__in=asked)]
    former = FormerName.objects.filter(name__in=asked, unit__in=units).select_related("unit")
    ranked = [
        current,
        [(_bare(name, host), unit) for name, unit in current],
        [(_bare(one.name, host), one.unit) for one in former],
    ]
    return {name: _nearest(name, bare[name], ranked) for name in bare}


def _prefixes(host: Unit) -> list[str]:
    """What the host's units may bear before their own name, the longest first."""
    place = _BUREAU.sub("", host.name)
    return list(dict.fromkeys(prefix for prefix in (host.name, place, "教育局", "局") if prefix))


def _bare(name: str, host: Unit) -> str:
    prefix = next((one for one in _prefixes(host) if name.startswith(one) and len(name) > len(one) + 1), "")
    return name.removeprefix(prefix)


def _nearest(name: str, bare: str, ranked: list[list[tuple[str, Unit]]]) -> Unit | None:
    for wanted, known in zip((name, bare, bare), ranked, strict=True):
        found = {unit.pk: unit for one, unit in known if one == wanted}
        if found:
            top = min(len(unit.path) for unit in found.values())
            nearest = [unit for unit in found.values() if len(unit.path) == top]
            return nearest[0] if len(nearest) == 1 else None
    return None
