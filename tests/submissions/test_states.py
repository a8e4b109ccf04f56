"""The life of a piece and the fold into an assignment's state (domain.md §4, “States”)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from submissions.enums import Act, AssignmentState, Override, PieceState
from submissions.models import Submission
from submissions.rules import NotAllowed, require, why_not
from submissions.services.ledger import move
from submissions.states import MOVES, fold, is_complete

DRAFT, TO_SIGN, PENDING = PieceState.DRAFT, PieceState.TO_SIGN, PieceState.PENDING
FIRST_PASSED, ACCEPTED, RETURNED = PieceState.FIRST_PASSED, PieceState.ACCEPTED, PieceState.RETURNED

pieces = st.lists(st.sampled_from(PieceState), max_size=8)
minimums = st.integers(1, 5)

# The order in which a piece comes nearer to being accepted; 退回 stands beside 草稿.
NEARNESS = {DRAFT: 0, RETURNED: 0, TO_SIGN: 1, PENDING: 2, FIRST_PASSED: 3, ACCEPTED: 4}
REACHED = {
    AssignmentState.TODO: 0,
    AssignmentState.RETURNED: 0,
    AssignmentState.TO_SIGN: 1,
    AssignmentState.SUBMITTED: 2,
    AssignmentState.FIRST_PASSED: 3,
    AssignmentState.ACCEPTED: 4,
}


class PieceOfWork(RuleBasedStateMachine):
    """Anybody tries anything in any order; only the moves of the table happen."""

    def __init__(self) -> None:
        super().__init__()
        self.piece = Submission()
        self.handed_in = False

    @rule(act=st.sampled_from(Act))
    def try_to(self, act: Act) -> None:
        before = PieceState(self.piece.state)
        if (before, act) in MOVES:
            move(self.piece, act)
            self.handed_in |= act in (Act.SUBMIT, Act.SIGN)
            assert self.piece.state == MOVES[before, act]
        else:
            said = f"现在是“{before.label}”状态，不能{act.label}"
            if before == PieceState.DRAFT and act in (Act.ACCEPT, Act.PASS_FIRST, Act.RETURN, Act.SIGN):
                said = "已撤回这篇材料，请待其重新提交后再"
            if before in PieceState.decided() and act in (Act.ACCEPT, Act.PASS_FIRST, Act.RETURN):
                said = f"已有人审核，结论是“{before.label}”"
            with pytest.raises(NotAllowed, match=said):
                move(self.piece, act)
            assert self.piece.state == before

    @invariant()
    def the_state_is_one_of_the_six(self) -> None:
        assert PieceState(self.piece.state) in PieceState

    @invariant()
    def nothing_is_with_the_bureau_that_was_never_handed_in(self) -> None:
        assert self.handed_in or self.piece.state not in PieceState.handed_in()


TestAPieceOfWork = PieceOfWork.TestCase


@pytest.mark.parametrize("state", PieceState)
@pytest.mark.parametrize("act", Act)
def test_what_is_not_in_the_table_is_answered_with_a_sentence(state, act):
    assert (why_not(Submission(state=state), act) is None) == ((state, act) in MOVES)


def test_the_reason_says_what_is_wrong_and_what_to_do():
    with pytest.raises(NotAllowed) as refusal:
        require(why_not(Submission(state=ACCEPTED), Act.WITHDRAW))
    assert str(refusal.value) == "这篇材料现在是“通过”状态，不能撤回；请刷新页面查看最新情况。"


def test_every_state_of_a_piece_can_be_reached_from_a_draft():
    reached = {DRAFT}
    while more := {after for (before, _), after in MOVES.items() if before in reached} - reached:
        reached |= more
    assert reached == set(PieceState)


def test_no_state_of_a_piece_is_a_dead_end():
    assert {before for before, _ in MOVES} == set(PieceState)


def test_the_school_can_submit_whatever_it_can_edit():
    assert {before for before, act in MOVES if act == Act.SUBMIT} == set(PieceState.editable())


def test_only_what_is_with_the_bureau_or_at_the_head_can_be_returned():
    assert {before for before, act in MOVES if act == Act.RETURN} == {TO_SIGN, PENDING, FIRST_PASSED}


@pytest.mark.parametrize(
    ("states", "minimum", "expected"),
    [
        # nothing, or not enough
        ([], 1, "待报"),
        ([DRAFT], 1, "待报"),
        ([PENDING], 2, "待报"),
        ([ACCEPTED, DRAFT], 2, "待报"),
        # 待签发 is not handed in
        ([TO_SIGN], 1, "待签发"),
        ([PENDING, TO_SIGN], 2, "待签发"),
        ([PENDING, TO_SIGN], 1, "已报待审"),
        # handed in
        ([PENDING], 1, "已报待审"),
        ([ACCEPTED, PENDING], 2, "已报待审"),
        ([FIRST_PASSED], 1, "初审通过"),
        ([FIRST_PASSED, ACCEPTED], 2, "初审通过"),
        # 通过 when accepted ≥ minimum, whatever else lies about
        ([ACCEPTED], 1, "通过"),
        ([ACCEPTED, PENDING], 1, "通过"),
        ([ACCEPTED, RETURNED], 1, "通过"),
        # 退回 when returned pieces leave it short of the minimum
        ([RETURNED], 1, "退回"),
        ([ACCEPTED, RETURNED], 2, "退回"),
        ([RETURNED, PENDING], 1, "已报待审"),
        ([RETURNED, DRAFT], 1, "退回"),
    ],
)
def test_the_examples_of_the_domain(states, minimum, expected):
    assert fold(states, minimum).label == expected


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (Override.EXEMPT, AssignmentState.EXEMPT),
        (Override.CANCELLED, AssignmentState.CANCELLED),
        (Override.NIL, AssignmentState.ACCEPTED),
        (Override.ACKNOWLEDGED, AssignmentState.ACCEPTED),
    ],
)
@given(states=pieces, minimum=minimums)
def test_an_override_wins_over_all_pieces(override, expected, states, minimum):
    assert fold(states, minimum, override) == expected


@given(states=pieces, minimum=minimums, override=st.sampled_from([Override.EXEMPT, Override.CANCELLED]))
def test_lifting_an_override_gives_the_state_before(states, minimum, override):
    before = fold(states, minimum)
    fold(states, minimum, override)
    assert fold(states, minimum, Override.NONE) == before


@given(data=st.data(), states=pieces, minimum=minimums)
def test_the_order_of_the_pieces_does_not_matter(data, states, minimum):
    assert fold(data.draw(st.permutations(states)), minimum) == fold(states, minimum)


@given(states=pieces, minimum=minimums)
def test_it_is_accepted_exactly_when_enough_pieces_are_accepted(states, minimum):
    assert (fold(states, minimum) == AssignmentState.ACCEPTED) == (states.count(ACCEPTED) >= minimum)


@given(states=pieces, minimum=minimums)
def test_it_is_returned_exactly_when_a_return_leaves_it_short(states, minimum):
    going_on = [state for state in states if state not in (DRAFT, RETURNED)]
    expected = RETURNED in states and len(going_on) < minimum
    assert (fold(states, minimum) == AssignmentState.RETURNED) == expected


@given(states=pieces, minimum=minimums)
def test_it_is_complete_exactly_when_enough_has_reached_the_bureau(states, minimum):
    with_the_bureau = [state for state in states if state in PieceState.handed_in()]
    assert is_complete(fold(states, minimum)) == (len(with_the_bureau) >= minimum)


@given(states=pieces, minimum=minimums)
def test_a_piece_waiting_for_the_heads_signature_is_not_handed_in(states, minimum):
    unsigned = [DRAFT if state == TO_SIGN else state for state in states]
    assert is_complete(fold(states, minimum)) == is_complete(fold(unsigned, minimum))


@given(data=st.data(), states=pieces.filter(bool), minimum=minimums)
def test_a_piece_that_comes_nearer_never_takes_the_assignment_back(data, states, minimum):
    index = data.draw(st.integers(0, len(states) - 1))
    nearer = data.draw(st.sampled_from([s for s in PieceState if NEARNESS[s] >= NEARNESS[states[index]]]))
    after = [*states[:index], nearer, *states[index + 1 :]]
    assert REACHED[fold(after, minimum)] >= REACHED[fold(states, minimum)]


@given(states=pieces, more=st.sampled_from(PieceState), minimum=minimums)
def test_another_piece_never_takes_the_assignment_back(states, more, minimum):
    assert REACHED[fold([*states, more], minimum)] >= REACHED[fold(states, minimum)]


@given(states=pieces, minimum=minimums)
def test_asking_for_more_never_brings_the_assignment_forward(states, minimum):
    assert REACHED[fold(states, minimum + 1)] <= REACHED[fold(states, minimum)]


def test_every_state_of_an_assignment_is_either_owed_or_settled_without_work():
    assert {*AssignmentState.owed(), AssignmentState.EXEMPT, AssignmentState.CANCELLED} == set(
        AssignmentState
    )
