"""What is asked: a campaign with its phases, topics, leading group, activities and requirements."""

from campaigns.models.blueprint import Blueprint
from campaigns.models.campaign import Basis, Campaign
from campaigns.models.ladder import Ladder, Rung
from campaigns.models.plan import Activity, Indicator, InspectionGroup, Leadership, Phase, Topic
from campaigns.models.requirement import Occurrence, Requirement

__all__ = [
    "Activity",
    "Basis",
    "Blueprint",
    "Campaign",
    "Indicator",
    "InspectionGroup",
    "Ladder",
    "Leadership",
    "Occurrence",
    "Phase",
    "Requirement",
    "Rung",
    "Topic",
]
