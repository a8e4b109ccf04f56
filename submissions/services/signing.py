"""单位负责人签发: where it is asked, a piece is handed in when the head signs it."""

from datetime import datetime

from django.db import transaction

from schools.models import User
from submissions.enums import Act, EventKind, ReviewStep, Verdict
from submissions.models import Review, Version
from submissions.rules import NotAllowed, require, why_no_signature, why_not, why_nothing_taken
from submissions.services import comparing, ledger
from submissions.services.reviewing import lock_newest
from submissions.services.submitting import tell_unit


@transaction.atomic
def sign(version: Version, *, by: User, at: datetime) -> Review:
    """Sign the newest version and so hand it in; `at` is what decides whether it is late.

    Raises NotAllowed when it does not wait for a signature, was replaced, or nothing is taken any more.
    """
    piece = lock_newest(version, "签发")
    ledger.move(piece, Act.SIGN)
    require(why_no_signature(piece, at))
    piece.handed_in_at, piece.correct_by, piece.current = at, None, version
    piece.save(update_fields=["state", "handed_in_at", "correct_by", "current"])
    review = Review.objects.create(
        version=version, step=ReviewStep.SIGN, verdict=Verdict.ACCEPT, by=by, at=at
    )
    ledger.settle(piece.assignment, EventKind.SIGNED, at=at, by=by, version=version)
    comparing.expect(version)
    return review


@transaction.atomic
def decline(version: Version, *, by: User, at: datetime, reason: str) -> Review:
    """Send the newest version back to the secretary; dates set by the bureau stay as they are.

    Raises NotAllowed without a reason or out of turn.
    """
    if not reason.strip():
        raise NotAllowed("退回时必须写明原因，便于信息员修改。")
    piece = lock_newest(version, "签发")
    require(why_not(piece, Act.SIGN))  # the bureau's to return is not the head's
    ledger.move(piece, Act.RETURN)
    require(why_nothing_taken(piece.assignment, at, piece.correct_by))
    piece.save(update_fields=["state"])
    review = Review.objects.create(
        version=version, step=ReviewStep.SIGN, verdict=Verdict.RETURN, reason=reason, by=by, at=at
    )
    ledger.settle(piece.assignment, EventKind.NOT_SIGNED, at=at, by=by, version=version, note=reason)
    tell_unit(
        piece.assignment,
        matter=f"review:{review.pk}",
        title=f"《{version.title}》负责人未签发，请修改后重新提交",
        body=reason,
        at=at,
    )
    return review
