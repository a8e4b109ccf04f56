"""From plan to ledger: the assignments of a plan, created once, and every unit told once."""

import pytest
from django.db.models import Count

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from notices.models import Notice
from notices.workdays import end_of
from portal.models import AuditEvent
from schools.enums import Ownership, Role, UnitKind
from schools.models import Unit
from submissions.enums import AssignmentState, EventKind
from submissions.models import Assignment, AssignmentEvent
from submissions.rules import NotAllowed
from submissions.services import publishing
from tests.factories import (
    DUE,
    LAST_DAY,
    NOW,
    MembershipFactory,
    OccurrenceFactory,
    RequirementFactory,
    UnitFactory,
    at,
    person,
    ready_plan,
)


@pytest.fixture
def plan(place):
    return ready_plan(place)


def publish(place, plan, *, at=NOW) -> int:
    return publishing.publish(plan.campaign, by=place.officer, at=at)


def everything() -> list:
    """All rows that publishing writes."""
    return [
        list(model.objects.values()) for model in (Assignment, AssignmentEvent, Notice, AuditEvent, Campaign)
    ]


# What is created ------------------------------------------------------------------------------------


def test_every_unit_of_the_audience_gets_its_assignment(place, plan):
    publish(place, plan)
    assert set(Assignment.objects.values_list("unit__name", flat=True)) == {
        "东镇中心小学",
        "示例县第一初级中学",
    }


def test_every_occurrence_gives_an_assignment_of_its_own(place, plan):
    OccurrenceFactory(requirement=plan, number=2, due_at=at(4, 1, hour=0))
    publish(place, plan)
    owed = Assignment.objects.filter(unit=place.school).values_list("due_at", flat=True)
    assert list(owed) == [at(4, 1, hour=0), DUE]


def test_it_returns_how_many_it_created(place, plan):
    assert publish(place, plan) == 2


def test_kind_and_ownership_are_kept_as_they_were(place, plan):
    publish(place, plan)
    Unit.objects.filter(pk=place.school.pk).update(kind=UnitKind.NINE_YEAR, ownership=Ownership.PRIVATE)
    kept = Assignment.objects.get(unit=place.school)
    assert (kept.unit_kind, kept.ownership) == (UnitKind.PRIMARY, Ownership.PUBLIC)


def test_a_school_in_a_township_is_counted_there(place, plan):
    publish(place, plan)
    assert Assignment.objects.get(unit=place.school).branch == place.township


def test_a_school_right_under_the_bureau_is_counted_there(place, plan):
    publish(place, plan)
    assert Assignment.objects.get(unit=place.middle).branch == place.bureau


def test_a_township_that_owes_work_itself_is_counted_under_its_bureau(place):
    publish(place, ready_plan(place, audience_kinds=[UnitKind.TOWNSHIP]))
    assert Assignment.objects.get(unit=place.township).branch == place.bureau


def test_due_time_and_cutoff_are_those_of_the_occurrence(place):
    publish(place, ready_plan(place, cutoff_at=at(5, 11, hour=0)))
    owed = Assignment.objects.get(unit=place.school)
    assert (owed.due_at, owed.cutoff_at) == (end_of(LAST_DAY), at(5, 11, hour=0))


def test_the_trail_of_every_assignment_begins_with_its_being_given(place, plan):
    publish(place, plan)
    events = AssignmentEvent.objects.values_list("kind", "at", "by", "before", "after")
    assert list(events) == [(EventKind.ASSIGNED, NOW, None, "", AssignmentState.TODO)] * 2


def test_publishing_leaves_one_audit_event(place, plan):
    publish(place, plan)
    traced = AuditEvent.objects.get(action="campaign.publish")
    assert (traced.actor, traced.at, traced.detail) == (place.officer, NOW, {"assignments": 2})


def test_the_campaign_runs_from_the_moment_of_publishing(place, plan):
    publish(place, plan)
    campaign = Campaign.objects.get()
    assert (campaign.state, campaign.published_at) == (CampaignState.PUBLISHED, NOW)


# What is refused ------------------------------------------------------------------------------------


def test_publishing_twice_is_refused(place, plan):
    publish(place, plan)
    with pytest.raises(NotAllowed, match=r"^活动已经发布，无需重复发布。$"):
        publish(place, plan)


def test_a_plan_that_is_not_ready_is_refused_with_its_first_gap(place, plan):
    plan.campaign.office = None
    plan.campaign.save()
    with pytest.raises(NotAllowed, match=r"^活动还不能发布：请指定领导小组办公室设在哪个单位。$"):
        publish(place, plan)


def test_a_refused_plan_leaves_nothing_behind(place, plan):
    plan.campaign.leadership.all().delete()
    before = everything()
    with pytest.raises(NotAllowed):
        publish(place, plan)
    assert everything() == before


# Who is told ----------------------------------------------------------------------------------------


