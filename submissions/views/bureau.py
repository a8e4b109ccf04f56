"""The officer's pages around a plan: publishing it, 零报告 (reviewing: views/reviewing.py)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.models import Campaign
from campaigns.readiness import advice, gaps
from schools.access import roles_required, units_for
from schools.enums import Role
from submissions import access
from submissions.forms import ReasonForm
from submissions.rules import NotAllowed, NotYours
from submissions.services import nil, previewing, publishing
from submissions.views.shared import NIL_REFUSAL, render_assignment


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
