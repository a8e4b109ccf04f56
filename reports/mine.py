"""我的学校: what one person answers for (包挂), the ways it came to them, and how each unit stands.

Counted among the units' own rows in running campaigns, all numbers of a page in one query.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign
from reports import present
from reports.present import Light, Present
from reports.tables import Cell, Column, Line, Table
from schools.access import Scope
from schools.enums import Role
from schools.models import Membership, Responsibility, Unit, User
from schools.responsibility import charge_of, charge_rows
from submissions import worklist
from submissions.enums import EventKind
from submissions.figures import HANDED, LATE, MISSING, OVERDUE, OWED, RETURNED, UNCORRECTED, WAITING, percent
from submissions.models import Assignment, AssignmentEvent, AssignmentQuerySet
from submissions.services.books import Cell as Kind

DIRECT = "direct"
NAMED = 8  # units given, named in a note

#: What is said of one unit or of all, what should be nothing first.
FIGURES = (OVERDUE, UNCORRECTED, RETURNED, MISSING, WAITING, HANDED, OWED, LATE)
FIGURE_COLUMNS = tuple(Column(one.name, one.key, one.meaning, bad=one.bad) for one in FIGURES)
SHARE = Column("报送率", "percent", "已报占应报的百分比，不足1%的部分舍去", share=True, counted="%")
COLUMNS = (SHARE, *FIGURE_COLUMNS)
UNIT_COLUMNS = (
    Column("状态", "light", kind=Kind.TEXT),
    *COLUMNS,
    Column("最近报送", "last", kind=Kind.MOMENT),
    Column("联系人", "contact", kind=Kind.TEXT),
)

#: Events by which a unit's work has reached the bureau.
ARRIVALS = (*EventKind.handing_in(), EventKind.ACKNOWLEDGED, EventKind.NIL)


@dataclass(frozen=True)
class Way:
    """How units come to be in somebody's charge: given to the person, or through one section."""

    key: str
    name: str
    given: list[Unit] = field(default_factory=list)

    @property
    def note(self) -> str:
        names = "、".join(one.name for one in self.given[:NAMED])
        return f"包挂{names}{f'等{len(self.given)}个单位' if len(self.given) > NAMED else ''}。"


@dataclass(frozen=True)
class Charge:
    """What `user` answers for at one moment, in all running campaigns or one of them.

    Each unit is counted once, under the most direct way it came.
    """

    user: User
    at: datetime
    campaign: Campaign | None = None

    @cached_property
    def scope(self) -> Scope:
        return charge_of(self.user)

    @cached_property
    def ways(self) -> list[Way]:
        """First what was given to the person, then sections in the order of what they were given."""
        found: dict[str, Way] = {}
        rows: list[Responsibility] = list(charge_rows(self.user))
        for row in sorted(rows, key=lambda row: row.section_id is not None):
            new = Way(str(row.section_id), f"经{row.section}") if row.section else Way(DIRECT, "直接包挂")
            found.setdefault(new.key, new).given.append(row.unit)
        return list(found.values())

    @cached_property
    def units(self) -> dict[int, Unit]:
        """By id, in the order of the tree."""
        found = Unit.objects.filter(self.scope.narrow()).select_related("parent").order_by("path")
        return {one.pk: one for one in found}

    @cached_property
    def came(self) -> dict[str, list[Unit]]:
        """By the key of a way the units that came by it, and by none before it."""
        found: dict[str, list[Unit]] = {way.key: [] for way in self.ways}
        given = [(way.key, tuple(one.path for one in way.given)) for way in self.ways]
        for unit in self.units.values():
            first = next((key for key, paths in given if unit.path.startswith(paths)), None)
            if first is not None:  # the map was changed between two queries
                found[first].append(unit)
        return found

    def stands(self, way: Way) -> Present:
        """How the units that came this way stand together."""
        return present.together(self.by_unit[one.pk] for one in self.came[way.key] if one.pk in self.by_unit)

    def tasks(self) -> AssignmentQuerySet:
        found = Assignment.objects.filter(worklist.RUNNING, self.scope.narrow("unit"))
        return found.filter(occurrence__requirement__campaign=self.campaign) if self.campaign else found

    @cached_property
    def read(self) -> list[tuple[tuple[int, int], Present]]:
        """(unit, campaign) and how the one stands in the other."""
        return present.read(self.tasks(), self.at, "unit", "occurrence__requirement__campaign")

    @cached_property
    def by_unit(self) -> dict[int, Present]:
        return self._by(0)

    @cached_property
    def by_campaign(self) -> dict[int, Present]:
        return self._by(1)

    def _by(self, place: int) -> dict[int, Present]:
        grouped = defaultdict(list)
        for key, one in self.read:
            grouped[key[place]].append(one)
        return {key: present.together(parts) for key, parts in grouped.items()}

    def ranked(self, units: Iterable[Unit]) -> list[tuple[Unit, Present]]:
        """The latest first. Closed units are listed as long as something of theirs counts."""
        nothing = present.together([])
        found = [(one, self.by_unit.get(one.pk, nothing)) for one in units]
        counted = [
            (one, stands) for one, stands in found if one.closed_at is None or any(stands.numbers.values())
        ]
        return sorted(counted, key=_lateness)

    def rows(self, **narrowed: Any) -> str:
        """The address of the rows behind a number."""
        return self.address("mine_rows", **narrowed)

    def address(self, name: str, **narrowed: Any) -> str:
        chosen = {"campaign": self.campaign and self.campaign.pk} | narrowed
        query = urlencode({key: value for key, value in chosen.items() if value not in (None, "")})
        return reverse(name) + (f"?{query}" if query else "")


