"""The one door through which stored files leave, and a look at them in the page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal import audit, client
from portal.files.kinds import FileKind
from portal.files.serve import attachment
from portal.files.store import path_of
from portal.files.text import text_of
from schools.access import roles_required
from submissions import access
from submissions.views.shared import READERS

SHOWN = 20_000  # characters of a text


@require_safe
@roles_required(*READERS)
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a file of a version in scope, or of a draft of one's own unit; every download is logged."""
    stored = get_object_or_404(access.files(request.user), pk=pk)
    audit.record(
        "file.download",
        at=timezone.now(),
        by=request.user,
        target=stored,
        summary=stored.name,
        address=client.address(request),
    )
    return attachment(stored)


@require_safe
@roles_required(*READERS)
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of a page that shows a file: a picture, a PDF to be drawn, or the words of a Word file.

    Pictures and PDF files come through `download` and are logged there.
    """
    stored = get_object_or_404(access.files(request.user), pk=pk)
    kind = FileKind(stored.kind)
    ways = {"image": FileKind.IMAGES, "pdf": {FileKind.PDF}, "text": FileKind.TEXTS}
    how = next((way for way, kinds in ways.items() if kind in kinds), "")
    text = text_of(path_of(stored), kind) if how == "text" and stored.purged_at is None else ""
    context = {
        "stored": stored,
        "how": how,
        "text": text[:SHOWN],
        "cut": len(text) > SHOWN,
        "shown": SHOWN,
    }
    return render(request, "submissions/file_preview.html", context)
