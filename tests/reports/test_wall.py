"""大屏: the right campaign, the right numbers, and a session that lasts as long as the wall is on."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from reports.views.wall import BARS
from schools.enums import Role, UnitKind
from submissions.services import closing, publishing
from tests.factories import NOW, UnitFactory, assigned, handed_in, person
from tests.reports.following import at_turns
from tests.reports.test_pages import as_, numbers

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader(place):
    return as_(person(Role.LEADER, place.bureau))


def shown(client, campaign, **query):
    return client.get(reverse("wall", args=[campaign.pk], query=query))


def test_every_number_on_the_wall_leads_to_as_many_rows(place, leader):
    owed = assigned(place)
    handed_in(owed, place.secretary)
    page = at_turns(shown(leader, owed.requirement.campaign).content.decode())
    found = {address: leader.get(address).context["page"].paginator.count for address, _ in numbers(page)}
    assert found == dict(numbers(page))
    assert {"figure=owed", "figure=overdue"} <= {address.rpartition("?")[2] for address in found}


def test_the_slowest_townships_come_first_and_no_more_than_can_be_read(place, leader):
    for n in range(BARS + 3):
        UnitFactory(parent=UnitFactory(name=f"镇{n:02}", kind=UnitKind.TOWNSHIP, parent=place.bureau))
    owed = assigned(place)
    handed_in(owed, place.secretary)
    [table, *_] = shown(leader, owed.requirement.campaign).context["tables"]
    shares = [line.cells[0].value for line in table.lines]
    assert (len(shares), shares, table.title) == (BARS, sorted(shares), f"到期报送率后{BARS}位")


def test_running_campaigns_take_turns(place, leader):
    first, second = (assigned(place).requirement.campaign for _ in range(2))
    assert leader.get(reverse("walls")).url == reverse("wall", args=[second.pk], query={"turn": 1})
    assert shown(leader, second, turn=1).context["next"] == first.pk
    assert shown(leader, first, turn=1).context["next"] == second.pk
    assert shown(leader, first).context["next"] == first.pk


def test_a_campaign_that_has_ended_meanwhile_gives_way(place, leader):
    ended, running = (assigned(place).requirement.campaign for _ in range(2))
    closing.close(ended, reason="结束", by=place.officer, at=NOW)
    assert shown(leader, ended, turn=1).context["next"] == running.pk


def test_without_a_running_campaign_the_wall_says_so(place, leader):
    page = leader.get(reverse("walls"), follow=True)
    assert (page.redirect_chain, [str(one) for one in page.context["messages"]]) == (
        [(reverse("progress"), 302)], ["现在没有正在开展的活动，大屏暂无内容。"],
    )  # fmt: skip


def test_the_session_goes_on_while_the_wall_is_on(place, leader):
    leader.session.save()
    stored = leader.session.model.objects.get(session_key=leader.session.session_key)
    soon = timezone.now() + timedelta(minutes=5)
    leader.session.model.objects.update(expire_date=soon)
    assert leader.post(reverse("stay")).status_code == 204
    stored.refresh_from_db()
    assert stored.expire_date > soon + timedelta(hours=11)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_wall_takes_a_stated_number_of_queries(place, leader, rows, django_assert_num_queries):
    for n in range(rows - 1):
        UnitFactory(parent=UnitFactory(name=f"镇{n}", kind=UnitKind.TOWNSHIP, parent=place.bureau))
    campaign, *_ = [assigned(place).requirement.campaign for _ in range(rows)]
    leader.get(reverse("inbox"))
    publishing.top_up(campaign, at=NOW)
    with django_assert_num_queries(20):
        shown(leader, campaign, turn=1)
