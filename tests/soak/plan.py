"""A plan with many schools, of which it is known beforehand who has to be reminded of what.

On TODAY an essay of every primary and middle school is due in three working days (rung -3, which tells the
secretaries), and middle schools are one working day behind with another (rung 1, which tells the head and
the group of the township as well). A middle school's secretary is so reminded of two things in one mail.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils import timezone

from campaigns.models import Requirement
from notices.enums import ChannelKind
from notices.models import Channel
from notices.sealing import seal
from notices.workdays import end_of
from schools.enums import Role, UnitKind
from schools.models import Membership, Unit, User
from submissions.models import Assignment
from submissions.services import easing, publishing
from tests.factories import NOW, OccurrenceFactory, RequirementFactory, county, handed_in, ready_plan

TODAY = timezone.make_aware(datetime(2026, 4, 22, 10))
BEHIND, AHEAD = end_of(date(2026, 4, 21)), end_of(date(2026, 4, 27))
MIDDLE_OF = 10  # every tenth school is a middle school
TOWNSHIPS = 6
CONTROLS = 3  # of each kind
ROBOTS = (ChannelKind.DINGTALK, ChannelKind.WECOM, ChannelKind.FEISHU)

#: (assignment, edition, rung, person): what a reminder is, by ids.
Due = tuple[int, datetime, str, int]


@dataclass(frozen=True)
class Expected:
    """What has to come of the plan, and nothing else: reminders, mail, groups told (ids of channels)."""

    reminders: frozenset[Due]
    addresses: frozenset[str]
    groups: frozenset[int]


@transaction.atomic
def build(schools: int) -> Expected:
    """The plan with so many schools, and CONTROLS more of each kind that nobody is to be told of."""
    place = county()
    towns = Unit.objects.bulk_create(
        Unit(name=f"示例{n}镇", kind=UnitKind.TOWNSHIP, parent=place.bureau) for n in range(TOWNSHIPS)
    )
    ours = _schools(towns, "示例学校", schools)
    done, exempt = _schools(towns, "已报学校", CONTROLS), _schools(towns, "免报学校", CONTROLS)
    outside = _schools(towns, "范围外幼儿园", CONTROLS, UnitKind.KINDERGARTEN)
    people = _staff([*ours, *done, *exempt, *outside])
    soon, late = _publish(place)
    for owed in Assignment.objects.filter(unit__in=done):
        handed_in(owed, people[owed.unit_id, Role.SECRETARY])
    for asked in (soon, late):
        theirs = [unit for unit in exempt if asked is soon or unit.kind == UnitKind.MIDDLE]
        easing.exempt(asked.occurrences.get(), theirs, reason="撤点并校", by=place.officer, at=NOW)
    # The county's own schools are settled likewise, and addresses are known only now: what was told until
    # here, when the plan was published, went to inboxes alone.
    others = Unit.objects.filter(pk__in=[place.school.pk, place.middle.pk])
    easing.exempt(soon.occurrences.get(), others, reason="不在此列", by=place.officer, at=NOW)
    easing.exempt(late.occurrences.get(), [place.middle], reason="不在此列", by=place.officer, at=NOW)
    User.objects.update(email=Concat(F("username"), Value("@school.example")))
    return _expected(ours, people, soon, late, _robots(towns))


def _schools(towns: list[Unit], name: str, count: int, kind: UnitKind | None = None) -> list[Unit]:
    kinds = (kind or (UnitKind.PRIMARY if n % MIDDLE_OF else UnitKind.MIDDLE) for n in range(count))
    made = Unit.objects.bulk_create(
        Unit(name=f"{name}{n}", kind=one, parent=towns[n % len(towns)]) for n, one in enumerate(kinds)
    )
    return list(Unit.objects.filter(pk__in=[one.pk for one in made]).order_by("pk"))


def _staff(units: list[Unit]) -> dict[tuple[int, str], User]:
    """A secretary and a head for each unit; by unit and role."""
    wanted = [(unit, role) for unit in units for role in (Role.SECRETARY, Role.HEAD)]
    users = User.objects.bulk_create(
        User(username=f"{role}-{unit.pk}", name="张示例", password="!", must_change_password=False)
        for unit, role in wanted
    )
    Membership.objects.bulk_create(
        Membership(user=user, unit=unit, role=role, scope=unit, started_at=NOW)
        for (unit, role), user in zip(wanted, users, strict=True)
    )
    return {(unit.pk, role): user for (unit, role), user in zip(wanted, users, strict=True)}


def _publish(place) -> tuple[Requirement, Requirement]:
    """What is due soon, of all; what is late, of middle schools alone."""
    soon = ready_plan(place, due_at=AHEAD)
    late = RequirementFactory(campaign=soon.campaign, phase=soon.phase, audience_kinds=[UnitKind.MIDDLE])
    OccurrenceFactory(requirement=late, due_at=BEHIND)
    publishing.publish(soon.campaign, by=place.officer, at=NOW)
    return soon, late


def _robots(towns: list[Unit]) -> list[Channel]:
    """A group for each township, of each kind in turn."""
    return Channel.objects.bulk_create(
        Channel(
            unit=town,
            kind=(kind := ROBOTS[n % len(ROBOTS)]),
            name=f"{town.name}信息员群",
            token=seal(f"token-{n}"),
            secret=b"" if kind == ChannelKind.WECOM else seal(f"secret-{n}"),
        )
        for n, town in enumerate(towns)
    )


def _expected(ours, people, soon: Requirement, late: Requirement, robots: list[Channel]) -> Expected:
    """Worked out from how the plan was made, not from what the portal thinks of it."""
    tasks = {
        (unit, asked): pk
        for pk, unit, asked in Assignment.objects.values_list("pk", "unit", "occurrence__requirement")
    }
    due: set[Due] = set()
    told: set[User] = set()
    for unit in ours:
        secretary, head = people[unit.pk, Role.SECRETARY], people[unit.pk, Role.HEAD]
        told.add(secretary)
        due.add((tasks[unit.pk, soon.pk], AHEAD, "-3", secretary.pk))
        if unit.kind == UnitKind.MIDDLE:
            told.add(head)
            due |= {(tasks[unit.pk, late.pk], BEHIND, "1", one.pk) for one in (secretary, head)}
    lagging = {unit.parent_id for unit in ours if unit.kind == UnitKind.MIDDLE}
    return Expected(
        reminders=frozenset(due),
        addresses=frozenset(f"{user.username}@school.example" for user in told),
        groups=frozenset(robot.pk for robot in robots if robot.unit_id in lagging),
    )


def ahead_of_us() -> timedelta:
    """What has to be added to our clock for it to show TODAY."""
    return TODAY - timezone.now()
