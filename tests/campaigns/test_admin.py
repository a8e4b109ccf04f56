"""The plan in the admin: made on one page, for reading once it is published."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign, Leadership, Topic
from campaigns.services import planning
from portal.models import AuditEvent
from submissions.services import publishing
from tests import pages
from tests.campaigns.plan_pages import (
    ADD,
    FORM,
    LIST,
    REQUIREMENT_FORM,
    add_requirement,
    change,
    change_requirement,
    new_campaign,
    post_requirement,
)
from tests.factories import (
    CampaignFactory,
    LeadershipFactory,
    OccurrenceFactory,
    RequirementFactory,
    TopicFactory,
)
from tests.pages import errors


def published(requirement, place):
    publishing.publish(requirement.campaign, by=place.officer, at=timezone.now())
    return Campaign.objects.get(pk=requirement.campaign.pk)


# Making a plan ------------------------------------------------------------------------------------------


def test_an_officer_makes_a_plan_on_one_page(officer, place):
    response = new_campaign(officer, place)
    campaign = Campaign.objects.get()
    assert response.url == change(campaign) + "#ready"
    assert (campaign.host, campaign.office, campaign.created_by) == (
        place.bureau,
        place.section,
        place.officer,
    )
    assert [(phase.order, phase.name) for phase in campaign.phases.all()] == [
        (1, "宣传发动"),
        (2, "学习讨论"),
    ]
    assert [(topic.number, topic.title) for topic in campaign.topics.all()] == [
        ("1", "队伍建设"),
        ("1.1", "教师交流"),
    ]
    assert campaign.leadership.get().user == place.secretary


def test_saving_a_plan_leaves_one_audit_event_and_djangos_own_entry(officer, place):
    new_campaign(officer, place)
    event = AuditEvent.objects.get(action="campaign.save")
    assert (event.action, event.actor, event.target) == (
        "campaign.save", place.officer, f"campaigns.campaign:{Campaign.objects.get().pk}",
    )  # fmt: skip
    assert event.detail["before"] == {}
    assert event.detail["after"]["starts_on"] == "2026-03-01"
    assert "教师交流" in event.detail["after"].values()
    assert LogEntry.objects.get().user == place.officer


def test_the_trail_names_what_changed_and_nothing_else(officer, plan):
    page = officer.get(change(plan.campaign))
    phase = plan.phase
    officer.post(change(plan.campaign), pages.filled(page, FORM, **{"phases-0-name": "学习阶段"}))
    event = AuditEvent.objects.get(action="campaign.save")
    assert event.detail == {
        "before": {f"phases.{phase.pk}.name": phase.name},
        "after": {f"phases.{phase.pk}.name": "学习阶段"},
    }


def test_saving_without_a_change_leaves_no_audit_event(officer, plan):
    page = officer.get(change(plan.campaign))
    assert officer.post(change(plan.campaign), pages.filled(page, FORM)).status_code == 302
    assert not AuditEvent.objects.filter(action__startswith="campaign.").exists()


def test_a_get_writes_nothing(officer, plan):
    officer.get(LIST)  # the session stamp
    for address in (
        LIST,
        ADD,
        change(plan.campaign),
        change_requirement(plan),
        add_requirement(plan.campaign),
    ):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert officer.get(address).status_code == 200
        assert [one["sql"] for one in queries if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_topics_may_change_places_in_one_save(officer, plan):
    for number in (1, 2, 3):
        TopicFactory(campaign=plan.campaign, position=[number], title=f"专题{number}")
    page = officer.get(change(plan.campaign))
    moved = {"topics-0-position": "2", "topics-1-position": "1", "topics-2-DELETE": "on"}
    data = pages.filled(page, FORM, **moved)
    pages.add_row(data, "topics", position="3", title="新专题")
    assert officer.post(change(plan.campaign), data).status_code == 302
    found = Topic.objects.filter(campaign=plan.campaign)
    assert [(one.number, one.title) for one in found] == [("1", "专题2"), ("2", "专题1"), ("3", "新专题")]


@pytest.mark.parametrize("typed", ["一", "1..2", "0", "1.0", "-1", "1,2", "1.2.3.4.5.6.7", "99999"])
def test_nonsense_for_a_topics_number_is_refused_in_chinese(officer, plan, typed):
    data = pages.add_row(
        pages.filled(officer.get(change(plan.campaign)), FORM), "topics", position=typed, title="专题"
    )
    response = officer.post(change(plan.campaign), data)
    assert "编号请写成“1”或“1.2”的样子" in errors(response)[0]
    assert not Topic.objects.exists()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [("topics", {"position": "1", "title": "甲"}), ("topics", {"position": "1", "title": "乙"})],
            "编号有重复",
        ),
        ([("phases", {"name": "甲"}), ("phases", {"name": "甲"})], "阶段名称有重复"),
        (
            [("phases", {"name": "甲", "starts_on": "2026-03-02", "ends_on": "2026-03-01"})],
            "结束日期不能早于",
        ),
        ([("leadership", {"role": "lead", "order": "1"})], "请选择人员，或填写岗位"),
    ],
)
def test_contradictory_rows_are_refused_in_chinese(officer, plan, rows, said):
    data = pages.filled(officer.get(change(plan.campaign)), FORM)
    for prefix, values in rows:
        pages.add_row(data, prefix, **values)
    response = officer.post(change(plan.campaign), data)
    assert response.status_code == 200
    assert any(said in sentence for sentence in errors(response)), errors(response)


def test_a_phase_with_requirements_cannot_be_deleted(officer, plan):
    data = pages.filled(officer.get(change(plan.campaign)), FORM, **{"phases-0-DELETE": "on"})
    response = officer.post(change(plan.campaign), data)
    assert response.status_code == 200
    assert plan.title in response.content.decode()
    assert plan.campaign.phases.exists()


# Before and after publishing --------------------------------------------------------------------------------


def test_the_page_names_what_is_missing_and_leads_there(officer, draft):
    shown = officer.get(change(draft)).content.decode()
    assert "请指定领导小组办公室设在哪个单位。" in shown
    assert f'href="{change(draft)}#id_office"' in shown
    assert ("先看发布预览" in shown, "预览并发布" in shown) == (True, False)


def test_a_complete_draft_leads_to_the_publish_page(officer, plan):
    shown = officer.get(change(plan.campaign)).content.decode()
    assert f'href="{reverse("publish", args=[plan.campaign.pk])}">预览并发布' in shown
    assert f'href="{change_requirement(plan)}"' in shown


def test_what_units_were_told_is_for_reading(officer, plan, place):
    TopicFactory(campaign=plan.campaign)
    requirement_data = pages.filled(officer.get(change_requirement(plan)), REQUIREMENT_FORM, title="改名")
    campaign = published(plan, place)
    page = officer.get(change(campaign))
    assert f'href="{reverse("campaign", args=[campaign.pk])}"' in page.content.decode()
    assert not {"title", "phases-0-name", "topics-0-title"} & set(pages.form_on(page, FORM))
    assert officer.get(change_requirement(plan)).status_code == 200
    stale = officer.post(change_requirement(plan), requirement_data, follow=True)
    said = f"报送要求“{plan}”刚刚已经下达或发布，您的修改没有保存。"
    assert [str(message) for message in stale.context["messages"]] == [said]
    for name, pk in (("campaign", campaign.pk), ("requirement", plan.pk)):
        address = reverse(f"admin:campaigns_{name}_delete", args=[pk])
        assert officer.post(address, {"post": "yes"}).status_code == 403
    assert not Campaign.objects.filter(title="改名").exists()


def test_a_page_opened_before_publishing_is_told_that_nothing_was_saved(officer, plan, place):
    data = pages.filled(officer.get(change(plan.campaign)), FORM, title="改名")
    campaign = published(plan, place)
    response = officer.post(change(campaign), data, follow=True)
    said = "活动刚刚已经发布，您的修改没有保存；如需变动，请在“调整活动”中办理。"
    assert [str(message) for message in response.context["messages"]] == [said]
    assert Campaign.objects.get().title == campaign.title


def test_the_leading_group_and_the_papers_of_a_running_campaign_may_change(officer, plan, place):
    campaign = published(plan, place)
    data = pages.filled(officer.get(change(campaign)), FORM, **{"leadership-0-post": "分管局长"})
    pages.add_row(data, "bases", title="关于开展大讨论的通知", number="示教〔2026〕1号")
    assert officer.post(change(campaign), data).url == change(campaign) + "#ready"
    assert campaign.leadership.get().post == "分管局长"
    assert str(campaign.bases.get()) == "关于开展大讨论的通知（示教〔2026〕1号）"
    assert AuditEvent.objects.filter(action="campaign.save").count() == 1


def test_a_requirement_added_to_a_running_campaign_waits_to_be_issued(officer, plan, place):
    campaign = published(plan, place)
    due = plan.phase.ends_on.isoformat()
    assert post_requirement(officer, campaign, title="补充材料", due_on=due).status_code == 302
    added = campaign.requirements.get(title="补充材料")
    assert (added.issued_at, plan.occurrences.get().assignments.count()) == (None, 2)
    assert "尚未下达" in officer.get(change(campaign)).content.decode()


def test_a_save_that_meets_a_published_plan_writes_nothing(plan, place):
    """The page was opened in time, and the plan published while it was being filled in."""
    held = Campaign.objects.get(pk=plan.campaign.pk)
    published(plan, place)
    with transaction.atomic(), pytest.raises(planning.Overtaken):
        planning.open_plan(held)
    with pytest.raises(planning.Overtaken):
        planning.discard(plan, by=place.officer, at=timezone.now())


def test_a_draft_can_be_deleted_with_a_trace(officer, plan):
    address = reverse("admin:campaigns_campaign_delete", args=[plan.campaign.pk])
    assert officer.post(address, {"post": "yes"}).url == LIST
    assert not Campaign.objects.exists()
    assert AuditEvent.objects.get(action="campaign.delete").detail["before"]["title"] == plan.campaign.title


# Size -----------------------------------------------------------------------------------------------------


def queries_of(client, campaign):
    client.get(change(campaign))  # the session stamp, and what Django remembers of content types
    with CaptureQueriesContext(connection) as queries:
        assert client.get(change(campaign)).status_code == 200
    return len(queries)


def grow(plan, place, count):
    for number in range(count):
        TopicFactory(campaign=plan.campaign, position=[number + 1], lead=place.section)
        LeadershipFactory(campaign=plan.campaign, user=place.secretary, post="")


def grow_requirements(plan, count):
    for _ in range(count):
        OccurrenceFactory(requirement=RequirementFactory(campaign=plan.campaign, phase=plan.phase))


def test_topics_and_members_cost_no_queries(officer, plan, place):
    grow(plan, place, 3)
    few = queries_of(officer, plan.campaign)
    Topic.objects.all().delete()
    Leadership.objects.all().delete()
    grow(plan, place, 30)
    assert queries_of(officer, plan.campaign) == few


def test_requirements_cost_no_queries(officer, plan):
    grow_requirements(plan, 3)
    few = queries_of(officer, plan.campaign)
    grow_requirements(plan, 27)
    assert queries_of(officer, plan.campaign) == few


# Ties to other campaigns ----------------------------------------------------------------------------------


def test_a_plan_continues_one_and_is_combined_with_others(officer, place, plan):
    above, beside = CampaignFactory(host=place.bureau), CampaignFactory(host=place.bureau)
    page = officer.get(change(plan.campaign))
    data = pages.filled(page, FORM, parent=above.pk, combined=[beside.pk])
    assert officer.post(change(plan.campaign), data).status_code == 302
    campaign = Campaign.objects.get(pk=plan.campaign.pk)
    assert (campaign.parent, list(campaign.combined.all())) == (above, [beside])


def test_it_is_not_tied_to_itself_or_to_drafts_elsewhere(officer, place, plan, elsewhere):
    form = officer.get(change(plan.campaign)).context["adminform"].form
    offered = [set(form.fields[name].queryset) for name in ("parent", "combined")]
    assert offered == [set(), set()]
