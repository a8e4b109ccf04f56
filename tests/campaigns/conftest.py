"""Who and what the tests of the plan's pages start from."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notices.workdays import end_of
from schools.enums import Role, UnitKind
from tests.factories import CampaignFactory, PhaseFactory, UnitFactory, person, ready_plan


@pytest.fixture
def elsewhere(db):
    """Another county, with a section, a school and its secretary."""
    bureau = UnitFactory(name="邻县教育局", kind=UnitKind.BUREAU)
    section = UnitFactory(name="邻县党办", kind=UnitKind.SECTION, parent=bureau)
    school = UnitFactory(name="邻县小学", parent=bureau)
    return {
        "bureau": bureau,
        "section": section,
        "school": school,
        "person": person(Role.SECRETARY, school, name="邻示例"),
        "campaign": CampaignFactory(host=bureau, title="邻县大讨论"),
    }


@pytest.fixture
def officer(client, place):
    client.force_login(place.officer)
    return client


@pytest.fixture
def plan(place):
    """A campaign that may be published at any time the test runs."""
    today = timezone.localdate()
    requirement = ready_plan(place, due_at=end_of(today + timedelta(20)))
    requirement.campaign.starts_on, requirement.campaign.ends_on = today, today + timedelta(90)
    requirement.campaign.save()
    requirement.phase.starts_on, requirement.phase.ends_on = today, today + timedelta(40)
    requirement.phase.save()
    return requirement


@pytest.fixture
def draft(place):
    campaign = CampaignFactory(host=place.bureau)
    PhaseFactory(campaign=campaign)
    return campaign
