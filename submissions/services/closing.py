"""The end of a campaign: close, archive, and open again."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from campaigns.enums import CampaignState, PhaseState
from campaigns.models import Campaign
from notices.workdays import end_of
from portal import audit
from schools.models import User
from submissions.enums import AssignmentState, PieceState
from submissions.models import Assignment, AssignmentQuerySet, Submission
from submissions.rules import NotAllowed
from submissions.services import changing, ledger, phases, publishing
from submissions.services.rehearsing import Effect, named
from submissions.signals import send_closed


@transaction.atomic
def close(campaign: Campaign, *, reason: str, by: User, at: datetime) -> Effect:
    """Close a running campaign: nothing more is taken in; what is unfinished stays as it is.

    Phases that are open close with it; units with unfinished tasks are told. Raises NotAllowed when
    the campaign is not running.
    """
    campaign = ledger.lock_running(campaign.pk)
    open_phases = list(campaign.phases.filter(state=PhaseState.OPEN))
    owed = Assignment.objects.filter(
        occurrence__requirement__campaign=campaign, state__in=AssignmentState.owed()
    )
    unfinished = owed.filter(state__in=AssignmentState.unfinished())
    waiting = Submission.objects.filter(assignment__in=owed, state__in=PieceState.undecided()).count()
    concerned = set(unfinished.values_list("unit_id", flat=True))
    units, unit_count = named(concerned)
    effect = Effect(
        lines=(
            ("应报任务", owed.count()),
            ("尚未完成的任务", unfinished.count()),
            ("待审核的材料", waiting),
            ("随之结束的阶段", len(open_phases)),
        ),
        units=units,
        unit_count=unit_count,
        notes=(
            "活动结束后不再接收材料，已报送的材料仍可查阅。",
            "尚未完成的任务按现状保留，有关单位将收到通知。",
        ),
        warnings=(f"还有{waiting}篇材料待审核，建议审完再结束活动。",) if waiting else (),
    )
    for phase in open_phases:
        phases.move(phase, PhaseState.CLOSED, by=by, at=at)
    _move(campaign, CampaignState.CLOSED, closed_at=at, reason=reason, by=by, at=at)
    send_closed(campaign)
    _tell(concerned, campaign, "close", "已结束，未报的任务不再接收", reason, at)
    return effect


@transaction.atomic
def archive(campaign: Campaign, *, reason: str, by: User, at: datetime) -> Effect:
    """Put a closed campaign away. Raises NotAllowed when it is not closed, or archived already."""
    campaign = ledger.lock_campaign(campaign.pk)
    if campaign.state != CampaignState.CLOSED:
        raise NotAllowed(f"活动现在是“{campaign.get_state_display()}”状态，只有已结束的活动才能归档。")
    pieces = Submission.objects.filter(assignment__occurrence__requirement__campaign=campaign)
    _move(campaign, CampaignState.ARCHIVED, closed_at=campaign.closed_at, reason=reason, by=by, at=at)
    return Effect(
        lines=(("归档的材料", pieces.exclude(handed_in_at=None).count()),),
        notes=("归档后的活动只供查阅；确需继续，可以重新开放。",),
    )


@transaction.atomic
def reopen(campaign: Campaign, *, reason: str, by: User, at: datetime) -> Effect:
    """Let a closed or archived campaign run again: work is taken in, and what is missing handed out.

    Phases that closed with the campaign and whose days are not over open again and follow their days;
    those that a person closed before stay closed. Units that can hand in again are told. Raises
    NotAllowed when the campaign is not over.
    """
    campaign = ledger.lock_campaign(campaign.pk)
    if campaign.state not in (CampaignState.CLOSED, CampaignState.ARCHIVED):
        raise NotAllowed("活动没有结束，无需重新开放。")
    closed_with_it = campaign.phases.filter(state=PhaseState.CLOSED, closed_at=campaign.closed_at)
    again = [phase for phase in closed_with_it if at < end_of(phase.ends_on)]
    for phase in again:
        phase.closed_at = None
        phases.move(phase, PhaseState.OPEN, by=by, at=at)
    _move(campaign, CampaignState.PUBLISHED, closed_at=None, reason=reason, by=by, at=at)
    phases.switch_in(campaign, at=at)
    again_open = set(_taken_in(campaign, at).values_list("unit_id", flat=True))
    _tell(again_open, campaign, "reopen", "已重新开放，请继续报送未完成的任务", reason, at)
    created = publishing.top_up(campaign, at=at)  # tells by itself what is new
    going_on = _taken_in(campaign, at)
    units, unit_count = named(one.unit_id for one in going_on)
    overdue = sum(one.is_overdue(at) for one in going_on)
    return Effect(
        lines=(
            ("可以继续报送的任务", len(going_on)),
            ("补充下达的任务", created),
            ("重新开始的阶段", len(again)),
        ),
        units=units,
        unit_count=unit_count,
        notes=("停止接收时间不变，可以继续报送的单位将收到通知。",),
        warnings=(f"其中{overdue}项已过截止日期，将按逾期统计，必要时请调整期限。",) if overdue else (),
    )


def _taken_in(campaign: Campaign, at: datetime) -> AssignmentQuerySet:
    """Unfinished tasks for which something can be handed in while the campaign runs (`rules.why_closed`)."""
    corrected = Submission.objects.filter(state=PieceState.RETURNED, correct_by__gt=at)
    open_ = Q(cutoff_at=None) | Q(cutoff_at__gt=at) | Q(pk__in=corrected.values("assignment"))
    return Assignment.objects.filter(
        open_, occurrence__requirement__campaign=campaign, state__in=AssignmentState.unfinished()
    )


def _tell(
    unit_ids: Iterable[int], campaign: Campaign, verb: str, said: str, reason: str, at: datetime
) -> None:
    changing.tell_units(
        unit_ids,
        matter=f"{verb}:{campaign.pk}",
        title=f"《{campaign.title}》{said}",
        body=f"原因：{reason}",
        at=at,
    )


WORDS = {
    CampaignState.CLOSED: ("campaign.close", "结束"),
    CampaignState.ARCHIVED: ("campaign.archive", "归档"),
    CampaignState.PUBLISHED: ("campaign.reopen", "重新开放"),
}


def _move(
    campaign: Campaign,
    state: CampaignState,
    *,
    closed_at: datetime | None,
    reason: str,
    by: User,
    at: datetime,
) -> None:
    before = campaign.state
    campaign.state, campaign.closed_at = state, closed_at
    campaign.save(update_fields=["state", "closed_at"])
    action, verb = WORDS[state]
    audit.record(
        action,
        at=at,
        by=by,
        target=campaign,
        summary=f"{verb}活动《{campaign.title}》：{reason}",
        detail={"before": {"state": before}, "after": {"state": state}},
    )
