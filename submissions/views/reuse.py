"""沿用: the school chooses what it has handed in elsewhere and hands it in again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.ids import as_id
from schools.access import roles_required
from schools.enums import Role
from submissions import access
from submissions.enums import PieceState
from submissions.models import Assignment, Version
from submissions.rules import NotAllowed, why_no_new_piece
from submissions.services import reusing
from submissions.services.reusing import Reused


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.SECRETARY)
def reuse(request: HttpRequest, pk: int) -> HttpResponse:
    """What the unit may hand in again for an assignment; on POST it does, with one click."""
    assignment = get_object_or_404(access.writable(request.user).with_plan(), pk=pk)
    now, refusal, status = timezone.now(), "", 200
    if request.method == "POST":
        try:
            return _reuse(request, assignment)
        except NotAllowed as sentence:
            refusal, status = str(sentence), 409
    typed = request.GET.get("q", "").strip()[:120]
    context = {
        "assignment": assignment,
        "requirement": assignment.requirement,
        "versions": reusing.offers(assignment, at=now, typed=typed),
        "blocked": why_no_new_piece(assignment, assignment.submissions.count(), now),
        "typed": typed,
        "most": reusing.OFFERED,
        "refusal": refusal,
    }
    return render(request, "submissions/reuse.html", context, status=status)


def _reuse(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    mine = access.versions(request.user).filter(submission__assignment__unit=assignment.unit_id)
    version = get_object_or_404(mine, pk=as_id(request.POST.get("version")))
    return _after(request, reusing.reuse(assignment, version, by=request.user, at=timezone.now()), version)


def _after(request: HttpRequest, done: Reused, source: Version) -> HttpResponse:
    piece = done.piece
    if done.version is None:
        why = done.refusal or "这份材料已沿用过，请在草稿上修改后提交。"
        messages.warning(request, f"已沿用《{source.title}》为草稿，尚未提交：{why}")
        return redirect("piece", piece.assignment_id, piece.number)
    piece.refresh_from_db(fields=["state"])
    if piece.state == PieceState.TO_SIGN:
        messages.success(request, f"已沿用《{source.title}》并提交本单位负责人签发，签发后才算报出。")
        return redirect("assignment", piece.assignment_id)
    messages.success(request, f"已沿用《{source.title}》并提交，请留存回执。")
    return redirect("receipt", done.version.pk)
