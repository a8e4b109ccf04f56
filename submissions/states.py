"""The life of a piece and of an assignment, each as one table (domain.md §4, “States”)."""

from collections.abc import Iterable

from submissions.enums import Act, AssignmentState, Override, PieceState

S, A = PieceState, Act

#: (state, act) → next state; what is not listed cannot happen.
MOVES: dict[tuple[PieceState, Act], PieceState] = {
    (S.DRAFT, A.SUBMIT): S.PENDING,
    (S.DRAFT, A.SUBMIT_FOR_SIGNATURE): S.TO_SIGN,
    (S.RETURNED, A.SUBMIT): S.PENDING,
    (S.RETURNED, A.SUBMIT_FOR_SIGNATURE): S.TO_SIGN,
    (S.TO_SIGN, A.SIGN): S.PENDING,
    (S.TO_SIGN, A.RETURN): S.RETURNED,
    (S.TO_SIGN, A.WITHDRAW): S.DRAFT,
    (S.PENDING, A.WITHDRAW): S.DRAFT,
    # What had been returned and is taken back again is still returned: withdrawing clears no opinion.
    (S.TO_SIGN, A.WITHDRAW_CORRECTION): S.RETURNED,
    (S.PENDING, A.WITHDRAW_CORRECTION): S.RETURNED,
    (S.PENDING, A.PASS_FIRST): S.FIRST_PASSED,
    (S.PENDING, A.ACCEPT): S.ACCEPTED,
    (S.PENDING, A.RETURN): S.RETURNED,
    (S.FIRST_PASSED, A.ACCEPT): S.ACCEPTED,
    (S.FIRST_PASSED, A.RETURN): S.RETURNED,
    (S.ACCEPTED, A.REOPEN): S.RETURNED,
}

#: What an override makes of an assignment, whatever its pieces are.
SETTLED: dict[Override, AssignmentState] = {
    Override.CANCELLED: AssignmentState.CANCELLED,
    Override.EXEMPT: AssignmentState.EXEMPT,
    Override.NIL: AssignmentState.ACCEPTED,
    Override.ACKNOWLEDGED: AssignmentState.ACCEPTED,
}

#: Read from the top: the first row whose piece states together reach the minimum names the state.
REACHED: tuple[tuple[frozenset[PieceState], AssignmentState], ...] = (
    (frozenset({S.ACCEPTED}), AssignmentState.ACCEPTED),
    (frozenset({S.ACCEPTED, S.FIRST_PASSED}), AssignmentState.FIRST_PASSED),
    (frozenset({S.ACCEPTED, S.FIRST_PASSED, S.PENDING}), AssignmentState.SUBMITTED),
    (frozenset({S.ACCEPTED, S.FIRST_PASSED, S.PENDING, S.TO_SIGN}), AssignmentState.TO_SIGN),
)


def fold(pieces: Iterable[PieceState], minimum: int, override: Override = Override.NONE) -> AssignmentState:
    """The state of an assignment from the states of its pieces; `minimum` is at least 1.

    Returned pieces make it 退回 only when they leave it short of the minimum.
    """
    if override in SETTLED:
        return SETTLED[override]
    states = list(pieces)
    for counting, reached in REACHED:
        if sum(state in counting for state in states) >= minimum:
            return reached
    return AssignmentState.RETURNED if S.RETURNED in states else AssignmentState.TODO


def is_complete(state: AssignmentState) -> bool:
    """Whether everything asked has been handed in (the moment that freezes 迟报)."""
    return state in AssignmentState.handed_in()
