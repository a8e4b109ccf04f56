"""The pages of the plan in the admin, as the tests of this folder visit them."""

from django.urls import reverse

from tests import pages

LIST = reverse("admin:campaigns_campaign_changelist")
ADD = reverse("admin:campaigns_campaign_add", query={"blank": 1})
FORM, REQUIREMENT_FORM = "campaign_form", "requirement_form"


def change(campaign):
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])


def change_requirement(requirement):
    return reverse("admin:campaigns_requirement_change", args=[requirement.pk])


def add_requirement(campaign):
    return reverse("admin:campaigns_requirement_add") + f"?campaign={campaign.pk}"


def new_campaign(client, place, **changes):
    page = client.get(ADD)
    values = {
        "title": "全县大讨论", "kind": "discussion", "starts_on": "2026-03-01", "ends_on": "2026-05-31",
        "office": place.section.pk, "phases-0-name": "宣传发动", "phases-0-starts_on": "2026-03-01",
        "phases-0-ends_on": "2026-03-31", "phases-1-name": "学习讨论",
    } | changes  # fmt: skip
    data = pages.filled(page, FORM, **values)
    pages.add_row(data, "topics", position="１．１", title="教师交流")
    pages.add_row(data, "topics", position="1.", title="队伍建设", questions="怎样流动？")
    pages.add_row(data, "leadership", role="lead", user=place.secretary.pk)
    return client.post(ADD, data)


def requirement_values(campaign, **changes):
    values = {
        "phase": campaign.phases.first().pk, "kind": "essay", "title": "征文", "due_on": "2026-04-30",
        "audience_kinds": ["primary", "middle"],
    }  # fmt: skip
    return values | changes


def post_requirement(client, campaign, button="_save", **changes):
    page = client.get(add_requirement(campaign))
    data = pages.filled(page, REQUIREMENT_FORM, button, **requirement_values(campaign, **changes))
    return client.post(add_requirement(campaign), data)
