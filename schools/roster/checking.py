"""Rows into a plan: what an import would make of them, or why it cannot be done."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from schools.enums import Role
from schools.models import Membership, Unit, User, overseers
from schools.reach import (
    pairings_within_reach,
    people_within_reach,
    responsibilities_within_reach,
    units_within_reach,
)
from schools.roster import charges as of_map
from schools.roster import people as of_people
from schools.roster import units as of_units
from schools.roster.charges import Charge, MapCheck, Pair
from schools.roster.findings import CREATE, UNCHANGED, UPDATE, Change, Findings
from schools.roster.layout import CHARGES, LAYOUT, PAIRS, PEOPLE, UNITS
from schools.roster.people import PeopleCheck, Person
from schools.roster.reading import Book, Row, RowError
from schools.roster.tree import Node, Tree
from schools.roster.units import UnitCheck
from schools.rules import may_keep

SHOWN_ERRORS, SHOWN_CHANGES, SHOWN_WARNINGS = 500, 200, 100
ORDER = {sheet: place for place, sheet in enumerate(LAYOUT)}


@dataclass
class Plan:
    """What an import would do. With `errors` it does nothing at all."""

    units: list[Node] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    warnings: list[RowError] = field(default_factory=list)
    posts: int = 0  # how many are added

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """For each sheet how many are created, updated, unchanged; of the map only what the book holds."""
        sheets = {UNITS: self.units, PEOPLE: self.people}
        sheets |= {sheet: rows for sheet, rows in ((CHARGES, self.charges), (PAIRS, self.pairs)) if rows}
        found = {}
        for sheet, all_of_it in sheets.items():
            tally = Counter(CREATE if one.new else UPDATE for one in self.changes if one.sheet == sheet)
            unchanged = len(all_of_it) - tally.total()
            found[sheet] = {CREATE: tally[CREATE], UPDATE: tally[UPDATE], UNCHANGED: unchanged}
        return found

    def as_result(self) -> dict[str, Any]:
        """JSON-ready, long lists cut short (with their full length beside them)."""
        return {
            # A list: JSON in the database keeps no order of keys.
            "counts": list(self.counts.items()),
            "posts": self.posts,
            "errors": as_lists(self.errors[:SHOWN_ERRORS]),
            "error_count": len(self.errors),
            "warnings": as_lists(self.warnings[:SHOWN_WARNINGS]),
            "warning_count": len(self.warnings),
            "changes": [
                {"sheet": one.sheet, "row": one.row, "name": one.name, "new": one.new, "values": one.values}
                # What is changed is of more interest than what is added.
                for one in sorted(self.changes, key=lambda one: one.new)[:SHOWN_CHANGES]
            ],
            "change_count": len(self.changes),
        }


def as_lists(errors: Iterable[RowError]) -> list[list[Any]]:
    """JSON-ready: [sheet, row, column, sentence]."""
    return [[error.sheet, error.row, error.column, error.sentence] for error in errors]


def check(book: Book, by: User) -> Plan:
    """What the import of `book` by `by` would do; reads the database, writes nothing."""
    findings = Findings(errors=list(book.errors))
    tree = Tree(units_within_reach(by, Role.SYSTEM))
    for_units = UnitCheck(tree, findings, everything=by.is_superuser, taken=_taken_out_of(tree))
    nodes = for_units.run(book.units)
    for_people = PeopleCheck(
        tree, findings, by=by, may_keep=lambda user: may_keep(by, user), failed=for_units.failed
    )
    usernames = set(User.objects.values_list("username", flat=True))
    people = for_people.run(book.people, candidates(book.people, by), usernames)
    charges, pairs = _map_of(book, by, MapCheck(tree, findings, failed=for_units.failed, people=people))
    changes = [
        *map(of_units.change, nodes),
        *map(of_people.change, people),
        *map(of_map.change_of_charge, charges),
        *map(of_map.change_of_pair, pairs),
    ]
    return Plan(
        units=nodes,
        people=people,
        charges=charges,
        pairs=pairs,
        changes=[one for one in changes if one is not None],
        errors=sorted(findings.errors, key=_place),
        warnings=sorted(findings.warnings, key=_place),
        posts=sum(len(person.new_posts) for person in people),
    )


def _map_of(book: Book, by: User, check: MapCheck) -> tuple[list[Charge], list[Pair]]:
    """What the sheets 包挂 and 结对 mean; reads nothing for a sheet that is not there."""
    charges, pairs = [], []
    if book.charges:
        held = responsibilities_within_reach(by, Role.SYSTEM).filter(ended_at=None)
        known = held.values_list("leader", "section", "unit")
        charges = check.charges(book.charges, _leaders(book.charges, by), known)
    if book.pairs:
        pairs = check.pairs(book.pairs, pairings_within_reach(by, Role.SYSTEM).in_force())
    return charges, pairs


def _leaders(rows: list[Row], by: User) -> QuerySet[User]:
    """People within the reach of `by` whom rows of 包挂 could name, with what they hold."""
    named = {row[of_map.USERNAME] for row in rows}
    posts = Membership.objects.filter(ended_at=None).select_related("unit", "scope").order_by("pk")
    return (
        people_within_reach(by, Role.SYSTEM)
        .filter(Q(username__in=named) | overseers())
        .prefetch_related(None)
        .prefetch_related(Prefetch("memberships", posts, to_attr="active_memberships"))
    )


def _place(error: RowError) -> tuple[int, int]:
    return ORDER[error.sheet], error.row


def _taken_out_of(tree: Tree) -> Any:
    """Finds which of some codes belong to units out of the reach."""

    def taken(codes: Iterable[str], credit_codes: Iterable[str]) -> set[str]:
        codes, credit_codes = set(codes) - {""}, set(credit_codes) - {""}
        used = Unit.objects.filter(Q(code__in=codes) | Q(credit_code__in=credit_codes))
        found = used.values_list("pk", "code", "credit_code")
        return {code for pk, *both in found if pk not in tree.by_pk for code in both if code}

    return taken


def candidates(rows: list[Row], by: User) -> QuerySet[User]:
    """People within the reach of `by` whom the rows could mean, with the memberships they hold and held."""
    said = {
        column: {row[column] for row in rows} - {""}
        for column in (of_people.USERNAME, of_people.PHONE, of_people.NAME)
    }
    meant = (
        Q(username__in=said[of_people.USERNAME])
        | Q(phone__in=said[of_people.PHONE])
        | Q(name__in=said[of_people.NAME])
    )
    posts = Membership.objects.select_related("unit", "scope").order_by("pk")
    return (
        people_within_reach(by, Role.SYSTEM)
        .filter(meant)
        .prefetch_related(None)
        .prefetch_related(
            Prefetch("memberships", posts.filter(ended_at=None), to_attr="active_memberships"),
            Prefetch("memberships", posts.exclude(ended_at=None), to_attr="former_posts"),
        )
        .order_by("pk")
    )