def _lateness(one: tuple[Unit, Present]) -> tuple:
    unit, stands = one
    since = stands.since.timestamp() if stands.since else float("inf")
    numbers = stands.numbers
    return (-stands.late, since, -numbers[RETURNED.key], -stands.near, -numbers[MISSING.key], unit.path)


# Tables -----------------------------------------------------------------------------------------------


def cells(charge: Charge, stands: Present, **narrowed: Any) -> tuple[Cell, ...]:
    """The cells below `COLUMNS`."""
    numbers = stands.numbers
    return (
        Cell(percent(numbers[HANDED.key], numbers[OWED.key])),
        *(Cell(numbers[one.key], charge.rows(**narrowed, figure=one.key)) for one in FIGURES),
    )


def by_way(charge: Charge) -> Table:
    """The ways, each with the figures of the units that came by it."""
    lines = []
    for way in charge.ways:
        url = charge.address("mine", way=way.key)
        lines.append(Line(way.name, cells(charge, charge.stands(way), way=way.key), url))
    return Table("ways", "按包挂方式", "包挂方式", COLUMNS, lines)


def by_campaign(charge: Charge) -> Table:
    """The running campaigns that ask something of these units, the latest first."""
    campaigns = Campaign.objects.filter(pk__in=charge.by_campaign).order_by("-starts_on", "-pk")
    lines = [
        Line(
            one.title,
            cells(charge, charge.by_campaign[one.pk], campaign=one.pk),
            charge.address("mine", campaign=one.pk),
        )
        for one in campaigns
    ]
    return Table("campaigns", "按活动", "正在进行的活动", COLUMNS, lines)


def of_units(charge: Charge, way: Way, ranked: list[tuple[Unit, Present]]) -> Table:
    """A line for each of `ranked`, with its light, figures, latest work and contact."""
    pks = [unit.pk for unit, _ in ranked]
    last, contacts = _last(charge, pks), _contacts(pks)
    lines = [
        Line(
            unit.name,
            (
                _light(stands, charge.at),
                *cells(charge, stands, unit=unit.pk),
                _moment(last.get(unit.pk)),
                contacts.get(unit.pk, Cell("")),
            ),
            reverse("unit", args=[unit.pk]),
        )
        for unit, stands in ranked
    ]
    words = {"note": way.note, "empty": "没有单位"}
    return Table(f"units-{way.key}", way.name, "单位", UNIT_COLUMNS, lines, **words, cards=True)


def _light(stands: Present, at: datetime) -> Cell:
    days = stands.days_late(at)
    light = stands.light
    return Cell(f"{light.word}{days}天" if light is Light.LATE and days else light.word, mark=light.mark)


def _moment(when: datetime | None) -> Cell:
    return Cell(when, shown=f"{timezone.localtime(when):%-m月%-d日}") if when else Cell(None, shown="无")


def _last(charge: Charge, units: list[int]) -> dict[int, datetime]:
    """When something of each unit reached the bureau last, in these campaigns."""
    found = AssignmentEvent.objects.filter(
        kind__in=ARRIVALS, assignment__in=charge.tasks().filter(unit__in=units)
    )
    return dict(found.order_by().values_list("assignment__unit").annotate(Max("at")))


def _contacts(units: list[int]) -> dict[int, Cell]:
    """Whom to call in each unit: its secretary, else its head; with a telephone before one without."""
    posts = Membership.objects.in_post(*Role.own_unit()).filter(unit__in=units).select_related("user")
    found: dict[int, Cell] = {}
    for post in sorted(posts, key=lambda post: (not post.user.phone, post.role == Role.HEAD, post.pk)):
        phone = post.user.phone
        said = f"{post.user.name} {phone}".strip()
        found.setdefault(post.unit_id, Cell(said, f"tel:{phone}" if phone else ""))
    return found
