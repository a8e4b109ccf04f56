"""Topics with indicators, activities with their minutes, inspection groups: pages of their own."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from campaigns.models import Activity, InspectionGroup, Requirement
from notices.workdays import end_of
from portal.models import AuditEvent
from submissions.models import Assignment
from submissions.services import publishing
from tests import pages
from tests.campaigns.plan_pages import change
from tests.factories import NOW, TopicFactory, ready_plan
from tests.pages import address, errors


def add(client, model, campaign, **values):
    """Fill in the page for a new part of `campaign` and send it."""
    page = reverse(f"admin:campaigns_{model}_add", query={"campaign": campaign.pk})
    return client.post(page, pages.filled(client.get(page), f"{model}_form", **values))


def edit(client, part, **values):
    page = address(f"campaigns_{part._meta.model_name}", "change", part.pk)
    return client.post(page, pages.filled(client.get(page), f"{part._meta.model_name}_form", **values))


@pytest.fixture
def campaign(place):
    return ready_plan(place).campaign


# Topics -----------------------------------------------------------------------------------------------


def test_a_topic_has_a_lead_supporting_bodies_and_indicators(officer, place, campaign):
    topic = TopicFactory(campaign=campaign, position=[1])
    page = address("campaigns_topic", "change", topic.pk)
    data = pages.filled(
        officer.get(page), "topic_form", lead=place.section.pk, supporting=[place.township.pk]
    )
    pages.add_row(
        data,
        "indicators",
        name="骨干教师比例",
        comparator="ge",
        value="15",
        unit="%",
        aggregation="average",
        due_on="2026-12-31",
    )
    assert officer.post(page, data).url == change(campaign) + "#topics-group"
    topic.refresh_from_db()
    indicator = topic.indicators.get()
    assert (topic.lead, list(topic.supporting.all())) == (place.section, [place.township])
    assert (indicator.value, indicator.due_on) == (Decimal(15), date(2026, 12, 31))
    assert str(indicator) == "骨干教师比例不低于15%"


def test_a_topic_is_led_by_nobody_outside_the_host(officer, campaign, elsewhere):
    topic = TopicFactory(campaign=campaign, position=[1])
    response = edit(officer, topic, lead=elsewhere["section"].pk)
    assert errors(response) == ["所选单位不存在或不在您的管辖范围内，请重新选择。"]


def test_two_topics_cannot_have_one_number(officer, campaign):
    TopicFactory(campaign=campaign, position=[1])
    second = TopicFactory(campaign=campaign, position=[2])
    assert errors(edit(officer, second, position="1")) == ["本活动已有相同编号的专题，请改用其他编号。"]


# Activities -------------------------------------------------------------------------------------------


def activity(officer, place, campaign, **changes):
    values = {
        "kind": "forum", "phase": campaign.phases.get().pk, "title": "校长论坛", "starts_on": "2026-03-20",
        "host": place.school.pk, "minutes_on": "2026-03-27",
    }  # fmt: skip
    return add(officer, "activity", campaign, **values | changes)


def test_an_activity_makes_its_host_owe_the_minutes(officer, place, campaign):
    assert activity(officer, place, campaign).url == change(campaign) + "#activities"
    minutes = Activity.objects.get().minutes
    assert (minutes.title, minutes.kind) == ("校长论坛会议纪要", "minutes")
    assert minutes.occurrences.get().due_at == end_of(date(2026, 3, 27))
    publishing.publish(campaign, by=place.officer, at=NOW)
    assert Assignment.objects.get(occurrence__requirement=minutes).unit == place.school


def test_without_a_day_for_the_minutes_none_are_owed(officer, place, campaign):
    activity(officer, place, campaign)
    edit(officer, Activity.objects.get(), minutes_on="")
    assert not Requirement.objects.filter(activity__isnull=False).exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"host": ""}, "需要报送会议纪要的，请选择承办单位。"),
        ({"minutes_on": "2026-03-19"}, "会议纪要的截止日期不能早于活动日期，请改正。"),
        ({"ends_on": "2026-03-19"}, "结束日期不能早于开始日期，请改正。"),
    ],
)
def test_contradictions_in_an_activity_are_named(officer, place, campaign, changes, said):
    assert errors(activity(officer, place, campaign, **changes)) == [said]
    assert not Activity.objects.exists()


def test_the_host_bureau_owes_itself_no_minutes(officer, place, campaign):
    response = activity(officer, place, campaign, host=place.bureau.pk)
    assert errors(response) == ["主办单位不向自己报送材料，请选择具体承办的科室或学校。"]


def test_an_activity_of_a_running_campaign_moves_but_issued_minutes_stay(officer, place, campaign):
    activity(officer, place, campaign)
    publishing.publish(campaign, by=place.officer, at=NOW)
    held = Activity.objects.get()
    assert edit(officer, held, starts_on="2026-03-21", place="东镇中心小学").status_code == 302
    assert AuditEvent.objects.filter(action="activity.save").count() == 2
    response = edit(officer, held, minutes_on="2026-04-01")
    assert errors(response) == ["会议纪要的报送任务已经下达，请在“调整活动”中改期或撤回。"]


def test_the_host_of_issued_minutes_stays(officer, place, campaign):
    activity(officer, place, campaign)
    publishing.publish(campaign, by=place.officer, at=NOW)
    response = edit(officer, Activity.objects.get(), host=place.middle.pk)
    assert errors(response) == ["会议纪要的报送任务已经下达给原承办单位，请先在“调整活动”中撤回，再更换。"]


# Inspection groups ------------------------------------------------------------------------------------


def test_an_inspection_group_covers_a_township_and_single_schools(officer, place, campaign):
    response = add(
        officer, "inspectiongroup", campaign, order=1, name="第一检查组", leader=place.officer.pk,
        members=[place.secretary.pk], units=[place.township.pk, place.middle.pk],
    )  # fmt: skip
    assert response.url == change(campaign) + "#groups"
    group = InspectionGroup.objects.get()
    assert (group.leader, list(group.members.all())) == (place.officer, [place.secretary])
    assert set(group.units.all()) == {place.township, place.middle}


def test_two_groups_cannot_have_one_name(officer, campaign):
    add(officer, "inspectiongroup", campaign, order=1, name="第一检查组")
    response = add(officer, "inspectiongroup", campaign, order=2, name="第一检查组")
    assert errors(response) == ["本活动已有同名检查组，请换一个名称。"]


def test_a_part_that_is_deleted_is_told_of_in_the_campaigns_history(officer, campaign):
    add(officer, "inspectiongroup", campaign, order=1, name="第一检查组")
    page = address("campaigns_inspectiongroup", "delete", InspectionGroup.objects.get().pk)
    assert officer.post(page, {"post": "yes"}).url == change(campaign) + "#groups"
    event = AuditEvent.objects.get(action="inspectiongroup.delete")
    assert event.target == f"campaigns.campaign:{campaign.pk}"
