"""What lists of units can be narrowed by, all of it in the address: the choices of their form."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.db.models.functions import Left
from django.http import QueryDict

from reports.looking import Look
from reports.narrowing import HAVING, LONGEST, SOUGHT
from schools.access import Scope
from schools.enums import Ownership, UnitKind
from schools.models import STEP, Unit

#: Parameters that narrow; the others (page, dense, table) are how a page is shown.
NARROWING = (
    "below", "branch", "unit", "unit_kind", "ownership", "phase", "requirement", "occurrence",
    "due_from", "due_until", "done_from", "done_until", SOUGHT, "having",
)  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """A select of the form: parameter, label, the word after “全部”, chosen value, options (value, name)."""

    name: str
    label: str
    short: str
    chosen: str
    options: list[tuple[str, str]]


def kept(asked: QueryDict, *besides: str) -> dict[str, str]:
    """The parameters that narrow, and those named, as far as they are given."""
    return {key: asked[key] for key in (*NARROWING, *besides) if asked.get(key)}


def address(asked: QueryDict, *besides: str) -> str:
    """The same as the query of an address."""
    return urlencode(kept(asked, *besides))


def of_units(asked: QueryDict, branches: QuerySet, scope: Scope, below: Unit | None) -> list[Choice]:
    """Township, kind and ownership. `branches` are rows (counters, tasks) that have a branch."""
    tops = max([*scope.overseen, ""], key=len)
    depth = len(tops) + STEP
    paths = set(branches.order_by().annotate(cut=Left("branch__path", depth)).values_list("cut").distinct())
    found = Unit.objects.filter(path__in=[path for (path,) in paths if len(path) == depth])
    townships = [(str(one.pk), one.name) for one in found.order_by("path")]
    if below and str(below.pk) not in dict(townships):
        townships.append((str(below.pk), below.name))
    return [
        _choice(asked, "below", "镇街", townships),
        _choice(asked, "unit_kind", "单位类别", UnitKind.choices, "类别"),
        _choice(asked, "ownership", "办学性质", Ownership.choices, "性质"),
    ]


def sifter(asked: QueryDict, seen: Look, *, having: bool = True) -> list[Choice]:
    """What a campaign's units and tasks can be narrowed by."""
    whole = Look(seen.campaign, seen.scope, seen.at)
    phases = [(str(one.pk), one.name) for one in seen.campaign.phases.all()]
    issued = seen.campaign.requirements.issued()
    found = [
        *of_units(asked, whole.counters(), seen.scope, seen.below),
        _choice(asked, "phase", "阶段", phases),
        _choice(asked, "requirement", "报送要求", [(str(one.pk), one.title) for one in issued], "要求"),
    ]
    if having:
        states = [(one.key, f"有{one.name}的单位") for one in HAVING.values()]
        found.append(_choice(asked, "having", "单位", states))
    return found


def sought(asked: QueryDict) -> str:
    return asked.get(SOUGHT, "").strip()[:LONGEST]


def _choice(asked: QueryDict, name: str, label: str, options: list, short: str = "") -> Choice:
    return Choice(name, label, short or label, asked.get(name, ""), list(options))
