"""Who answers for what: leaders and sections by 包挂, and the inspection groups of a campaign."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q

from campaigns.models import InspectionGroup
from reports.content.common import sees_all
from reports.looking import Look
from reports.tables import Cell, Column, Kind, Line, Table
from schools.enums import Role, UnitKind
from schools.models import Membership, Responsibility, Unit

COLUMNS = (
    Column("包挂科室", "sections", kind=Kind.TEXT),
    Column("包挂镇街和区县", "branches", "直接包挂，或经所包科室包挂", Kind.TEXT),
)


def table(look: Look) -> Table:
    """A line for each leader in the order of the tree: their sections, and the townships that come with them.

    Single schools are left out. A leader is named as long as they oversee the unit, like in
    `schools.responsibility`.
    """
    rows = list(
        Responsibility.objects.in_force()
        .filter(look.narrow("unit") | Q(unit__kind=UnitKind.SECTION), unit__kind__in=_SHORT)
        .filter(Q(leader=None) | _oversees())
        .select_related("leader", "section", "unit")
        .order_by("unit__path", "pk")
    )
    by_section: dict[int, list[Unit]] = {}
    for row in rows:
        if row.section_id:
            by_section.setdefault(row.section_id, []).append(row.unit)
    lines = [
        Line(leader.name, (Cell(_names(sections)), Cell(_through(direct, sections, by_section))))
        for leader, sections, direct in _by_leader(rows)
    ]
    shown = [line for line in lines if sees_all(look) or line.cells[1].value]
    empty = "还没有登记包挂关系"
    return Table("duties", "包挂领导", "领导", COLUMNS, shown, empty=empty, cards=True)


_SHORT = (UnitKind.SECTION, UnitKind.TOWNSHIP, UnitKind.DISTRICT)


def _oversees() -> Q:
    """Leaders in use who oversee the row's unit by a membership in force."""
    unit = ExpressionWrapper(OuterRef("unit__path"), output_field=CharField())
    posts = Membership.objects.annotate(unit_path=unit).filter(
        user=OuterRef("leader"),
        ended_at=None,
        role__in=Role.overseeing(),
        unit_path__startswith=F("scope__path"),
    )
    return Q(Exists(posts), leader__is_active=True)


def _by_leader(rows: list[Responsibility]) -> list[tuple]:
    """(leader, sections, other units) of each leader."""
    found: dict[int, tuple] = {}
    for row in rows:
        if row.leader_id:
            _, sections, others = found.setdefault(row.leader_id, (row.leader, [], []))
            (sections if row.unit.kind == UnitKind.SECTION else others).append(row.unit)
    return list(found.values())


def _through(direct: list[Unit], sections: list[Unit], by_section: dict[int, list[Unit]]) -> str:
    """Units given to a leader, and those of the leader's sections with the section's name."""
    said = [unit.name for unit in direct]
    for section in sections:
        said += [
            f"{unit.name}（{section.name}）" for unit in by_section.get(section.pk, []) if unit not in direct
        ]
    return "、".join(said)


def _names(units: list[Unit]) -> str:
    return "、".join(unit.name for unit in units)


@dataclass(frozen=True)
class Group:
    """An inspection group with those of its units that are looked at."""

    group: InspectionGroup
    units: list[Unit]


def groups(look: Look) -> list[Group]:
    """The inspection groups that look after something in sight."""
    inside = _inside(look)
    found = look.campaign.inspection_groups.select_related("leader").prefetch_related("members", "units")
    rows = [Group(one, [unit for unit in one.units.all() if inside(unit)]) for one in found]
    return [one for one in rows if one.units or sees_all(look)]


def _inside(look: Look) -> Callable[[Unit], bool]:
    """Whether a unit is looked at, or stands above all that is."""
    tops = [look.below.path] if look.below else list(look.scope.overseen)
    return lambda unit: any(unit.path.startswith(top) or top.startswith(unit.path) for top in tops)
