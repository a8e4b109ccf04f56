"""Taking the work of a campaign away: started here, made by a worker, fetched from the page of the job."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns.models import Campaign
from schools.access import roles_required, scope_of
from schools.enums import Role
from submissions.forms_export import ExportForm
from submissions.services import exporting


@require_POST
@roles_required(*Role.overseeing())
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the archive or the list of a campaign made, or of a phase or requirement of it."""
    published = Campaign.objects.visible().for_scope(scope_of(request.user, *Role.overseeing()))
    form = ExportForm(request.POST, campaign=get_object_or_404(published, pk=pk))
    if not form.is_valid():
        messages.error(request, "所选的范围已不在活动中，请重新选择后再导出。")
        return redirect("campaign", pk)
    job = exporting.order(form.kind, form.part, by=request.user, at=timezone.now())
    return redirect("job", job.pk)
