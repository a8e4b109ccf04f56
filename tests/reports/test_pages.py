"""Dashboards: every number leads to exactly its rows, at a stated number of queries."""

import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from schools.enums import Role
from schools.models import User
from submissions.services import counting, reviewing
from tests.factories import NOW, County, UnitFactory, assigned, at, county, handed_in, person
from tests.reports.following import at_turns

pytestmark = pytest.mark.django_db


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


class Numbers(HTMLParser):
    """The links to row lists on a page, each with the number it shows."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, int]] = []
        self._address: str | None = None

    def handle_starttag(self, tag: str, attrs: list) -> None:
        address = dict(attrs).get("href", "")
        if tag == "a":
            self._address = address if "/rows/" in address else None

    def handle_data(self, data: str) -> None:
        if self._address and data.strip().isdecimal():
            self.found.append((self._address, int(data)))
            self._address = None


def numbers(page: str) -> list[tuple[str, int]]:
    parser = Numbers()
    parser.feed(page)
    return parser.found


@pytest.fixture
def busy(place: County):
    """A campaign in which one school is late and returned, another has nothing, a third was accepted."""
    owed = assigned(place)
    version = handed_in(owed, place.secretary, at=at(5, 3))
    reviewing.send_back(version, by=place.officer, at=at(5, 4), reason="请补充数据。", correct_by=at(5, 9))
    second = UnitFactory(name="东镇第二小学", parent=place.township)
    from submissions.services import publishing

    publishing.top_up(owed.requirement.campaign, at=NOW)
    theirs = second.assignments.get()
    reviewing.accept(
        handed_in(theirs, person(Role.SECRETARY, second), at=at(4, 1)), by=place.officer, at=at(4, 2)
    )
    return owed.requirement.campaign


@pytest.mark.parametrize("dashboard", ["progress", "campaign"])
@pytest.mark.parametrize("folded", [False, True])
def test_every_number_leads_to_as_many_rows(place: County, busy, dashboard: str, folded: bool) -> None:
    if folded:
        counting.fold_deltas()
    client = as_(person(Role.LEADER, place.bureau))
    args = [busy.pk] if dashboard == "campaign" else []
    found = numbers(at_turns(client.get(reverse(dashboard, args=args)).content.decode()))
    assert len(found) >= 8
    behind = {}
    for address, _ in found:
        listed = client.get(address)
        behind[address] = listed.context["page"].paginator.count
        assert len(re.findall("data-row", listed.content.decode())) == behind[address]
    assert behind == dict(found)


def test_the_figures_of_the_campaign(place: County, busy) -> None:
    page = as_(person(Role.LEADER, place.bureau)).get(reverse("campaign", args=[busy.pk]))
    shown = {column.key: cell.value for column, cell in page.context["tiles"]}
    assert shown == {
        "overdue": 1, "returned": 1, "owed": 3, "handed": 1, "accepted": 1, "waiting": 0,
        "missing": 1, "not_due": 0, "in_time": 1, "late": 1, "exempt": 0,
    }  # fmt: skip


def test_a_township_leader_sees_the_own_township_only(place: County, busy) -> None:
    from schools.models import Membership

    leader = person(Role.LEADER, place.township)
    Membership.objects.filter(user=leader).update(scope=place.township)
    page = as_(leader).get(reverse("campaign", args=[busy.pk]))
    assert page.context["total"]["owed"].value == 2


def test_nonsense_in_the_address_is_not_found(place: County, busy) -> None:
    client = as_(person(Role.LEADER, place.bureau))
    base = reverse("rows", args=[busy.pk])
    queries = [
        "figure=nothing",
        "phase=x",
        "unit_kind=x",
        "branch=999999",
        "requirement=999999999999999999999",
    ]
    assert [client.get(f"{base}?{query}").status_code for query in queries] == [404] * 5


def test_another_county_is_not_named(place: County, busy) -> None:
    client = as_(person(Role.LEADER, place.bureau))
    elsewhere = county()
    assert client.get(reverse("rows", args=[busy.pk]) + f"?branch={elsewhere.township.pk}").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_row_list_takes_thirteen_queries(place: County, rows: int, django_assert_num_queries) -> None:
    for n in range(rows - 1):
        UnitFactory(name=f"东镇第{n}小学", parent=place.township)
    owed = assigned(place)
    handed_in(owed, place.secretary)
    client = as_(person(Role.LEADER, place.bureau))
    client.get(reverse("inbox"))
    with django_assert_num_queries(13):
        client.get(reverse("rows", args=[owed.requirement.campaign.pk]) + "?figure=owed")


def test_what_the_head_has_not_signed_is_not_named_in_a_row_list(place: County) -> None:
    person(Role.HEAD, place.school)
    owed = assigned(place, sign_off=True)
    unsigned = handed_in(owed, place.secretary, title="内部稿")
    page = as_(place.officer).get(reverse("rows", args=[owed.requirement.campaign.pk]))
    row = next(one for one in page.context["page"] if one == owed)
    assert (row.handed, unsigned.title in page.content.decode()) == ([], False)
