"""The life of a campaign: whatever is published, changed, closed and opened again in whatever order,
nothing is orphaned, altered or miscounted, and everything leaves a trace."""

from collections.abc import Callable
from datetime import date, timedelta
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

from campaigns.enums import CampaignState, PhaseState, RequirementKind
from campaigns.models import Campaign, Indicator, Occurrence, Phase, Requirement
from notices.workdays import end_of
from portal.models import AuditEvent
from reports import sums
from schools.enums import UnitKind
from schools.models import Unit
from submissions import access, sheets
from submissions.enums import AssignmentState, EventKind, Override, PieceState
from submissions.models import Assignment, AssignmentEvent, ExtensionRequest, Standing, Submission, Version
from submissions.rules import NotAllowed, why_no_answer
from submissions.services import (
    changing,
    closing,
    counting,
    drafts,
    easing,
    extending,
    mergers,
    phases,
    publishing,
    reviewing,
    submitting,
)
from submissions.services.rehearsing import rehearse
from submissions.states import fold
from tests.factories import (
    NOW,
    OccurrenceFactory,
    PhaseFactory,
    RequirementFactory,
    TopicFactory,
    UnitFactory,
    county,
    ready_plan,
)

pick = st.integers(0, 99)
REASON = {"reason": "工作需要"}
EASING = ["extend", "exempt", "owe_again", "report_nil", "refuse_nil"]


