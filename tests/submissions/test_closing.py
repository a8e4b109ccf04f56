"""The end of a campaign: nothing more comes in, nothing is lost, and it can run again."""

from datetime import date, timedelta

import pytest

from campaigns.enums import CampaignState, PhaseState
from campaigns.models import Campaign, Phase
from notices.models import Notice
from portal.models import AuditEvent
from schools.enums import Role
from submissions.models import Assignment, Version
from submissions.rules import NotAllowed
from submissions.services import closing, phases, publishing, reviewing
from submissions.services.rehearsing import Effect, rehearse
from tests.factories import (
    DUE,
    NOW,
    MembershipFactory,
    PhaseFactory,
    UnitFactory,
    at,
    drafted,
    handed_in,
    person,
)

LATER = at(3, 20)


@pytest.fixture
def campaign(owed) -> Campaign:
    return owed.requirement.campaign


def act(name: str, place, campaign, *, when=LATER) -> Effect:
    return getattr(closing, name)(campaign, reason="工作已完成", by=place.officer, at=when)


def now(campaign: Campaign) -> Campaign:
    return Campaign.objects.get(pk=campaign.pk)


def test_a_closed_campaign_has_the_time_of_its_closing(place, campaign):
    act("close", place, campaign)
    assert (now(campaign).state, now(campaign).closed_at) == (CampaignState.CLOSED, LATER)


def test_what_is_unfinished_stays_as_it_is(place, campaign):
    before = list(Assignment.objects.order_by("pk").values())
    act("close", place, campaign)
    assert list(Assignment.objects.order_by("pk").values()) == before


def test_nothing_is_taken_in_after_closing(place, campaign, owed):
    piece = drafted(owed, place.secretary)
    act("close", place, campaign)
    with pytest.raises(NotAllowed, match=r"^活动已结束，不再接收材料；如需补报，请联系主办单位。$"):
        handed_in(owed, place.secretary, at=LATER)
    assert (Version.objects.count(), piece.draft.title) == (0, "一次家访")


def test_the_effect_counts_what_is_open(place, campaign, owed):
    handed_in(owed, place.secretary)
    effect = act("close", place, campaign)
    assert effect.lines == (
        ("应报任务", 2),
        ("尚未完成的任务", 1),
        ("待审核的材料", 1),
        ("随之结束的阶段", 1),
    )
    assert effect.warnings == ("还有1篇材料待审核，建议审完再结束活动。",)


def told(user, when=LATER) -> list[tuple[str, str]]:
    found = Notice.objects.filter(recipient=user, at=when).exclude(matter__startswith="campaign:")
    return list(found.values_list("title", "body"))


def test_who_is_not_done_is_told_once_of_the_closing(place, campaign, owed):
    MembershipFactory(user=place.secretary, unit=place.middle)
    head, other = person(Role.HEAD, place.school), person(Role.SECRETARY, place.section)
    act("close", place, campaign)
    notice = (f"《{campaign.title}》已结束，未报的任务不再接收", "原因：工作已完成")
    assert [told(user) for user in (place.secretary, head, other)] == [[notice], [notice], []]


def test_who_is_done_is_not_disturbed_by_the_closing(place, campaign, owed):
    handed_in(owed, place.secretary)
    act("close", place, campaign)
    assert told(place.secretary) == []


def test_archiving_tells_nobody(place, campaign):
    act("close", place, campaign, when=NOW)
    act("archive", place, campaign)
    assert not Notice.objects.filter(at=LATER).exists()


def test_who_can_hand_in_again_is_told_once(place, campaign, owed):
    MembershipFactory(user=place.secretary, unit=place.middle)
    act("close", place, campaign, when=NOW)
    act("reopen", place, campaign)
    notice = (f"《{campaign.title}》已重新开放，请继续报送未完成的任务", "原因：工作已完成")
    assert told(place.secretary) == [notice]


def test_who_joined_meanwhile_is_told_of_the_task_and_not_to_go_on(place, campaign):
    act("close", place, campaign)
    newcomer = person(Role.SECRETARY, UnitFactory(parent=place.township))
    act("reopen", place, campaign)
    assert told(newcomer) == []
    assert Notice.objects.filter(recipient=newcomer).count() == 1


def test_who_can_no_longer_hand_in_is_neither_told_nor_counted(place, campaign, owed):
    Assignment.objects.filter(pk=owed.pk).update(cutoff_at=DUE)
    act("close", place, campaign)
    effect = act("reopen", place, campaign, when=DUE)
    assert (effect.lines[0], effect.units) == (("可以继续报送的任务", 1), ("示例县第一初级中学",))
    assert told(place.secretary, DUE) == []


