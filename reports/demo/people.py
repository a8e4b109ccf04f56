"""Everybody who works in the invented county, with accounts that share one password."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.hashers import make_password

from reports.demo import names
from reports.demo.county import SHARED_DESK, WRITING_SECTION, County
from schools.enums import Role
from schools.models import Unit, User
from schools.pinyin import initials
from schools.services.people import appoint

#: One password for all, told on the screen by `manage.py demo_accounts`; it passes the portal's own rules.
PASSWORD = "Shili-2026"
#: The one account that has to change it at the first login.
NEWCOMER = "newcomer"
#: The account of the secretary who serves two units.
TWO_UNITS = "twounits"
#: One for each part to play, in the order in which a visitor would try them.
SHOWN = (
    "officer1", "officer2", "leader1", "school001", "head001", TWO_UNITS, "section3",
    "system1", "security1", "auditor1", NEWCOMER,
)  # fmt: skip


@dataclass(frozen=True)
class Seat:
    """A person to be: the account name, and the roles in which units."""

    username: str
    posts: tuple[tuple[Unit, Role], ...]


@dataclass
class Staff:
    """The people the story needs, found by what they do."""

    users: dict[str, User]
    secretaries: dict[int, User] = field(default_factory=dict)  # by unit
    heads: dict[int, User] = field(default_factory=dict)

    @property
    def officer(self) -> User:
        return self.users["officer1"]

    @property
    def second_officer(self) -> User:
        return self.users["officer2"]


def hire(county: County, throw: random.Random, *, at: datetime) -> Staff:
    """Create all people and their memberships, in office since `at`.

    All share one encoded password: encoding costs a quarter of a second, and there are hundreds.
    """
    seats = [*_bureau_seats(county), *_school_seats(county)]
    called = invented_names(throw)
    encoded = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(
            username=seat.username,
            name=(name := next(called)),
            pinyin=initials(name),
            phone=f"0000-{8000000 + number}",
            password=encoded,
            must_change_password=seat.username == NEWCOMER,
            date_joined=at,
        )
        for number, seat in enumerate(seats)
    )
    staff = Staff({user.username: user for user in users})
    _appoint_all(staff, seats, at)
    return staff


def _appoint_all(staff: Staff, seats: Iterable[Seat], at: datetime) -> None:
    """Security administrators appoint; before there is one, nobody is named."""
    by = staff.users["security1"]
    for seat in seats:
        user = staff.users[seat.username]
        for unit, role in seat.posts:
            appoint(user, unit, role, at=at, by=by)
            if role == Role.SECRETARY:
                staff.secretaries.setdefault(unit.pk, user)
            elif role == Role.HEAD:
                staff.heads.setdefault(unit.pk, user)


def _bureau_seats(county: County) -> Iterator[Seat]:
    """Security first, then the others of the bureau and its sections."""
    sections = county.sections
    yield Seat("security1", ((county.bureau, Role.SECURITY),))
    yield Seat("system1", ((county.bureau, Role.SYSTEM),))
    yield Seat("auditor1", ((county.bureau, Role.AUDITOR),))
    yield Seat("officer1", ((sections[names.OFFICE], Role.OFFICER),))
    yield Seat("officer2", ((sections[WRITING_SECTION], Role.OFFICER),))
    for number in (1, 2, 3):
        yield Seat(f"leader{number}", ((county.bureau, Role.LEADER),))
    for number, section in enumerate(sections.values(), start=1):
        yield Seat(f"section{number}", ((section, Role.SECRETARY),))
        yield Seat(f"chief{number}", ((section, Role.HEAD),))


def _school_seats(county: County) -> Iterator[Seat]:
    """A secretary and a head for each school; two schools share a secretary, the first has a new one too."""
    shared = [county.named(name) for name in SHARED_DESK]
    yield Seat(TWO_UNITS, tuple((unit, Role.SECRETARY) for unit in shared))
    for number, unit in enumerate(county.schools, start=1):
        if unit not in shared:
            yield Seat(f"school{number:03}", ((unit, Role.SECRETARY),))
        yield Seat(f"head{number:03}", ((unit, Role.HEAD),))
    yield Seat(NEWCOMER, ((county.schools[0], Role.SECRETARY),))


def invented_names(throw: random.Random) -> Iterator[str]:
    """Names that look invented, no two alike."""
    pool = [surname + given for surname in names.SURNAMES for given in names.GIVEN]
    throw.shuffle(pool)
    yield from pool
