"""What a list of assignments can be narrowed by: address parameters, their names and their conditions."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404, QueryDict

from campaigns.models import Occurrence
from notices.workdays import DAY, end_of
from portal.days import in_range
from portal.ids import as_id
from reports.looking import Look
from schools.enums import Ownership, UnitKind
from schools.models import Unit
from schools.pinyin import plain
from submissions.figures import MISSING, OVERDUE, RETURNED

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


#: `having=KEY`: units with at least one task of that figure, with all their tasks.
HAVING = {figure.key: figure for figure in (OVERDUE, MISSING, RETURNED)}
#: Of the tasks of those units a row, a column or a township, which changes nothing about the units.
PARTS = {"occurrence", "branch", "unit"}
SOUGHT = "q"
LONGEST = 60  # characters of a search that are looked at
#: What counters do not know.
OF_ROWS = {"unit", SOUGHT, "having", "done_from", "done_until"}


@dataclass
class Narrowed:
    """The conditions of an address together, and each in words; whether counters (Standing) know them all."""

    condition: Q = field(default_factory=Q)
    names: list[str] = field(default_factory=list)
    counted: bool = True

    def add(self, name: str, condition: Q) -> None:
        self.condition &= condition
        self.names.append(name)


def read(asked: QueryDict, look: Look) -> Narrowed:
    """What the address asks for. Raises Http404 for what is not there, or out of sight."""
    found = Narrowed()
    if look.below:
        found.names.append(look.below.name)  # the condition is the look's own
    found.counted = not any(asked.get(key) for key in OF_ROWS)
    parts = Q()
    for key, (things, path) in _things(look).items():
        if typed := asked.get(key):
            one = things.filter(pk=as_id(typed)).first()
            if one is None:
                raise Http404
            if key in PARTS:
                parts &= Q(**{path: one})
                found.names.append(_called(one, key))
            else:
                found.add(_called(one, key), Q(**{path: one}))
    of_units(asked, found)
    for key in DAYS:
        if typed := asked.get(key):
            day = _day(typed)
            found.add(DAYS_SAID[key].format(f"{day.month}月{day.day}日"), _on(key, day))
    if typed := asked.get("having"):
        figure = HAVING.get(typed)
        if figure is None:
            raise Http404
        having = look.assignments().filter(figure.condition(look.at), found.condition).order_by()
        # Their ids, not a subquery: the database takes thousands of units for a handful and walks row by row.
        units = list(having.values_list("unit", flat=True).distinct())
        found.add(f"有{figure.name}的单位", Q(unit__in=units))
    found.condition &= parts
    return found


def of_units(asked: QueryDict, found: Narrowed | None = None) -> Narrowed:
    """What the address asks of units alone: their kind, ownership and name. Raises Http404 like `read`."""
    found = found or Narrowed()
    for key, kinds in (("unit_kind", UnitKind), ("ownership", Ownership)):
        if typed := asked.get(key):
            if typed not in kinds.values:
                raise Http404
            found.add(kinds(typed).label, Q(**{key: typed}))
    if sought := asked.get(SOUGHT, "").strip().replace("\x00", "")[:LONGEST]:
        searched = "单位名称或拼音首字母" if sought.isascii() else "单位名称"
        found.add(f"{searched}含“{sought}”", Q(unit__in=_named(sought).values("pk")))
    return found


def _named(sought: str) -> QuerySet[Unit]:
    """Units in whose name every word is found, by its characters or by the initials of their pinyin."""
    found = Unit.objects.order_by()
    for word in sought.casefold().split():
        key = plain(word) if word.isascii() else ""
        found = found.filter(Q(name__icontains=word) | (Q(pinyin__contains=key) if key else Q()))
    return found


def _things(look: Look) -> dict[str, tuple[QuerySet, str]]:
    """What may be named by its id, and where assignments have it."""
    units = Unit.objects.filter(look.scope.narrow())
    # One that has moved out of the scope still counts where it was.
    counted = Unit.objects.filter(
        look.scope.narrow() | Exists(look.assignments().filter(unit=OuterRef("pk")).order_by())
    )
    occurrences = Occurrence.objects.filter(requirement__campaign=look.campaign).select_related("requirement")
    return {
        "phase": (look.campaign.phases.all(), "occurrence__requirement__phase"),
        "requirement": (look.campaign.requirements.all(), "occurrence__requirement"),
        "occurrence": (occurrences, "occurrence"),
        "branch": (units, "branch"),
        "unit": (counted, "unit"),
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
