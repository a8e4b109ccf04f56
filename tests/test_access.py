"""Who gets through which door: every address of the portal × every kind of person (domain invariant 3).

The addresses are read from the URL configuration itself; one without an entry here fails the test.
Outsiders get 404 (they learn nothing), people in scope without the right get 403.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse

from notices.models import Notice
from schools.enums import Role
from schools.models import User
from submissions.models import Version
from submissions.services import submitting
from tests.factories import NOW, UserFactory, assigned, county, drafted, person, ready_plan, upload

World = SimpleNamespace

# The people: of the school itself, of the bureau above it, of other places, and of other duties.
OWN = ("secretary", "head")
ABOVE = ("officer", "leader")
OUTSIDE = ("neighbour", "foreign_secretary", "foreign_officer", "foreign_leader")
DUTIES = ("system", "security", "auditor")
EVERYONE = (*OWN, *ABOVE, *OUTSIDE, *DUTIES, "nobody")
READERS = (*OWN, *ABOVE, *OUTSIDE)


@dataclass(frozen=True)
class Door:
    """One address and method: the status each person gets; who is not named gets 403."""

    name: str
    ok: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    method: str = "get"
    status: int = 200
    args: Callable[[World], list[Any]] = lambda world: []
    data: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)

    def expected(self, who: str) -> int:
        return self.status if who in self.ok else 404 if who in self.hidden else 403

    def knock(self, client: Client, world: World) -> HttpResponse:
        address = reverse(self.name, args=self.args(world), query=self.query)
        return getattr(client, self.method)(address, self.data)


def owed(world: World) -> list[int]:
    return [world.owed.pk]


def draft(world: World) -> list[int]:
    return [world.owed.pk, world.draft.number]


def version(world: World) -> list[int]:
    return [world.version.pk]


SECRETARIES_ELSEWHERE = ("neighbour", "foreign_secretary")
OVERSEERS_ELSEWHERE = ("foreign_officer", "foreign_leader")

DOORS = [
    Door("home", ok=EVERYONE, status=302),
    Door("password_change", ok=EVERYONE),
    Door("forbidden", ok=()),
    Door("inbox", ok=EVERYONE),
    Door("read_all", ok=EVERYONE, method="post", status=302),
    Door(
        "open_notice", ok=("secretary",), hidden=tuple(who for who in EVERYONE if who != "secretary"),
        method="post", status=302, args=lambda world: [world.notice.pk],
    ),
    Door("work", ok=(*OWN, *SECRETARIES_ELSEWHERE)),
    Door("assignment", ok=(*OWN, *ABOVE), hidden=OUTSIDE, args=owed),
    Door("piece", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, args=draft),
    Door(
        "piece", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, args=draft, method="post", status=302,
        data={"title": "一次家访", "body": "正文", "save": "1"},
    ),
    Door("withdraw", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, method="post", status=302,
         args=lambda world: [world.owed.pk, world.version.submission.number]),
    Door("acknowledge", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, method="post", status=302,
         args=owed),
    Door("detach", ok=("secretary",), hidden=SECRETARIES_ELSEWHERE, method="post", status=302,
         args=lambda world: [world.draft_file.pk]),
    Door(
        "plan", ok=(*OWN, *ABOVE, "neighbour"), hidden=("foreign_secretary", *OVERSEERS_ELSEWHERE),
        args=lambda world: [world.campaign.pk],
    ),
    Door("version", ok=(*OWN, *ABOVE), hidden=OUTSIDE, args=version),
    Door("receipt", ok=(*OWN, *ABOVE), hidden=OUTSIDE, args=version),
    Door("file", ok=(*OWN, *ABOVE), hidden=OUTSIDE, args=lambda world: [world.version.files.get().pk]),
    # A draft is the school's own business: even the bureau above does not see its files.
    Door("file", ok=OWN, hidden=(*ABOVE, *OUTSIDE), args=lambda world: [world.draft_file.file_id]),
    Door("queue", ok=("officer", "foreign_officer")),
    Door("review", ok=("officer",), hidden=("foreign_officer",), args=version, method="post", status=302,
         data={"verdict": "accept"}),
    Door("publish", ok=("officer",), hidden=("foreign_officer",), args=lambda world: [world.planned.pk]),
    Door("publish", ok=("officer",), hidden=("foreign_officer",), args=lambda world: [world.planned.pk],
         method="post", status=302),
    Door("progress", ok=(*ABOVE, *OVERSEERS_ELSEWHERE)),
    Door("campaign", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, args=lambda world: [world.campaign.pk]),
    Door("rows", ok=ABOVE, hidden=OVERSEERS_ELSEWHERE, args=lambda world: [world.campaign.pk],
         query={"figure": "handed"}),
]  # fmt: skip

PUBLIC = {"login", "logout"}


@pytest.fixture
def world(db: None) -> World:
    """A school with one piece handed in and one in draft, and everybody who might look at them."""
    place, elsewhere = county(), county()
    owed_ = assigned(place)
    handed = drafted(owed_, place.secretary)
    submitting.attach(handed, upload(), by=place.secretary, at=NOW)
    version_: Version = submitting.submit(handed, by=place.secretary, at=NOW)
    draft_ = drafted(owed_, place.secretary, number=2)
    people: dict[str, User] = {
        "secretary": place.secretary,
        "head": person(Role.HEAD, place.school),
        "officer": place.officer,
        "leader": person(Role.LEADER, place.bureau),
        "neighbour": person(Role.SECRETARY, place.middle),
        "foreign_secretary": elsewhere.secretary,
        "foreign_officer": elsewhere.officer,
        "foreign_leader": person(Role.LEADER, elsewhere.bureau),
        "system": person(Role.SYSTEM, place.section),
        "security": person(Role.SECURITY, place.section),
        "auditor": person(Role.AUDITOR, place.section),
        "nobody": UserFactory(),
    }
    return World(
        place=place, elsewhere=elsewhere, people=people, owed=owed_, version=version_, draft=draft_,
        draft_file=submitting.attach(draft_, upload("草稿.pdf"), by=place.secretary, at=NOW),
        campaign=owed_.requirement.campaign, planned=ready_plan(place).campaign,
        notice=Notice.objects.filter(recipient=place.secretary).first(),
    )  # fmt: skip


def patterns(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """Every URL name of the portal; the admin's are prefixed with “admin:”."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield prefix + (pattern.name or str(pattern.pattern))
        else:
            yield from patterns(pattern, f"{pattern.namespace}:" if pattern.namespace else prefix)


