"""The ready check: every gap is a sentence and leads to the place that mends it."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.enums import LeadershipRole
from campaigns.readiness import gaps
from notices.workdays import end_of
from tests.factories import (
    DUE,
    NOW,
    CampaignFactory,
    LeadershipFactory,
    OccurrenceFactory,
    PhaseFactory,
    TopicFactory,
    ready_plan,
)


@pytest.fixture
def plan(place):
    """One phase “学习讨论” from 1 March to 30 April, one essay due on its last day."""
    made = ready_plan(place, title="征文")
    made.phase.name = "学习讨论"
    made.phase.save()
    return made


def said(plan, at=NOW) -> list[str]:
    return [gap.sentence for gap in gaps(plan.campaign, at=at)]


def phase(plan, name: str, starts_on: date | None, ends_on: date | None, track: int = 1):
    return PhaseFactory(campaign=plan.campaign, name=name, starts_on=starts_on, ends_on=ends_on, track=track)


def test_a_complete_plan_has_no_gaps(plan):
    assert said(plan) == []


def test_an_empty_draft_is_told_all_it_lacks_in_the_order_of_filling_in(db):
    assert [gap.sentence for gap in gaps(CampaignFactory(), at=NOW)] == [
        "请指定领导小组办公室设在哪个单位。",
        "请至少添加一个阶段。",
        "请添加领导小组成员，至少一名组长。",
        "请至少添加一项报送要求。",
    ]


# Phases ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_on", "ends_on"), [(None, None), (date(2026, 5, 1), None), (None, date(2026, 5, 3))]
)
def test_a_phase_without_both_dates(plan, starts_on, ends_on):
    phase(plan, "成果转化", starts_on, ends_on)
    assert said(plan) == ["阶段“成果转化”缺少起止日期，请填写。"]


@pytest.mark.parametrize(
    ("starts_on", "ends_on"), [(date(2026, 1, 31), date(2026, 2, 9)), (date(2026, 5, 1), date(2026, 6, 1))]
)
def test_a_phase_that_goes_beyond_the_campaign(plan, starts_on, ends_on):
    phase(plan, "成果转化", starts_on, ends_on)
    assert said(plan) == ["阶段“成果转化”超出活动起止日期，请改正。"]


def test_a_phase_that_begins_on_the_last_day_of_another(plan):
    phase(plan, "成果转化", date(2026, 4, 30), date(2026, 5, 31))
    assert said(plan) == ["阶段“成果转化”与“学习讨论”的日期重叠，请改正。"]


def test_a_phase_that_begins_on_the_day_after_another_is_fine(plan):
    phase(plan, "成果转化", date(2026, 5, 1), date(2026, 5, 31))
    assert said(plan) == []


def test_phases_of_different_tracks_may_overlap(plan):
    phase(plan, "专项行动", date(2026, 3, 1), date(2026, 4, 30), track=2)
    assert said(plan) == []


def test_a_long_phase_overlaps_each_one_that_begins_within_it(plan):
    phase(plan, "宣传周", date(2026, 3, 2), date(2026, 3, 8))
    phase(plan, "总结周", date(2026, 4, 6), date(2026, 4, 12))
    assert said(plan) == [
        "阶段“宣传周”与“学习讨论”的日期重叠，请改正。",
        "阶段“总结周”与“学习讨论”的日期重叠，请改正。",
    ]


# Leading group --------------------------------------------------------------------------------------


def test_a_leading_group_without_an_office(plan):
    plan.campaign.office = None
    assert said(plan) == ["请指定领导小组办公室设在哪个单位。"]


def test_a_campaign_without_a_leading_group(plan):
    plan.campaign.leadership.all().delete()
    assert said(plan) == ["请添加领导小组成员，至少一名组长。"]


def test_a_leading_group_without_a_head(plan):
    plan.campaign.leadership.all().delete()
    LeadershipFactory(campaign=plan.campaign, role=LeadershipRole.MEMBER, post="各科室负责人")
    assert said(plan) == ["请添加领导小组成员，至少一名组长。"]


# Topics ---------------------------------------------------------------------------------------------


def test_an_aspect_without_its_topic(plan):
    TopicFactory(campaign=plan.campaign, position=[2, 1])
    assert said(plan) == ["专题2.1缺少上一级2，请补充或改正编号。"]


def test_an_aspect_with_its_topic_is_fine(plan):
    TopicFactory(campaign=plan.campaign, position=[2])
    TopicFactory(campaign=plan.campaign, position=[2, 1])
    assert said(plan) == []


# Requirements ---------------------------------------------------------------------------------------


def test_a_campaign_that_asks_for_nothing(plan):
    plan.delete()
    assert said(plan) == ["请至少添加一项报送要求。"]


def test_a_requirement_without_a_due_date(plan):
    plan.occurrences.all().delete()
    assert said(plan) == ["报送要求“征文”没有截止日期，请填写。"]


def test_a_requirement_without_an_audience(plan):
    plan.audience_kinds = []
    plan.save()
    assert said(plan) == ["报送要求“征文”没有报送单位，请选择单位类别或另加单位。"]


def test_a_requirement_for_a_kind_the_county_has_none_of(plan):
    plan.audience_kinds = ["special"]
    plan.save()
    assert said(plan) == ["报送要求“征文”没有报送单位，请选择单位类别或另加单位。"]


def test_a_requirement_due_after_its_phase(plan):
    plan.occurrences.update(due_at=end_of(date(2026, 5, 1)))
    assert said(plan) == ["报送要求“征文”的截止日期在阶段“学习讨论”结束之后，请改正。"]


def test_a_requirement_due_at_the_end_of_the_last_day_belongs_to_the_phase(plan):
    plan.occurrences.update(due_at=end_of(date(2026, 4, 30)))
    assert said(plan) == []


def test_a_requirement_due_before_its_phase(plan):
    plan.occurrences.update(due_at=end_of(date(2026, 2, 28)))
    assert said(plan, at=NOW.replace(month=2)) == [
        "报送要求“征文”的截止日期在阶段“学习讨论”开始之前，请改正。"
    ]


def test_a_requirement_due_at_the_end_of_the_first_day_belongs_to_the_phase(plan):
    plan.occurrences.update(due_at=end_of(date(2026, 3, 1)))
    assert said(plan, at=NOW.replace(month=2)) == []


def test_a_requirement_whose_due_time_has_come(plan):
    assert said(plan, at=DUE) == ["报送要求“征文”的截止日期已过，请改期。"]


def test_every_occurrence_is_looked_at(plan):
    OccurrenceFactory(requirement=plan, number=2, due_at=end_of(date(2026, 5, 31)))
    assert said(plan) == ["报送要求“征文”的截止日期在阶段“学习讨论”结束之后，请改正。"]


# Where it is mended ---------------------------------------------------------------------------------


def test_a_gap_of_the_campaign_leads_to_its_field(plan):
    plan.campaign.office = None
    [gap] = gaps(plan.campaign, at=NOW)
    assert gap.url == f"/admin/campaigns/campaign/{plan.campaign.pk}/change/#id_office"


def test_a_gap_of_a_requirement_leads_to_its_field(plan):
    plan.occurrences.all().delete()
    [gap] = gaps(plan.campaign, at=NOW)
    assert gap.url == f"/admin/campaigns/requirement/{plan.pk}/change/#id_due_on"


def test_checking_writes_nothing(plan):
    with CaptureQueriesContext(connection) as asked:
        gaps(plan.campaign, at=NOW)
    assert [query for query in asked if not query["sql"].startswith("SELECT")] == []
