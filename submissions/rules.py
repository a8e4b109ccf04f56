"""“Allowed now?”, each answered with None or the sentence that says why not."""

from datetime import datetime

from campaigns.enums import CampaignState
from submissions.enums import Act, AssignmentState, PieceState
from submissions.models import Assignment, Submission
from submissions.states import MOVES


class NotAllowed(Exception):
    """A rule forbids it; the message is one Chinese sentence for the person who asked."""


def why_closed(assignment: Assignment, at: datetime, correct_by: datetime | None = None) -> str | None:
    """Why the unit cannot hand anything in at the instant `at`.

    After the cut-off only an extension opens the form, or, for a returned piece, its own
    `correct_by` (exclusive instant).
    """
    if assignment.state == AssignmentState.CANCELLED:
        return "这项任务已撤销，无需报送。"
    if assignment.state == AssignmentState.EXEMPT:
        return "本单位这项任务已免报，无需报送。"
    if assignment.requirement.campaign.state != CampaignState.PUBLISHED:
        return "活动已结束，不再接收材料；如需补报，请联系主办单位。"
    if assignment.cutoff_at is None or at < assignment.cutoff_at:
        return None
    if correct_by is not None and at < correct_by:
        return None
    kept = "" if assignment.requirement.by_click else "草稿仍予保留；"
    return f"已过停止接收时间，{kept}如需补报，请联系主办单位延期。"


def why_no_withdrawal(assignment: Assignment, at: datetime) -> str | None:
    """Why a piece cannot be taken back: what could not be handed in again would be lost to the bureau."""
    if why_closed(assignment, at) is None:
        return None
    return "现在已不再接收材料，撤回后将无法再次提交；如需修改，请联系审核人退回。"


def why_no_new_piece(assignment: Assignment, existing: int, at: datetime) -> str | None:
    """Why the unit cannot begin another piece, having `existing` ones."""
    if assignment.requirement.by_click:
        return "这项任务只需签收，不用报送材料。"
    if existing >= assignment.requirement.max_pieces:
        return (
            f"这项任务最多报送{assignment.requirement.max_pieces}篇，已达上限；如需更换，请修改已有的材料。"
        )
    return why_closed(assignment, at)


def why_not(piece: Submission, act: Act) -> str | None:
    """Why `act` cannot be done to the piece in its present state."""
    if (PieceState(piece.state), act) in MOVES:
        return None
    if piece.state == PieceState.DRAFT and act in (Act.ACCEPT, Act.RETURN):
        return "报送单位已撤回这篇材料，请待其重新提交后再审。"
    return f"这篇材料现在是“{piece.get_state_display()}”状态，不能{act.label}；请刷新页面查看最新情况。"


def require(reason: str | None) -> None:
    """Raise `NotAllowed` with the reason, if there is one."""
    if reason is not None:
        raise NotAllowed(reason)
