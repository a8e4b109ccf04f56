"""The school's pages: what is due, writing and handing in."""

import logging

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, Min, OuterRef, Q
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.enums import CampaignState
from portal.files.names import clean_name
from portal.files.refusal import Refused
from schools.access import roles_required
from schools.enums import Role
from submissions import access
from submissions.enums import AssignmentState, PieceState
from submissions.forms import PieceForm, ReasonForm, SignForm
from submissions.models import Assignment, DraftFile, Submission
from submissions.rules import NotAllowed, extensions_of, why_no_new_piece, why_nothing_taken
from submissions.services import nil, signing, submitting
from submissions.views.shared import NIL_REASON, render_assignment, render_version

log = logging.getLogger(__name__)

PER_PAGE = 30

RUNNING = Q(occurrence__requirement__campaign__state=CampaignState.PUBLISHED)
TO_SIGN = RUNNING & Q(
    Exists(Submission.objects.filter(assignment=OuterRef("pk"), state=PieceState.TO_SIGN)),
    state__in=AssignmentState.owed(),
)

#: Key, name and condition. What waits for the head may stand on another shelf too, when more is asked.
SHELVES = (
    ("sign", "待签发", TO_SIGN),
    ("todo", "待办", RUNNING & Q(state__in=AssignmentState.school_acts())),
    ("waiting", "待审核", Q(state__in=(AssignmentState.SUBMITTED, AssignmentState.FIRST_PASSED))),
    (
        "done",
        "已办结",
        Q(state__in=(AssignmentState.ACCEPTED, AssignmentState.EXEMPT, AssignmentState.CANCELLED))
        | (~RUNNING & Q(state__in=(*AssignmentState.school_acts(), AssignmentState.TO_SIGN))),
    ),
)


