"""Pages that a school and its bureau both read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from schools.access import roles_required
from schools.enums import Role
from submissions import access
from submissions.enums import AssignmentState, PieceState
from submissions.forms import ReviewForm
from submissions.rules import why_closed, why_no_new_piece

READERS = (*Role.own_unit(), *Role.overseeing())


@require_safe
@roles_required(*READERS)
def assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """What is asked of one unit, what it has handed in, and everything that happened."""
    now = timezone.now()
    readable = access.readable(request.user).with_plan()
    found = get_object_or_404(readable.select_related("occurrence__requirement__receiver"), pk=pk)
    own = access.own(request.user).filter(pk=pk).exists()
    pieces = list(found.submissions.select_related("draft").prefetch_related("versions__reviews"))
    began = len(pieces)
    if not own:
        pieces = [piece for piece in pieces if piece.versions.all()]
    for piece in pieces:
        if piece.state == PieceState.RETURNED:
            newest = max(piece.versions.all(), key=lambda version: version.number)
            piece.returned_for = max(newest.reviews.all(), key=lambda review: review.pk).reason
    context = {
        "assignment": found,
        "requirement": found.requirement,
        "pieces": pieces,
        "events": found.events.select_related("by", "version"),
        "topics": found.requirement.campaign.topics.all(),
        "now": now,
        "overdue": found.is_overdue(now),
        "settled": found.state not in AssignmentState.not_handed_in(),
        "own": own,
        "writer": access.writable(request.user).filter(pk=pk).exists(),
        "closed": why_closed(found, now),
        "blocked": why_no_new_piece(found, began, now),
        "next_number": began + 1,
    }
    return render(request, "submissions/assignment.html", context)


@require_safe
@roles_required(*READERS)
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """Read one version; the officer finds the review form beside it."""
    return render_version(request, pk)


def render_version(
    request: HttpRequest, pk: int, form: ReviewForm | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    """Render the version page, also with a review form that did not go through."""
    found = get_object_or_404(
        access.versions(request.user).select_related("submission", "topic", "submitted_by"), pk=pk
    )
    piece = found.submission
    piece.assignment = access.readable(request.user).with_plan().get(pk=piece.assignment_id)
    others = list(piece.versions.order_by("-number"))
    newest = others[0].pk == found.pk
    officer = access.reviewable(request.user).filter(pk=piece.assignment_id).exists()
    context = {
        "version": found,
        "piece": piece,
        "assignment": piece.assignment,
        "requirement": piece.assignment.requirement,
        "files": found.version_files.select_related("file"),
        "reviews": found.reviews.select_related("by"),
        "versions": others,
        "newest": newest,
        "form": form or ReviewForm(now=timezone.localtime()),
        "may_review": officer and newest and piece.state == PieceState.PENDING,
        "officer": officer,
        "refusal": refusal,
    }
    return render(request, "submissions/version.html", context, status=status)


@require_safe
@roles_required(*READERS)
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """What was handed in, when, by whom, with the hashes: made to be printed."""
    found = get_object_or_404(
        access.versions(request.user).select_related("submission", "topic", "submitted_by"), pk=pk
    )
    owed = access.readable(request.user).with_plan().get(pk=found.submission.assignment_id)
    context = {"version": found, "assignment": owed, "files": found.version_files.select_related("file")}
    return render(request, "submissions/receipt.html", context)
