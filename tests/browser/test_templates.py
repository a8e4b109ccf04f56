"""Each of the five templates becomes a published campaign by clicks alone, in a real browser."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.blueprints import shelf
from campaigns.enums import CampaignKind, CampaignState
from campaigns.models import Campaign
from submissions.models import Assignment
from tests.browser.conftest import SignIn
from tests.factories import County

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def begin(page: Page, name: str, office: str) -> None:
    """From the list of campaigns to a draft."""
    page.get_by_role("link", name="活动编制").click()
    page.get_by_role("link", name="活动", exact=True).first.click()
    page.get_by_role("link", name="新建活动").click()
    page.get_by_role("link", name=name).click()
    page.get_by_label("领导小组办公室设在").select_option(label=office)
    page.get_by_role("button", name="建成草稿").click()


@pytest.mark.parametrize("kind", list(CampaignKind), ids=lambda kind: kind.value)
def test_a_template_becomes_a_published_campaign(
    kind: CampaignKind, place: County, sign_in: SignIn, complaints: list[str]
) -> None:
    template = shelf.built_in()[kind]
    page = sign_in(place.officer)
    begin(page, template.name, place.section.name)
    expect(page.locator("#ready")).to_contain_text("内容已经齐全")
    page.get_by_role("link", name="预览并发布").click()
    expect(page.locator(".tile").first).to_contain_text("个单位将收到任务")
    page.get_by_role("button", name="确认发布").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(template.name)
    campaign = Campaign.objects.get()
    assert (campaign.kind, campaign.state) == (kind, CampaignState.PUBLISHED)
    assert campaign.starts_on >= timezone.localdate()
    assert campaign.requirements.filter(issued_at=None).count() == 0
    owed = Assignment.objects.filter(unit=place.school).values("occurrence__requirement").distinct()
    assert owed.count() > 0
    assert complaints == []
