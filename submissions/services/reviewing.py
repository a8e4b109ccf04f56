"""The bureau's side: accept, return with a reason, open again. One decision per version and step."""

from datetime import datetime

from django.db import transaction

from campaigns.enums import CampaignState
from notices.enums import Manner
from schools.models import User
from submissions import access
from submissions.enums import Act, AssignmentState, EventKind, PieceState, ReviewStep, Verdict
from submissions.models import Review, Submission, Version
from submissions.rules import NotAllowed, NotYours, require, why_not
from submissions.services import ledger, suggesting
from submissions.services.submitting import tell_unit


@transaction.atomic
def accept(
    version: Version, *, by: User, at: datetime, reason: str = "", recommended: bool = False
) -> Review:
    """Accept the version in the step it waits in: a district bureau passes it on, else it is accepted.

    Raises NotAllowed when it is not (or no longer) to be decided, NotYours when somebody else decides.
    """
    piece = lock_newest(version, "审核")
    act, step = _turn(piece, by, Act.ACCEPT)
    ledger.move(piece, act)
    piece.save(update_fields=["state"])
    review = Review.objects.create(
        version=version,
        step=step,
        verdict=Verdict.ACCEPT,
        reason=reason,
        recommended=recommended,
        by=by,
        at=at,
    )
    event = EventKind.PASSED_FIRST if act == Act.PASS_FIRST else EventKind.ACCEPTED
    ledger.settle(piece.assignment, event, at=at, by=by, version=version, note=reason)
    if act == Act.ACCEPT:
        suggesting.collect(version, at)
    return review


@transaction.atomic
def send_back(version: Version, *, by: User, at: datetime, reason: str, correct_by: datetime) -> Review:
    """Return the version for correction by `correct_by` (exclusive instant, not before `at`).

    The unit's people are told at once. Raises NotAllowed without a reason or out of turn, NotYours when
    somebody else decides.
    """
    _check_return(at, reason, correct_by)
    piece = lock_newest(version, "审核")
    _, step = _turn(piece, by, Act.RETURN)
    return _send_back(piece, version, Act.RETURN, step, by=by, at=at, reason=reason, correct_by=correct_by)


@transaction.atomic
def reopen(version: Version, *, by: User, at: datetime, reason: str, correct_by: datetime) -> Review:
    """Open an accepted piece again; like a return by whom the last word is, but recorded as what it is."""
    _check_return(at, reason, correct_by)
    piece = lock_newest(version, "审核")
    require(why_not(piece, Act.REOPEN))
    if piece.assignment.requirement.campaign.state != CampaignState.PUBLISHED:
        raise NotAllowed("活动已结束，材料不能再重新打开；确需修改，请先重新开放活动。")
    if not access.has_last_word(by, piece.assignment):
        raise NotYours(access.why_no_last_word(piece.assignment))
    step = ReviewStep(version.reviews.latest("pk").step)
    return _send_back(piece, version, Act.REOPEN, step, by=by, at=at, reason=reason, correct_by=correct_by)


def _check_return(at: datetime, reason: str, correct_by: datetime) -> None:
    if not reason.strip():
        raise NotAllowed("退回时必须写明原因，便于学校修改。")
    if correct_by <= at:
        raise NotAllowed("修改期限须在今天或以后，请重新选择。")


def _send_back(
    piece: Submission,
    version: Version,
    act: Act,
    step: ReviewStep,
    *,
    by: User,
    at: datetime,
    reason: str,
    correct_by: datetime,
) -> Review:
    ledger.move(piece, act)
    piece.correct_by = correct_by
    piece.save(update_fields=["state", "correct_by", "current"])
    verdict, event = (
        (Verdict.REOPEN, EventKind.REOPENED) if act == Act.REOPEN else (Verdict.RETURN, EventKind.RETURNED)
    )
    review = Review.objects.create(
        version=version, step=step, verdict=verdict, reason=reason, correct_by=correct_by, by=by, at=at
    )
    ledger.settle(piece.assignment, event, at=at, by=by, version=version, note=reason)
    tell_unit(
        piece.assignment,
        matter=f"review:{review.pk}",
        at=at,
        body=reason,
        title=f"《{version.title}》已退回，请修改后重新提交",
        manner=Manner.URGENT,
    )
    return review


def lock_newest(version: Version, verb: str) -> Submission:
    """Lock the piece and make sure that `version` is still its newest one; `verb` is what was to be done."""
    piece = ledger.lock_piece(version.submission_id)
    if piece.assignment.state == AssignmentState.CANCELLED:
        raise NotAllowed(f"这项任务已撤销，不再{verb}。")
    if version.number != piece.versions.count():
        raise NotAllowed(f"学校已提交新的版本，请刷新页面后{verb}最新版本。")
    return piece


def _turn(piece: Submission, by: User, act: Act) -> tuple[Act, ReviewStep]:
    """What accepting means now and in which step, having made sure that it is the turn of `by`.

    `act` is what was to be done, for the sentence when the piece does not wait for a decision.
    """
    if piece.state not in PieceState.undecided():
        require(why_not(piece, act) or "这篇材料待单位负责人签发，尚未报到教育局。")
    if (reason := access.why_not_yours(piece, by)) is not None:
        raise NotYours(reason)
    return access.step_of(piece)
