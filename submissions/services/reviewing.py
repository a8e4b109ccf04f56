"""The bureau's side: accept, return with a reason, open again. One decision per version and step."""

from datetime import datetime

from django.db import transaction

from schools.models import User
from submissions.enums import Act, EventKind, Verdict
from submissions.models import Review, Submission, Version
from submissions.rules import NotAllowed
from submissions.services import ledger
from submissions.services.submitting import tell_unit


@transaction.atomic
def accept(
    version: Version, *, by: User, at: datetime, reason: str = "", recommended: bool = False
) -> Review:
    """Accept the version under review. Raises NotAllowed when it is not (or no longer) to be decided."""
    piece = _under_review(version)
    ledger.move(piece, Act.ACCEPT)
    piece.save(update_fields=["state"])
    review = Review.objects.create(
        version=version, verdict=Verdict.ACCEPT, reason=reason, recommended=recommended, by=by, at=at
    )
    ledger.settle(piece.assignment, EventKind.ACCEPTED, at=at, by=by, version=version, note=reason)
    return review


@transaction.atomic
def send_back(version: Version, *, by: User, at: datetime, reason: str, correct_by: datetime) -> Review:
    """Return the version for correction by `correct_by` (exclusive instant, not before `at`).

    The unit's people are told at once. Raises NotAllowed without a reason or out of turn.
    """
    return _send_back(version, Act.RETURN, by=by, at=at, reason=reason, correct_by=correct_by)


@transaction.atomic
def reopen(version: Version, *, by: User, at: datetime, reason: str, correct_by: datetime) -> Review:
    """Open an accepted piece again; like a return, but recorded as what it is."""
    return _send_back(version, Act.REOPEN, by=by, at=at, reason=reason, correct_by=correct_by)


def _send_back(
    version: Version, act: Act, *, by: User, at: datetime, reason: str, correct_by: datetime
) -> Review:
    if not reason.strip():
        raise NotAllowed("退回时必须写明原因，便于学校修改。")
    if correct_by <= at:
        raise NotAllowed("修改期限须在今天或以后，请重新选择。")
    piece = _under_review(version)
    ledger.move(piece, act)
    piece.correct_by = correct_by
    piece.save(update_fields=["state", "correct_by"])
    verdict, event = (
        (Verdict.REOPEN, EventKind.REOPENED) if act == Act.REOPEN else (Verdict.RETURN, EventKind.RETURNED)
    )
    review = Review.objects.create(
        version=version, verdict=verdict, reason=reason, correct_by=correct_by, by=by, at=at
    )
    ledger.settle(piece.assignment, event, at=at, by=by, version=version, note=reason)
    tell_unit(
        piece.assignment,
        matter=f"review:{review.pk}",
        at=at,
        body=reason,
        title=f"《{version.title}》已退回，请修改后重新提交",
    )
    return review


def _under_review(version: Version) -> Submission:
    """Lock the piece and make sure that `version` is still its newest one."""
    piece = ledger.lock_piece(version.submission_id)
    if version.number != piece.versions.count():
        raise NotAllowed("学校已提交新的版本，请刷新页面后审核最新版本。")
    return piece
