"""The files of reports and bulletins: Word, Excel, and the copy that was signed on paper."""

from io import BytesIO

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from portal import audit, client
from portal.files.kinds import FileKind
from portal.files.names import named_after
from portal.files.serve import attachment
from portal.models import StoredFile
from reports import access
from reports.enums import PaperState
from reports.forms_reports import CopyForm
from reports.models import Report
from reports.papers import bulletin as bulletin_paper
from reports.papers import filling, word
from reports.services import issuing, shapes
from reports.views.reports import READERS, page
from schools.access import roles_required
from schools.enums import Role
from schools.models import User
from submissions.rules import NotAllowed


@require_safe
@roles_required(*READERS)
def report_word(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The Word file: as it was kept at the signature, before that as a draft."""
    found = _compiled(request.user, pk)
    if found.word:
        return _logged(request, found.word)
    try:
        made = shapes.word_of(found)
    except filling.Faulty as fault:
        messages.error(request, str(fault))
        return redirect("report", pk)
    return _made(made, f"{found.title}{_mark(found)}", FileKind.DOCX)


@require_safe
@roles_required(*READERS)
def report_book(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The workbook of all its tables, likewise."""
    found = _compiled(request.user, pk)
    if found.book:
        return _logged(request, found.book)
    return _made(shapes.book_of(found), f"{found.title}{_mark(found)}", FileKind.XLSX)


@require_safe
@roles_required(*READERS)
def report_copy(request: HttpRequest, pk: int, copy: int) -> HttpResponseBase:
    """A version that was signed on paper."""
    found = get_object_or_404(access.reports(request.user), pk=pk)
    return _logged(request, get_object_or_404(found.copies.select_related("file"), pk=copy).file)


@require_POST
@roles_required(Role.OFFICER)
def add_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in the version that was signed on paper."""
    found = get_object_or_404(access.hosted_reports(request.user, Role.OFFICER), pk=pk)
    if found.state != PaperState.SENT:
        return page(request, pk, refusal=issuing.NOT_SIGNED, status=409)
    form = CopyForm(request.POST, request.FILES)
    form.by, form.at = request.user, timezone.now()
    if not form.is_valid():
        return page(request, pk, {"copy": form}, status=422)
    try:
        issuing.add_copy(found, form.cleaned_data["stored"], by=request.user, at=form.at)
    except NotAllowed as refusal:
        return page(request, pk, refusal=str(refusal), status=409)
    messages.success(request, "已上传正式文件，各单位打开本页即可下载。")
    return redirect("report", pk)


@require_safe
@roles_required(*READERS)
def bulletin_word(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The Word file of a bulletin, made anew each time."""
    plan = "occurrence__requirement__campaign__host"
    found = get_object_or_404(access.bulletins(request.user).select_related(plan), pk=pk)
    signed = found.ended_at if found.state == PaperState.SENT else None
    paper = bulletin_paper.compose(
        title=found.title,
        body=found.body,
        figures=found.figures,
        sender=found.host.name,
        counted=timezone.localtime(found.counted_at),
        dated=signed and timezone.localdate(signed),
        mark={PaperState.SENT: "", PaperState.DISCARDED: "未印发"}.get(found.state, "送审稿"),
    )
    at = signed or found.edited_at or found.counted_at
    return _made(word.write(paper, at), f"{found.title}{paper.mark and f'（{paper.mark}）'}", FileKind.DOCX)


def _compiled(user: User, pk: int) -> Report:
    about = ("host", "campaign", "phase", "template__file", "word", "book")
    return get_object_or_404(access.reports(user).select_related(*about), pk=pk, counted_at__isnull=False)


def _mark(report: Report) -> str:
    return f"（{shapes.DRAFT}{report.issue}）"


def _made(content: bytes, title: str, kind: FileKind) -> FileResponse:
    """What was made for this request; nobody keeps it."""
    name = named_after(f"{title}.{kind}")
    return FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=kind.content_type)


def _logged(request: HttpRequest, stored: StoredFile) -> HttpResponseBase:
    audit.record(
        "file.download",
        at=timezone.now(),
        by=request.user,
        target=stored,
        summary=stored.name,
        address=client.address(request),
    )
    return attachment(stored)
