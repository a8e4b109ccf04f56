"""Two people (or two windows) at one plan: nothing is undone unseen."""

import pytest
from django.utils import timezone

from campaigns.ladders import own_steps
from campaigns.models import InspectionGroup, Requirement
from portal.models import AuditEvent
from tests import pages
from tests.campaigns.plan_pages import FORM, REQUIREMENT_FORM, change, change_requirement
from tests.factories import TopicFactory
from tests.pages import address, errors


@pytest.fixture
def places(plan):
    """Each page of a plan: its address, its form, and a field to write in."""
    campaign, of_group = plan.campaign, "inspectiongroup_form"
    topic = TopicFactory(campaign=campaign, position=[1])
    group = InspectionGroup.objects.create(campaign=campaign, name="第一检查组")
    return {
        "campaign": (campaign, change(campaign), FORM, "theme"),
        "requirement": (plan, change_requirement(plan), REQUIREMENT_FORM, "guidance"),
        "topic": (topic, address("campaigns_topic", "change", topic.pk), "topic_form", "questions"),
        "group": (group, address("campaigns_inspectiongroup", "change", group.pk), of_group, "name"),
    }  # fmt: skip


@pytest.mark.parametrize("which", ["campaign", "requirement", "topic", "group"])
def test_the_second_save_is_told_of_the_first_and_asked_to_look_again(officer, place, places, which):
    part, page, form, field = places[which]
    opened = officer.get(page)
    officer.post(page, pages.filled(officer.get(page), form, **{field: "第一个人写的"}))
    refused = officer.post(page, pages.filled(opened, form, **{field: "第二个人写的"}))
    when = timezone.localtime(AuditEvent.objects.first().at)
    assert errors(refused) == [
        f"在您填写期间，{place.officer.name}已于{when:%H:%M}保存过这份内容；"
        "您填写的仍在下方，请核对后再次保存，将以您的内容为准。"
    ]
    part.refresh_from_db()
    assert getattr(part, field) == "第一个人写的"
    assert officer.post(page, pages.filled(refused, form)).status_code == 302
    part.refresh_from_db()
    assert getattr(part, field) == "第二个人写的"


def test_a_row_added_meanwhile_counts_as_well(officer, plan):
    opened = officer.get(change(plan.campaign))
    TopicFactory(campaign=plan.campaign, position=[7])
    refused = officer.post(change(plan.campaign), pages.filled(opened, FORM, theme="新主题"))
    assert errors(refused) == [
        "在您填写期间，有人已于刚才保存过这份内容；您填写的仍在下方，请核对后再次保存，将以您的内容为准。"
    ]


def test_so_do_steps_of_reminders_set_meanwhile(officer, place, plan):
    page = change_requirement(plan)
    opened = officer.get(page)
    officer.post(page, pages.filled(officer.get(page), REQUIREMENT_FORM, reminding="none"))
    refused = officer.post(page, pages.filled(opened, REQUIREMENT_FORM, guidance="第二个人写的"))
    when = timezone.localtime(AuditEvent.objects.first().at)
    assert errors(refused) == [
        f"在您填写期间，{place.officer.name}已于{when:%H:%M}保存过这份内容；"
        "您填写的仍在下方，请核对后再次保存，将以您的内容为准。"
    ]
    assert own_steps(Requirement.objects.get()) == ()
