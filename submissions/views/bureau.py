"""The officer's pages: the queue, deciding, publishing."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.readiness import advice, gaps
from schools.access import roles_required, units_for
from schools.enums import Role
from submissions import access
from submissions.enums import PieceState
from submissions.forms import ReasonForm, ReviewForm
from submissions.rules import NotAllowed, NotYours
from submissions.services import nil, previewing, publishing, reviewing
from submissions.views.shared import NIL_REFUSAL, render_assignment, render_version

PER_PAGE = 30


@require_safe
@roles_required(Role.OFFICER)
def queue(request: HttpRequest) -> HttpResponse:
    """Pieces that wait for the officer's decision in the step that is theirs, oldest first."""
    waiting = access.queue(request.user)
    chosen = request.GET.get("campaign", "")
    if chosen.isdecimal():
        waiting = waiting.filter(assignment__occurrence__requirement__campaign=int(chosen))
    waiting = waiting.select_related(
        "assignment__unit", "assignment__branch", "assignment__occurrence__requirement__campaign"
    ).prefetch_related("versions")
    page = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    for one in page:
        one.latest = max(one.versions.all(), key=lambda version: version.number)
    running = Campaign.objects.filter(
        state=CampaignState.PUBLISHED, host__in=units_for(request.user, Role.OFFICER)
    )
    context = {"page": page, "campaigns": running, "chosen": chosen}
    return render(request, "submissions/queue.html", context)


@require_POST
@roles_required(Role.OFFICER)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide on a version: accept it, or return it with a reason."""
    found = get_object_or_404(
        access.versions(request.user).select_related("submission__assignment"),
        pk=pk,
        submission__assignment__in=access.reviewable(request.user),
    )
    now = timezone.localtime()
    form = ReviewForm(request.POST, now=now, due_at=found.submission.assignment.due_at)
    if not form.is_valid():
        return render_version(request, pk, form=form, status=422)
    data = form.cleaned_data
    try:
        if data["verdict"] == ReviewForm.ACCEPT:
            reviewing.accept(
                found, by=request.user, at=now, reason=data["reason"], recommended=data["recommended"]
            )
            found.submission.refresh_from_db(fields=["state"])
            passed_on = found.submission.state == PieceState.FIRST_PASSED
            messages.success(request, f"《{found.title}》{'初审通过，已转终审' if passed_on else '已通过'}。")
        else:
            reviewing.send_back(
                found, by=request.user, at=now, reason=data["reason"], correct_by=form.correct_by
            )
            messages.success(request, f"《{found.title}》已退回，并已通知报送单位。")
    except NotYours as refusal:
        return render_version(request, pk, form=form, refusal=str(refusal), status=403)
    except NotAllowed as refusal:
        return render_version(request, pk, form=form, refusal=str(refusal), status=409)
    chosen = request.GET.get("campaign", "")
    return redirect(reverse("queue", query={"campaign": chosen} if chosen else None))


@require_POST
@roles_required(Role.OFFICER)
def refuse_nil(request: HttpRequest, pk: int) -> HttpResponse:
    """Do not accept 零报告: open the task again with a reason."""
    found = get_object_or_404(access.reviewable(request.user), pk=pk)
    form = ReasonForm(request.POST, label=NIL_REFUSAL)
    if not form.is_valid():
        return render_assignment(request, pk, nil_form=form, status=422)
    try:
        nil.refuse_nil(found, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"])
        messages.success(request, "零报告已退回，并已通知报送单位。")
    except NotYours as refusal:
        return render_assignment(request, pk, nil_form=form, refusal=str(refusal), status=403)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("assignment", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what publishing will ask of whom; publish on POST."""
    campaign = get_object_or_404(
        Campaign.objects.select_related("host"), pk=pk, host__in=units_for(request.user, Role.OFFICER)
    )
    if request.method == "POST":
        try:
            created = publishing.publish(campaign, by=request.user, at=timezone.now())
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect("publish", pk)
        messages.success(request, f"《{campaign.title}》已发布，共下达{created}项报送任务，并已通知各单位。")
        return redirect("campaign", pk)
    context = {
        "campaign": campaign,
        "gaps": gaps(campaign, at=timezone.now()) if campaign.is_draft else [],
        "advice": advice(campaign) if campaign.is_draft else [],
        "preview": previewing.preview(campaign, at=timezone.now()) if campaign.is_draft else None,
    }
    return render(request, "submissions/publish.html", context)
