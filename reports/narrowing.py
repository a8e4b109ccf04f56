"""What a list of assignments can be narrowed by: address parameters, their names and their conditions."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Model, Q, QuerySet
from django.http import Http404, QueryDict

from campaigns.models import Occurrence
from notices.workdays import DAY, end_of
from portal.days import in_range
from portal.ids import as_id
from reports.looking import Look
from schools.access import units_for
from schools.enums import Ownership, Role, UnitKind

#: Days in addresses (both included) → field, and whether it is where the range begins.
DAYS = {
    "due_from": ("due_at", True),
    "due_until": ("due_at", False),
    "done_from": ("completed_at", True),
    "done_until": ("completed_at", False),
}
DAYS_SAID = {
    "due_from": "{}及以后到期",
    "due_until": "{}及以前到期",
    "done_from": "{}及以后报齐",
    "done_until": "{}及以前报齐",
}


@dataclass
class Narrowed:
    """The conditions of an address together, and each in words."""

    condition: Q = field(default_factory=Q)
    names: list[str] = field(default_factory=list)

    def add(self, name: str, condition: Q) -> None:
        self.condition &= condition
        self.names.append(name)


def read(asked: QueryDict, look: Look) -> Narrowed:
    """What the address asks for. Raises Http404 for what is not there, or out of sight."""
    found = Narrowed()
    if look.below:
        found.names.append(look.below.name)  # the condition is the look's own
    for key, (things, path) in _things(look).items():
        if typed := asked.get(key):
            one = things.filter(pk=as_id(typed)).first()
            if one is None:
                raise Http404
            found.add(_called(one, key), Q(**{path: one}))
    for key, kinds in (("unit_kind", UnitKind), ("ownership", Ownership)):
        if typed := asked.get(key):
            if typed not in kinds.values:
                raise Http404
            found.add(kinds(typed).label, Q(**{key: typed}))
    for key in DAYS:
        if typed := asked.get(key):
            day = _day(typed)
            found.add(DAYS_SAID[key].format(f"{day.month}月{day.day}日"), _on(key, day))
    return found


def _things(look: Look) -> dict[str, tuple[QuerySet, str]]:
    """What may be named by its id, and where assignments have it."""
    units = units_for(look.user, *Role.overseeing())
    occurrences = Occurrence.objects.filter(requirement__campaign=look.campaign).select_related("requirement")
    return {
        "phase": (look.campaign.phases.all(), "occurrence__requirement__phase"),
        "requirement": (look.campaign.requirements.all(), "occurrence__requirement"),
        "occurrence": (occurrences, "occurrence"),
        "branch": (units, "branch"),
        "unit": (units, "unit"),
    }


def _called(one: Model, key: str) -> str:
    if key == "branch":
        return directly_below(one.name) if one.kind in UnitKind.bureaus() else one.name
    return one.name if isinstance(one, Occurrence) else str(one)


def directly_below(name: str) -> str:
    """What hangs under a bureau itself, and under none of its townships."""
    return f"{name}直属"


def _day(typed: str) -> date:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise Http404 from None
    if not in_range(day):
        raise Http404
    return day


def _on(key: str, day: date) -> Q:
    """`due_at` is exclusive, so something due on `day` has the end of it; a hand-in lies within its day."""
    name, begins = DAYS[key]
    if name == "due_at":
        return Q(due_at__gt=end_of(day - DAY)) if begins else Q(due_at__lte=end_of(day))
    return Q(completed_at__gte=end_of(day - DAY)) if begins else Q(completed_at__lt=end_of(day))
