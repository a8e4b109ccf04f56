"""The life of suggestions: whatever schools, reviewers and officers do in whatever order, none is lost, none
counts twice, and no chain, gap or untraced change comes about."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from campaigns.models import Campaign
from portal.audit import target_of
from portal.models import AuditEvent
from schools.enums import Role
from submissions.enums import PieceState, Verdict
from submissions.enums import SuggestionState as S
from submissions.models import Review, Submission, Suggestion, Version
from submissions.rules import NotAllowed
from submissions.services import answering, closing, reviewing, suggesting
from tests.factories import NOW, county, person
from tests.submissions.suggested import asked, hand_in, of_middle

pick = st.integers(0, 99)


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.now, self.names = NOW, count(1)
        self.texts: dict[int, str] = {}  # suggestion → what it said when it came

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    @initialize()
    def ask_for_suggestions(self) -> None:
        self.place = county()
        owed = asked(self.place)
        neighbour = person(Role.SECRETARY, self.place.middle)
        self.owing = [(owed, self.place.secretary), (of_middle(owed, self.place), neighbour)]
        for _ in range(3):
            self.enter()

    def attempt(self, service: Callable, *args, by=None, **terms) -> None:
        """The rules may forbid it, and then nothing has happened."""
        self.now += timedelta(minutes=1)
        try:
            with transaction.atomic():
                service(*args, by=by or self.place.officer, at=self.now, **terms)
        except NotAllowed:
            pass

    def some(self, model: type, index: int, **narrowed):
        found = list(model.objects.filter(**narrowed).order_by("pk"))
        return found[index % len(found)] if found else None

    @rule(who=st.booleans(), number=st.integers(1, 2), items=st.integers(1, 3), accept=st.booleans())
    def hand_in_and_perhaps_accept(self, who: bool, number: int, items: int, accept: bool) -> None:
        owed, secretary = self.owing[who]
        said = [f"建议{next(self.names)}" for _ in range(items)]
        try:
            with transaction.atomic():
                version = hand_in(owed, secretary, *said, number=number, at=self.now)
        except NotAllowed:
            return
        if accept:
            self.attempt(reviewing.accept, version)

    @rule(which=pick)
    def accept_what_waits(self, which: int) -> None:
        if piece := self.some(Submission, which, state=PieceState.PENDING):
            self.attempt(reviewing.accept, piece.versions.latest("number"))

    @rule(which=pick)
    def open_an_accepted_piece_again(self, which: int) -> None:
        if piece := self.some(Submission, which, state=PieceState.ACCEPTED):
            terms = {"reason": "请补充", "correct_by": self.now + timedelta(days=9)}
            self.attempt(reviewing.reopen, piece.versions.latest("number"), **terms)

    @rule(which=pick)
    def collect_again(self, which: int) -> None:
        accepted = Review.objects.filter(version__submission__state=PieceState.ACCEPTED)
        if piece := self.some(Submission, which, versions__reviews__in=accepted):
            assert suggesting.collect(piece.versions.latest("number"), self.now) == []

    @rule()
    def enter(self) -> None:
        campaign = Campaign.objects.get()
        self.attempt(suggesting.enter, campaign, f"登记{next(self.names)}", source="座谈会")

    @rule(into=pick, others=st.lists(pick, max_size=3))
    def merge(self, into: int, others: list[int]) -> None:
        if main := self.some(Suggestion, into):
            self.attempt(suggesting.merge, main, [self.some(Suggestion, one) for one in others])

    @rule(into=pick, other=pick)
    def merge_what_waits(self, into: int, other: int) -> None:
        if main := self.some(Suggestion, into, state=S.NEW):
            self.attempt(suggesting.merge, main, [self.some(Suggestion, other, state=S.NEW)])

    @rule(which=pick)
    def split(self, which: int) -> None:
        if one := self.some(Suggestion, which, state=S.MERGED):
            self.attempt(suggesting.split_off, one)

    @rule(which=pick, state=st.sampled_from(S), reason=st.sampled_from(["", "理由"]), give=st.booleans())
    def answer(self, which: int, state: S, reason: str, give: bool) -> None:
        if one := self.some(Suggestion, which):
            day = self.now.date() + timedelta(days=3)
            duty = {"responsible": self.place.section, "due_on": day} if give else {}
            self.attempt(answering.answer, one, state, reason, **duty)

    @rule(which=pick, days=st.integers(-1, 3))
    def assign(self, which: int, days: int) -> None:
        if one := self.some(Suggestion, which):
            self.attempt(answering.assign, one, self.place.middle, self.now.date() + timedelta(days=days))

    @rule(which=pick, outcome=st.sampled_from(["", "已办"]), officer=st.booleans())
    def finish(self, which: int, outcome: str, officer: bool) -> None:
        if one := self.some(Suggestion, which):
            by = self.place.officer if officer else self.owing[1][1]
            self.attempt(answering.finish, one, outcome, by=by)

    @rule(which=pick)
    def resume(self, which: int) -> None:
        if one := self.some(Suggestion, which):
            self.attempt(answering.reopen, one, "只办了一半")

    @rule(service=st.sampled_from([closing.close, closing.archive, closing.reopen]))
    def close_or_open_the_campaign(self, service: Callable) -> None:
        self.attempt(service, Campaign.objects.get(), reason="工作需要")

    # What holds after every step ------------------------------------------------------------------------

    @invariant()
    def every_item_of_what_was_accepted_is_there_once(self) -> None:
        finally_ = Review.objects.filter(verdict=Verdict.ACCEPT).values("version")
        for version in Version.objects.filter(pk__in=finally_):
            taken = version.suggestions.order_by("position").values_list("position", "text")
            assert list(taken) == list(enumerate(version.sheet["items"], start=1))

    @invariant()
    def a_piece_counts_with_one_version(self) -> None:
        """Of earlier versions only what was answered is left, by itself or with its main one."""
        left = Suggestion.objects.filter(version__isnull=False).exclude(state=S.WITHDRAWN)
        for one in left.select_related("version", "merged_into"):
            newer = Version.objects.filter(
                submission=one.version.submission_id, number__gt=one.version.number, suggestions__isnull=False
            )
            main = one.merged_into or one
            assert main.state in S.answered() or not newer.exists()

    @invariant()
    def merged_ones_hang_on_a_main_one(self) -> None:
        for one in Suggestion.objects.filter(state=S.MERGED).select_related("merged_into"):
            assert one.merged_into.campaign_id == one.campaign_id
            assert one.merged_into.state in (S.NEW, *S.answered())

    @invariant()
    def what_a_unit_carries_out_has_a_day(self) -> None:
        assert not Suggestion.objects.filter(responsible__isnull=False, due_on=None).exists()
        assert not Suggestion.objects.filter(responsible=None, due_on__isnull=False).exists()

    @invariant()
    def nothing_is_lost_reworded_or_without_a_trace(self) -> None:
        now = dict(Suggestion.objects.values_list("pk", "text"))
        assert self.texts.items() <= now.items()
        self.texts = now
        for one in Suggestion.objects.all():
            trail = AuditEvent.objects.filter(target=target_of(one)).order_by("pk")
            states = [state for state in trail.values_list("detail__after__state", flat=True) if state]
            assert states[-1] == one.state


@pytest.mark.django_db
def test_suggestions_are_neither_lost_nor_counted_twice():
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
