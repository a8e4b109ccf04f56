"""A requirement in the admin, and where the scope of an officer ends."""

from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.enums import RequirementKind
from campaigns.models import Campaign, Requirement
from notices.workdays import end_of
from portal.models import AuditEvent
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
from tests.factories import CampaignFactory, PhaseFactory, RequirementFactory, TopicFactory
from tests.pages import errors

# Requirements -------------------------------------------------------------------------------------------


def test_an_officer_adds_a_requirement_and_comes_back_to_the_plan(officer, draft, place):
    response = post_requirement(
        officer, draft, cutoff_on="2026-05-10", receiver=place.section.pk, included=[place.section.pk],
        excluded=[place.middle.pk],
    )  # fmt: skip
    assert response.url == change(draft) + "#requirements"
    made = Requirement.objects.get()
    assert (made.campaign, made.min_pieces, made.max_pieces) == (draft, 1, 3)
    assert made.audience_kinds == ["primary", "middle"]
    assert (made.receiver, *made.included.all(), *made.excluded.all()) == (
        place.section,
        place.section,
        place.middle,
    )
    due = made.occurrences.get()
    assert (due.due_at, due.cutoff_at) == (end_of(date(2026, 4, 30)), end_of(date(2026, 5, 10)))
    event = AuditEvent.objects.get(action="requirement.save")
    assert event.detail["after"]["included"] == [place.section.pk]


def test_the_page_reads_the_last_days_back(officer, plan):
    today = timezone.localdate()
    page = officer.get(change_requirement(plan))
    assert pages.form_on(page, REQUIREMENT_FORM)["due_on"] == [(today + timedelta(20)).strftime("%Y/%m/%d")]
    data = pages.filled(page, REQUIREMENT_FORM, due_on=(today + timedelta(25)).isoformat())
    officer.post(change_requirement(plan), data)
    assert plan.occurrences.get().due_at == end_of(today + timedelta(25))


def test_one_requirement_after_the_other(officer, draft):
    response = post_requirement(officer, draft, button="_addanother")
    assert response.url == add_requirement(draft)


def test_an_acknowledgement_is_asked_for_once(officer, draft):
    post_requirement(officer, draft, kind=RequirementKind.ACKNOWLEDGEMENT, min_pieces=2, max_pieces=5)
    made = Requirement.objects.get()
    assert (made.min_pieces, made.max_pieces) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"due_on": ""}, "请填写截止日期"),
        ({"cutoff_on": "2026-04-29"}, "停止接收日期不能早于截止日期"),
        ({"min_pieces": 4}, "“不超过”的篇数不能小于“不少于”的篇数"),
        ({"min_pieces": 0}, "至少为1篇"),
        ({"words_min": 900, "words_max": 800}, "字数上限不能小于下限"),
    ],
)
def test_contradictions_in_a_requirement_are_named(officer, draft, changes, said):
    response = post_requirement(officer, draft, **changes)
    assert any(said in sentence for sentence in errors(response)), errors(response)
    assert not Requirement.objects.exists()


def test_without_a_campaign_there_is_no_page_for_a_new_requirement(officer):
    assert officer.get(reverse("admin:campaigns_requirement_add")).url == LIST
    assert officer.get(reverse("admin:campaigns_requirement_changelist")).url == LIST


def test_a_requirement_of_a_draft_can_be_deleted_with_a_trace(officer, plan):
    address = reverse("admin:campaigns_requirement_delete", args=[plan.pk])
    assert officer.get(address).status_code == 200
    assert officer.post(address, {"post": "yes"}).url == change(plan.campaign) + "#requirements"
    assert not Requirement.objects.exists()
    assert AuditEvent.objects.get(action="requirement.delete").detail["before"]["title"] == plan.title


# Where the scope ends -------------------------------------------------------------------------------------


def test_the_list_shows_the_own_county_alone(officer, draft, elsewhere):
    shown = officer.get(LIST).content.decode()
    assert draft.title in shown
    assert elsewhere["campaign"].title not in shown


def test_another_countys_plan_does_not_exist(officer, elsewhere):
    campaign = elsewhere["campaign"]
    requirement = RequirementFactory(campaign=campaign)
    for address in (
        change(campaign),
        reverse("admin:campaigns_campaign_delete", args=[campaign.pk]),
        reverse("admin:campaigns_campaign_history", args=[campaign.pk]),
        change_requirement(requirement),
    ):
        for answer in (officer.get(address), officer.post(address, {"post": "yes"})):
            assert answer.status_code == 302 or answer.status_code == 403, address
            assert campaign.title not in answer.content.decode()
    assert officer.get(add_requirement(campaign)).status_code == 404
    assert officer.post(add_requirement(campaign), {}).status_code == 404


def test_a_forged_host_office_or_member_is_refused(officer, place, elsewhere):
    for changes in (
        {"host": elsewhere["bureau"].pk},
        {"office": elsewhere["section"].pk},
        {"host": place.school.pk},
    ):
        response = new_campaign(officer, place, **changes)
        assert errors(response) == ["所选单位不存在或不在您的管辖范围内，请重新选择。"]
    data = pages.filled(officer.get(ADD), FORM, title="大讨论", kind="discussion", starts_on="2026-03-01",
                        ends_on="2026-03-31")  # fmt: skip
    response = officer.post(ADD, pages.add_row(data, "leadership", role="lead", user=elsewhere["person"].pk))
    assert errors(response) == ["所选人员不存在或不在您的管辖范围内，请重新选择。"]
    assert not Campaign.objects.filter(host=place.bureau).exists()


def test_the_office_lies_under_the_host(officer, place):
    response = new_campaign(officer, place, host=place.township.pk)
    assert errors(response) == ["“党办”不是主办单位“东镇”的下属单位，请重新选择。"]


@pytest.mark.parametrize("field", ["receiver", "audience_branch", "included", "excluded"])
def test_forged_units_in_a_requirement_are_refused(officer, draft, elsewhere, field):
    response = post_requirement(officer, draft, **{field: [elsewhere["school"].pk]})
    assert errors(response) == ["所选单位不存在或不在您的管辖范围内，请重新选择。"]
    assert not Requirement.objects.exists()


def test_phase_and_topic_are_the_campaigns_own(officer, draft, place):
    foreign = CampaignFactory(host=place.bureau)
    response = post_requirement(
        officer, draft, phase=PhaseFactory(campaign=foreign).pk, topic=TopicFactory(campaign=foreign).pk
    )
    assert errors(response) == ["请选择本活动的阶段。", "请选择本活动的专题。"]


@pytest.mark.parametrize(
    ("model", "field", "shown", "hidden"),
    [
        ("campaign", "office", "东镇中心小学（东镇）", "邻县小学"),
        ("requirement", "included", "示例县第一初级中学（示例县教育局）", "邻县党办"),
        ("leadership", "user", "（东镇中心小学）", "邻示例"),
        ("requirement", "campaign", "大讨论", "邻县大讨论"),
    ],
)
def test_suggestions_stay_within_the_scope(officer, draft, elsewhere, model, field, shown, hidden):
    query = urlencode({"app_label": "campaigns", "model_name": model, "field_name": field, "term": ""})
    texts = [
        one["text"] for one in officer.get(reverse("admin:autocomplete") + "?" + query).json()["results"]
    ]
    assert any(shown in text for text in texts)
    assert not any(hidden in text for text in texts)
