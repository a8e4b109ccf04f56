"""The only writer of an assignment's state: fold the pieces, freeze lateness, append the event."""

from datetime import datetime

from portal.celery import hint
from schools.models import User
from submissions.enums import Act, EventKind, PieceState
from submissions.models import Assignment, AssignmentEvent, Submission, Version
from submissions.rules import require, why_not
from submissions.states import MOVES, fold, is_complete

FOLD_TASK = "submissions.tasks.fold_counters"


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
    """Take the piece to its next state in memory; raises NotAllowed when the table has no such move."""
    require(why_not(piece, act))
    piece.state = MOVES[PieceState(piece.state), act]


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

    迟报 is decided once, at the first complete hand-in, against the `due_at` in force at `at`
    (domain.md §4); counters follow by trigger in the same transaction.
    """
    before = assignment.state
    pieces = [PieceState(state) for state in assignment.submissions.values_list("state", flat=True)]
    assignment.state = fold(pieces, assignment.requirement.min_pieces, assignment.override)
    if assignment.completed_at is None and is_complete(assignment.state):
        assignment.completed_at = at
        assignment.late = at >= assignment.due_at
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
