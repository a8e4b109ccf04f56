"""Suggestions as tests need them: asked for, handed in, accepted, entered."""

from datetime import datetime

from campaigns.enums import RequirementKind
from campaigns.models import Topic
from submissions.models import Assignment, Suggestion, Version
from submissions.services import drafts, reviewing, submitting, suggesting
from tests.factories import NOW, County, assigned

OURS, THEIRS = "延长图书馆开放时间", "增加校园足球场地"


def asked(place: County, **requirement) -> Assignment:
    """One to three pieces of suggestions owed by the school."""
    return assigned(place, kind=RequirementKind.SUGGESTION, title="合理化建议", **requirement)


def of_middle(owed: Assignment, place: County) -> Assignment:
    """What the middle school owes of the same."""
    return Assignment.objects.get(unit=place.middle, occurrence=owed.occurrence)


def hand_in(
    owed: Assignment, by, *items: str, number: int = 1, at: datetime = NOW, topic: Topic | None = None
) -> Version:
    words = drafts.Words(title="我校的建议", topic=topic, sheet={"items": list(items)})
    piece = drafts.save_draft(owed.pk, number, words, by=by, at=at).piece
    return submitting.submit(piece, by=by, at=at)


def accepted(place: County, owed: Assignment, by, *items: str, **given) -> list[Suggestion]:
    """The suggestions of a piece that was handed in and accepted, in the order of its items."""
    version = hand_in(owed, by, *items, **given)
    reviewing.accept(version, by=place.officer, at=given.get("at", NOW))
    return list(version.suggestions.order_by("position"))


def entered(place: County, owed: Assignment, text: str = "错峰放学", **given) -> Suggestion:
    """A suggestion made at a meeting, unless a unit is given."""
    if "unit" not in given:
        given = {"source": "校长座谈会"} | given
    return suggesting.enter(owed.requirement.campaign, text, by=place.officer, at=NOW, **given)
