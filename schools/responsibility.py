"""Who answers for whom (包挂), read both ways: from a unit to people, and from a person to units.

Nothing here widens access: what comes out for a person lies inside the scope of that person's own
overseeing roles, and a leader is named for a unit only as long as the leader oversees it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q

from schools.access import Scope, scope_of
from schools.enums import Role
from schools.models import Membership, Responsibility, ResponsibilityQuerySet, Unit, User, ancestor_paths


@dataclass(frozen=True)
class Answer:
    """One who answers for a unit, and the way it goes.

    `leader`: the person, None where it is a section. `section`: the section that answers, or the
    one through which the leader does; None for a leader directly. `over`: the unit that the leader
    or the section was given: the unit asked about, or one above it that it stands in.
    """

    leader: User | None
    section: Unit | None
    over: Unit

    @property
    def who(self) -> User | Unit:
        return self.leader or self.section

    def way(self, unit: Unit) -> str:
        """How it comes that they answer for `unit`, in a few words."""
        given = "直接包挂" if self.over.pk == unit.pk else f"包挂{self.over}"
        return f"经{self.section}{given}" if self.leader and self.section else given


def answering_for(unit: Unit) -> list[Answer]:
    """Who answers for `unit` now: leaders directly, then sections, then leaders through these sections.

    Given to the unit itself or to one above it. Left out: people who are no longer in use or no
    longer oversee the unit, closed sections. Two queries, however many they are; `leader`, `section`
    and `over` are read already.
    """
    return answering_for_each([unit])[unit.pk]


def answering_for_each(units: Iterable[Unit]) -> dict[int, list[Answer]]:
    """`answering_for` of every one of `units`, by its id, in the same two queries."""
    units = list(units)
    above = {path for unit in units for path in unit.ancestor_paths()}
    over = _by(lambda row: row.unit.path, _given(unit__path__in=above))
    sections = {row.section_id for rows in over.values() for row in rows if row.section_id}
    heads = _by(lambda row: row.unit_id, _given(unit__in=sections, leader__isnull=False))
    return {unit.pk: _answers(unit, over, heads) for unit in units}


def _answers(unit: Unit, over: dict[str, list], heads: dict[int, list]) -> list[Answer]:
    """`over` are rows by the path of their unit, `heads` those of leaders by the section given to them."""
    rows = [row for path in unit.ancestor_paths() for row in over.get(path, ())]
    leaders = [Answer(row.leader, None, row.unit) for row in rows if row.leader_id and _oversees(row, unit)]
    sections = [Answer(None, row.section, row.unit) for row in rows if row.section_id]
    chain = [
        Answer(row.leader, one.section, one.over)
        for one in sections
        for row in heads.get(one.section.pk, ())
        if _oversees(row, unit)
    ]
    return [*leaders, *sections, *chain]


def _given(**which: Any) -> ResponsibilityQuerySet:
    """Rows in force, each with `reaches`: the paths of what its leader oversees."""
    posts = Membership.objects.filter(user=OuterRef("leader"), ended_at=None, role__in=Role.overseeing())
    return (
        Responsibility.objects.in_force()
        .filter(**which)
        .select_related("leader", "section", "unit")
        .annotate(reaches=ArraySubquery(posts.values("scope__path")))
        .order_by("unit__path", "pk")
    )


def _by(
    key: Callable[[Responsibility], Any], rows: Iterable[Responsibility]
) -> dict[Any, list[Responsibility]]:
    found: dict[Any, list[Responsibility]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _oversees(row: Responsibility, unit: Unit) -> bool:
    """Whether the leader of the row (`_given`) is in use and oversees `unit`."""
    return row.leader.is_active and any(unit.path.startswith(path) for path in row.reaches)


def charge_of(user: User) -> Scope:
    """The units that `user` answers for, as a scope: `.narrow("unit")` filters, `.covers(unit)` asks.

    They are the units given to the person, to sections that the person answers for, and to sections
    in which the person is an officer or a leader, each with everything below it, as far as it lies in
    the person's overseeing scope. Closed units are in it. One query (and the memberships, read once
    per request). A person with no charge gets an empty scope, which matches nothing.
    """
    given = charge_rows(user).values_list("unit__path", flat=True)
    seen = scope_of(user, *Role.overseeing()).overseen
    inside = {max(path, top) for path in given for top in seen if _on_one_line(path, top)}
    heads = {path for path in inside if not any(path != one and path.startswith(one) for one in inside)}
    return Scope(own=frozenset(), overseen=tuple(sorted(heads)))


def charge_rows(user: User) -> ResponsibilityQuerySet:
    """The rows in force by which `user` answers, with leader, section and unit: the way each unit came.

    Rows whose unit is not in the person's overseeing scope, nor above it, are left out.
    """
    scope = scope_of(user, *Role.overseeing())
    above = {path for top in scope.overseen for path in ancestor_paths(top)}
    return (
        Responsibility.objects.in_force()
        .of(user)
        .filter(scope.narrow("unit") | Q(unit__path__in=above))
        .select_related("leader", "section", "unit")
        .order_by("unit__path", "pk")
    )


def _on_one_line(path: str, other: str) -> bool:
    """Whether one of the two units stands below the other, or both are one."""
    return path.startswith(other) or other.startswith(path)