def test_secretary_and_head_are_told_how_much_and_by_when(place, plan):
    head = person(Role.HEAD, place.school)
    RequirementFactory(campaign=plan.campaign, phase=plan.phase, title="纪要")
    OccurrenceFactory(requirement=plan.campaign.requirements.get(title="纪要"), due_at=at(4, 1, hour=0))
    publish(place, plan)
    told = Notice.objects.values_list("recipient", "title", "body", "url")
    title = f"《{plan.campaign.title}》向本单位布置2项报送任务"
    said = (title, "最近一项请于2026年3月31日前报送。", "/work/")
    assert set(told) == {(place.secretary.pk, *said), (head.pk, *said)}


def test_each_person_is_told_once_however_many_requirements(place, plan):
    for number in (2, 3):
        OccurrenceFactory(requirement=plan, number=number, due_at=at(4, number, hour=0))
    publish(place, plan)
    told = Notice.objects.values("recipient").annotate(n=Count("pk")).values_list("recipient", "n")
    assert list(told) == [(place.secretary.pk, 1)]


def test_one_who_is_secretary_and_head_is_told_once(place, plan):
    MembershipFactory(user=place.secretary, unit=place.school, role=Role.HEAD)
    publish(place, plan)
    assert Notice.objects.filter(recipient=place.secretary).count() == 1


def test_nobody_outside_the_audience_is_told(place):
    person(Role.SECRETARY, place.middle)
    publish(place, ready_plan(place, audience_kinds=[UnitKind.PRIMARY]))
    assert list(Notice.objects.values_list("recipient", flat=True)) == [place.secretary.pk]


def test_one_who_has_left_is_not_told(place, plan):
    place.secretary.memberships.update(ended_at=NOW)
    publish(place, plan)
    assert not Notice.objects.exists()


def test_one_who_serves_two_units_hears_of_both(place, plan):
    MembershipFactory(user=place.secretary, unit=place.middle)
    RequirementFactory(
        campaign=plan.campaign, phase=plan.phase, title="纪要", audience_kinds=[UnitKind.MIDDLE]
    )
    OccurrenceFactory(requirement=plan.campaign.requirements.get(title="纪要"))
    publish(place, plan)
    told = Notice.objects.filter(recipient=place.secretary).values_list("title", flat=True)
    assert list(told) == [f"《{plan.campaign.title}》向您所在的2个单位布置3项报送任务"]


# Topping up -----------------------------------------------------------------------------------------


def test_topping_up_twice_changes_nothing(place, plan):
    publish(place, plan)
    before = everything()
    publishing.top_up(plan.campaign, at=at(3, 9))
    publishing.top_up(plan.campaign, at=at(3, 9))
    assert everything() == before


def test_a_unit_that_joins_gets_its_assignment(place, plan):
    publish(place, plan)
    joined = UnitFactory(parent=place.township)
    publishing.top_up(plan.campaign, at=at(3, 9))
    assert Assignment.objects.filter(unit=joined).count() == 1


def test_topping_up_returns_how_many_it_created(place, plan):
    publish(place, plan)
    UnitFactory(parent=place.township)
    assert publishing.top_up(plan.campaign, at=at(3, 9)) == 1


def test_the_people_of_a_unit_that_joins_are_told(place, plan):
    publish(place, plan)
    newcomer = person(Role.SECRETARY, UnitFactory(parent=place.township))
    publishing.top_up(plan.campaign, at=at(3, 9))
    told = Notice.objects.filter(at=at(3, 9)).values_list("recipient", "title")
    assert list(told) == [(newcomer.pk, f"《{plan.campaign.title}》向本单位布置1项报送任务")]


def test_what_is_due_already_is_not_imposed_on_newcomers(place, plan):
    publish(place, plan)
    joined = UnitFactory(parent=place.township)
    publishing.top_up(plan.campaign, at=DUE)
    assert not Assignment.objects.filter(unit=joined).exists()


def test_topping_up_leaves_what_is_there_alone(place, plan):
    publish(place, plan)
    Assignment.objects.filter(unit=place.school).update(due_at=at(6, 1))
    publishing.top_up(plan.campaign, at=at(3, 9))
    assert Assignment.objects.get(unit=place.school).due_at == at(6, 1)


@pytest.mark.parametrize("state", [CampaignState.CLOSED, CampaignState.ARCHIVED])
def test_a_campaign_that_is_over_is_not_topped_up(place, plan, state):
    publish(place, plan)
    Campaign.objects.update(state=state, closed_at=NOW)
    UnitFactory(parent=place.township)
    assert publishing.top_up(plan.campaign, at=at(3, 9)) == 0


def test_a_draft_is_not_topped_up(place, plan):
    assert publishing.top_up(plan.campaign, at=NOW) == 0


def test_a_closed_unit_gets_nothing(place, plan):
    Unit.objects.filter(pk=place.middle.pk).update(closed_at=NOW)
    publish(place, plan)
    assert list(Assignment.objects.values_list("unit", flat=True)) == [place.school.pk]
