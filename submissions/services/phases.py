"""Phases open and close: by themselves when their days come, or by a person's hand."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from campaigns.enums import CampaignState, PhaseState
from campaigns.models import Campaign, Phase
from portal import audit
from schools.models import User
from submissions.enums import AssignmentState, PieceState
from submissions.models import Assignment, Submission
from submissions.rules import NotAllowed
from submissions.services import ledger
from submissions.services.rehearsing import Effect, named
from submissions.signals import send_closed

#: Whether the calendar may close a phase: once a person has opened it again, only a person closes it.
BY_ITSELF = Q(closed_at=None)


@transaction.atomic
def open_(phase: Phase, *, by: User, at: datetime) -> Effect:
    """Open a phase early, or again. Raises NotAllowed when it is open, or the campaign not running."""
    phase = _lock(phase)
    if phase.state == PhaseState.OPEN:
        raise NotAllowed("这个阶段正在进行，无需再次开始。")
    again = phase.state == PhaseState.CLOSED
    move(phase, PhaseState.OPEN, by=by, at=at)
    return Effect(
        lines=(("本阶段的任务", _owed_in(phase).count()),),
        notes=(
            ("阶段重新开始后不再按日期自动结束，请在工作完成后手动结束。",)
            if again
            else (f"阶段提前开始，仍于{phase.ends_on.month}月{phase.ends_on.day}日后自动结束。",)
        )
        + ("各项任务的截止日期不变。",),
    )


@transaction.atomic
def close(phase: Phase, *, by: User, at: datetime) -> Effect:
    """Close an open phase early or late; what is unfinished is named and stays open for handing in late.

    Raises NotAllowed when it is not open, or the campaign not running.
    """
    phase = _lock(phase)
    if phase.state != PhaseState.OPEN:
        raise NotAllowed(f"这个阶段{phase.get_state_display()}，不能结束；请刷新页面查看最新情况。")
    effect = _standing(phase)
    move(phase, PhaseState.CLOSED, by=by, at=at)
    return effect


def _standing(phase: Phase) -> Effect:
    """What is unfinished in a phase that is about to close."""
    owed = _owed_in(phase)
    unfinished = owed.filter(state__in=AssignmentState.unfinished())
    units, unit_count = named(unfinished.values_list("unit_id", flat=True))
    waiting = Submission.objects.filter(assignment__in=owed, state__in=PieceState.undecided()).count()
    lines = (("应报任务", owed.count()), ("尚未完成的任务", unfinished.count()), ("待审核的材料", waiting))
    warnings = (f"还有{waiting}篇材料待审核，建议审完再结束本阶段。",) if waiting else ()
    notes = ("尚未完成的任务不受影响，停止接收之前仍可补报。",)
    return Effect(lines, units, unit_count, notes, warnings)


def _owed_in(phase: Phase) -> QuerySet[Assignment]:
    return Assignment.objects.filter(occurrence__requirement__phase=phase, state__in=AssignmentState.owed())


def _lock(phase: Phase) -> Phase:
    campaign = ledger.lock_running(phase.campaign_id)
    return campaign.phases.get(pk=phase.pk)


def switch(*, at: datetime) -> int:
    """Open and close the phases of all running campaigns whose days have come; returns how many acts.

    Safe to run at any time and twice at once. Each campaign is a transaction of its own.
    """
    waiting = _due(Phase.objects.filter(campaign__state=CampaignState.PUBLISHED), at)
    campaigns = Campaign.objects.filter(pk__in=waiting.values("campaign"))
    return sum(switch_in(campaign, at=at) for campaign in campaigns)


@transaction.atomic
def switch_in(campaign: Campaign, *, at: datetime) -> int:
    """`switch` for one campaign; one that is not running keeps its phases as they are.

    A phase that was both begun and over before a plan was published opens and closes at once.
    """
    if ledger.lock_campaign(campaign.pk).state != CampaignState.PUBLISHED:
        return 0
    acts, today = 0, _day(at)
    for phase in _due(campaign.phases.all(), at):
        if phase.state == PhaseState.UPCOMING:
            move(phase, PhaseState.OPEN, by=None, at=at)
            acts += 1
        if phase.ends_on < today and phase.closed_at is None:
            move(phase, PhaseState.CLOSED, by=None, at=at)
            acts += 1
    return acts


def _due(phases: QuerySet[Phase], at: datetime) -> QuerySet[Phase]:
    """Those whose first day has come, or whose last day is over."""
    today = _day(at)
    begun = Q(state=PhaseState.UPCOMING, starts_on__lte=today)
    return phases.filter(begun | Q(BY_ITSELF, state=PhaseState.OPEN, ends_on__lt=today))


def move(phase: Phase, state: PhaseState, *, by: User | None, at: datetime) -> None:
    """Take the phase to `state`, with one audit event; `by` is None when its day has come.

    `opened_at` is the first opening, `closed_at` the last closing.
    """
    before = phase.state
    phase.state = state
    if state == PhaseState.CLOSED:
        phase.closed_at = at
    elif phase.opened_at is None:
        phase.opened_at = at
    phase.save(update_fields=["state", "opened_at", "closed_at"])
    if state == PhaseState.CLOSED:
        send_closed(phase.campaign)
    action, verb = ("phase.open", "开始") if state == PhaseState.OPEN else ("phase.close", "结束")
    audit.record(
        action,
        at=at,
        by=by,
        target=phase,
        summary=f"阶段“{phase}”{verb}{'' if by else '（到期自动）'}",
        detail={"before": {"state": before}, "after": {"state": phase.state}},
    )


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()
