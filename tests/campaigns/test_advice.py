"""What may be published as it is, but is better looked at first."""

from datetime import date

import pytest

from campaigns.models import Activity, Basis, Campaign, Indicator, InspectionGroup, Phase
from campaigns.readiness import advice, gaps
from schools.enums import Role, UnitKind
from tests.factories import NOW, TopicFactory, UnitFactory, person, ready_plan


@pytest.fixture
def plan(place):
    """A plan about which there is nothing to say."""
    made = ready_plan(place, receiver=place.section)
    Basis.objects.create(campaign=made.campaign, title="通知")
    return made


def said(plan):
    campaign = Campaign.objects.get(pk=plan.campaign.pk)
    assert gaps(campaign, at=NOW) == []
    return [one.sentence for one in advice(campaign)]


def test_a_complete_plan_needs_none(plan):
    assert said(plan) == []


def test_suggested_days_are_to_be_checked(plan):
    Phase.objects.update(suggested=True)
    name = plan.phase.name
    assert said(plan) == [f"“{name}”的日期是模板的建议，请核对后取消“日期为建议”的勾选。"]


def test_a_year_whose_holidays_are_not_known(plan):
    Campaign.objects.update(ends_on=date(2099, 5, 31))
    assert said(plan) == ["2099年的放假安排尚未公布，工作日暂按周一至周五推算，公布后请核对日期。"]


def test_no_paper_to_rest_on(plan):
    Basis.objects.all().delete()
    assert said(plan) == ["还没有填写依据文件。"]


def test_topics_of_one_level_should_all_be_led(place, plan):
    TopicFactory(campaign=plan.campaign, position=[1], lead=place.section)
    for number in range(2, 7):
        TopicFactory(campaign=plan.campaign, position=[number])
    TopicFactory(campaign=plan.campaign, position=[1, 1])
    assert said(plan) == ["专题“2”“3”“4”等5个没有牵头单位。"]


def test_an_indicator_without_its_day(plan):
    topic = TopicFactory(campaign=plan.campaign, position=[1])
    Indicator.objects.create(topic=topic, name="交流比例", value=15, unit="%")
    assert said(plan) == ["指标“交流比例”没有完成时限。"]


def test_an_activity_without_a_day(plan):
    Activity.objects.create(campaign=plan.campaign, phase=plan.phase, kind="forum", title="校长论坛")
    assert said(plan) == ["活动安排“校长论坛”没有日期。"]


def test_a_group_without_schools(plan):
    InspectionGroup.objects.create(campaign=plan.campaign, name="第一检查组")
    assert said(plan) == ["“第一检查组”还没有负责单位。"]


def test_a_requirement_that_says_not_where_to(plan):
    plan.receiver = None
    plan.save()
    assert said(plan) == [f"报送要求“{plan}”没有写明报送至哪个科室。"]


def test_signing_needs_heads(place, plan):
    plan.sign_off = True
    plan.save()
    person(Role.HEAD, place.school)
    assert said(plan) == [f"报送要求“{plan}”须由单位负责人签发，但有1个单位还没有登记负责人。"]


def test_a_first_review_needs_districts_with_officers(place, plan):
    plan.district_first = True
    plan.save()
    assert said(plan) == [f"报送要求“{plan}”须由区县初审，但“{place.bureau}”下没有区县局。"]
    district = UnitFactory(name="城区教育局", kind=UnitKind.DISTRICT, parent=place.bureau)
    assert said(plan) == [f"报送要求“{plan}”须由区县初审，但“城区教育局”还没有活动专员。"]
    person(Role.OFFICER, district)
    assert said(plan) == []


# Gaps that came with what a plan may say ------------------------------------------------------------


def missing(plan):
    return [gap.sentence for gap in gaps(Campaign.objects.get(pk=plan.campaign.pk), at=NOW)]


def test_an_activity_outside_its_phase(plan):
    activity = Activity.objects.create(
        campaign=plan.campaign, phase=plan.phase, kind="forum", title="校长论坛", starts_on=date(2026, 5, 2)
    )
    assert missing(plan) == [f"活动安排“校长论坛”的日期不在阶段“{plan.phase}”之内，请改正。"]
    Activity.objects.filter(pk=activity.pk).update(starts_on=date(2026, 4, 30), ends_on=date(2026, 5, 1))
    assert missing(plan) == [f"活动安排“校长论坛”的日期不在阶段“{plan.phase}”之内，请改正。"]


@pytest.mark.parametrize("field", ["receiver", "audience_branch"])
def test_a_body_that_was_merged_meanwhile(place, plan, field):
    unit = UnitFactory(name="老办公室", kind=UnitKind.SECTION, parent=place.bureau)
    setattr(plan, field, unit)
    plan.save()
    unit.closed_at = NOW
    unit.save()
    assert f"报送要求“{plan}”所选的“老办公室”已撤并，请另选。" in missing(plan)


def test_a_reviewer_who_has_left(place, plan):
    gone = person(Role.OFFICER, place.section, name="离示例", is_active=False)
    plan.reviewers.add(gone, place.officer)
    assert missing(plan) == [f"报送要求“{plan}”的审核人“离示例”不是在任的活动专员，请另选。"]


def test_advice_does_not_grow_with_the_plan(place, plan, django_assert_num_queries):
    """One query for each requirement that must be signed; none for anything else."""
    for number in range(1, 8):
        TopicFactory(campaign=plan.campaign, position=[number])
        InspectionGroup.objects.create(campaign=plan.campaign, name=f"第{number}组")
    campaign = Campaign.objects.get(pk=plan.campaign.pk)
    with django_assert_num_queries(10):
        advice(campaign)
