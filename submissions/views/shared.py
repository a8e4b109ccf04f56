"""Pages that a school and its bureau both read."""

from datetime import datetime

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
from submissions.enums import AssignmentState, EventKind, Override, PieceState, Verdict
from submissions.forms import ReasonForm
from submissions.forms_easing import AskForm
from submissions.models import Assignment, AssignmentEvent, Submission
from submissions.rules import why_closed, why_no_new_piece, why_no_nil, why_no_retraction
from submissions.views.beside import behalf_part
from submissions.views.easing import about_time

READERS = (*Role.own_unit(), *Role.overseeing())

NIL_REASON = "没有可报内容的原因"
NIL_REFUSAL = "退回零报告的原因"


@require_safe
@roles_required(*READERS)
def assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """What is asked of one unit, what it has handed in, and everything that happened."""
    return render_assignment(request, pk)


def render_assignment(
    request: HttpRequest,
    pk: int,
    nil_form: ReasonForm | None = None,
    extension_form: AskForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the page of an assignment, also with a form of 零报告 or more time that did not go through."""
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
    pieces, began = _pieces(found, request.user, own)
    events = _events(found, own)
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
        **behalf_part(request.user, found),
        **about_time(request.user, found, writer=writer, form=extension_form),
    }
    return render(request, "submissions/assignment.html", context, status=status)


def _pieces(found: Assignment, user: User, own: bool) -> tuple[list[Submission], int]:
    """The pieces of which the person may read something, and how many there are in all."""
    legible = access.versions(user).prefetch_related("reviews")
    pieces = list(found.submissions.select_related("draft").prefetch_related(Prefetch("versions", legible)))
    shown = [piece for piece in pieces if own or piece.versions.all()]
    for piece in shown:
        piece.newest = max(piece.versions.all(), key=lambda version: version.number, default=None)
        if piece.state == PieceState.RETURNED:
            piece.returned_for = _returned_for(piece)
    return shown, len(pieces)


def _events(found: Assignment, own: bool) -> list[AssignmentEvent]:
    """Everything that happened; of what stays inside the school others learn no words."""
    events = list(found.events.select_related("by", "version"))
    for event in events:
        if not own and event.kind in EventKind.inside():
            event.version, event.note = None, ""
    return events


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
