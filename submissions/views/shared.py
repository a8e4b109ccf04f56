"""Pages that a school and its bureau both read."""

from urllib.parse import urlencode

from django.db.models import Exists
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.models import Campaign
from schools.access import roles_required
from schools.enums import Role
from submissions import access
from submissions.enums import AssignmentState, PieceState, Verdict
from submissions.forms import ReviewForm
from submissions.models import Submission, Version
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
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The published plan, for everybody who owes something in it or oversees somebody who does."""
    tasks = access.readable(request.user).filter(occurrence__requirement__campaign=pk)
    found = get_object_or_404(
        Campaign.objects.visible().select_related("host", "office"), Exists(tasks), pk=pk
    )
    context = {
        "campaign": found,
        "phases": found.phases.all(),
        "topics": found.topics.all(),
        "leadership": found.leadership.select_related("user"),
        "bases": found.bases.all(),
        "requirements": found.requirements.in_force()
        .select_related("phase", "receiver")
        .prefetch_related("occurrences"),
    }
    return render(request, "submissions/plan.html", context)


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
    others = list(piece.versions.order_by("-number").prefetch_related("reviews"))
    newest = others[0].pk == found.pk
    officer = access.reviewable(request.user).filter(pk=piece.assignment_id).exists()
    standings = _standings(piece, others)
    context = {
        "version": found,
        "standing": standings[found.pk],
        "last_return": piece.last_return() if piece.state == PieceState.PENDING else None,
        "piece": piece,
        "assignment": piece.assignment,
        "requirement": piece.assignment.requirement,
        "files": found.version_files.select_related("file"),
        "reviews": found.reviews.select_related("by"),
        "versions": [(other, standings[other.pk]) for other in others],
        "newest": newest,
        "form": form or ReviewForm(now=timezone.localtime(), due_at=piece.assignment.due_at),
        "queue_query": urlencode({"campaign": chosen}) if (chosen := request.GET.get("campaign", "")) else "",
        "may_review": officer and newest and piece.state == PieceState.PENDING,
        "officer": officer,
        "refusal": refusal,
    }
    return render(request, "submissions/version.html", context, status=status)


def _standings(piece: Submission, versions: list[Version]) -> dict[int, tuple[str, str]]:
    """What became of each version (newest first, reviews prefetched): id → (style of the mark, word)."""
    found = {}
    for version in versions:
        decided = max(version.reviews.all(), key=lambda review: review.pk, default=None)
        if decided is not None:
            accepted = decided.verdict == Verdict.ACCEPT
            found[version.pk] = ("accepted", "已通过") if accepted else ("returned", "已退回")
        elif version is versions[0] and piece.state not in PieceState.editable():
            found[version.pk] = (piece.state, "待审核")
        else:
            found[version.pk] = ("cancelled", "已撤回")
    return found


@require_safe
@roles_required(*READERS)
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """What was handed in, when, by whom, with the hashes: made to be printed."""
    found = get_object_or_404(
        access.versions(request.user).select_related("submission", "topic", "submitted_by"), pk=pk
    )
    readable = access.readable(request.user).with_plan()
    owed = readable.select_related("occurrence__requirement__receiver").get(pk=found.submission.assignment_id)
    versions = list(found.submission.versions.order_by("-number").prefetch_related("reviews"))
    context = {
        "version": found,
        "assignment": owed,
        "files": found.version_files.select_related("file"),
        "standing": _standings(found.submission, versions)[found.pk],
        # Once everything was in, the answer is frozen: a correction asked for later is not late.
        "on_time": not owed.late if owed.completed_at else found.submitted_at < owed.due_at,
        "now": timezone.now(),
    }
    return render(request, "submissions/receipt.html", context)
