"""The only writer of an assignment's state: fold the pieces, freeze lateness, append the event.

`settle` is for one assignment; the `…_all` functions change thousands with a handful of statements.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import Prefetch

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from portal.celery import hint
from schools.models import User
from submissions.enums import Act, AssignmentState, EventKind, Override, PieceState
from submissions.models import Assignment, AssignmentEvent, AssignmentQuerySet, Submission, Version
from submissions.rules import NotAllowed, require, why_not
from submissions.states import MOVES, fold, is_complete

FOLD_TASK = "submissions.tasks.fold_counters"
BATCH = 5000

#: `due_at` and `cutoff_at` of an assignment.
Times = tuple[datetime, datetime | None]


def lock_campaign(campaign_id: int) -> Campaign:
    """Lock a campaign for the rest of the transaction; every change of a published plan starts here.

    `no_key`: rows that point to the campaign may still come, such as suggestions out of a piece that is
    being accepted; that transaction holds an assignment for which a change may be waiting.
    """
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)
    return Campaign.objects.select_related("host").get(pk=campaign_id)


def lock_running(campaign_id: int) -> Campaign:
    """Lock a campaign that is running. Raises NotAllowed when it is a draft, or over."""
    campaign = lock_campaign(campaign_id)
    if campaign.is_draft:
        raise NotAllowed("活动还没有发布，请在“活动编制”中直接修改。")
    if campaign.state != CampaignState.PUBLISHED:
        raise NotAllowed("活动已结束，不能再调整；确需调整，请先重新开放活动。")
    return campaign


def lock(assignment_id: int) -> Assignment:
    """Lock one assignment for the rest of the transaction; every change of its pieces starts here."""
    Assignment.objects.select_for_update().get(pk=assignment_id)
    return Assignment.objects.with_plan().get(pk=assignment_id)


def lock_piece(submission_id: int) -> Submission:
    """Lock a piece's assignment, then read the piece as it is now."""
    assignment_id = Submission.objects.values_list("assignment_id", flat=True).get(pk=submission_id)
    assignment = lock(assignment_id)
    piece = Submission.objects.get(pk=submission_id)
    piece.assignment = assignment
    return piece


def move(piece: Submission, act: Act) -> None:
    """Take the piece to its next state in memory; raises NotAllowed when the table has no such move.

    To reach the bureau it also needs the version that counts from now on (`Submission.current`).
    """
    require(why_not(piece, act))
    piece.state = MOVES[PieceState(piece.state), act]
    if piece.state not in PieceState.handed_in():
        piece.current = None


def settle(
    assignment: Assignment,
    kind: EventKind,
    *,
    at: datetime,
    by: User | None,
    version: Version | None = None,
    note: str = "",
) -> None:
    """Store the fold of the (saved) pieces and append `kind` to the trail.

    Counters follow by trigger in the same transaction.
    """
    before = assignment.state
    pieces = [PieceState(state) for state in assignment.submissions.values_list("state", flat=True)]
    assignment.state = fold(pieces, assignment.requirement.min_pieces, assignment.override)
    for name, value in _frozen(assignment, assignment.state, at).items():
        setattr(assignment, name, value)
    assignment.save(update_fields=["state", "override", "completed_at", "late"])
    AssignmentEvent.objects.create(
        assignment=assignment,
        at=at,
        by=by,
        kind=kind,
        version=version,
        note=note,
        before=before,
        after=assignment.state,
    )
    if assignment.state != before:  # otherwise no counter has moved
        hint(FOLD_TASK)


def _frozen(assignment: Assignment, state: AssignmentState, at: datetime) -> dict[str, object]:
    """What coming to `state` at the instant `at` freezes.

    迟报 is decided once, at the first complete hand-in, against the `due_at` then in force (domain.md §4).
    """
    if assignment.completed_at is None and is_complete(state):
        return {"completed_at": at, "late": at >= assignment.due_at}
    return {}


def cancel_all(
    assignments: AssignmentQuerySet, *, at: datetime, by: User | None, note: str
) -> list[Assignment]:
    """撤销: end the obligation of those that are not cancelled yet, with one event each; returns them.

    Pieces, versions and `completed_at` stay as they are; `state` of the returned rows is the new one.
    """
    found = _lock_all(assignments.exclude(override=Override.CANCELLED))
    _write(
        found,
        lambda one: {"override": Override.CANCELLED, "state": AssignmentState.CANCELLED},
        EventKind.CANCELLED,
        at=at,
        by=by,
        note=lambda one: note,
    )
    return found


def reinstate_all(
    assignments: AssignmentQuerySet, *, at: datetime, by: User | None, note: str
) -> list[Assignment]:
    """Take the cancellation back: what settled the assignment before does so again, else its pieces do.

    Of the assignment's and its occurrence's `due_at` the later one holds from now on (`cutoff_at` with it).
    """
    cancelled = AssignmentEvent.objects.filter(kind=EventKind.CANCELLED).order_by("at", "pk")
    found = _lock_with_pieces(
        assignments.filter(override=Override.CANCELLED).prefetch_related(
            Prefetch("events", cancelled, to_attr="cancellations")
        )
    )
    _write(found, _as_before, EventKind.REINSTATED, at=at, by=by, note=lambda one: note)
    return found


def _as_before(cancelled: Assignment) -> dict[str, object]:
    """State, override and times of an assignment once its cancellation is taken back.

    The trail tells what had settled it: who had done all without a piece handed in has signed for it
    (签收) or had nothing to report (零报告).
    """
    before = cancelled.cancellations[-1].before
    pieces = {piece.state for piece in cancelled.submissions.all()}
    override = Override.NONE
    if before == AssignmentState.EXEMPT:
        override = Override.EXEMPT
    elif before == AssignmentState.ACCEPTED and pieces <= {PieceState.DRAFT}:
        override = Override.ACKNOWLEDGED if cancelled.requirement.by_click else Override.NIL
    return _settled_by(cancelled, override) | _later_times(cancelled)


