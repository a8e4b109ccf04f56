"""Pages that a school and its bureau both read."""

from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Exists, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.models import Campaign
from schools.access import roles_required, scope_of
from schools.enums import Role
from schools.models import User
from submissions import access
from submissions.enums import Act, AssignmentState, EventKind, Override, PieceState, ReviewStep, Verdict
from submissions.forms import ReasonForm, ReviewForm, SignForm
from submissions.models import Assignment, Review, Submission, Version
from submissions.rules import why_closed, why_no_new_piece, why_no_nil, why_no_retraction, why_no_signature
from submissions.wordcount import count_words

READERS = (*Role.own_unit(), *Role.overseeing())

#: The standings of a version in which its receipt proves something.
PROOF = ("待审核", "初审通过", "已通过")

NIL_REASON = "没有可报内容的原因"
NIL_REFUSAL = "退回零报告的原因"


@require_safe
@roles_required(*READERS)
def assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """What is asked of one unit, what it has handed in, and everything that happened."""
    return render_assignment(request, pk)


def render_assignment(
    request: HttpRequest, pk: int, nil_form: ReasonForm | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    """Render the page of an assignment, also with a form about 零报告 that did not go through."""
    now = timezone.now()
    readable = access.readable(request.user).with_plan()
    found = get_object_or_404(
        readable.select_related(
            "occurrence__requirement__receiver", "occurrence__requirement__template_file"
        ),
        pk=pk,
    )
    own = access.own(request.user).filter(pk=pk).exists()
    writer = access.writable(request.user).filter(pk=pk).exists()
    legible = access.versions(request.user).prefetch_related("reviews")
    pieces = list(found.submissions.select_related("draft").prefetch_related(Prefetch("versions", legible)))
    began = len(pieces)
    if not own:
        pieces = [piece for piece in pieces if piece.versions.all()]
    for piece in pieces:
        piece.newest = max(piece.versions.all(), key=lambda version: version.number, default=None)
        if piece.state == PieceState.RETURNED:
            piece.returned_for = _returned_for(piece)
    events = list(found.events.select_related("by", "version"))
    for event in events:
        if not own and event.kind in EventKind.inside():
            event.version, event.note = None, ""
    nil_event = next((one for one in reversed(events) if one.kind == EventKind.NIL), None)
    context = {
        "assignment": found,
        "requirement": found.requirement,
        "pieces": pieces,
        "events": events,
        "topics": found.requirement.campaign.topics.all(),
        "now": now,
        "settled": found.state not in AssignmentState.not_handed_in(),
        "own": own,
        "writer": writer,
        "signer": access.signable(request.user).filter(pk=pk).exists(),
        "closed": why_closed(found, now),
        "blocked": why_no_new_piece(found, began, now),
        "next_number": began + 1,
        "refusal": refusal,
        "nil_event": nil_event if found.override == Override.NIL else None,
        "may_retract_nil": writer and why_no_retraction(found, now) is None,
        "nil_form": nil_form or _nil_form(request.user, found, writer, now),
    }
    return render(request, "submissions/assignment.html", context, status=status)


def _returned_for(piece: Submission) -> str:
    """The latest reason among the legible versions (prefetched) for which the piece was sent back."""
    sent_back = [
        review
        for version in piece.versions.all()
        for review in version.reviews.all()
        if review.verdict in Verdict.sending_back()
    ]
    return max(sent_back, key=lambda review: review.pk).reason if sent_back else ""


def _nil_form(user: User, found: Assignment, writer: bool, now: datetime) -> ReasonForm | None:
    """The form with which the person may file 零报告, or not accept it."""
    if found.override != Override.NIL:
        return ReasonForm(label=NIL_REASON) if writer and why_no_nil(found, now) is None else None
    return ReasonForm(label=NIL_REFUSAL) if access.has_last_word(user, found) else None


@require_safe
@roles_required(*READERS)
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The published plan, for everybody who owes something in it or oversees somebody who may."""
    tasks = access.readable(request.user).filter(occurrence__requirement__campaign=pk)
    published = Campaign.objects.visible()
    overseen = published.for_scope(scope_of(request.user, *Role.overseeing()))
    found = get_object_or_404(
        published.filter(Exists(tasks) | Q(pk__in=overseen)).select_related("host", "office", "parent"), pk=pk
    )
    context = {
        "campaign": found,
        "combined": found.combined.visible(),
        "phases": found.phases.all(),
        "topics": found.topics.with_duties(),
        "activities": found.activities.select_related("host"),
        "groups": found.inspection_groups.select_related("leader").prefetch_related("units"),
        "leadership": found.leadership.select_related("user"),
        "bases": found.bases.select_related("file"),
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
    request: HttpRequest,
    pk: int,
    form: ReviewForm | None = None,
    sign_form: SignForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the version page, also with a form of the reviewer or the head that did not go through."""
    legible = access.versions(request.user)
    found = get_object_or_404(legible.select_related("submission", "topic", "submitted_by"), pk=pk)
    piece = found.submission
    piece.assignment = access.readable(request.user).with_plan().get(pk=piece.assignment_id)
    others = list(legible.filter(submission=piece).order_by("-number").prefetch_related("reviews"))
    newest = others[0].pk == found.pk
    officer = access.reviewable(request.user).filter(pk=piece.assignment_id).exists()
    waits = newest and piece.state in PieceState.undecided()
    not_yours = access.why_not_yours(piece, request.user) if officer and waits else None
    head = access.signable(request.user).filter(pk=piece.assignment_id).exists()
    standings = _standings(piece, others)
    context = {
        "version": found,
        "standing": standings[found.pk],
        "last_return": piece.last_return(by_bureau=True) if waits else None,
        "piece": piece,
        "assignment": piece.assignment,
        "requirement": piece.assignment.requirement,
        "files": found.version_files.select_related("file"),
        "words": count_words(found.body),
        "signature": found.reviews.select_related("by")
        .filter(step=ReviewStep.SIGN, verdict=Verdict.ACCEPT)
        .first(),
        "reviews": _said(found, piece),
        "versions": [(other, standings[other.pk]) for other in others],
        "newest": newest,
        "form": form or ReviewForm(now=timezone.localtime(), due_at=piece.assignment.due_at),
        "queue_query": urlencode({"campaign": chosen}) if (chosen := request.GET.get("campaign", "")) else "",
        "may_review": officer and waits and not_yours is None,
        "step": _step_in_words(piece) if waits else "",
        "not_yours": not_yours,
        "may_sign": head and newest and piece.state == PieceState.TO_SIGN,
        "no_signature": why_no_signature(piece, timezone.now()),
        "sign_form": sign_form or SignForm(),
        "officer": officer,
        "refusal": refusal,
    }
    return render(request, "submissions/version.html", context, status=status)


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
    return {version.pk: _standing(piece, version, version is versions[0]) for version in versions}


def _standing(piece: Submission, version: Version, newest: bool) -> tuple[str, str]:
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
        access.versions(request.user).select_related("submission", "topic", "submitted_by"), pk=pk
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