@require_safe
@roles_required(*Role.own_unit())
def work(request: HttpRequest) -> HttpResponse:
    """One list across all campaigns and units of the person: what is due first.

    It opens at what the person has to do: for a head who is no secretary, what waits for the signature.
    """
    now = timezone.now()
    mine = access.own(request.user)
    held = mine.aggregate(**{key: Count("pk", filter=condition) for key, _, condition in SHELVES})
    writes = Role.SECRETARY in request.user.roles
    shelf = request.GET.get("shelf", "")
    if shelf not in held:
        shelf = "sign" if held["sign"] and not writes else "todo"
    condition = next(condition for key, _, condition in SHELVES if key == shelf)
    shown = (
        mine.filter(condition)
        .with_plan()
        .annotate(
            correct_by=Min("submissions__correct_by"),
            act_by=Coalesce("correct_by", "due_at"),
            has_draft=Exists(Submission.objects.filter(assignment=OuterRef("pk"), state=PieceState.DRAFT)),
        )
    )
    shown = shown.order_by("act_by", "pk")
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "shelf": shelf,
        "now": now,
        "shelves": [
            (key, name, held[key])
            for key, name, _ in SHELVES
            if key != "sign" or held["sign"] or Role.HEAD in request.user.roles
        ],
        "writes": writes,
        "several_units": len({m.unit_id for m in request.user.active_memberships}) > 1,
    }
    return render(request, "submissions/work.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.SECRETARY)
def piece(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Write piece `number` of an assignment: save the draft, and hand it in when asked to."""
    assignment = get_object_or_404(access.writable(request.user).with_plan(), pk=pk)
    existing = _piece_of(assignment, number)
    if existing is None and number != assignment.submissions.count() + 1:
        raise Http404
    form = PieceForm(
        request.POST or None,
        request.FILES or None,
        instance=existing.draft if existing else None,
        requirement=assignment.requirement,
    )
    refusals: list[str] = []
    saved = False
    if request.method == "POST" and form.is_valid():
        saved, refusals = _save(request, assignment, number, form)
        existing = _piece_of(assignment, number)
        if not refusals:
            return _after_saving(request, existing)
    context = {
        "assignment": assignment,
        "requirement": assignment.requirement,
        "piece": existing,
        "number": number,
        "form": form,
        "seen": existing.draft.edition if existing else "",
        "blocked": _why_blocked(assignment, existing),
        "refusals": refusals,
        "saved": saved,
        "draft_files": existing.draft.draft_files.select_related("file") if existing else [],
        "last_return": existing.last_return() if existing and existing.state == PieceState.RETURNED else None,
        "max_files": settings.UPLOAD_MAX_FILES,
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "extensions": extensions_of(assignment.requirement),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "submissions/piece.html", context, status=status)


def _piece_of(assignment: Assignment, number: int) -> Submission | None:
    return assignment.submissions.select_related("draft").filter(number=number).first()


def _save(
    request: HttpRequest, assignment: Assignment, number: int, form: PieceForm
) -> tuple[bool, list[str]]:
    """Save the draft and, when asked, hand it in: whether the words are saved, and what stood in the way."""
    now, seen = timezone.now(), request.POST.get("seen", "")
    submitting_too = "submit" in request.POST
    uploads = form.cleaned_data["files"]
    names = {clean_name(upload.name) for upload in uploads}
    if submitting_too and submitting.is_handed_in(assignment.pk, number, form.words(), names):
        return True, []
    piece = None
    try:
        piece = submitting.save_draft(assignment.pk, number, form.words(), by=request.user, at=now, seen=seen)
        refusals = _attach_all(piece, uploads, request)
        if submitting_too and not refusals:
            submitting.submit(piece, by=request.user, at=timezone.now())
    except NotAllowed as refusal:
        refusals = [str(refusal)]
    return piece is not None, refusals


def _why_blocked(assignment: Assignment, existing: Submission | None) -> str | None:
    now = timezone.now()
    if existing is None:
        return why_no_new_piece(assignment, assignment.submissions.count(), now)
    if existing.state not in PieceState.editable():
        return f"这篇材料现在是“{existing.get_state_display()}”状态，不能修改。"
    return why_nothing_taken(assignment, now, existing.correct_by)


def _attach_all(existing: Submission, uploads: list, request: HttpRequest) -> list[str]:
    """Store each upload; what is refused is said, what is good is kept."""
    refusals = []
    for upload in uploads:
        try:
            submitting.attach(existing, upload, by=request.user, at=timezone.now())
        except (Refused, NotAllowed) as refusal:
            refusals.append(str(refusal))
        except OSError:
            log.exception("an upload could not be stored")
            refusals.append(
                f"文件“{upload.name}”暂时无法保存，请稍后重新上传；如仍不能保存，请联系系统管理员。"
            )
    return list(dict.fromkeys(refusals))


def _after_saving(request: HttpRequest, existing: Submission) -> HttpResponse:
    if "submit" in request.POST and existing.state == PieceState.TO_SIGN:
        messages.success(request, "已提交本单位负责人签发，签发后才算报出。")
        return redirect("assignment", existing.assignment_id)
    if "submit" in request.POST:
        messages.success(request, "已提交，请留存回执。")
        return redirect("receipt", existing.versions.latest("number").pk)
    messages.success(request, "草稿已保存，尚未提交。")
    return redirect("piece", existing.assignment_id, existing.number)


@require_POST
@roles_required(Role.SECRETARY)
def detach(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file off a draft."""
    found = get_object_or_404(
        DraftFile.objects.select_related("draft__submission"),
        pk=pk,
        draft__submission__assignment__in=access.writable(request.user),
    )
    existing = found.draft.submission
    try:
        submitting.detach(found, by=request.user, at=timezone.now())
        messages.success(request, f"已移除文件“{found.file.name}”。")
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("piece", existing.assignment_id, existing.number)


@require_POST
@roles_required(Role.SECRETARY)
def withdraw(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Take a piece back that nobody has reviewed or signed yet."""
    mine = Submission.objects.filter(assignment__in=access.writable(request.user))
    found = get_object_or_404(mine, assignment=pk, number=number)
    try:
        submitting.withdraw(found, by=request.user, at=timezone.now())
        messages.success(request, "已撤回，修改后请重新提交。")
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("piece", pk, number)


@require_POST
@roles_required(Role.SECRETARY)
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """签收."""
    found = get_object_or_404(access.writable(request.user), pk=pk)
    try:
        submitting.acknowledge(found, by=request.user, at=timezone.now())
        messages.success(request, "已签收。")
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("assignment", pk)


@require_POST
@roles_required(Role.SECRETARY)
def report_nil(request: HttpRequest, pk: int) -> HttpResponse:
    """File 零报告."""
    found = get_object_or_404(access.writable(request.user), pk=pk)
    form = ReasonForm(request.POST, label=NIL_REASON)
    if not form.is_valid():
        return render_assignment(request, pk, nil_form=form, status=422)
    try:
        submitted = form.cleaned_data["reason"]
        nil.report_nil(found, by=request.user, at=timezone.now(), reason=submitted)
        messages.success(request, "已作零报告。")
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("assignment", pk)


@require_POST
@roles_required(Role.SECRETARY)
def retract_nil(request: HttpRequest, pk: int) -> HttpResponse:
    """Take 零报告 back."""
    found = get_object_or_404(access.writable(request.user), pk=pk)
    try:
        nil.retract_nil(found, by=request.user, at=timezone.now())
        messages.success(request, "零报告已撤回，请报送材料。")
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("assignment", pk)


@require_POST
@roles_required(Role.HEAD)
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """The head signs a version, or sends it back with a reason."""
    found = get_object_or_404(
        access.versions(request.user), pk=pk, submission__assignment__in=access.signable(request.user)
    )
    form = SignForm(request.POST)
    if not form.is_valid():
        return render_version(request, pk, sign_form=form, status=422)
    now, data = timezone.now(), form.cleaned_data
    try:
        if data["verdict"] == SignForm.SIGN:
            signing.sign(found, by=request.user, at=now)
            messages.success(request, f"《{found.title}》已签发，并已报送教育局。")
        else:
            signing.decline(found, by=request.user, at=now, reason=data["reason"])
            messages.success(request, f"《{found.title}》已退回，并已通知信息员。")
    except NotAllowed as refusal:
        return render_version(request, pk, sign_form=form, refusal=str(refusal), status=409)
    return redirect("work")