def exempt_all(
    assignments: AssignmentQuerySet, *, at: datetime, by: User | None, note: str
) -> list[Assignment]:
    """免报: what is unfinished is owed no more, with one event each; returns those. Pieces stay."""
    found = _lock_with_pieces(assignments.filter(state__in=AssignmentState.unfinished()))
    _write(
        found, lambda one: _settled_by(one, Override.EXEMPT), EventKind.EXEMPTED,
        at=at, by=by, note=lambda one: note,
    )  # fmt: skip
    return found


def owe_again_all(
    assignments: AssignmentQuerySet, *, at: datetime, by: User | None, note: str
) -> list[Assignment]:
    """Lift 免报: the pieces say again how it stands; returns the assignments that this concerns.

    Of the assignment's and its occurrence's `due_at` the later one holds, as after a cancellation.
    """
    found = _lock_with_pieces(assignments.filter(override=Override.EXEMPT))
    _write(
        found, lambda one: _settled_by(one, Override.NONE) | _later_times(one), EventKind.OWED_AGAIN,
        at=at, by=by, note=lambda one: note,
    )  # fmt: skip
    return found


def nil_all(assignments: AssignmentQuerySet, *, at: datetime, by: User | None, note: str) -> list[Assignment]:
    """零报告 on the units' behalf, for what is unfinished and has no piece but drafts; returns those."""
    unfinished = _lock_with_pieces(assignments.filter(state__in=AssignmentState.unfinished()))
    found = [one for one in unfinished if all(p.state == PieceState.DRAFT for p in one.submissions.all())]
    _write(
        found, lambda one: _settled_by(one, Override.NIL) | _frozen(one, AssignmentState.ACCEPTED, at),
        EventKind.NIL, at=at, by=by, note=lambda one: note,
    )  # fmt: skip
    return found


def refuse_nil_all(
    assignments: AssignmentQuerySet, *, at: datetime, by: User | None, note: str
) -> list[Assignment]:
    """Take 零报告 for no answer: the task is open again; returns those that had one. 迟报 stays decided."""
    found = _lock_with_pieces(assignments.filter(override=Override.NIL))
    _write(
        found, lambda one: _settled_by(one, Override.NONE), EventKind.REOPENED,
        at=at, by=by, note=lambda one: note,
    )  # fmt: skip
    return found


def _settled_by(assignment: Assignment, override: Override) -> dict[str, object]:
    """Override and state of an assignment (its pieces prefetched) that `override` settles, or nothing."""
    pieces = [PieceState(piece.state) for piece in assignment.submissions.all()]
    return {"override": override, "state": fold(pieces, assignment.requirement.min_pieces, override)}


def _later_times(assignment: Assignment) -> dict[str, object]:
    """Its own times or those of its occurrence, which may have moved while it was not owed."""
    occurrence = assignment.occurrence
    later = occurrence if occurrence.due_at > assignment.due_at else assignment
    return {"due_at": later.due_at, "cutoff_at": later.cutoff_at}


def reschedule_all(
    assignments: AssignmentQuerySet,
    times: Callable[[Times], Times],
    *,
    at: datetime,
    by: User | None,
    note: Callable[[Times], str],
) -> list[Assignment]:
    """Give every assignment the `times` its present ones lead to; returns those that changed.

    `note`, from the times before, is the sentence of its event. 迟报 once decided stays (domain.md §4).
    """
    found = [one for one in _lock_all(assignments) if times(_times(one)) != _times(one)]
    before = {one.pk: _times(one) for one in found}
    _write(
        found,
        lambda one: dict(zip(("due_at", "cutoff_at"), times(_times(one)), strict=True)),
        EventKind.RESCHEDULED,
        at=at,
        by=by,
        note=lambda one: note(before[one.pk]),
    )
    return found


def _times(assignment: Assignment) -> Times:
    return assignment.due_at, assignment.cutoff_at


def _lock_all(assignments: AssignmentQuerySet) -> list[Assignment]:
    """Lock the rows, always in the same order, so that two changes never wait for each other."""
    return list(assignments.order_by("pk").select_for_update(of=("self",)))


def _lock_with_pieces(assignments: AssignmentQuerySet) -> list[Assignment]:
    """Lock the rows, then read their pieces: in this order nothing handed in meanwhile is overlooked."""
    return _lock_all(assignments.select_related("occurrence__requirement").prefetch_related("submissions"))


def _write(
    found: Iterable[Assignment],
    values: Callable[[Assignment], dict[str, object]],
    kind: EventKind,
    *,
    at: datetime,
    by: User | None,
    note: Callable[[Assignment], str],
) -> None:
    """Set the `values` of each assignment, alike ones in one statement, and append `kind` to each trail."""
    alike: dict[tuple, list[int]] = defaultdict(list)
    events = []
    for one in found:
        new, before = values(one), one.state
        alike[tuple(new.items())].append(one.pk)
        for name, value in new.items():
            setattr(one, name, value)
        events.append(
            AssignmentEvent(
                assignment=one, at=at, by=by, kind=kind, note=note(one), before=before, after=one.state
            )
        )
    for new, ids in alike.items():
        Assignment.objects.filter(pk__in=ids).update(**dict(new))
    AssignmentEvent.objects.bulk_create(events, batch_size=BATCH)
    if events:
        hint(FOLD_TASK)
