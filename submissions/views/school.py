"""The school's small acts: taking back, 签收, 零报告, signing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from schools.access import roles_required
from schools.enums import Role
from submissions import access
from submissions.forms import ReasonForm, SignForm
from submissions.models import Submission
from submissions.rules import NotAllowed
from submissions.services import nil, signing, submitting
from submissions.views.reading import render_version
from submissions.views.shared import NIL_REASON, render_assignment


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
