"""The one door through which stored files leave."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal import audit, client
from portal.files.serve import attachment
from schools.access import roles_required
from submissions import access
from submissions.views.shared import READERS


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
