"""Whatever was asked for and done about it, in any order: a report counts, agrees and becomes a paper."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.enums import RequirementKind
from campaigns.models import Campaign, Phase, Requirement
from notices.workdays import DAY
from reports.counts import stage
from reports.papers import word
from reports.papers.paper import grids_of
from reports.papers.stage import compose
from reports.papers.wording import Words
from schools.models import Unit, User
from submissions.enums import PieceState, SuggestionState
from submissions.models import Assignment, Submission, Version
from submissions.rules import NotAllowed, NotYours
from submissions.services import (
    answering,
    changing,
    drafts,
    easing,
    nil,
    publishing,
    reviewing,
    submitting,
    suggesting,
)
from tests.factories import (
    NOW,
    CampaignFactory,
    County,
    OccurrenceFactory,
    PhaseFactory,
    RequirementFactory,
    TopicFactory,
    UnitFactory,
    at,
)
from tests.reports.busy import MEETING
from tests.reports.counts.agreeing import check, untold

pytestmark = pytest.mark.django_db

KINDS = (RequirementKind.ESSAY, RequirementKind.MINUTES)
REASON = {"reason": "工作需要"}
#: Before and after what is due on 31 March and on 30 April, and after all is over.
MOMENTS = [at(3, 10), at(4, 10), at(5, 20), at(12, 1)]


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class World:
    """A campaign of two phases with so many topics, and requirements of so many; what people do to it."""

    def __init__(self, place: County, topics: int, asked: int) -> None:
        self.place, self.officer, self.secretary = place, place.officer, place.secretary
        UnitFactory(name="东镇第二小学", parent=place.township)
        self.campaign = CampaignFactory(host=place.bureau, state="published", published_at=NOW)
        self.phases = [
            PhaseFactory(campaign=self.campaign, order=1, ends_on=date(2026, 3, 31)),
            PhaseFactory(campaign=self.campaign, order=2, starts_on=date(2026, 4, 1)),
        ]
        self.topics = [TopicFactory(campaign=self.campaign, position=[1, n][: n + 1]) for n in range(topics)]
        for n in range(asked):
            made = RequirementFactory(
                campaign=self.campaign, phase=self.phases[n % 2], kind=KINDS[n % 2], nil_allowed=True
            )
            OccurrenceFactory(requirement=made, due_at=at(4 + n % 2, 1, 0))
            publishing.issue(made, by=self.officer, at=NOW)

    def act(self, what: str, which: int, moment: datetime) -> None:
        """One act on one task, if it is allowed."""
        tasks = list(Assignment.objects.filter(occurrence__requirement__campaign=self.campaign))
        try:
            with transaction.atomic():
                if what == "suggest":
                    self.suggest(which, moment)
                elif tasks:
                    getattr(self, what)(tasks[which % len(tasks)], which, moment)
        except (NotAllowed, NotYours):
            pass

    def submit(self, owed: Assignment, which: int, moment: datetime) -> None:
        topic = self.topics[which % len(self.topics)] if self.topics and which % 3 else None
        sheet = MEETING | {"present": str(which)} if owed.requirement.kind == RequirementKind.MINUTES else {}
        words = drafts.Words(title=f"第{which}篇", body="正文", abstract="摘要。", topic=topic, sheet=sheet)
        by = self.secretary_of(owed.unit)
        piece = drafts.save_draft(owed.pk, 1 + which % 2, words, by=by, at=moment).piece
        submitting.submit(piece, by=by, at=moment)

    def secretary_of(self, unit: Unit) -> User:
        post = self.secretary.memberships.get()
        post.unit = post.scope = unit
        post.save()
        return User.objects.get(pk=self.secretary.pk)

    def decide(self, owed: Assignment, which: int, moment: datetime) -> None:
        waiting = Submission.objects.filter(assignment=owed, state=PieceState.PENDING).first()
        if waiting is None:
            return
        version = Version.objects.get(pk=waiting.current_id)
        if which % 3:
            reviewing.accept(version, by=self.officer, at=moment, recommended=which % 2 == 0)
        else:
            reviewing.send_back(
                version, by=self.officer, at=moment, reason="请补充", correct_by=moment + 3 * DAY
            )

    def file_nil(self, owed: Assignment, which: int, moment: datetime) -> None:
        nil.report_nil(owed, by=self.secretary_of(owed.unit), at=moment, **REASON)

    def exempt(self, owed: Assignment, which: int, moment: datetime) -> None:
        easing.exempt(owed.occurrence, [owed.unit], by=self.officer, at=moment, **REASON)

    def extend(self, owed: Assignment, which: int, moment: datetime) -> None:
        until = max(owed.due_at, moment) + 5 * DAY
        easing.extend(owed.occurrence, [owed.unit], until=until, by=self.officer, at=moment, **REASON)

    def drop(self, owed: Assignment, which: int, moment: datetime) -> None:
        changing.drop_units(owed.requirement, [owed.unit], by=self.officer, at=moment, **REASON)

    def withdraw(self, owed: Assignment, which: int, moment: datetime) -> None:
        requirement = Requirement.objects.get(pk=owed.requirement.pk)
        changing.withdraw_requirement(requirement, by=self.officer, at=moment, **REASON)

    def suggest(self, which: int, moment: datetime) -> None:
        made = suggesting.enter(self.campaign, f"建议{which}", source="座谈会", by=self.officer, at=moment)
        state = [None, SuggestionState.ADOPTED, SuggestionState.DECLINED][which % 3]
        if state:
            answering.answer(made, state, "已研究", by=self.officer, at=moment)


ACTS = ["submit", "submit", "submit", "decide", "decide", "file_nil", "exempt", "extend", "drop", "withdraw", "suggest"]  # fmt: skip # noqa: E501
acts = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 30), st.sampled_from(MOMENTS[:3])), max_size=14
)


def counted(campaign: Campaign, phase: Phase | None, moment: datetime) -> dict[str, Any]:
    return stage.count(Campaign.objects.select_related("host").get(pk=campaign.pk), phase, moment, untold)


def test_any_state_of_a_campaign_counts_agrees_and_becomes_a_paper(place: County) -> None:
    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 3), st.integers(0, 3), acts, st.sampled_from(MOMENTS))
    def check_one(topics: int, asked: int, done: list[tuple], moment: datetime) -> None:
        with taken_back():
            world = World(place, topics, asked)
            for one in sorted((one for one in done if one[2] <= moment), key=lambda one: one[2]):
                world.act(*one)
            for phase in (None, *world.phases):
                figures = counted(world.campaign, phase, moment)
                check(figures, world.campaign, phase, moment)
                paper = compose(figures, Words("情况报告"))
                assert all(grid.rows for grid in grids_of(paper))
                assert word.write(paper, moment)[:2] == b"PK"

    check_one()