class Life(RuleBasedStateMachine):
    """Officers, schools, scans and the calendar, in any order, from the draft to the archive and back."""

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.now, self.names = NOW, count(1)
        self.given: dict[int, tuple[int, int]] = {}  # assignment → occurrence, unit
        self.digests: dict[int, str] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    @initialize(published=st.sampled_from([True, True, True, False]))
    def draft_a_plan(self, published: bool) -> None:
        self.place = county()
        for name in ("西镇小学", "南镇小学"):
            UnitFactory(name=name, parent=self.place.township)
        plan = ready_plan(self.place, min_pieces=2)
        self.campaign = plan.campaign
        PhaseFactory(campaign=self.campaign, starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 31), order=2)
        self.topics = [TopicFactory(campaign=self.campaign) for _ in range(2)]
        self.indicator = Indicator.objects.create(topic=self.topics[0], name="人均读书", value=2, unit="本")
        self.add_requirement(kind=RequirementKind.ACKNOWLEDGEMENT)
        self.add_requirement(kind=RequirementKind.MINUTES, topic=self.topics[1])
        self.add_requirement(kind=RequirementKind.PROGRESS)
        self.add_requirement(kind=RequirementKind.PROGRESS)
        if published:
            self.publish()

    def add_requirement(self, **fields) -> None:
        phase = self.campaign.phases.first()
        OccurrenceFactory(requirement=RequirementFactory(campaign=self.campaign, phase=phase, **fields))

    # What people do: the rules may forbid it, and then nothing has happened -----------------------------

    def attempt(self, service: Callable, *args, **terms) -> None:
        try:
            with transaction.atomic():
                service(*args, by=self.place.officer, at=self.now, **terms)
        except NotAllowed:
            pass

    def change(self, service: Callable, *args, **terms) -> None:
        """A change after publishing: what was shown is what happens, and it is in the trail."""
        terms |= {"by": self.place.officer, "at": self.now}
        traces = AuditEvent.objects.count()
        try:
            foretold = rehearse(service, *args, **terms)
        except NotAllowed as refusal:
            with pytest.raises(NotAllowed, match=str(refusal)), transaction.atomic():
                service(*args, **terms)
            assert AuditEvent.objects.count() == traces
        else:
            assert AuditEvent.objects.count() == traces
            assert service(*args, **terms) == foretold
            assert AuditEvent.objects.count() > traces

    def some(self, model: type, index: int, **narrowed):
        found = list(model.objects.filter(**narrowed).order_by("pk"))
        return found[index % len(found)] if found else None

    def school(self, index: int) -> Unit:
        return self.some(Unit, index, kind__in=[UnitKind.PRIMARY, UnitKind.MIDDLE])

    @rule()
    def publish(self) -> None:
        self.attempt(publishing.publish, self.campaign)

    @rule(which=pick, day=st.integers(-2, 60), more=st.none() | st.integers(-1, 20))
    def move_a_deadline(self, which: int, day: int, more: int | None) -> None:
        due_at = end_of(self.now.date() + timedelta(days=day))
        cutoff_at = None if more is None else due_at + timedelta(days=more)
        occurrence = self.some(Occurrence, which)
        self.change(changing.move_deadline, occurrence, due_at=due_at, cutoff_at=cutoff_at, **REASON)

    @rule(which=pick, unit=pick, again=st.booleans())
    def drop_a_unit_and_perhaps_add_it_again(self, which: int, unit: int, again: bool) -> None:
        for service in (changing.drop_units, changing.add_units)[: 1 + again]:
            self.change(service, self.some(Requirement, which), [self.school(unit)], **REASON)

    @rule(which=pick, seldom=st.sampled_from([True, False, False]))
    def withdraw_a_requirement(self, which: int, seldom: bool) -> None:
        if seldom:
            self.change(changing.withdraw_requirement, self.some(Requirement, which), **REASON)

    @rule(which=pick)
    def add_and_issue_a_requirement(self, which: int) -> None:
        if Campaign.objects.get().state == CampaignState.PUBLISHED and Requirement.objects.count() < 5:
            self.add_requirement()
        waiting = self.some(Requirement, which, issued_at=None)
        self.change(publishing.issue, waiting or self.some(Requirement, which))

    @rule(which=pick, service=st.sampled_from([phases.open_, phases.close]))
    def open_or_close_a_phase(self, which: int, service: Callable) -> None:
        self.change(service, self.some(Phase, which))

    @rule(service=st.sampled_from([closing.close, closing.archive, *[closing.reopen] * 3]))
    def end_or_go_on(self, service: Callable) -> None:
        self.change(service, self.campaign, **REASON)

    @rule(unit=pick, into=pick)
    def merge(self, unit: int, into: int) -> None:
        self.change(mergers.merge, self.school(unit), self.school(into), **REASON)

    @rule(unit=pick)
    def split(self, unit: int) -> None:
        parts = [(f"新校{next(self.names)}", UnitKind.PRIMARY)]
        if Unit.objects.count() < 12:
            self.change(mergers.split, self.school(unit), parts, **REASON)

    @rule(which=pick, units=st.lists(pick, min_size=1, max_size=3), act=st.sampled_from(EASING), days=pick)
    def ease_some_units(self, which: int, units: list[int], act: str, days: int) -> None:
        terms = REASON | ({"until": self.now + timedelta(days=days - 2)} if act == "extend" else {})
        schools = [self.school(unit) for unit in units]
        self.change(getattr(easing, act), self.some(Occurrence, which), schools, **terms)

    @rule(which=pick, days=pick)
    def a_school_asks_for_more_time(self, which: int, days: int) -> None:
        if owed := self.some(Assignment, which):
            until = self.now + timedelta(days=days)
            self.attempt(extending.ask, owed, until=until, reason="外出培训")

    @rule(which=pick, act=st.sampled_from(["grant", "refuse", "take_back"]), days=pick)
    def a_request_is_answered_or_taken_back(self, which: int, act: str, days: int) -> None:
        if asked := self.some(ExtensionRequest, which):
            if act == "grant":
                self.change(extending.grant, asked, until=self.now + timedelta(days=days))
            else:
                answer = {"answer": "请按期"} if act == "refuse" else {}
                self.attempt(getattr(extending, act), asked, **answer)

    @rule(which=pick, number=st.integers(1, 2), hand_in=st.booleans())
    def a_school_writes(self, which: int, number: int, hand_in: bool) -> None:
        if owed := self.some(Assignment, which):
            self.attempt(drafts.save_draft, owed.pk, number, self.words(owed.requirement, which))
            self.attempt(submitting.acknowledge, owed)
            if hand_in and (piece := owed.submissions.filter(number=number).first()):
                self.attempt(submitting.submit, piece)

    def words(self, requirement: Requirement, which: int) -> drafts.Words:
        """Something that fits what is asked: about a topic or none, with `which` people or value."""
        sheet = {}
        if requirement.kind == RequirementKind.MINUTES:
            sheet = dict.fromkeys(sheets.MINUTES, "一次") | {"held_on": "2026-03-01", "present": str(which)}
        elif requirement.kind == RequirementKind.PROGRESS:
            sheet = {f"value_{self.indicator.pk}": str(which)}
        topic = None if requirement.topic_id else [None, *self.topics][which % 3]
        return drafts.Words(title="一次家访", body="正文", topic=topic, sheet=sheet)

    @rule(which=pick)
    def a_school_withdraws(self, which: int) -> None:
        if piece := self.some(Submission, which):
            self.attempt(submitting.withdraw, piece)

    @rule(which=pick, verdict=st.sampled_from(["accept", "send_back", "reopen"]))
    def the_bureau_decides(self, which: int, verdict: str) -> None:
        if version := self.some(Version, which):
            back = {"reason": "请补充", "correct_by": self.now + timedelta(days=3)}
            self.attempt(getattr(reviewing, verdict), version, **({} if verdict == "accept" else back))

    @rule()
    def the_scans_run(self) -> None:
        publishing.top_up(self.campaign, at=self.now)
        phases.switch(at=self.now)
        counting.fold_deltas()
        assert (publishing.top_up(self.campaign, at=self.now), phases.switch(at=self.now)) == (0, 0)

    @rule(days=st.integers(1, 12))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    # What holds after every step ----------------------------------------------------------------------

    @invariant()
    def counters_are_those_of_a_recount(self) -> None:
        assert counting.drift() == []

    @invariant()
    def every_state_is_the_fold_of_its_pieces(self) -> None:
        owed = Assignment.objects.prefetch_related("submissions", "occurrence__requirement")
        for one in owed:
            pieces = [PieceState(piece.state) for piece in one.submissions.all()]
            assert one.state == fold(pieces, one.requirement.min_pieces, Override(one.override))

    @invariant()
    def nothing_given_is_lost_or_handed_on(self) -> None:
        now = {pk: (occurrence, unit) for pk, occurrence, unit in _rows(Assignment, "occurrence", "unit")}
        assert self.given.items() <= now.items()
        assert len(set(now.values())) == len(now)
        self.given = now

    @invariant()
    def nothing_handed_in_is_altered(self) -> None:
        now = dict(_rows(Version, "digest"))
        assert self.digests.items() <= now.items()
        self.digests = now

    @invariant()
    def what_is_cancelled_is_in_no_figure(self) -> None:
        figures = sums.read(Standing.objects.all(), self.now).total
        owed = Assignment.objects.exclude(state__in=[AssignmentState.CANCELLED, AssignmentState.EXEMPT])
        assert figures["owed"] == owed.count()
        assert figures["handed"] + figures["missing"] + figures["returned"] == figures["owed"]

    @invariant()
    def nobody_owes_what_was_withdrawn_or_from_which_they_were_dropped(self) -> None:
        owed = Assignment.objects.exclude(state=AssignmentState.CANCELLED)
        assert not owed.filter(occurrence__requirement__withdrawn_at__isnull=False).exists()
        assert not owed.filter(occurrence__requirement__issued_at=None).exists()
        for requirement in Requirement.objects.all():
            gone = requirement.excluded.values("pk")
            assert not owed.filter(occurrence__requirement=requirement, unit__in=gone).exists()

    @invariant()
    def every_trail_ends_where_the_assignment_stands(self) -> None:
        last = {}
        for owed, kind, after in AssignmentEvent.objects.order_by("pk").values_list(
            "assignment", "kind", "after"
        ):
            last.setdefault(owed, [kind])
            last[owed][1:] = [after]
        now = {pk: [EventKind.ASSIGNED, state] for pk, state in _rows(Assignment, "state")}
        assert last == now

    @invariant()
    def the_queue_of_requests_is_what_the_rule_says(self) -> None:
        waiting = {one.pk for one in ExtensionRequest.objects.all() if why_no_answer(one) is None}
        assert {one.pk for one in access.extension_queue(self.place.officer)} == waiting

    @invariant()
    def phases_run_only_in_a_running_campaign(self) -> None:
        campaign = Campaign.objects.get()
        states = set(campaign.phases.values_list("state", flat=True))
        if campaign.state != CampaignState.PUBLISHED:
            assert PhaseState.OPEN not in states
        assert not campaign.phases.filter(state=PhaseState.UPCOMING, opened_at__isnull=False).exists()


def _rows(model: type, *fields: str) -> list[tuple]:
    return list(model.objects.values_list("pk", *fields))


@pytest.mark.django_db
def test_any_life_of_a_campaign_keeps_what_must_hold():
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=20, stateful_step_count=16, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
