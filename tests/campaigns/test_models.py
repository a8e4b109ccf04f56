"""What the database says of a plan."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.services.planning import set_due
from notices.workdays import end_of
from tests.factories import (
    DUE,
    LAST_DAY,
    CampaignFactory,
    LeadershipFactory,
    OccurrenceFactory,
    PhaseFactory,
    RequirementFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("constraint", "make"),
    [
        ("campaign_ends_after_start", lambda: CampaignFactory(ends_on=date(2026, 1, 1))),
        ("campaign_published_has_time", lambda: CampaignFactory(state=CampaignState.PUBLISHED)),
        ("phase_ends_after_start", lambda: PhaseFactory(ends_on=date(2026, 1, 1))),
        ("topic_position_not_empty", lambda: TopicFactory(position=[])),
        ("leadership_someone", lambda: LeadershipFactory(post="")),
        ("requirement_asks_something", lambda: RequirementFactory(min_pieces=0)),
        ("requirement_max_at_least_min", lambda: RequirementFactory(min_pieces=4, max_pieces=3)),
        ("occurrence_cutoff_not_before_due", lambda: OccurrenceFactory(cutoff_at=DUE - timedelta(days=1))),
    ],
)
def test_the_database_refuses(constraint, make):
    with pytest.raises(IntegrityError, match=constraint):
        make()


def test_two_phases_of_a_campaign_cannot_share_a_name():
    first = PhaseFactory()
    with pytest.raises(IntegrityError, match="phase_name_unique"):
        PhaseFactory(campaign=first.campaign, name=first.name)


def test_two_topics_of_a_campaign_cannot_share_a_number():
    first = TopicFactory(position=[1])
    with pytest.raises(IntegrityError, match="topic_position_unique"):
        TopicFactory(campaign=first.campaign, position=[1])


def test_an_occurrence_has_a_number_of_its_own():
    first = OccurrenceFactory()
    with pytest.raises(IntegrityError, match="occurrence_once"):
        OccurrenceFactory(requirement=first.requirement)


def test_topics_come_in_the_order_of_their_numbers():
    campaign = CampaignFactory()
    for position in ([10], [2, 1], [2], [1, 3]):
        TopicFactory(campaign=campaign, position=position)
    assert [topic.number for topic in campaign.topics.all()] == ["1.3", "2", "2.1", "10"]


def test_what_was_published_is_visible_and_a_draft_is_not():
    CampaignFactory(title="草稿")
    for state in CampaignState.visible():
        closed = None if state == CampaignState.PUBLISHED else DUE
        CampaignFactory(title=state, state=state, published_at=DUE, closed_at=closed)
    assert {campaign.title for campaign in Campaign.objects.visible()} == set(CampaignState.visible())


def test_a_due_day_is_in_time_until_its_last_moment():
    assert set_due(RequirementFactory(), LAST_DAY).due_at == DUE


def test_a_cutoff_day_is_taken_until_its_last_moment():
    occurrence = set_due(RequirementFactory(), LAST_DAY, date(2026, 5, 10))
    assert occurrence.cutoff_at == end_of(date(2026, 5, 10))


def test_giving_another_due_day_changes_the_one_occurrence():
    requirement = RequirementFactory()
    set_due(requirement, LAST_DAY)
    set_due(requirement, date(2026, 5, 10))
    assert [each.due_at for each in requirement.occurrences.all()] == [end_of(date(2026, 5, 10))]


@pytest.mark.parametrize(("field", "make"), [("phase", PhaseFactory), ("topic", TopicFactory)])
def test_a_requirement_stays_within_its_campaign(field, make):
    requirement = RequirementFactory()
    setattr(requirement, field, make(campaign=CampaignFactory()))
    requirement.save()
    with pytest.raises(IntegrityError):
        connection.check_constraints()
