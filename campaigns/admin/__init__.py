"""The plan in the admin: the campaign's page, and a page for each requirement, topic, activity, group."""

from campaigns.admin.campaign import CampaignAdmin
from campaigns.admin.ladder import LadderAdmin
from campaigns.admin.parts import ActivityAdmin, InspectionGroupAdmin, TopicAdmin
from campaigns.admin.requirement import RequirementAdmin

__all__ = [
    "ActivityAdmin",
    "CampaignAdmin",
    "InspectionGroupAdmin",
    "LadderAdmin",
    "RequirementAdmin",
    "TopicAdmin",
]