def test_what_was_sent_back_can_be_handed_in_again_until_its_own_day(place, campaign, owed):
    version = handed_in(owed, place.secretary)
    terms = {"reason": "请补充", "correct_by": DUE + timedelta(days=5)}
    reviewing.send_back(version, by=place.officer, at=NOW, **terms)
    Assignment.objects.filter(pk=owed.pk).update(cutoff_at=DUE)
    act("close", place, campaign, when=DUE)
    assert rehearse(act, "reopen", place, campaign, when=DUE).lines[0] == ("可以继续报送的任务", 2)
    after = act("reopen", place, campaign, when=terms["correct_by"])
    assert after.lines[0] == ("可以继续报送的任务", 1)


def test_open_phases_close_with_it(place, campaign):
    act("close", place, campaign)
    assert campaign.phases.get().state == PhaseState.CLOSED
    assert AuditEvent.objects.get(action="phase.close").actor == place.officer


def test_closing_archiving_and_reopening_leave_their_traces(place, campaign):
    for name in ("close", "archive", "reopen"):
        act(name, place, campaign)
    traced = AuditEvent.objects.filter(target=f"campaigns.campaign:{campaign.pk}").order_by("pk")
    assert list(traced.values_list("action", "detail__before__state", "detail__after__state"))[1:] == [
        ("campaign.close", "published", "closed"),
        ("campaign.archive", "closed", "archived"),
        ("campaign.reopen", "archived", "published"),
    ]


@pytest.mark.parametrize("done", [[], ["close"], ["close", "archive"]])
@pytest.mark.parametrize("name", ["close", "archive", "reopen"])
def test_only_what_the_state_allows_happens(place, campaign, done, name):
    for earlier in done:
        act(earlier, place, campaign)
    allowed = {0: {"close"}, 1: {"archive", "reopen"}, 2: {"reopen"}}[len(done)]
    if name in allowed:
        act(name, place, campaign)
    else:
        with pytest.raises(NotAllowed):
            act(name, place, campaign)


def test_the_archive_keeps_the_time_of_closing(place, campaign):
    act("close", place, campaign)
    act("archive", place, campaign, when=at(4, 1))
    assert now(campaign).closed_at == LATER


def test_a_campaign_that_runs_again_takes_work_in(place, campaign, owed):
    act("close", place, campaign)
    act("reopen", place, campaign)
    handed_in(owed, place.secretary, at=LATER)
    assert now(campaign).closed_at is None


def test_a_campaign_that_runs_again_asks_who_joined_meanwhile(place, campaign):
    act("close", place, campaign)
    joined = UnitFactory(parent=place.township)
    effect = act("reopen", place, campaign)
    assert Assignment.objects.filter(unit=joined).count() == 1
    assert effect.lines == (("可以继续报送的任务", 3), ("补充下达的任务", 1), ("重新开始的阶段", 1))


def test_the_effect_of_reopening_warns_of_what_is_overdue(place, campaign):
    act("close", place, campaign)
    assert act("reopen", place, campaign, when=at(5, 2)).warnings == (
        "其中2项已过截止日期，将按逾期统计，必要时请调整期限。",
    )


def test_a_phase_that_closed_with_it_opens_again_and_follows_its_days(place, campaign):
    act("close", place, campaign)
    act("reopen", place, campaign)
    phase = campaign.phases.get()
    assert (phase.state, phase.closed_at) == (PhaseState.OPEN, None)
    phases.switch(at=at(5, 1))
    assert campaign.phases.get().state == PhaseState.CLOSED


def test_a_phase_whose_days_are_over_stays_closed(place, campaign):
    act("close", place, campaign)
    act("reopen", place, campaign, when=at(5, 1, 0))
    assert campaign.phases.get().state == PhaseState.CLOSED


def test_a_phase_that_was_closed_by_hand_before_stays_closed(place, campaign):
    phases.close(campaign.phases.get(), by=place.officer, at=at(3, 9))
    act("close", place, campaign)
    act("reopen", place, campaign)
    assert campaign.phases.get().state == PhaseState.CLOSED


def test_a_phase_whose_days_came_meanwhile_opens(place, campaign):
    later = PhaseFactory(campaign=campaign, starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 31), order=2)
    act("close", place, campaign)
    act("reopen", place, campaign, when=at(5, 2))
    assert Phase.objects.get(pk=later.pk).state == PhaseState.OPEN


@pytest.mark.parametrize("name", ["close", "archive", "reopen"])
def test_a_rehearsal_foretells_and_leaves_nothing(place, campaign, name):
    if name != "close":
        act("close", place, campaign, when=NOW)
    before = list(Campaign.objects.values()), list(Phase.objects.values()), AuditEvent.objects.count()
    foretold = rehearse(act, name, place, campaign)
    after = list(Campaign.objects.values()), list(Phase.objects.values()), AuditEvent.objects.count()
    assert (after, foretold) == (before, act(name, place, campaign))


def test_the_scan_leaves_a_closed_campaign_alone(place, campaign):
    act("close", place, campaign)
    UnitFactory(parent=place.township)
    assert (publishing.top_up(campaign, at=LATER), phases.switch(at=at(5, 1))) == (0, 0)
