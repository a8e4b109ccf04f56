"""Reading one version: what it says, what changed, what was decided; its receipt."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.enums import CampaignState, RequirementKind
from schools.access import roles_required
from schools.models import User
from submissions import access, queues
from submissions.compared import Change, changes
from submissions.enums import Act, AssignmentState, PieceState, ReviewStep, Verdict
from submissions.forms import ReopenForm, ReviewForm, SignForm
from submissions.models import CommonReason, Review, Submission, Version, VersionValue
from submissions.rules import why_no_signature
from submissions.services import comparing, suggesting
from submissions.views.beside import exhibit_part
from submissions.views.shared import READERS
from submissions.wordcount import count_words

#: The standings of a version in which its receipt proves something.
PROOF = ("待审核", "初审通过", "已通过")


#: Where a version's content was taken over from, with the campaign that is named.
SOURCE = "reused_from__submission__assignment__occurrence__requirement__campaign"


@require_safe
@roles_required(*READERS)
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """Read one version; the officer finds the review form beside it."""
    return render_version(request, pk)


def render_version(
    request: HttpRequest,
    pk: int,
    form: ReviewForm | None = None,
    sign_form: SignForm | None = None,
    reopen_form: ReopenForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the version page, also with a form of the reviewer or the head that did not go through."""
    legible = access.versions(request.user)
    found = get_object_or_404(legible.select_related("submission", "topic", "submitted_by", SOURCE), pk=pk)
    piece = found.submission
    piece.assignment = access.readable(request.user).with_plan().get(pk=piece.assignment_id)
    others = list(
        legible.filter(submission=piece)
        .select_related("topic")
        .order_by("-number")
        .prefetch_related("reviews", "version_files__file")
    )
    newest = others[0].pk == found.pk
    reviewer = _for_reviewers(request, piece, newest, form, reopen_form)
    context = {
        **_said_in(found, piece, others),
        "newest": newest,
        "may_sign": newest
        and piece.state == PieceState.TO_SIGN
        and access.signable(request.user).filter(pk=piece.assignment_id).exists(),
        "no_signature": why_no_signature(piece, timezone.now()),
        "sign_form": sign_form or SignForm(),
        "refusal": refusal,
        "typed": form.cleaned_data.get("reason", "") if form and form.is_bound and form.is_valid() else "",
        "compared": _compared(request, found, others, reviewer["may_review"]),
        "likeness": comparing.found_for(found, request.user),
        "answers": suggesting.answers_of(found),
        **reviewer,
        **exhibit_part(request.user, found),
    }
    return render(request, "submissions/version.html", context, status=status)


def _said_in(found: Version, piece: Submission, others: list[Version]) -> dict[str, Any]:
    """What the version says, and how it stands among the legible ones of its piece (newest first)."""
    standings = _standings(piece, others)
    requirement = piece.assignment.requirement
    signed = found.reviews.select_related("by").filter(step=ReviewStep.SIGN, verdict=Verdict.ACCEPT)
    context = {
        "version": found,
        "piece": piece,
        "assignment": piece.assignment,
        "requirement": requirement,
        "standing": standings[found.pk],
        "files": found.version_files.select_related("file"),
        "words": count_words(found.body),
        "signature": signed.first(),
        "reviews": _said(found, piece),
        "versions": [(other, standings[other.pk]) for other in others],
    }
    if requirement.kind == RequirementKind.PROGRESS:
        context["last_values"] = VersionValue.objects.before(piece.assignment)
    return context


def _for_reviewers(
    request: HttpRequest,
    piece: Submission,
    newest: bool,
    form: ReviewForm | None,
    reopen_form: ReopenForm | None,
) -> dict[str, Any]:
    """What an officer may do with the piece: decide on it, or open it again; where it stands in the queue."""
    officer = access.reviewable(request.user).filter(pk=piece.assignment_id).exists()
    waits = newest and piece.state in PieceState.undecided()
    not_yours = access.why_not_yours(piece, request.user) if officer and waits else None
    chosen = queues.chosen(request.GET)
    context = {
        "officer": officer,
        "may_review": officer and waits and not_yours is None,
        "not_yours": not_yours,
        "step": _step_in_words(piece) if waits else "",
        "last_return": piece.last_return(by_bureau=True) if waits else None,
        "queue_query": queues.address(chosen),
    }
    if context["may_review"]:
        context["form"] = form or ReviewForm(
            now=timezone.localtime(), due_at=piece.assignment.due_at, common=common_reasons(request.user)
        )
        context["place"] = queues.place_of(piece, request.user, chosen)
    elif newest and _may_reopen(piece, request.user):
        context["reopen_form"] = reopen_form or ReopenForm(now=timezone.localtime())
    return context