def test_every_address_has_an_entry() -> None:
    named = {name for name in patterns() if not name.startswith("admin:")}
    assert named == {door.name for door in DOORS} | PUBLIC


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method}-{door.name}")
def test_each_person_gets_what_the_matrix_says(door: Door, world: World) -> None:
    found = {}
    for who in EVERYONE:
        client = Client()
        client.force_login(world.people[who], backend="django.contrib.auth.backends.ModelBackend")
        with transaction.atomic():
            found[who] = door.knock(client, world).status_code
            transaction.set_rollback(True)
    assert found == {who: door.expected(who) for who in EVERYONE}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method}-{door.name}")
def test_strangers_are_sent_to_the_login(door: Door, world: World) -> None:
    answer = door.knock(Client(), world)
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, reverse("login"))


WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.mark.parametrize(
    "door", [door for door in DOORS if door.method == "get" and door.ok], ids=lambda door: door.name
)
def test_a_get_writes_nothing_but_the_download_log(door: Door, world: World) -> None:
    for who in door.ok:
        client = Client()
        client.force_login(world.people[who], backend="django.contrib.auth.backends.ModelBackend")
        client.get(reverse("inbox"))  # the first page of a session stamps it
        with CaptureQueriesContext(connection) as captured:
            door.knock(client, world)
        written = [query["sql"] for query in captured if query["sql"].startswith(WRITES)]
        expected = 1 if door.name == "file" else 0
        assert len([sql for sql in written if "portal_auditevent" in sql]) == expected
        assert len(written) == expected


def test_a_post_address_refuses_get(world: World) -> None:
    client = Client()
    client.force_login(world.people["secretary"], backend="django.contrib.auth.backends.ModelBackend")
    statuses = {
        name: client.get(reverse(name, args=args)).status_code
        for name, args in {
            "read_all": [], "open_notice": [world.notice.pk], "acknowledge": owed(world),
            "detach": [world.draft_file.pk], "withdraw": draft(world), "review": version(world),
        }.items()
    }  # fmt: skip
    assert set(statuses.values()) == {405}


def test_every_model_in_the_admin_is_spoken_for() -> None:
    """Which models open in the admin at all; who may do what there is in each app's test_admin.py."""
    assert {model._meta.label for model in admin.site._registry} == {
        "campaigns.Campaign",
        "campaigns.Requirement",
        "portal.AuditEvent",
        "schools.Membership",
        "schools.Unit",
        "schools.User",
    }
