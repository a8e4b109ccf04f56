"""How long the database lets each text be."""

from campaigns import models
from schools.models import Unit


def _longest(model: type, field: str) -> int:
    return model._meta.get_field(field).max_length


UNIT = _longest(Unit, "name")
NAME = _longest(models.Blueprint, "name")
SUMMARY = _longest(models.Blueprint, "summary")
THEME = _longest(models.Campaign, "theme")
BASIS = _longest(models.Basis, "title")
BASIS_NUMBER = _longest(models.Basis, "number")
PHASE = _longest(models.Phase, "name")
TOPIC = _longest(models.Topic, "title")
INDICATOR = _longest(models.Indicator, "name")
INDICATOR_UNIT = _longest(models.Indicator, "unit")
POST = _longest(models.Leadership, "post")
GROUP = _longest(models.InspectionGroup, "name")
ACTIVITY = _longest(models.Activity, "title")
PLACE = _longest(models.Activity, "place")
CHAIR = _longest(models.Activity, "chair")
REQUIREMENT = _longest(models.Requirement, "title")
QUESTION = 300