def _may_reopen(piece: Submission, user: User) -> bool:
    """Whether the officer may open the (accepted) piece again."""
    running = piece.assignment.requirement.campaign.state == CampaignState.PUBLISHED
    owed = piece.assignment.state != AssignmentState.CANCELLED
    if piece.state != PieceState.ACCEPTED or not running or not owed:
        return False
    return access.has_last_word(user, piece.assignment)


def common_reasons(user: User) -> list[str]:
    """The reasons that the bureaus keep for which this officer works."""
    scopes = [post.scope_id for post in access.officer_posts(user)]
    kept = CommonReason.objects.filter(bureau__in=scopes).order_by("bureau", "order", "pk")
    return list(dict.fromkeys(kept.values_list("text", flat=True)))


def _compared(
    request: HttpRequest, found: Version, others: list[Version], reviewing: bool
) -> tuple[Version, list[Change]] | None:
    """An earlier version, and what changed since: the one asked for; for a reviewer, the one before."""
    earlier = {str(other.number): other for other in others if other.number < found.number}
    asked = request.GET.get("compare", "")
    if asked not in earlier and reviewing and asked != "no":
        asked = str(max(map(int, earlier), default=0))
    shown = next(other for other in others if other.pk == found.pk)
    return (earlier[asked], changes(earlier[asked], shown)) if asked in earlier else None


def _step_in_words(piece: Submission) -> str:
    """What the decision is called that the piece waits for."""
    act, step = access.step_of(piece)
    return "初审" if act == Act.PASS_FIRST else step.label


def _said(version: Version, piece: Submission) -> list[Review]:
    """What reviewers decided on the version, each with `step_name`; a signature stands with the facts."""
    found = list(version.reviews.select_related("by").exclude(step=ReviewStep.SIGN, verdict=Verdict.ACCEPT))
    in_two = (
        any(review.step == ReviewStep.FINAL for review in found) or piece.state == PieceState.FIRST_PASSED
    )
    for review in found:
        first = review.step == ReviewStep.FIRST and in_two
        review.step_name = "初审" if first else ReviewStep(review.step).label
    return found


def _standings(piece: Submission, versions: list[Version]) -> dict[int, tuple[str, str]]:
    """What became of each version (newest first, reviews prefetched): id → (style of the mark, word)."""
    return {version.pk: standing_of(piece, version, version is versions[0]) for version in versions}


def standing_of(piece: Submission, version: Version, newest: bool) -> tuple[str, str]:
    decided = max(version.reviews.all(), key=lambda review: review.pk, default=None)
    if decided is not None and decided.verdict in Verdict.sending_back():
        return ("returned", "负责人未签发" if decided.step == ReviewStep.SIGN else "已退回")
    if newest and piece.state == PieceState.TO_SIGN:
        return (piece.state, "待签发")
    if newest and piece.state == PieceState.FIRST_PASSED:
        return (piece.state, "初审通过")
    if decided is not None and decided.step != ReviewStep.SIGN:
        return ("accepted", "已通过")
    if newest and piece.state not in PieceState.editable():
        return (piece.state, "待审核")
    return ("cancelled", "已撤回")


@require_safe
@roles_required(*READERS)
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """What was handed in, when, by whom, with the hashes: made to be printed."""
    found = get_object_or_404(
        access.versions(request.user).select_related("submission", "topic", "submitted_by", SOURCE), pk=pk
    )
    readable = access.readable(request.user).with_plan()
    owed = readable.select_related("occurrence__requirement__receiver").get(pk=found.submission.assignment_id)
    versions = list(
        access.versions(request.user)
        .filter(submission=found.submission)
        .order_by("-number")
        .prefetch_related("reviews")
    )
    signature = (
        found.reviews.filter(step=ReviewStep.SIGN, verdict=Verdict.ACCEPT).select_related("by").first()
    )
    reached_at = signature.at if signature else found.submitted_at
    standing = _standings(found.submission, versions)[found.pk]
    context = {
        "version": found,
        "assignment": owed,
        "files": found.version_files.select_related("file"),
        "standing": standing,
        "void": standing[1] not in PROOF,
        "signature": signature,
        # Once everything was in, the answer is frozen: a correction asked for later is not late.
        "on_time": not owed.late if owed.completed_at else reached_at < owed.due_at,
        "now": timezone.now(),
    }
    return render(request, "submissions/receipt.html", context)
