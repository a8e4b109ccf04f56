"""Schools that merge or split while campaigns are running (布局调整)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from campaigns.enums import CampaignState
from campaigns.models import Campaign, Requirement
from portal import audit
from schools.enums import UnitKind
from schools.models import Membership, Unit, User
from schools.services import units as unit_tree
from submissions.enums import AssignmentState
from submissions.models import Assignment
from submissions.rules import NotAllowed, require
from submissions.services import changing, ledger, publishing
from submissions.services.rehearsing import Effect

#: What a merger leaves as it is: done, excused, or ended already.
SETTLED = (AssignmentState.ACCEPTED, AssignmentState.EXEMPT, AssignmentState.CANCELLED)


@transaction.atomic
def merge(unit: Unit, into: Unit, *, reason: str, by: User, at: datetime) -> Effect:
    """Close `unit`, merged `into` another; in running campaigns the successor owes in its place.

    What the unit has done stays with it; what it still owed is cancelled, naming the successor.
    Posts stay until somebody ends them. Raises NotAllowed when the tree does not allow it, or when only
    one of the two is a school.
    """
    unit, into = Unit.objects.get(pk=unit.pk), Unit.objects.get(pk=into.pk)
    require(_why_not_alike(unit, into))
    campaigns = list(_lock_campaigns(unit, into))
    unit_tree.close(unit, successor=into, at=at, by=by)
    open_work = Assignment.objects.filter(unit=unit, occurrence__requirement__campaign__in=campaigns).exclude(
        state__in=SETTLED
    )
    asked = set(open_work.values_list("occurrence__requirement", flat=True))
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
            f"“{unit}”自此撤并，并入“{into}”，不再布置任务；已通过的材料仍记在原单位名下。",
            *filter(None, [posts]),
            *effect.notes,
        ),
        warnings=(*_differences(unit, into), *_left_to_nobody(asked, into), *effect.warnings),
    )


def _why_not_alike(unit: Unit, into: Unit) -> str | None:
    schools = UnitKind.schools()
    if unit.kind in schools and into.kind not in schools:
        return f"“{unit}”是学校，“{into}”不是学校；学校只能并入学校，请另选并入的单位。"
    if unit.kind not in schools and into.kind in schools:
        return f"“{unit}”不是学校，不能并入学校“{into}”，请另选并入的单位。"
    return None


def _differences(unit: Unit, into: Unit) -> Iterator[str]:
    """What may show that the wrong successor was chosen: another kind, another township or bureau."""
    if unit.kind != into.kind:
        yield f"“{unit}”是{unit.get_kind_display()}，“{into}”是{into.get_kind_display()}，类别不同，请核对。"
    branch, other = (_nearest(one, UnitKind.branches()) for one in (unit, into))
    if branch != other:
        yield f"“{unit}”属{branch}，“{into}”属{other}，不在同一镇街或教育局，请核对。"


def _left_to_nobody(asked: Collection[int], into: Unit) -> Iterator[str]:
    """What the merged unit still owed and the successor does not owe."""
    owed = Assignment.objects.filter(unit=into).exclude(state=AssignmentState.CANCELLED)
    left = Requirement.objects.filter(pk__in=asked).exclude(occurrences__assignments__in=owed)
    if names := "、".join(f"“{one}”" for one in left):
        yield f"“{into}”不在{names}的报送范围内，这些任务无人承接；如需报送，请另行增加该单位。"


def _nearest(unit: Unit, kinds: Collection[UnitKind]) -> Unit:
    """The nearest body of such a kind strictly above `unit`, else the topmost one."""
    above = list(Unit.objects.filter(path__in=unit.ancestor_paths()[:-1]).order_by("-path"))
    return next((one for one in above if one.kind in kinds), above[-1] if above else unit)


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
    if unit.kind in UnitKind.schools() and any(kind not in UnitKind.schools() for _, kind in parts):
        raise NotAllowed("学校只能分设学校；新设科室、镇街、教育局请联系系统管理员。")
    names = [name for name, _ in parts]
    taken = Unit.objects.filter(parent=unit.parent_id, name__in=names).values_list("name", flat=True)
    if taken or len(set(names)) < len(names):
        raise NotAllowed(f"已有同名的单位{'、'.join(sorted(taken))}，请改用其他名称。")
    campaigns = list(_lock_campaigns(unit))
    warnings = tuple(_namesakes(unit, names))
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
        warnings=warnings,
    )


def _namesakes(unit: Unit, names: Collection[str]) -> Iterator[str]:
    """Units of the same bureau that bear one of the `names` already: only siblings must differ in name."""
    bureau = _nearest(unit, UnitKind.bureaus())
    below = Unit.objects.within(bureau).exclude(pk=bureau.pk)
    for one in below.filter(name__in=names).select_related("parent"):
        yield f"“{one}”与“{one.parent}”下属的单位同名，请核对，以免混淆。"


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


@transaction.atomic
def release_closed(*, at: datetime) -> int:
    """Cancel what units that were closed without a successor still owe in running campaigns; how much.

    The system administrator closes units where no campaign is known; this scan follows.
    """
    owing = Assignment.objects.filter(
        unit__closed_at__isnull=False, occurrence__requirement__campaign__state=CampaignState.PUBLISHED
    ).exclude(state__in=SETTLED)
    released = 0
    for pk in sorted(set(owing.values_list("occurrence__requirement__campaign", flat=True))):
        campaign = ledger.lock_campaign(pk)
        theirs = owing.filter(occurrence__requirement__campaign=campaign)
        names = "、".join(sorted(set(theirs.values_list("unit__name", flat=True))))
        if cancelled := ledger.cancel_all(theirs, at=at, by=None, note="单位已撤销"):
            released += len(cancelled)
            summary = f"“{names}”已撤销，未完成的任务随之撤销"[:300]
            detail = {"assignments": len(cancelled)}
            audit.record("campaign.regroup", at=at, target=campaign, summary=summary, detail=detail)
    return released
