"""A unit's own standing: every number leads to its rows, every person to the own units alone."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign
from schools.enums import Role
from schools.models import Membership, User
from submissions import standing
from submissions.enums import EventKind, ExhibitState, Override
from submissions.figures import EVERY, OF_UNIT
from submissions.models import Assignment, Exhibit, Version
from submissions.services import ledger, nil, reviewing, signing
from tests.factories import (
    NOW,
    MembershipFactory,
    UnitFactory,
    assigned,
    at,
    county,
    drafted,
    handed_in,
    person,
)
from tests.reports.test_pages import numbers

pytestmark = pytest.mark.django_db


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[1])
    return client


def page(user, name="standing", **query):
    return as_(user).get(reverse(name), query)


def counted(unit, **narrowed):
    """Figures that are not zero, at a time when nothing is overdue."""
    lines = standing.by_campaign(unit, NOW)
    return {key: n for key, n in standing.total(lines).items() if n}


@pytest.fixture
def head(place):
    return person(Role.HEAD, place.school)


@pytest.fixture
def busy(place, head):
    """A school with a task in each standing; returns the campaign of the accepted one."""
    accepted = handed_in(assigned(place, title="通过的"), place.secretary)
    reviewing.accept(accepted, by=place.officer, at=NOW, recommended=True)
    Exhibit.objects.create(
        version=accepted, state=ExhibitState.SHOWN, chosen_by=place.officer, chosen_at=NOW,
        answered_by=place.secretary, answered_at=NOW,
    )  # fmt: skip
    returned = handed_in(assigned(place, title="退回的"), place.secretary, at=at(5, 3))
    reviewing.send_back(returned, by=place.officer, at=at(5, 4), reason="请补充。", correct_by=at(5, 9))
    unsigned = handed_in(assigned(place, title="未签的", sign_off=True), place.secretary)
    signing.decline(unsigned, by=head, at=NOW, reason="请核对。")
    nothing = assigned(place, title="没有的", nil_allowed=True)
    nil.report_nil(nothing, by=place.secretary, at=NOW, reason="没有")
    exempt = assigned(place, title="免报的")
    exempt.override = Override.EXEMPT
    ledger.settle(exempt, EventKind.EXEMPTED, at=NOW, by=place.officer)
    cancelled = assigned(place, title="撤销的")
    handed_in(cancelled, place.secretary)
    ledger.cancel_all(Assignment.objects.filter(pk=cancelled.pk), at=NOW, by=place.officer, note="撤销")
    assigned(place, title="待报的")
    return accepted.submission.assignment.requirement.campaign


# Figures ----------------------------------------------------------------------------------------------


def test_what_each_figure_counts(place, busy):
    assert counted(place.school) == {
        "owed": 5, "accepted": 2, "in_time": 2, "late": 1, "returns": 1, "exempt": 1, "nil": 1,
        "pieces": 1, "recommended": 1, "shown": 1,
    }  # fmt: skip


def test_overdue_is_what_is_past_its_time_and_not_handed_in(place, owed):
    figure = EVERY["overdue"]
    passed = (owed.due_at - timedelta(microseconds=1), owed.due_at)
    assert [standing.rows(figure, place.school, now).count() for now in passed] == [0, 1]


def test_a_recommended_version_that_was_opened_again_is_none(place, owed):
    version = handed_in(owed, place.secretary)
    reviewing.accept(version, by=place.officer, at=NOW, recommended=True)
    reviewing.reopen(version, by=place.officer, at=NOW, reason="请更正。", correct_by=at(4, 9))
    assert counted(place.school) == {"owed": 1, "in_time": 1, "returns": 1}


def test_every_number_leads_to_as_many_rows(place, head, busy):
    Campaign.objects.filter(pk=busy.pk).update(starts_on=date(2025, 2, 1))
    for year in (2025, 2026):
        found = numbers(page(head, year=year).content.decode())
        tiles_campaigns_and_years = len(OF_UNIT) * (1 + (1 if year == 2025 else 5) + _years())
        assert len(found) == tiles_campaigns_and_years
        for address, number in found:
            rows = as_(head).get(address)
            assert (rows.context["page"].paginator.count, rows.content.decode().count("data-row")) == (
                number, number,
            )  # fmt: skip


def _years():
    """2025, 2026 and, where the clock of the machine says so, the present one."""
    return len({2025, 2026, timezone.localdate().year})


def test_years_are_those_in_which_campaigns_began(place, busy):
    Campaign.objects.filter(pk=busy.pk).update(starts_on=date(2025, 12, 31))
    context = page(place.secretary, year=2025).context
    owed = {year: cells[0]["n"] for year, cells in context["years"] if year in (2025, 2026)}
    assert (owed, [line.title for line, _ in context["campaigns"]]) == ({2026: 4, 2025: 1}, [busy.title])


@pytest.mark.parametrize("typed", ["", "soon", "0000", "99999", "1999"])
def test_a_broken_year_is_the_present_one(place, owed, typed):
    assert page(place.secretary, year=typed).context["year"] == timezone.localdate().year


def test_what_is_open_stands_in_the_order_of_its_dates(place):
    handed_in(assigned(place, title="已报的"), place.secretary)
    assigned(place, title="远的")
    assigned(place, title="近的", due_at=at(4, 20))
    titles = [one.requirement.title for one in page(place.secretary).context["open"]]
    assert titles == ["近的", "远的"]


# The head ---------------------------------------------------------------------------------------------


def test_a_secretary_is_not_told_what_is_for_the_head(place, owed):
    assert page(place.secretary).context["head"] is None


def test_the_head_follows_what_waits_for_the_signature(place, head):
    handed_in(assigned(place, sign_off=True), place.secretary)
    shown = page(head)
    link = f"{reverse('work')}?shelf=sign&amp;unit={place.school.pk}"
    assert (shown.context["head"]["to_sign"], shown.content.decode().count(f'href="{link}"')) == (1, 1)
    assert as_(head).get(link.replace("&amp;", "&")).context["page"].paginator.count == 1


def test_the_head_sees_what_is_overdue_now_apart(place, head):
    late, other = assigned(place, title="过期的"), assigned(place, title="远的")
    for owed, days in ((late, -1), (other, 60)):
        Assignment.objects.filter(pk=owed.pk).update(due_at=timezone.now() + timedelta(days=days))
    context = page(head).context
    assert (list(context["head"]["overdue"]), context["open"]) == ([late], [other])
    assert context["head"]["overdue_count"] == 1


def test_the_head_sees_who_handed_in_when(place, head):
    second = person(Role.SECRETARY, place.school)
    gone = person(Role.SECRETARY, place.school)
    Membership.objects.filter(user=gone).update(ended_at=NOW)
    handed_in(assigned(place), place.secretary, at=at(3, 5))
    MembershipFactory(user=second, unit=place.middle)  # what is done there is no matter of this school
    middle = Assignment.objects.get(unit=place.middle)
    handed_in(middle, second, at=at(3, 6))
    people = {post.user: post.last_hand_in for post in page(head).context["head"]["people"]}
    assert people == {place.secretary: at(3, 5), second: None}


def test_a_head_is_one_of_the_own_school_only(place, head, owed):
    MembershipFactory(user=head, unit=place.middle)
    both = User.objects.get(pk=head.pk)
    assert page(both, unit=place.middle.pk).context["head"] is None
    assert page(both, unit=place.school.pk).context["head"] is not None


# Units ------------------------------------------------------------------------------------------------

PAGES = ("standing", "standing_rows", "standing_history")


@pytest.mark.parametrize("name", PAGES)
def test_one_of_several_units_is_chosen(place, owed, name):
    MembershipFactory(user=place.secretary, unit=place.middle)
    user = User.objects.get(pk=place.secretary.pk)
    chosen = [
        page(user, name, figure="owed", **query).context["unit"] for query in ({}, {"unit": place.middle.pk})
    ]
    assert chosen == [place.school, place.middle]


@pytest.mark.parametrize("name", PAGES)
def test_another_unit_does_not_exist(place, owed, name):
    for unit in (place.middle.pk, place.bureau.pk, UnitFactory().pk, 0, "school", "９" * 30):
        assert page(place.secretary, name, figure="owed", unit=unit).status_code == 404


@pytest.mark.parametrize("name", ["standing_rows", "standing_history"])
def test_a_campaign_that_asked_nothing_of_the_unit_does_not_exist(place, owed, name):
    foreign = assigned(county()).requirement.campaign_id
    for campaign in (foreign, 0, "soon", "9" * 30):
        assert page(place.secretary, name, figure="owed", campaign=campaign).status_code == 404


@pytest.mark.parametrize("query", [{}, {"figure": "money"}])
def test_an_unknown_figure_does_not_exist(place, query):
    assert page(place.secretary, "standing_rows", **query).status_code == 404


def test_nothing_of_another_unit_is_counted_or_listed(place, owed):
    neighbour = person(Role.SECRETARY, place.middle)
    version = handed_in(Assignment.objects.get(unit=place.middle), neighbour, title="邻校文章")
    reviewing.accept(version, by=place.officer, at=NOW, recommended=True)
    assert counted(place.school) == {"owed": 1}
    for name in PAGES:
        assert "邻校文章" not in page(place.secretary, name, figure="pieces").content.decode()


# History ----------------------------------------------------------------------------------------------


def entries(user, **query):
    listed = page(user, "standing_history", **query).context["page"]
    return [(one.title, one.number, one.word) for one in listed]


def test_everything_handed_in_is_listed_the_newest_first(place, head):
    first = assigned(place)
    version = handed_in(first, place.secretary, title="甲")
    reviewing.send_back(version, by=place.officer, at=at(3, 3), reason="请补充。", correct_by=at(4, 9))
    handed_in(first, place.secretary, title="甲", at=at(3, 4))
    handed_in(assigned(place, sign_off=True), place.secretary, title="乙", at=at(3, 5))
    drafted(assigned(place), place.secretary, title="丙")
    assert entries(place.secretary) == [("乙", 1, "待签发"), ("甲", 2, "待审核"), ("甲", 1, "已退回")]
    assert entries(head) == entries(place.secretary)


def test_the_history_is_narrowed(place, busy):
    campaign = {"campaign": busy.pk}
    Campaign.objects.filter(pk=busy.pk).update(starts_on=date(2025, 2, 1))
    assert len(entries(place.secretary)) == 4
    assert [len(entries(place.secretary, **one)) for one in (campaign, {"year": 2025}, {"year": 2026})] == [
        1, 1, 3,
    ]  # fmt: skip
    assert [len(entries(place.secretary, kind=kind)) for kind in ("essay", "briefing")] == [4, 0]
    assert page(place.secretary, "standing_history", kind="money").status_code == 404


def test_what_was_handed_in_for_the_school_says_so(place, owed):
    piece = drafted(owed, place.secretary)
    Version.objects.create(
        submission=piece, number=1, title="代报的", digest="0" * 64, on_behalf=True,
        submitted_by=place.officer, submitted_at=NOW,
    )  # fmt: skip
    shown = page(place.secretary, "standing_history").content.decode()
    assert shown.count(f"{place.officer.name}代报") == 1


def test_the_second_page_keeps_what_was_chosen(place, owed, monkeypatch):
    monkeypatch.setattr("submissions.views.standing.PER_PAGE", 1)
    handed_in(owed, place.secretary, title="先")
    handed_in(owed, place.secretary, title="后", number=2, at=at(3, 3))
    shown = page(place.secretary, "standing_history", kind="essay", page=2)
    assert [one.title for one in shown.context["page"]] == ["先"]
    assert shown.context["query"] == f"unit={place.school.pk}&kind=essay"


# Queries ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"), [("standing", 15), ("standing_rows", 6), ("standing_history", 9)]
)
def test_as_many_queries_however_many_rows(place, head, rows, name, queries, django_assert_num_queries):
    for _ in range(rows):
        version = handed_in(assigned(place), place.secretary)
        reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充。", correct_by=at(4, 9))
        handed_in(assigned(place, sign_off=True), place.secretary)
    for state, days in (("returned", 60), ("to_sign", -1)):
        Assignment.objects.filter(state=state).update(due_at=timezone.now() + timedelta(days=days))
    client = as_(head)
    client.get(reverse(name), {"figure": "owed"})
    with django_assert_num_queries(queries):
        client.get(reverse(name), {"figure": "owed"})


@pytest.mark.parametrize("figure", ["returns", "pieces", "recommended"])
def test_as_many_queries_for_rows_of_every_sort(place, figure, django_assert_num_queries):
    def listed():
        return as_(place.secretary).get(reverse("standing_rows"), {"figure": figure})

    for _ in range(3):
        version = handed_in(assigned(place), place.secretary)
        if figure == "returns":
            reviewing.send_back(version, by=place.officer, at=NOW, reason="请补充。", correct_by=at(4, 9))
        else:
            reviewing.accept(version, by=place.officer, at=NOW, recommended=True)
    assert listed().context["page"].paginator.count == 3
    client = as_(place.secretary)
    client.get(reverse("inbox"))
    with django_assert_num_queries(6):
        client.get(reverse("standing_rows"), {"figure": figure})
