"""Long jobs as the person sees them who started them; nobody else learns that they exist."""

from datetime import datetime

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal import audit, client, jobs
from portal.files.serve import attachment
from portal.models import Job, JobState

PER_PAGE = 30
EXPIRED = f"这个文件已超过{jobs.KEPT.days}天的有效期，不能再下载；如仍需要，请重新导出。"


def own_jobs(request: HttpRequest) -> QuerySet[Job]:
    return Job.objects.filter(by=request.user).select_related("progress", "product")


@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(own_jobs(request), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/jobs.html", {"page": page})


@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the job has come; once it has ended, what came of it, on the page of its kind if it has one."""
    found = get_object_or_404(own_jobs(request), pk=pk)
    page = jobs.page_of(found)
    return redirect(page) if page else render(request, "portal/job.html", facts(found, timezone.now()))


@require_safe
def job_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that asks again every second, until the whole page has to change."""
    found = get_object_or_404(own_jobs(request), pk=pk)
    response = render(request, "portal/progress.html", facts(found, timezone.now()))
    if found.state != JobState.WAITING:
        response["HX-Refresh"] = "true"
    return response


@require_safe
def job_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the file that the job made, while its time lasts; every download is logged."""
    now = timezone.now()
    found = get_object_or_404(own_jobs(request), pk=pk, product__isnull=False)
    product = found.product
    if jobs.expires_at(found) <= now:
        return HttpResponse(EXPIRED, status=410, content_type="text/plain; charset=utf-8")
    audit.record(
        "file.download",
        at=now,
        by=request.user,
        target=product,
        summary=product.name,
        address=client.address(request),
    )
    return attachment(product)


def facts(found: Job, now: datetime) -> dict[str, object]:
    """What the templates show of a job: `percent` is None while the work has not said how much there is."""
    progress = found.progress
    seconds = max(0, int(((found.finished_at or now) - found.created_at).total_seconds()))
    minutes, rest = divmod(seconds, 60)
    expires_at = jobs.expires_at(found)
    return {
        "job": found,
        "waiting": found.state == JobState.WAITING,
        "expires_at": expires_at,
        "expired": EXPIRED if expires_at and expires_at <= now else "",
        "percent": min(100, progress.done * 100 // progress.total) if progress.total else None,
        "spent": f"{minutes}分{rest}秒" if minutes else f"{rest}秒",
    }
