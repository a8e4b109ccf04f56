"""Schools that merge or split while campaigns are running (布局调整)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from campaigns.enums import CampaignState
from campaigns.models import Campaign, Requirement
from portal import audit
from schools import rules as school_rules
from schools.enums import UnitKind
from schools.models import Membership, Unit, User
from schools.services import units as unit_tree
from submissions.enums import AssignmentState
from submissions.models import Assignment
from submissions.rules import NotAllowed
from submissions.services import changing, ledger, publishing
from submissions.services.rehearsing import Effect

#: What a merger leaves as it is: done, excused, or ended already.
SETTLED = (AssignmentState.ACCEPTED, AssignmentState.EXEMPT, AssignmentState.CANCELLED)


@transaction.atomic
def merge(unit: Unit, into: Unit, *, reason: str, by: User, at: datetime) -> Effect:
    """Close `unit`, merged `into` another; in running campaigns the successor owes in its place.

    What the unit has done stays with it; what it still owed is cancelled, naming the successor.
    Posts stay until somebody ends them. Raises NotAllowed when the tree does not allow it.
    """
    unit, into = Unit.objects.get(pk=unit.pk), Unit.objects.get(pk=into.pk)
    campaigns = list(_lock_campaigns(unit, into))
    try:
        unit_tree.close(unit, successor=into, at=at, by=by)
    except school_rules.NotAllowed as refusal:
        raise NotAllowed(str(refusal)) from refusal
    open_work = Assignment.objects.filter(unit=unit, occurrence__requirement__campaign__in=campaigns).exclude(
        state__in=SETTLED
    )
    effect, _ = changing.cancel(open_work, reason=f"并入“{into}”：{reason}", by=by, at=at)
    before = into.assignments.count()
    for campaign in campaigns:
        for requirement in _asking(campaign, unit, "included"):
            requirement.included.remove(unit)
            if into.path.startswith(campaign.host.path) and into.pk != campaign.host_id:
                requirement.included.add(into)
        _top_up(campaign, at=at, by=by, summary=f"“{unit}”并入“{into}”：{reason}")
    changing.tell_units(
        [into.pk], matter=f"merge:{unit.pk}", title=f"“{unit}”已并入本单位", body=f"原因：{reason}", at=at
    )
    serving = Membership.objects.filter(unit=unit, ended_at=None).count()
    posts = f"“{unit}”尚有{serving}项任职，不会自动转移，请由安全管理员办理。" if serving else ""
    return replace(
        effect,
        lines=(*effect.lines, (f"“{into}”新增的任务", into.assignments.count() - before)),
        units=(unit.name,),
        unit_count=1,
        notes=(
            f"“{unit}”自此撤并，不再布置任务；已通过的材料仍记在原单位名下。",
            *filter(None, [posts]),
            *effect.notes,
        ),
    )


@transaction.atomic
def split(
    unit: Unit, parts: Sequence[tuple[str, UnitKind]], *, reason: str, by: User, at: datetime
) -> Effect:
    """Found new units, (name, kind) each, beside `unit`, which goes on; they owe in running campaigns.

    Where a requirement names the unit singly, asked or not asked, it names the new ones alike.
    Raises NotAllowed when the unit is closed or the topmost, or a name is taken.
    """
    unit = Unit.objects.get(pk=unit.pk)
    if unit.closed_at is not None or unit.parent_id is None:
        raise NotAllowed(f"{unit}已撤并或没有上级单位，不能拆分。")
    names = [name for name, _ in parts]
    taken = Unit.objects.filter(parent=unit.parent_id, name__in=names).values_list("name", flat=True)
    if taken or len(set(names)) < len(names):
        raise NotAllowed(f"已有同名的单位{'、'.join(sorted(taken))}，请改用其他名称。")
    campaigns = list(_lock_campaigns(unit))
    new = [
        Unit(name=name, kind=kind, ownership=unit.ownership, parent_id=unit.parent_id) for name, kind in parts
    ]
    for one in new:
        unit_tree.save(one, at=at, by=by)
    said = f"“{unit}”分设{'、'.join(f'“{one}”' for one in new)}"
    for campaign in campaigns:
        for relation in ("included", "excluded"):
            for requirement in _asking(campaign, unit, relation):
                getattr(requirement, relation).add(*new)
        _top_up(campaign, at=at, by=by, summary=f"{said}：{reason}")
    audit.record(
        "unit.split",
        at=at,
        by=by,
        target=unit,
        summary=f"{said}：{reason}",
        detail={"new": [one.pk for one in new]},
    )
    return Effect(
        lines=tuple((f"“{one}”承担的任务", one.assignments.count()) for one in new),
        units=tuple(one.name for one in new),
        unit_count=len(new),
        notes=(f"“{unit}”原有的任务和材料不变。", "新单位还没有人员，请尽快任命信息员。"),
    )


def _lock_campaigns(*units: Unit) -> Iterator[Campaign]:
    """Lock the running campaigns that reach a unit, or in which it owes, always in the same order."""
    above = {path for unit in units for path in unit.ancestor_paths()}
    owing = Assignment.objects.filter(unit__in=units).values("occurrence__requirement__campaign")
    reaching = Campaign.objects.filter(
        Q(host__path__in=above) | Q(pk__in=owing), state=CampaignState.PUBLISHED
    )
    for pk in reaching.order_by("pk").values_list("pk", flat=True):
        campaign = ledger.lock_campaign(pk)
        if campaign.state == CampaignState.PUBLISHED:
            yield campaign


def _asking(campaign: Campaign, unit: Unit, relation: str) -> list[Requirement]:
    """Requirements, also ones not issued yet, that name the unit in `relation`."""
    return list(campaign.requirements.filter(**{relation: unit}, withdrawn_at=None))


def _top_up(campaign: Campaign, *, at: datetime, by: User, summary: str) -> None:
    """Hand out what the campaign now asks, and note the change of units in its own trail."""
    detail = {"assignments": publishing.top_up(campaign, at=at)}
    audit.record("campaign.regroup", at=at, by=by, target=campaign, summary=summary, detail=detail)
