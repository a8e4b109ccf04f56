"""The plan in the admin: days far away, choices that are none, two people at the same moment."""

import pytest
from django.contrib.messages import get_messages
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign, Leadership, Phase, Requirement
from campaigns.services import planning
from portal.admin import ALREADY_GONE, ALREADY_SAVED
from portal.days import OUT_OF_RANGE
from tests import pages
from tests.campaigns.plan_pages import (
    ADD,
    FORM,
    LIST,
    REQUIREMENT_FORM,
    add_requirement,
    change,
    change_requirement,
    post_requirement,
    requirement_values,
)
from tests.concurrently import at_once
from tests.factories import RequirementFactory, TopicFactory, county, ready_plan
from tests.pages import errors

# Days -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31"])
def test_days_far_away_are_refused_everywhere(officer, plan, day):
    page = officer.get(change(plan.campaign))
    for field in ("starts_on", "ends_on", "phases-0-starts_on", "phases-0-ends_on"):
        response = officer.post(change(plan.campaign), pages.filled(page, FORM, **{field: day}))
        assert OUT_OF_RANGE in errors(response), field
    page = officer.get(change_requirement(plan))
    for field in ("due_on", "cutoff_on"):
        data = pages.filled(page, REQUIREMENT_FORM, **{field: day})
        assert OUT_OF_RANGE in errors(officer.post(change_requirement(plan), data)), field


# Choices that are no choice -------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["abc", "-1", "1.5", "9" * 30])
def test_choices_that_are_no_keys_are_refused_in_words(officer, draft, typed):
    assert officer.get(ADD, {"office": typed, "host": typed}).status_code == 200
    chosen = {"receiver": typed, "audience_branch": typed, "included": typed, "excluded": typed}
    assert officer.get(add_requirement(draft), {"campaign": draft.pk} | chosen).status_code == 200
    for field in chosen:
        response = post_requirement(officer, draft, **{field: typed})
        assert "不在您的管辖范围内" in errors(response)[0], field
    data = pages.filled(officer.get(change(draft)), FORM, office=typed)
    assert "不在您的管辖范围内" in errors(officer.post(change(draft), data))[0]
    data = pages.filled(officer.get(change(draft)), FORM)
    pages.add_row(data, "leadership", role="lead", user=typed)
    assert "不在您的管辖范围内" in errors(officer.post(change(draft), data))[0]


def test_a_row_after_the_last_number_is_refused_in_words(officer, draft):
    data = pages.filled(officer.get(change(draft)), FORM)
    pages.add_row(data, "leadership", role="lead", post="局长", order="32767")
    pages.add_row(data, "leadership", role="member", post="科长", order="")
    response = officer.post(change(draft), data)
    assert errors(response) == ["序号已到上限，请改小上面各行的序号。"]
    assert not Leadership.objects.exists()


# Deleting -------------------------------------------------------------------------------------------------


def test_a_row_deleted_in_another_window_is_no_crash(officer, plan):
    topic = TopicFactory(campaign=plan.campaign, position=[1])
    data = pages.filled(officer.get(change(plan.campaign)), FORM, **{"topics-0-DELETE": "on"})
    topic.delete()
    said = errors(officer.post(change(plan.campaign), data))
    assert said[0].startswith("在您填写期间，有人已于刚才保存过这份内容")


def test_what_requirements_stand_under_says_so(officer, plan):
    phase = plan.phase
    Phase.objects.filter(pk=phase.pk).update(name="宣传发动")
    topic = TopicFactory(campaign=plan.campaign, position=[1], title="队伍建设")
    RequirementFactory(campaign=plan.campaign, phase=phase, topic=topic)
    page = officer.get(change(plan.campaign))
    for row, sentence in (
        ("phases-0", "阶段“宣传发动”下还有2项报送要求，请先改到其他阶段或删除。"),
        ("topics-0", "专题“1 队伍建设”下还有1项报送要求，请先改到其他专题或删除。"),
    ):
        response = officer.post(change(plan.campaign), pages.filled(page, FORM, **{f"{row}-DELETE": "on"}))
        assert errors(response) == [sentence]
    assert plan.campaign.phases.exists()
    assert plan.campaign.topics.exists()


# At the same moment ---------------------------------------------------------------------------------------


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_a_plan_that_is_gone_is_no_draft_to_write_to(plan, place):
    Requirement.objects.all().delete()
    with pytest.raises(planning.Gone):
        planning.discard(plan, by=place.officer, at=timezone.now())
    campaign = Campaign.objects.get()
    new = Requirement(campaign=campaign)
    Campaign.objects.all().delete()
    for gone in (campaign, new):
        campaign.pk = campaign.pk or new.campaign_id
        with pytest.raises(planning.Gone):
            planning.discard(gone, by=place.officer, at=timezone.now())


def test_whom_a_delete_outran_is_told(officer, plan, monkeypatch):
    """The row goes away between the page's own look at it and the lock."""
    discard = planning.discard

    def outrun(row, **who):
        type(row).objects.filter(pk=row.pk).delete()
        discard(row, **who)

    monkeypatch.setattr(planning, "discard", outrun)
    for name, row in (("requirement", plan), ("campaign", plan.campaign)):
        where = reverse(f"admin:campaigns_{name}_delete", args=[row.pk])
        response = officer.post(where, {"post": "yes"})
        assert response.url == reverse(f"admin:campaigns_{name}_changelist")
        assert said(response)[-1] == ALREADY_GONE


def test_whom_a_save_outran_is_told(officer, draft, monkeypatch):
    def outrun(*args):
        raise IntegrityError

    page = officer.get(change(draft))
    monkeypatch.setattr(planning, "open_plan", outrun)
    response = officer.post(change(draft), pages.filled(page, FORM))
    assert response.url == LIST
    assert said(response) == [ALREADY_SAVED]


@pytest.mark.django_db(transaction=True)
def test_deleting_twice_and_adding_at_once(client):
    place = county()
    plan = ready_plan(place)
    client.force_login(place.officer)
    data = pages.filled(
        client.get(add_requirement(plan.campaign)),
        REQUIREMENT_FORM,
        **requirement_values(plan.campaign),
    )
    delete = reverse("admin:campaigns_campaign_delete", args=[plan.campaign.pk])

    def sender(where, sent):
        mine = Client()
        mine.force_login(place.officer)
        return lambda: mine.post(where, sent).status_code

    sent = [(delete, {"post": "yes"}), (add_requirement(plan.campaign), data), (delete, {"post": "yes"})]
    statuses = at_once(*[sender(where, values) for where, values in sent])
    # Whoever comes late is told so, or finds a phase gone that the form still offered.
    assert set(statuses) <= {200, 302, 404}, statuses
    assert not Campaign.objects.exists()
