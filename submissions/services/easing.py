"""What the bureau decides for some units of an occurrence: more time, 免报 and back, 零报告.

Each is a change after publishing like those in `changing`. Whom the act does not fit is left as they
are, counted and named in the effect; where it fits nobody, it is refused.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from campaigns.models import Occurrence, Requirement
from portal import audit
from schools.models import Unit, User
from submissions import access
from submissions.enums import AssignmentState, ExtensionState, Override, PieceState
from submissions.models import Assignment, AssignmentQuerySet, ExtensionRequest, Submission
from submissions.rules import NotAllowed
from submissions.services import changing, ledger, nil
from submissions.services.changing import day_in_words
from submissions.services.ledger import Times
from submissions.services.rehearsing import Effect, in_a_sentence, named

#: Ids of units that an act leaves as they are, by the reason.
Left = dict[str, list[int]]


@transaction.atomic
def extend(
    occurrence: Occurrence,
    units: Collection[Unit],
    *,
    until: datetime,
    reason: str,
    by: User,
    at: datetime,
) -> Effect:
    """Give these units time until the exclusive instant `until`, also after the cut-off.

    Touches the assignments alone; who has until then already keeps that, and 迟报 once decided stays. What
    the units had asked for is granted by it. Raises NotAllowed when `until` is over.
    """
    if until <= at:
        raise NotAllowed("新的截止日期已过，请选择今天或以后的日期。")
    requirement, theirs = _lock(occurrence, units)
    changed = ledger.reschedule_all(
        theirs.filter(state__in=AssignmentState.unfinished()),
        lambda own: extended(own, until), at=at, by=by,
        note=lambda own: f"{changing.moved_in_words(own, extended(own, until))}：{reason}",
    )  # fmt: skip
    left = _left(theirs, changed, f"截止日期已不早于{day_in_words(until)}")
    _require_some(changed, left, "延期")
    ids = [one.pk for one in changed]
    granted = ExtensionRequest.objects.filter(assignment__in=ids, state=ExtensionState.OPEN).update(
        state=ExtensionState.GRANTED, granted_until=until, answer=reason, closed_by=by, closed_at=at
    )
    effect = _effect(
        "延期", changed, left,
        lines=[("因此同意的延期申请", granted)],
        notes=["已经判定的迟报不因延期而改变。", *changing.of_their_own(theirs.filter(pk__in=ids))],
        warnings=changing.outside_the_plan(requirement, until),
    )  # fmt: skip
    day = day_in_words(until)
    _tell(changed, f"extend:{occurrence.pk}", f"“{occurrence.name}”延期至{day}", requirement, reason, at)
    detail = {"until": until.isoformat()}
    _record("occurrence.extend", occurrence, changed, f"延期至{day}", reason, by=by, at=at, detail=detail)
    return effect


def extended(own: Times, until: datetime) -> Times:
    """The times of an assignment that is given time until `until`; never less than it had."""
    due_at, cutoff_at = own
    if due_at >= until:
        return own
    return until, cutoff_at and max(cutoff_at, until)


@transaction.atomic
def exempt(occurrence: Occurrence, units: Collection[Unit], *, reason: str, by: User, at: datetime) -> Effect:
    """免报: what these units have not finished is owed no more; their pieces stay."""
    requirement, theirs = _lock(occurrence, units)
    changed = ledger.exempt_all(theirs, at=at, by=by, note=reason)
    left = _left(theirs, changed)
    _require_some(changed, left, "免报")
    ids = [one.pk for one in changed]
    waiting = Submission.objects.filter(assignment__in=ids, state__in=PieceState.undecided()).count()
    effect = _effect(
        "免报", changed, left,
        notes=["免报的单位不计入应报；草稿和已报送的材料保留，以后可以取消免报。"],
        warnings=[f"有{waiting}篇材料已报送待审，免报后仍可照常审核。"] if waiting else [],
    )  # fmt: skip
    _tell(changed, f"exempt:{occurrence.pk}", f"本单位免报“{occurrence.name}”", requirement, reason, at)
    _record("occurrence.exempt", occurrence, changed, "免报", reason, by=by, at=at)
    return effect


@transaction.atomic
def owe_again(
    occurrence: Occurrence, units: Collection[Unit], *, reason: str, by: User, at: datetime
) -> Effect:
    """Lift 免报: the state before is that of the pieces, so they stand where they stood."""
    requirement, theirs = _lock(occurrence, units)
    changed = ledger.owe_again_all(theirs, at=at, by=by, note=reason)
    left = _left(theirs, changed, "没有免报")
    _require_some(changed, left, "取消免报")
    overdue = sum(one.is_overdue(at) for one in changed)
    effect = _effect(
        "取消免报", changed, left,
        notes=["取消免报的单位恢复到免报前的状态，重新计入应报。"],
        warnings=[f"其中{overdue}个单位已过截止日期，将按逾期统计，必要时请延期。"] if overdue else [],
    )  # fmt: skip
    _tell(changed, f"owe:{occurrence.pk}", f"请继续报送“{occurrence.name}”", requirement, reason, at)
    _record("occurrence.owe_again", occurrence, changed, "取消免报", reason, by=by, at=at)
    return effect


@transaction.atomic
def report_nil(
    occurrence: Occurrence, units: Collection[Unit], *, reason: str, by: User, at: datetime
) -> Effect:
    """零报告 on behalf of units that have nothing to hand in, complete with zero pieces.

    The bureau may do so where the plan does not let units do it themselves, and after the cut-off.
    Raises NotAllowed where a click is asked.
    """
    requirement, theirs = _lock(occurrence, units)
    if requirement.by_click:
        raise NotAllowed("签收任务没有零报告；无需签收的单位请办理免报。")
    changed = ledger.nil_all(theirs, at=at, by=by, note=reason)
    left = _left(theirs, changed, "已有材料提交或退回")
    _require_some(changed, left, "按零报告处理")
    late = sum(one.late and one.completed_at == at for one in changed)
    effect = _effect(
        "按零报告处理", changed, left,
        notes=["零报告视为报齐；草稿保留，各单位撤回零报告后仍可报送材料。"],
        warnings=[f"其中{late}个单位已过截止日期，将记为迟报。"] if late else [],
    )  # fmt: skip
    _tell(
        changed, f"report_nil:{occurrence.pk}", f"“{occurrence.name}”已按零报告处理", requirement, reason, at
    )
    _record("occurrence.report_nil", occurrence, changed, "按零报告处理", reason, by=by, at=at)
    return effect


@transaction.atomic
def refuse_nil(
    occurrence: Occurrence, units: Collection[Unit], *, reason: str, by: User, at: datetime
) -> Effect:
    """Do not accept the 零报告 of these units; of those on which somebody else has the last word, nothing."""
    _, theirs = _lock(occurrence, units)
    mine = theirs.filter(pk__in=access.finally_decided(by).values("pk"))
    changed = nil.refuse_all(mine, by=by, at=at, reason=reason)
    left = _left(theirs, changed, "没有零报告")
    if others := left.pop(NIL, None):
        left["的零报告由指定的审核人或主办单位办理"] = others
    _require_some(changed, left, "退回零报告")
    effect = _effect("退回零报告", changed, left, notes=["退回后视为未报，须报送材料或重新作零报告。"])
    _record("occurrence.refuse_nil", occurrence, changed, "退回零报告", reason, by=by, at=at)
    return effect


def _lock(occurrence: Occurrence, units: Collection[Unit]) -> tuple[Requirement, AssignmentQuerySet]:
    """The requirement, its running campaign locked, and what the units owe of the occurrence.

    Raises NotAllowed when one of them owes nothing of it: nothing is done by halves.
    """
    requirement = changing.lock_in_force(occurrence.requirement)
    ids = {unit.pk for unit in units}
    theirs = Assignment.objects.filter(occurrence=occurrence, unit__in=ids)
    if foreign := ids - set(theirs.values_list("unit_id", flat=True)):
        raise NotAllowed(f"{in_a_sentence(*named(foreign))}没有这项任务，不能办理。")
    return requirement, theirs


NIL = "已作零报告"


def _left(theirs: AssignmentQuerySet, changed: Sequence[Assignment], otherwise: str = "") -> Left:
    """Whom the act leaves as they are: they stand settled, or what `otherwise` says holds for them."""
    found: Left = defaultdict(list)
    rest = theirs.exclude(pk__in=[one.pk for one in changed])
    for one in rest.select_related("occurrence__requirement"):
        found[_settled(one) or otherwise].append(one.unit_id)
    return dict(found)


def _settled(assignment: Assignment) -> str:
    if assignment.override == Override.NIL:
        return NIL
    if assignment.state in AssignmentState.handed_in():
        return "已签收" if assignment.requirement.by_click else "已报齐"
    words = {AssignmentState.CANCELLED: "的任务已撤销", AssignmentState.EXEMPT: "已免报"}
    return words.get(AssignmentState(assignment.state), "")


def _require_some(changed: Sequence[Assignment], left: Left, verb: str) -> None:
    if not changed:
        raise NotAllowed(f"没有可以{verb}的单位：{'；'.join(_said_of(left))}。")


def _said_of(left: Left) -> list[str]:
    return [f"{in_a_sentence(*named(ids))}{why}" for why, ids in left.items()]


def _effect(
    verb: str,
    changed: Sequence[Assignment],
    left: Left,
    *,
    lines: Iterable[tuple[str, int]] = (),
    notes: Iterable[str] = (),
    warnings: Iterable[str] = (),
) -> Effect:
    units, unit_count = named(one.unit_id for one in changed)
    unchanged = [("保持不变的单位", sum(map(len, left.values())))] if left else []
    return Effect(
        lines=((f"{verb}的单位", unit_count), *lines, *unchanged),
        units=units,
        unit_count=unit_count,
        notes=(*notes, *(f"{said}，保持不变。" for said in _said_of(left))),
        warnings=tuple(warnings),
    )


def _tell(
    changed: Sequence[Assignment],
    matter: str,
    said: str,
    requirement: Requirement,
    reason: str,
    at: datetime,
) -> None:
    """Tell the units once; where it is one task, the notice leads there."""
    changing.tell_units(
        {one.unit_id for one in changed},
        matter=matter,
        title=f"《{requirement.campaign.title}》{said}",
        body=f"原因：{reason}",
        at=at,
        url=reverse("assignment", args=[changed[0].pk]) if len(changed) == 1 else "",
    )


def _record(
    action: str,
    occurrence: Occurrence,
    changed: Sequence[Assignment],
    done: str,
    reason: str,
    *,
    by: User,
    at: datetime,
    detail: dict[str, str] | None = None,
) -> None:
    units = sorted(one.unit_id for one in changed)
    summary = f"{occurrence.name}：{in_a_sentence(*named(units))}{done}：{reason}"
    detail = {"units": units} | (detail or {})
    audit.record(action, at=at, by=by, target=occurrence, summary=summary, detail=detail)
