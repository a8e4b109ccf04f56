"""Phases open and close when their days come, or by hand, and always leave the same trace."""

from datetime import date

import pytest

from campaigns.enums import CampaignState, PhaseState
from campaigns.models import Campaign, Phase
from portal.models import AuditEvent
from submissions.models import Assignment
from submissions.rules import NotAllowed
from submissions.services import phases, publishing
from submissions.services.rehearsing import rehearse
from submissions.tasks import switch_phases
from tests.factories import (
    NOW,
    CampaignFactory,
    PhaseFactory,
    assigned,
    at,
    handed_in,
    ready_plan,
)

UPCOMING, OPEN, CLOSED = PhaseState.UPCOMING, PhaseState.OPEN, PhaseState.CLOSED


@pytest.fixture
def phase(place) -> Phase:
    """1 March to 30 April, in a campaign published on 20 February."""
    return assigned(place, at=at(2, 20)).requirement.phase


def now(phase: Phase) -> Phase:
    return Phase.objects.get(pk=phase.pk)


def traces(phase: Phase) -> list[tuple]:
    """(action, who) of everything that happened to the phase, oldest first."""
    found = AuditEvent.objects.filter(target=f"campaigns.phase:{phase.pk}").order_by("pk")
    return list(found.values_list("action", "actor"))


# By themselves --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        (at(2, 28, 23, 59), UPCOMING),
        (at(3, 1, 0), OPEN),
        (at(4, 30, 23, 59), OPEN),
        (at(5, 1, 0), CLOSED),
    ],
)
def test_a_phase_is_open_from_its_first_to_its_last_day(phase, moment, state):
    phases.switch(at=moment)
    assert now(phase).state == state


def test_the_scan_says_how_many_acts_it_did(phase):
    assert [phases.switch(at=at(3, 1)), phases.switch(at=at(3, 1)), phases.switch(at=at(5, 1))] == [1, 0, 1]


def test_a_switch_is_recorded_like_a_persons_act(phase):
    phases.switch(at=at(3, 1, 0, 5))
    traced = AuditEvent.objects.get(action="phase.open")
    assert (traced.actor, traced.at) == (None, at(3, 1, 0, 5))
    assert traced.summary == f"阶段“{phase}”开始（到期自动）"
    assert traced.detail == {"before": {"state": "upcoming"}, "after": {"state": "open"}}


def test_the_times_of_opening_and_closing_are_kept(phase):
    phases.switch(at=at(3, 1, 0, 5))
    phases.switch(at=at(5, 1, 0, 5))
    assert (now(phase).opened_at, now(phase).closed_at) == (at(3, 1, 0, 5), at(5, 1, 0, 5))


def test_a_phase_that_was_over_when_the_scan_ran_again_opens_and_closes(phase):
    assert phases.switch(at=at(5, 20)) == 2
    assert traces(phase) == [("phase.open", None), ("phase.close", None)]


def test_publishing_opens_the_phase_of_the_day_at_once(place):
    assert assigned(place, at=NOW).requirement.phase.state == OPEN


def test_publishing_late_opens_and_closes_what_is_over(place):
    plan = ready_plan(place)
    over = PhaseFactory(
        campaign=plan.campaign, starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 28), order=0
    )
    publishing.publish(plan.campaign, by=place.officer, at=NOW)
    assert (now(over).state, traces(over)) == (CLOSED, [("phase.open", None), ("phase.close", None)])


def test_a_draft_keeps_its_phases(db):
    phase = PhaseFactory(campaign=CampaignFactory())
    assert (phases.switch(at=NOW), now(phase).state) == (0, UPCOMING)


def test_a_campaign_that_is_over_keeps_its_phases(phase):
    Campaign.objects.update(state=CampaignState.CLOSED, closed_at=NOW)
    assert (phases.switch(at=NOW), now(phase).state) == (0, UPCOMING)


def test_the_task_switches(phase):
    Phase.objects.update(starts_on=date(2020, 1, 1), ends_on=date(2020, 1, 2))
    assert (switch_phases(), now(phase).state) == (2, CLOSED)


