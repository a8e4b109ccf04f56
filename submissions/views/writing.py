"""Writing a piece: the form, saving it by hand and by itself, files, handing in."""

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.models import Topic
from portal.files.names import clean_name
from schools.access import roles_required
from schools.enums import Role
from submissions import access
from submissions.enums import PieceState
from submissions.forms_piece import PieceForm
from submissions.models import Assignment, Draft, DraftFile, Submission, VersionValue
from submissions.rules import NotAllowed, extensions_of, why_no_new_piece, why_nothing_taken
from submissions.services import drafts, submitting
from submissions.services.drafts import Overtaken, Saved, flat, informed, marks, words_of
from submissions.views.receiving import take_each

#: What a draft was taken over from, with the campaign that is named.
SOURCE = "draft__reused_from__submission__assignment__occurrence__requirement__campaign"
#: Begins the names of the choices between two people's words.
KEEP = "keep-"
MINE, THEIRS = "mine", "theirs"


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.SECRETARY)
def piece(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Write piece `number` of an assignment: save the draft, and hand it in when asked to."""
    assignment, existing = _found(request, pk, number)
    form = _form(request, assignment, existing)
    refusals: list[str] = []
    saved: Saved | None = None
    disputed: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        try:
            if _is_second_press(request, assignment, number, form):
                return _after_saving(request, _piece_of(assignment, number), ())
            saved = _save(request, assignment, number, form)
            attach = partial(drafts.attach, saved.piece, by=request.user, at=timezone.now())
            refusals = take_each(form.cleaned_data["files"], attach)
            if "submit" in request.POST and not refusals:
                now, seen = timezone.now(), marks(saved.words)
                submitting.submit(saved.piece, by=request.user, at=now, seen=seen)
            if not refusals:
                return _after_saving(request, _piece_of(assignment, number), saved.taken)
        except Overtaken as overtaken:
            refusals = [str(overtaken)]
            disputed = _disputed(form, overtaken, _chosen(request))
        except NotAllowed as refusal:
            # The other press of the same button may have come first meanwhile.
            if _is_second_press(request, assignment, number, form):
                return _after_saving(request, _piece_of(assignment, number), ())
            refusals = [str(refusal)]
        existing = _piece_of(assignment, number)
        if saved is not None:
            form = PieceForm(instance=existing.draft, assignment=assignment, last=form.last)
    context = _context(assignment, existing, number, form) | {
        "seen": _seen(request, existing, saved),
        "shown": marks(words_of(existing.draft)) if disputed else "",
        "refusals": refusals,
        "saved": saved is not None,
        "disputed": disputed,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "submissions/piece.html", context, status=status)


@require_POST
@roles_required(Role.SECRETARY)
def autosave(request: HttpRequest, pk: int, number: int) -> JsonResponse:
    """Save the words while somebody types: when it was done, their marks, what others wrote meanwhile.

    409 with a sentence when the person has to choose (the form, saved by hand, asks); 422 when it cannot
    be saved as it stands.
    """
    assignment, existing = _found(request, pk, number)
    form = _form(request, assignment, existing)
    if not form.is_valid():
        sentence = next(error for errors in form.errors.values() for error in errors)
        return JsonResponse({"sentence": f"还没有保存：{sentence}"}, status=422)
    try:
        saved = _save(request, assignment, number, form)
    except Overtaken as refusal:
        sentence = str(refusal).replace(
            "请逐处选择保留哪一份，然后再次保存", "请点“保存草稿”逐处选择保留哪一份"
        )
        return JsonResponse({"sentence": sentence}, status=409)
    except NotAllowed as refusal:
        return JsonResponse({"sentence": str(refusal)}, status=422)
    values = flat(saved.words)
    return JsonResponse(
        {
            "saved_at": f"{timezone.localtime(saved.piece.draft.saved_at):%H:%M}",
            "seen": marks(saved.words),
            "taken": {name: _plain(values.get(name, "")) for name in saved.taken},
            "by": saved.other,
        }
    )


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
        drafts.detach(found, by=request.user, at=timezone.now())
        messages.success(request, f"已移除文件“{found.file.name}”。")
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("piece", existing.assignment_id, existing.number)


def _found(request: HttpRequest, pk: int, number: int) -> tuple[Assignment, Submission | None]:
    """The assignment and its piece `number`; None for the next one. 404 for others."""
    assignment = get_object_or_404(access.writable(request.user).with_plan(), pk=pk)
    existing = _piece_of(assignment, number)
    if existing is None and number != assignment.submissions.count() + 1:
        existing = _piece_of(assignment, number)  # begun between the two questions?
        if existing is None:
            raise Http404
    return assignment, existing


def _piece_of(assignment: Assignment, number: int) -> Submission | None:
    pieces = assignment.submissions.select_related("draft__saved_by", SOURCE)
    return pieces.filter(number=number).first()


def _form(request: HttpRequest, assignment: Assignment, existing: Submission | None) -> PieceForm:
    # The instance is a copy for the page: only the service writes the draft.
    shown = existing.draft if existing else None
    return PieceForm(
        request.POST or None,
        request.FILES or None,
        instance=shown and Draft.objects.get(pk=shown.pk),
        assignment=assignment,
        last=VersionValue.objects.before(assignment),
    )


def _is_second_press(request: HttpRequest, assignment: Assignment, number: int, form: PieceForm) -> bool:
    names = {clean_name(upload.name) for upload in form.cleaned_data["files"]}
    asked = "submit" in request.POST
    return asked and submitting.is_handed_in(assignment.pk, number, form.words(), names)


def _save(request: HttpRequest, assignment: Assignment, number: int, form: PieceForm) -> Saved:
    chosen = _chosen(request)
    return drafts.save_draft(
        assignment.pk,
        number,
        form.words(),
        by=request.user,
        at=timezone.now(),
        seen=informed(request.POST.get("seen", ""), request.POST.get("shown", ""), chosen),
        yielding=[name for name, whose in chosen.items() if whose == THEIRS],
    )


def _chosen(request: HttpRequest) -> dict[str, str]:
    """Whose words the person keeps, by the fields they were asked about."""
    named = {name.removeprefix(KEEP): whose for name, whose in request.POST.items() if name.startswith(KEEP)}
    return {name: whose for name, whose in named.items() if whose in (MINE, THEIRS)}


def _seen(request: HttpRequest, existing: Submission | None, saved: Saved | None) -> str:
    """The marks of what the page shows: what was saved, what is stored, or what it showed before."""
    if saved is not None:
        return marks(saved.words)
    if request.method == "POST":
        return request.POST.get("seen", "")
    return marks(words_of(existing.draft)) if existing else ""


def _disputed(form: PieceForm, overtaken: Overtaken, chosen: dict[str, str]) -> list[dict[str, Any]]:
    """Each field that two people changed: its name and label, what is stored, whose words are ticked.

    Those chosen between before, while somebody wrote on, are asked about again: nothing was saved.
    """
    theirs = flat(words_of(overtaken.draft))
    names = [*overtaken.names, *(name for name in chosen if name not in overtaken.names)]
    return [
        {
            "name": name,
            "label": form.fields[name].label,
            "theirs": _shown(theirs.get(name, "")),
            "by": overtaken.draft.saved_by,
            "at": overtaken.draft.saved_at,
            "chosen": chosen.get(name, ""),
        }
        for name in names
        if name in form.fields
    ]


def _shown(value: Any) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value or "（空）")


def _plain(value: Any) -> Any:
    """A field's value as the page's script puts it into the form."""
    return value.pk if isinstance(value, Topic) else value


def _context(
    assignment: Assignment, existing: Submission | None, number: int, form: PieceForm
) -> dict[str, Any]:
    returned = existing is not None and existing.state == PieceState.RETURNED
    return {
        "assignment": assignment,
        "requirement": assignment.requirement,
        "piece": existing,
        "number": number,
        "form": form,
        "blocked": _why_blocked(assignment, existing),
        "draft_files": existing.draft.draft_files.select_related("file") if existing else [],
        "last_return": existing.last_return() if returned else None,
        "max_files": settings.UPLOAD_MAX_FILES,
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "extensions": extensions_of(assignment.requirement),
    }


def _why_blocked(assignment: Assignment, existing: Submission | None) -> str | None:
    now = timezone.now()
    if existing is None:
        return why_no_new_piece(assignment, assignment.submissions.count(), now)
    if existing.state not in PieceState.editable():
        return f"这篇材料现在是“{existing.get_state_display()}”状态，不能修改。"
    return why_nothing_taken(assignment, now, existing.correct_by)


def _after_saving(request: HttpRequest, existing: Submission, taken: tuple[str, ...]) -> HttpResponse:
    if taken:
        messages.info(request, "在您填写期间有人修改了其他内容，已一并保留，请核对。")
    if "submit" in request.POST and existing.state == PieceState.TO_SIGN:
        messages.success(request, "已提交本单位负责人签发，签发后才算报出。")
        return _arrived("assignment", existing.assignment_id)
    if "submit" in request.POST:
        messages.success(request, "已提交，请留存回执。")
        return _arrived("receipt", existing.versions.latest("number").pk)
    messages.success(request, "草稿已保存，尚未提交。")
    return _arrived("piece", existing.assignment_id, existing.number)


def _arrived(page: str, *args: int) -> HttpResponse:
    """Go there, telling the page's script that the draft need not be kept on the device any more."""
    return redirect(reverse(page, args=args) + "#saved")
