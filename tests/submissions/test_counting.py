"""Counters: whatever happens, in whatever order, the sum is what a recount finds."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from campaigns.enums import RequirementKind
from campaigns.models import Requirement
from schools.enums import Ownership, Role, UnitKind
from schools.models import Unit, User
from submissions.enums import AssignmentState, Override, PieceState, ReviewStep, Verdict
from submissions.models import Assignment, ExtensionRequest, Standing, Submission, Tally, TallyDelta, Version
from submissions.rules import NotAllowed
from submissions.services import (
    counting,
    drafts,
    easing,
    extending,
    nil,
    publishing,
    reviewing,
    signing,
    submitting,
)
from submissions.states import fold
from tests.factories import (
    DUE,
    NOW,
    OccurrenceFactory,
    RequirementFactory,
    UnitFactory,
    assigned,
    county,
    drafted,
    handed_in,
    person,
    ready_plan,
)

choice = st.integers(0, 999)


class RunningCampaign(RuleBasedStateMachine):
    """People of a small county in any order, with folders and scans in between; `drift` is the oracle."""

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.now = NOW

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    @initialize()
    def publish(self) -> None:
        self.place = county()
        person(Role.HEAD, self.place.school)
        Unit.objects.filter(pk=self.place.township.pk).update(kind=UnitKind.DISTRICT)
        self.officers = [self.place.officer, person(Role.OFFICER, self.place.township)]
        plan = ready_plan(self.place, min_pieces=2)
        self.campaign = plan.campaign
        signed = RequirementFactory(
            campaign=self.campaign, phase=plan.phase, sign_off=True, nil_allowed=True, words_max=5
        )
        OccurrenceFactory(requirement=signed)
        click = RequirementFactory(
            campaign=self.campaign, phase=plan.phase, kind=RequirementKind.ACKNOWLEDGEMENT
        )
        OccurrenceFactory(requirement=click)
        publishing.publish(self.campaign, by=self.place.officer, at=NOW)

    def attempt(self, service, *args, by: User | None = None, **kwargs) -> None:
        """What the rules forbid changes nothing; that is all this test wants to know of them."""
        try:
            service(*args, by=by or self.place.officer, at=self.now, **kwargs)
        except NotAllowed:
            pass

    def piece(self, pick: int) -> Submission | None:
        found = list(Submission.objects.order_by("pk"))
        return found[pick % len(found)] if found else None

    @rule(pick=choice, number=st.integers(1, 4))
    def draft(self, pick: int, number: int) -> None:
        owed = list(Assignment.objects.order_by("pk"))
        words = drafts.Words(title="一次家访", body="正文")
        self.attempt(drafts.save_draft, owed[pick % len(owed)].pk, number, words)

    @rule(pick=choice)
    def acknowledge(self, pick: int) -> None:
        owed = list(Assignment.objects.order_by("pk"))
        self.attempt(submitting.acknowledge, owed[pick % len(owed)])

    @precondition(lambda self: Submission.objects.exists())
    @rule(pick=choice)
    def submit(self, pick: int) -> None:
        self.attempt(submitting.submit, self.piece(pick))

    @precondition(lambda self: Submission.objects.exists())
    @rule(pick=choice)
    def withdraw(self, pick: int) -> None:
        self.attempt(submitting.withdraw, self.piece(pick))

    @rule(pick=choice, act=st.sampled_from(["report_nil", "retract_nil", "refuse_nil"]))
    def report_nothing(self, pick: int, act: str) -> None:
        owed = list(Assignment.objects.order_by("pk"))
        terms = {} if act == "retract_nil" else {"reason": "没有"}
        self.attempt(getattr(nil, act), owed[pick % len(owed)], **terms)

    @precondition(lambda self: Submission.objects.filter(state=PieceState.TO_SIGN).exists())
    @rule(pick=choice, act=st.sampled_from(["sign", "decline"]))
    def sign(self, pick: int, act: str) -> None:
        waiting = list(Submission.objects.filter(state=PieceState.TO_SIGN).order_by("pk"))
        terms = {} if act == "sign" else {"reason": "请补充"}
        self.attempt(getattr(signing, act), waiting[pick % len(waiting)].versions.last(), **terms)

    @rule(asked=st.booleans())
    def the_plan_asks_for_a_district_first(self, asked: bool) -> None:
        Requirement.objects.update(district_first=asked)

    @precondition(lambda self: Submission.objects.filter(versions__isnull=False).exists())
    @rule(pick=choice, officer=choice, verdict=st.sampled_from(["accept", "send_back", "reopen"]))
    def review(self, pick: int, officer: int, verdict: str) -> None:
        version = self.piece(pick).versions.last()
        if version is None:
            return
        terms = (
            {} if verdict == "accept" else {"reason": "请补充", "correct_by": self.now + timedelta(days=3)}
        )
        self.attempt(getattr(reviewing, verdict), version, by=self.officers[officer % 2], **terms)

    @rule(pick=choice, act=st.sampled_from(["exempt", "owe_again", "report_nil", "refuse_nil", "extend"]))
    def ease(self, pick: int, act: str) -> None:
        """What the bureau decides for one assignment and, of the same occurrence, the one after it."""
        owed = list(Assignment.objects.order_by("pk"))[pick % Assignment.objects.count()]
        units = [one.unit for one in owed.occurrence.assignments.filter(pk__gte=owed.pk).order_by("pk")[:2]]
        terms = {"until": self.now + timedelta(days=pick)} if act == "extend" else {}
        self.attempt(getattr(easing, act), owed.occurrence, units, reason="停电", **terms)

    @rule(pick=choice, act=st.sampled_from(["ask", "ask", "take_back", "grant", "refuse"]))
    def ask_for_more_time(self, pick: int, act: str) -> None:
        until = self.now + timedelta(days=pick)
        if act == "ask":
            owed = list(Assignment.objects.order_by("pk"))
            self.attempt(extending.ask, owed[pick % len(owed)], until=until, reason="外出培训")
        elif asked := list(ExtensionRequest.objects.order_by("pk")):
            terms = {"grant": {"until": until}, "refuse": {"answer": "请按期"}}.get(act, {})
            self.attempt(getattr(extending, act), asked[pick % len(asked)], **terms)

    @rule()
    def a_school_joins(self) -> None:
        UnitFactory(parent=self.place.township)
        publishing.top_up(self.campaign, at=self.now)

    @rule(batch=st.integers(1, 5))
    def a_worker_folds(self, batch: int) -> None:
        counting.fold_deltas(batch)

    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @invariant()
    def the_counters_are_those_of_a_recount(self) -> None:
        assert counting.drift() == []

    @invariant()
    def what_is_with_the_bureau_was_signed_where_that_is_asked(self) -> None:
        asked = Version.objects.filter(submission__assignment__occurrence__requirement__sign_off=True)
        for version in asked.filter(reviews__step__gt=ReviewStep.SIGN):
            assert version.reviews.filter(step=ReviewStep.SIGN, verdict=Verdict.ACCEPT).count() == 1

    @invariant()
    def every_stored_state_is_the_fold_of_its_pieces(self) -> None:
        for owed in Assignment.objects.prefetch_related("submissions").select_related(
            "occurrence__requirement"
        ):
            pieces = [PieceState(piece.state) for piece in owed.submissions.all()]
            assert owed.state == fold(pieces, owed.requirement.min_pieces, Override(owed.override))


@pytest.mark.django_db
def test_any_sequence_of_services_leaves_the_counters_true():
    run_state_machine_as_test(
        RunningCampaign,
        settings=settings(
            max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def deltas() -> list[tuple]:
    """(state, n) of what has not been folded yet, oldest first."""
    return list(TallyDelta.objects.order_by("pk").values_list("state", "n"))


def test_publishing_appends_one_delta_for_all_assignments_alike(place):
    for _ in range(30):
        UnitFactory(parent=place.township)
    assigned(place, audience_kinds=[UnitKind.PRIMARY])
    assert deltas() == [(AssignmentState.TODO, 31)]


def test_handing_in_moves_one_from_one_state_to_the_other(place, owed):
    counting.fold_deltas()
    handed_in(owed, place.secretary)
    assert sorted(deltas()) == [(AssignmentState.SUBMITTED, 1), (AssignmentState.TODO, -1)]


def test_a_draft_changes_no_counter(place, owed):
    counting.fold_deltas()
    drafted(owed, place.secretary)
    assert deltas() == []


def test_folding_empties_the_deltas(owed):
    counting.fold_deltas()
    assert deltas() == []


def test_folding_says_how_many_it_moved(owed):
    waiting = TallyDelta.objects.count()
    assert counting.fold_deltas(batch=1) == waiting


def test_folding_twice_is_folding_once(place, owed):
    handed_in(owed, place.secretary)
    counting.fold_deltas()
    once = list(Tally.objects.order_by("pk").values())
    counting.fold_deltas()
    assert list(Tally.objects.order_by("pk").values()) == once


def test_folding_does_not_change_the_standing(place, owed):
    def standing():
        summed = Standing.objects.values_list("branch", "unit_kind", "state", "late").annotate(sum=Sum("n"))
        return sorted(row for row in summed if row[-1])

    handed_in(owed, place.secretary)
    before = standing()
    counting.fold_deltas()
    assert standing() == before


def test_a_counter_that_was_tampered_with_is_reported(owed):
    counting.fold_deltas()
    Tally.objects.filter(unit_kind=UnitKind.PRIMARY).update(n=7)
    [row] = counting.drift()
    assert (row[0], row[3], row[6], row[-2:]) == ("报送任务", UnitKind.PRIMARY, AssignmentState.TODO, (7, 1))


def test_an_assignment_nobody_counted_is_reported(owed):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM submissions_tallydelta")
    assert [row[-2:] for row in counting.drift()] == [(0, 1), (0, 1)]


def test_an_extension_moves_the_count_to_the_new_due_time(owed):
    Assignment.objects.filter(pk=owed.pk).update(due_at=DUE + timedelta(days=7))
    by_due = Standing.objects.values_list("due_at").annotate(sum=Sum("n")).order_by("due_at")
    assert list(by_due) == [(DUE, 1), (DUE + timedelta(days=7), 1)]


def test_what_the_unit_was_when_it_got_the_task_is_what_is_counted(place, owed):
    place.school.ownership = Ownership.PRIVATE
    place.school.save()
    handed_in(owed, person(Role.SECRETARY, place.school))
    assert set(Standing.objects.values_list("ownership", flat=True)) == {Ownership.PUBLIC}