# By hand --------------------------------------------------------------------------------------------


def test_a_phase_opened_early_still_closes_by_itself(place, phase):
    phases.open_(phase, by=place.officer, at=at(2, 25))
    phases.switch(at=at(5, 1))
    assert traces(phase) == [("phase.open", place.officer.pk), ("phase.close", None)]


def test_a_phase_closed_early_stays_closed(place, phase):
    phases.switch(at=NOW)
    phases.close(phase, by=place.officer, at=NOW)
    assert (phases.switch(at=at(3, 9)), now(phase).state) == (0, CLOSED)


def test_a_phase_opened_again_is_closed_by_hand_alone(place, phase):
    phases.switch(at=at(5, 1))
    phases.open_(phase, by=place.officer, at=at(5, 2))
    assert (phases.switch(at=at(5, 20)), now(phase).state) == (0, OPEN)
    phases.close(phase, by=place.officer, at=at(5, 20))
    assert (now(phase).state, now(phase).closed_at) == (CLOSED, at(5, 20))


def test_opening_again_keeps_the_first_opening(place, phase):
    phases.switch(at=at(3, 1))
    phases.close(phase, by=place.officer, at=at(3, 9))
    phases.open_(phase, by=place.officer, at=at(3, 10))
    assert now(phase).opened_at == at(3, 1)


def test_the_effect_of_opening_says_how_it_will_close(place, phase):
    early = rehearse(phases.open_, phase, by=place.officer, at=at(2, 25))
    assert early.notes == ("阶段提前开始，仍于4月30日后自动结束。", "各项任务的截止日期不变。")
    phases.switch(at=at(5, 1))
    again = rehearse(phases.open_, phase, by=place.officer, at=at(5, 2))
    assert again.notes[0] == "阶段重新开始后不再按日期自动结束，请在工作完成后手动结束。"


def test_the_effect_of_closing_names_who_is_unfinished(place, phase):
    phases.switch(at=NOW)
    handed_in(Assignment.objects.get(unit=place.school), place.secretary)
    effect = phases.close(phase, by=place.officer, at=NOW)
    assert effect.lines == (("应报任务", 2), ("尚未完成的任务", 1), ("待审核的材料", 1))
    assert (effect.units, effect.unit_count) == (("示例县第一初级中学",), 1)
    assert effect.warnings == ("还有1篇材料待审核，建议审完再结束本阶段。",)


def test_closing_takes_nothing_from_the_schools(place, phase):
    phases.switch(at=NOW)
    before = list(Assignment.objects.order_by("pk").values())
    phases.close(phase, by=place.officer, at=NOW)
    assert list(Assignment.objects.order_by("pk").values()) == before
    handed_in(Assignment.objects.get(unit=place.school), place.secretary, at=at(3, 9))


def test_a_rehearsal_leaves_the_phase_as_it_is(place, phase):
    phases.switch(at=NOW)
    rehearse(phases.close, phase, by=place.officer, at=NOW)
    assert (now(phase).state, now(phase).closed_at, traces(phase)) == (OPEN, None, [("phase.open", None)])


@pytest.mark.parametrize("act", [phases.open_, phases.close])
def test_a_second_click_is_refused(place, phase, act):
    phases.switch(at=NOW)
    if act is phases.open_:
        phases.close(phase, by=place.officer, at=NOW)
    act(phase, by=place.officer, at=NOW)
    with pytest.raises(NotAllowed):
        act(phase, by=place.officer, at=NOW)


def test_what_has_not_begun_cannot_be_closed(place, phase):
    with pytest.raises(NotAllowed, match=r"^这个阶段未开始，不能结束；请刷新页面查看最新情况。$"):
        phases.close(phase, by=place.officer, at=at(2, 25))


@pytest.mark.parametrize("act", [phases.open_, phases.close])
def test_in_a_campaign_that_is_over_nothing_opens_or_closes(place, phase, act):
    Campaign.objects.update(state=CampaignState.CLOSED, closed_at=NOW)
    with pytest.raises(NotAllowed, match=r"^活动已结束，不能再调整"):
        act(phase, by=place.officer, at=NOW)
