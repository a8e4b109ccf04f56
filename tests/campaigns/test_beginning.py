"""Beginning a plan: from each built-in template, from one's own, from an earlier campaign."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from campaigns.enums import CampaignKind, CampaignState
from campaigns.models import Blueprint, Campaign
from campaigns.readiness import gaps
from campaigns.services import blueprints
from schools.enums import Role, UnitKind
from submissions.services import publishing
from tests.factories import UnitFactory, person, ready_plan

KINDS = [kind.value for kind in CampaignKind]


def begin(client, kind, **changes):
    """Open the form of a built-in template and send it as it stands, but for `changes`."""
    address = reverse("begin_plan", args=[f"builtin-{kind}"])
    form = client.get(address).context["form"]
    sent = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    sent = {name: getattr(value, "pk", value) for name, value in sent.items() if value is not None}
    return client.post(address, sent | changes)


@pytest.mark.parametrize("kind", KINDS)
def test_a_built_in_template_becomes_a_draft_with_one_form(officer, place, kind):
    response = begin(officer, kind, office=place.section.pk)
    campaign = Campaign.objects.get()
    assert response.url == reverse("admin:campaigns_campaign_change", args=[campaign.pk]) + "#ready"
    assert (campaign.kind, campaign.state, campaign.host) == (kind, CampaignState.DRAFT, place.bureau)
    assert campaign.office == place.section
    assert campaign.starts_on >= timezone.localdate()


@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_from_a_template_with_its_office_can_be_published_at_once(officer, place, kind):
    begin(officer, kind, office=place.section.pk)
    campaign = Campaign.objects.get()
    assert gaps(campaign, at=timezone.now()) == []
    assert publishing.publish(campaign, by=place.officer, at=timezone.now()) > 0


def test_the_chooser_offers_five_templates_and_the_campaigns_of_the_officer(officer, place, elsewhere):
    earlier = ready_plan(place).campaign
    context = officer.get(reverse("new_plan")).context
    assert [offer.kind for offer, plan in context["built_in"]] == KINDS
    assert list(context["earlier"]) == [earlier]


def test_units_of_the_same_name_are_chosen_beforehand(officer, place):
    office = UnitFactory(name="党委办", kind=UnitKind.SECTION, parent=place.bureau)
    form = officer.get(reverse("begin_plan", args=["builtin-discussion"])).context["form"]
    assert form["office"].initial == office


def test_without_a_title_the_form_comes_back(officer, place):
    response = begin(officer, "discussion", title="")
    assert response.context["form"].errors == {"title": ["这个字段是必填项。"]}
    assert not Campaign.objects.exists()


def test_a_first_day_beyond_reckoning_is_refused(officer, place):
    response = begin(officer, "discussion", starts_on="2100-12-31")
    assert response.context["form"].errors == {"starts_on": ["开始日期不能晚于2095年，请核对后重新填写。"]}


def test_an_unknown_template_is_not_found(officer):
    assert officer.get(reverse("begin_plan", args=["builtin-nothing"])).status_code == 404


def test_a_foreign_host_is_not_found(officer, elsewhere):
    address = reverse("new_plan", query={"host": elsewhere["bureau"].pk})
    assert officer.get(address).status_code == 404


# Copies ---------------------------------------------------------------------------------------------


def test_an_earlier_campaign_is_copied_to_another_day(officer, plan):
    address = reverse("copy_plan", args=[plan.campaign.pk])
    response = officer.post(address, {"title": "第二年大讨论", "starts_on": "2028-03-01"})
    made = Campaign.objects.get(title="第二年大讨论")
    assert response.url == reverse("admin:campaigns_campaign_change", args=[made.pk]) + "#ready"
    assert (made.starts_on, made.state) == (date(2028, 3, 1), CampaignState.DRAFT)


# Templates of one's own -------------------------------------------------------------------------------


def test_a_campaign_kept_as_a_template_is_offered(officer, place, plan):
    address = reverse("keep_as_template", args=[plan.campaign.pk])
    assert officer.post(address, {"name": "我局的大讨论"}).url == reverse("plan_templates")
    kept = Blueprint.objects.get()
    assert (kept.name, kept.edition, kept.host) == ("我局的大讨论", 1, place.bureau)
    assert f"own-{kept.pk}" in [offer.key for offer in officer.get(reverse("new_plan")).context["own"]]


def test_a_template_comes_down_and_goes_up_again_as_a_next_edition(officer, place):
    response = officer.get(reverse("plan_template_file", args=["builtin-discussion"]))
    text = response.content.decode()
    assert response["Content-Type"] == "application/yaml; charset=utf-8"
    assert response["Content-Disposition"].endswith(".yaml")
    for changed in (text, text + "# 改\n"):
        upload = SimpleUploadedFile("模板.yaml", changed.encode())
        assert officer.post(reverse("plan_templates"), {"file": upload}).status_code == 302
    assert [one.edition for one in Blueprint.objects.order_by("edition")] == [1, 2]


def test_problems_of_a_file_name_their_lines(officer):
    upload = SimpleUploadedFile("模板.yaml", "格式: 1\n名称: 试\n类型: 大辩论\n".encode())
    response = officer.post(reverse("plan_templates"), {"file": upload})
    assert response.status_code == 422
    assert any(str(problem).startswith("第3行") for problem in response.context["problems"])
    assert not Blueprint.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("格式: 1".encode("gbk"), "这个文件不是 UTF-8 编码，请用记事本“另存为”时选择 UTF-8 编码后再导入。"),
        (b"#" * 600_000, "模板文件不能超过500KB，请删减后重试。"),
    ],
)
def test_what_is_no_template_at_all_is_refused(officer, content, said):
    response = officer.post(reverse("plan_templates"), {"file": SimpleUploadedFile("模板.yaml", content)})
    assert response.context["form"].errors == {"file": [said]}


def test_a_retired_template_is_offered_no_longer(officer, place, plan):
    officer.post(reverse("keep_as_template", args=[plan.campaign.pk]), {"name": "我局的大讨论"})
    officer.post(reverse("retire_plan_template", args=[Blueprint.objects.get().pk]))
    assert [offer for offer in blueprints.available(place.bureau) if offer.blueprint] == []


def test_a_township_uses_the_templates_of_its_bureau_and_cannot_retire_them(client, officer, place, plan):
    officer.post(reverse("keep_as_template", args=[plan.campaign.pk]), {"name": "我局的大讨论"})
    kept = Blueprint.objects.get()
    below = UnitFactory(name="示例区教育局", kind=UnitKind.DISTRICT, parent=place.bureau)
    client.force_login(person(Role.OFFICER, below))
    assert [offer.blueprint for offer in client.get(reverse("new_plan")).context["own"]] == [kept]
    assert client.post(reverse("retire_plan_template", args=[kept.pk])).status_code == 404
