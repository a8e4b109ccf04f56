"""The roster: upload, preview, import, export, activation codes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import jobs
from portal.files.kinds import FileKind
from portal.models import Job, JobState
from schools.forms import RosterForm
from schools.roster import APPLY, CHECK, EXPORT, writing
from schools.rules import keeps_roster
from schools.services import people

View = Callable[..., HttpResponse]


def keepers_only(view: View) -> View:
    """Let those through who keep the roster."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not keeps_roster(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@keepers_only
def start(request: HttpRequest) -> HttpResponse:
    """Template, upload, export and codes; on POST an upload is stored and checked by a worker."""
    if request.method != "POST":
        return render(request, "schools/roster.html", {"form": RosterForm()})
    now = timezone.now()
    form = RosterForm(request.POST, request.FILES)
    form.by, form.at = request.user, now
    if not form.is_valid():
        return render(request, "schools/roster.html", {"form": form}, status=422)
    stored = form.cleaned_data["stored"]
    job = jobs.start(CHECK, title=f"核对花名册“{stored.name}”", by=request.user, at=now, source=stored)
    return redirect("job", job.pk)


@require_safe
@keepers_only
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What an import would do, or what has to be put right before."""
    job = _finished(request, pk, CHECK)
    applied = Job.objects.filter(kind=APPLY, params__check=job.pk).exclude(state=JobState.FAILED).first()
    return render(request, "schools/roster_preview.html", {"job": job, "applied": applied})


@require_POST
@keepers_only
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Import what was previewed; pressed twice, it is done once."""
    with transaction.atomic():
        checked = get_object_or_404(
            Job.objects.select_for_update(no_key=True), pk=_finished(request, pk, CHECK).pk
        )
        if checked.state != JobState.DONE or checked.result["error_count"]:
            messages.error(request, "花名册还有错误，不能导入；请改正后重新上传。")
            return redirect("roster_preview", pk)
        runs = Job.objects.filter(kind=APPLY, params__check=checked.pk).exclude(state=JobState.FAILED)
        job = runs.first() or jobs.start(
            APPLY,
            title=f"导入花名册“{checked.source.name}”",
            by=request.user,
            at=timezone.now(),
            params={"check": checked.pk},
            source=checked.source,
        )
    return redirect("job", job.pk)


@require_safe
@keepers_only
def outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """What was imported, or why nothing was."""
    return render(request, "schools/roster_outcome.html", {"job": _finished(request, pk, APPLY)})


@require_POST
@keepers_only
def export(request: HttpRequest) -> HttpResponse:
    """Have the current roster written."""
    job = jobs.start(EXPORT, title="导出花名册", by=request.user, at=timezone.now())
    return redirect("job", job.pk)


@require_safe
@keepers_only
def template(request: HttpRequest) -> HttpResponse:
    """The empty roster."""
    return _workbook("花名册模板.xlsx", writing.template())


@require_POST
@keepers_only
def activation_list(request: HttpRequest) -> HttpResponse:
    """The codes of those who have yet to come in. Made on the spot: they are to lie in no stored file."""
    content, count = writing.activation_list(request.user)
    people.codes_listed(count, at=timezone.now(), by=request.user)
    return _workbook(f"激活码清单{timezone.localtime():%Y%m%d}.xlsx", content)


def _finished(request: HttpRequest, pk: int, kind: str) -> Job:
    """The person's own job, once there is something to show; else 404."""
    ended = Job.objects.exclude(state=JobState.WAITING).exclude(result={})
    return get_object_or_404(ended, pk=pk, kind=kind, by=request.user)


def _workbook(name: str, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=FileKind.XLSX.content_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    return response
