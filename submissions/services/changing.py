"""Changes of what a published plan asks: other deadlines, more or fewer units, a requirement withdrawn.

Each is one transaction that begins by locking the campaign, writes assignments through the ledger,
leaves one audit event, tells everybody concerned once, and returns its effect (see `rehearsing`).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from campaigns.audience import units_owing
from campaigns.models import Occurrence, Requirement
from notices.enums import Manner
from notices.services.telling import tell
from notices.workdays import last_day
from portal import audit
from schools.enums import Role
from schools.models import Membership, Unit, User
from submissions.enums import AssignmentState, Override, PieceState
from submissions.models import Assignment, AssignmentQuerySet, Submission
from submissions.rules import NotAllowed, require
from submissions.services import ledger, publishing
from submissions.services.ledger import Times
from submissions.services.rehearsing import Effect, in_a_sentence, named


@transaction.atomic
def move_deadline(
    occurrence: Occurrence,
    *,
    due_at: datetime,
    cutoff_at: datetime | None,
    reason: str,
    by: User,
    at: datetime,
) -> Effect:
    """Give an occurrence another deadline: exclusive instants, `cutoff_at` None takes late work in always.

    Assignments that were extended beyond the new deadline keep their own; exempt and cancelled ones
    are left alone. Raises NotAllowed when the deadline is over already, or is the one it has.
    """
    requirement = lock_in_force(occurrence.requirement)
    occurrence = Occurrence.objects.get(pk=occurrence.pk)
    old, new = (occurrence.due_at, occurrence.cutoff_at), (due_at, cutoff_at)
    require(_why_not_moved(old, new, at))
    occurrence.due_at, occurrence.cutoff_at = new
    occurrence.save(update_fields=["due_at", "cutoff_at"])
    owed = Assignment.objects.filter(occurrence=occurrence, state__in=AssignmentState.owed())
    changed = ledger.reschedule_all(
        owed, lambda own: moved(own, old, new), at=at, by=by,
        note=lambda own: f"{moved_in_words(own, moved(own, old, new))}：{reason}",
    )  # fmt: skip
    unfinished = {one.unit_id for one in changed if one.state in AssignmentState.unfinished()}
    name, said = _name(occurrence, requirement), moved_in_words(old, new)
    sooner = Manner.URGENT if new[0] < old[0] else Manner.ORDINARY
    _tell(unfinished, requirement, f"deadline:{occurrence.pk}", f"“{name}”{said}", reason, at, sooner)
    detail = {"before": _plain(old), "after": _plain(new)}
    _record("occurrence.reschedule", occurrence, f"{name}{said}", reason, detail, by, at)
    units, unit_count = named(unfinished)
    return Effect(
        lines=(
            ("调整期限的任务", len(changed)),
            ("其中尚未完成、将收到通知的单位", unit_count),
            ("已单独延期、保持原日期的任务", owed.count() - len(changed)),
        ),
        units=units,
        unit_count=unit_count,
        notes=(f"{said}。", "已经判定的迟报不因调整期限而改变。", *of_their_own(owed)),
        warnings=_warnings(requirement, old, new),
    )


def _why_not_moved(old: Times, new: Times, at: datetime) -> str | None:
    due_at, cutoff_at = new
    if new == old:
        return "截止日期和停止接收日期与现在的相同，无需调整。"
    if due_at <= at:
        return "新的截止日期已过，请选择今天或以后的日期。"
    if cutoff_at is not None and cutoff_at < due_at:
        return "停止接收日期不能早于截止日期，请改正。"
    return None


def moved(own: Times, old: Times, new: Times) -> Times:
    """The times of an assignment whose occurrence goes from `old` to `new`.

    What was the occurrence's becomes the new; what somebody gave this unit alone stays where it is
    the more generous. The cut-off never comes before the due instant.
    """
    due_at = new[0] if own[0] == old[0] else max(own[0], new[0])
    if own[1] == old[1]:
        cutoff_at = new[1]
    else:  # None, taking late work in always, is the most generous
        cutoff_at = None if None in (own[1], new[1]) else max(own[1], new[1])
    return due_at, cutoff_at and max(cutoff_at, due_at)


def of_their_own(owed: AssignmentQuerySet) -> tuple[str, ...]:
    """That pieces sent back for correction have a day of their own, where there are any."""
    returned = Submission.objects.filter(
        assignment__in=owed, state=PieceState.RETURNED, correct_by__isnull=False
    ).count()
    return (f"有{returned}篇退回待改的材料仍按各自的修改期限。",) if returned else ()


def _warnings(requirement: Requirement, old: Times, new: Times) -> tuple[str, ...]:
    shorter = "截止日期提前，各单位的准备时间将会减少。"
    return (*outside_the_plan(requirement, new[0]), *([shorter] if new[0] < old[0] else []))


def outside_the_plan(requirement: Requirement, due_at: datetime) -> Iterator[str]:
    """That the last day lies outside the phase or after the campaign, where it does."""
    phase, day = requirement.phase, last_day(due_at)
    if not phase.starts_on <= day <= phase.ends_on:
        yield f"新的截止日期不在阶段“{phase}”之内，阶段的起止日期不会随之改变。"
    if day > requirement.campaign.ends_on:
        yield "新的截止日期在活动结束日期之后。"


def moved_in_words(old: Times, new: Times) -> str:
    """“截止日期由2026年4月30日延至2026年5月10日”; and the cut-off, where that changes."""
    said = []
    if old[0] != new[0]:
        way = "延至" if new[0] > old[0] else "提前到"
        said.append(f"截止日期由{day_in_words(old[0])}{way}{day_in_words(new[0])}")
    if old[1] != new[1]:
        said.append(f"{day_in_words(new[1])}后停止接收" if new[1] else "活动结束前均可补报")
    return "，".join(said)


@transaction.atomic
def add_units(
    requirement: Requirement, units: Collection[Unit], *, reason: str, by: User, at: datetime
) -> Effect:
    """Ask these units too: cancelled assignments are reinstated, missing ones handed out.

    Units asked already are passed over. Raises NotAllowed when a unit is closed or not below the host,
    or when all are asked already.
    """
    requirement = lock_in_force(requirement)
    ids = {unit.pk for unit in units}
    below = Unit.objects.within(requirement.campaign.host).active().exclude(pk=requirement.campaign.host_id)
    if foreign := Unit.objects.filter(pk__in=ids).exclude(pk__in=below.values("pk")):
        raise NotAllowed(f"{_names(foreign)}已撤并或不是主办单位的下属单位，不能增加。")
    asked = set(units_owing(requirement).filter(pk__in=ids).values_list("pk", flat=True))
    fresh = ids - asked
    if not fresh:
        raise NotAllowed("所选单位都已在报送范围内，无需重复增加。")
    requirement.included.add(*fresh)
    requirement.excluded.remove(*fresh)
    theirs = Assignment.objects.filter(occurrence__requirement=requirement, unit__in=fresh)
    reinstated = ledger.reinstate_all(theirs, at=at, by=by, note=reason)
    publishing.top_up(requirement.campaign, at=at)
    handed_out = theirs.exclude(pk__in=[one.pk for one in reinstated])
    names, unit_count = named(fresh)
    overdue = sum(one.is_overdue(at) for one in reinstated)
    effect = Effect(
        lines=(
            ("增加的单位", unit_count),
            ("新下达的任务", handed_out.count()),
            ("恢复的任务", len(reinstated)),
        ),
        units=names,
        unit_count=unit_count,
        notes=(f"{in_a_sentence(*named(asked))}已在报送范围内，不受影响。",) if asked else (),
        warnings=(f"恢复的任务中有{overdue}项已过截止日期，将按逾期统计。",) if overdue else (),
    )
    again = {one.unit_id for one in reinstated} - set(handed_out.values_list("unit_id", flat=True))
    _tell(again, requirement, f"include:{requirement.pk}", f"请继续报送“{requirement}”", reason, at)
    detail = {"added": sorted(fresh), "reinstated": len(reinstated)}
    summary = f"报送要求“{requirement}”增加{unit_count}个单位"
    _record("requirement.add_units", requirement, summary, reason, detail, by, at)
    return effect


@transaction.atomic
def drop_units(
    requirement: Requirement, units: Collection[Unit], *, reason: str, by: User, at: datetime
) -> Effect:
    """Ask these units no more: their assignments of every occurrence are cancelled, their work stays.

    Units that are not asked are passed over. Raises NotAllowed when none of them is asked.
    """
    requirement = lock_in_force(requirement)
    ids = {unit.pk for unit in units}
    theirs = Assignment.objects.filter(occurrence__requirement=requirement, unit__in=ids)
    asked = set(units_owing(requirement).filter(pk__in=ids).values_list("pk", flat=True))
    asked |= set(theirs.exclude(override=Override.CANCELLED).values_list("unit_id", flat=True))
    if not asked:
        raise NotAllowed("所选单位都不在报送范围内，无需减少。")
    requirement.included.remove(*asked)
    requirement.excluded.add(*asked)
    done = theirs.filter(state__in=AssignmentState.handed_in())
    done_names, done_count = named(done.values_list("unit_id", flat=True))
    effect, cancelled = cancel(theirs, reason=reason, by=by, at=at)
    names, unit_count = named(asked)
    handed_in = f"{in_a_sentence(done_names, done_count)}已经报齐，减少后不再计入各项统计。"
    effect = replace(
        effect,
        lines=(("减少的单位", unit_count), *effect.lines),
        units=names,
        unit_count=unit_count,
        warnings=(*([handed_in] if done_count else []), *effect.warnings),
    )
    told = {one.unit_id for one in cancelled}
    _tell(told, requirement, f"exclude:{requirement.pk}", f"本单位不再报送“{requirement}”", reason, at)
    detail = {"dropped": sorted(asked), "cancelled": len(cancelled)}
    summary = f"报送要求“{requirement}”减少{unit_count}个单位"
    _record("requirement.drop_units", requirement, summary, reason, detail, by, at)
    return effect


@transaction.atomic
def withdraw_requirement(requirement: Requirement, *, reason: str, by: User, at: datetime) -> Effect:
    """Ask nobody any more: all its assignments are cancelled, what was handed in stays readable.

    Raises NotAllowed when it was withdrawn before, or never issued.
    """
    requirement = lock_in_force(requirement)
    requirement.withdrawn_at = at
    requirement.save(update_fields=["withdrawn_at"])
    owed = Assignment.objects.filter(occurrence__requirement=requirement)
    effect, cancelled = cancel(owed, reason=reason, by=by, at=at)
    told = {one.unit_id for one in cancelled}
    _tell(told, requirement, f"withdraw:{requirement.pk}", f"“{requirement}”已撤回，无需再报", reason, at)
    detail = {
        "before": {"withdrawn_at": None},
        "after": {"withdrawn_at": at.isoformat()},
        "cancelled": len(cancelled),
    }
    _record("requirement.withdraw", requirement, f"撤回报送要求“{requirement}”", reason, detail, by, at)
    return effect


def cancel(
    assignments: AssignmentQuerySet, *, reason: str, by: User, at: datetime
) -> tuple[Effect, list[Assignment]]:
    """Cancel what is not cancelled yet, and say what that ends."""
    ending = assignments.exclude(override=Override.CANCELLED)
    handed_in = ending.filter(state__in=AssignmentState.handed_in()).count()
    waiting = Submission.objects.filter(assignment__in=ending, state__in=PieceState.undecided()).count()
    cancelled = ledger.cancel_all(assignments, at=at, by=by, note=reason)
    units, unit_count = named(one.unit_id for one in cancelled)
    effect = Effect(
        lines=(("撤销的任务", len(cancelled)), ("其中已报齐的任务", handed_in), ("待审核的材料", waiting)),
        units=units,
        unit_count=unit_count,
        notes=("撤销的任务不再计入各项统计；已报送的材料保留，各单位仍可查阅。",),
        warnings=(f"有{waiting}篇材料尚待审核，撤销后不再审核。",) if waiting else (),
    )
    return effect, cancelled


def lock_in_force(requirement: Requirement) -> Requirement:
    """The requirement as it is now, its running campaign locked; NotAllowed unless it is in force."""
    campaign = ledger.lock_running(requirement.campaign_id)
    found = campaign.requirements.select_related("phase", "audience_branch").get(pk=requirement.pk)
    found.campaign = campaign
    if found.issued_at is None:
        raise NotAllowed("这项要求还没有下达，请直接修改后再下达。")
    if found.withdrawn_at is not None:
        raise NotAllowed("这项要求已撤回，不能再调整。")
    return found


def tell_units(
    unit_ids: Iterable[int],
    *,
    matter: str,
    title: str,
    body: str,
    at: datetime,
    url: str = "",
    manner: Manner = Manner.ORDINARY,
) -> None:
    """Tell secretaries and heads of these units, each person once however many of the units are theirs.

    It leads to their work list unless `url` is given.
    """
    people = Membership.objects.filter(unit__in=set(unit_ids), role__in=Role.own_unit(), ended_at=None)
    recipients = people.values_list("user_id", flat=True).distinct()
    url = url or reverse("work")
    matter = f"{matter}:{at.isoformat()}"
    tell(recipients, matter=matter, title=title, body=body, at=at, url=url, manner=manner)


def _tell(
    unit_ids: Iterable[int],
    requirement: Requirement,
    matter: str,
    said: str,
    reason: str,
    at: datetime,
    manner: Manner = Manner.ORDINARY,
) -> None:
    title = f"《{requirement.campaign.title}》{said}"
    tell_units(unit_ids, matter=matter, title=title, body=f"原因：{reason}", at=at, manner=manner)


def _record(
    action: str,
    target: models.Model,
    summary: str,
    reason: str,
    detail: dict[str, Any],
    by: User,
    at: datetime,
) -> None:
    audit.record(action, at=at, by=by, target=target, summary=f"{summary}：{reason}", detail=detail)


def _plain(times: Times) -> dict[str, str | None]:
    due_at, cutoff_at = (one and timezone.localtime(one).isoformat() for one in times)
    return {"due_at": due_at, "cutoff_at": cutoff_at}


def _name(occurrence: Occurrence, requirement: Requirement) -> str:
    return f"{requirement}{occurrence.label}"


def _names(units: Iterable[Unit]) -> str:
    return "、".join(unit.name for unit in units)


def day_in_words(instant: datetime) -> str:
    day = last_day(instant)
    return f"{day.year}年{day.month}月{day.day}日"
