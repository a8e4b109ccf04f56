"""A file that has come in pieces becomes a file of the draft (the pieces: portal/views_uploads.py)."""

import logging
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.errors import sentence
from portal.files import resumable
from portal.files.refusal import Refused
from schools.access import roles_required
from schools.enums import Role
from submissions import access
from submissions.models import Assignment, Submission
from submissions.rules import NotAllowed
from submissions.services import drafts

log = logging.getLogger(__name__)

GONE = "这个文件的上传已取消或已过期，请重新选择文件上传。"
UNFINISHED = "文件还没有传完，请点“继续”。"
NOT_SAVED = "文件暂时无法保存，请稍后点“继续”；如仍不能保存，请联系系统管理员。"


@require_POST
@roles_required(Role.SECRETARY)
def attach_upload(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Add an upload to piece `number`, which is begun if need be: the list of its files, or a sentence."""
    assignment = get_object_or_404(access.writable(request.user), pk=pk)
    try:
        token = UUID(request.POST.get("upload", ""))
        piece = _piece(request, assignment, number)
        drafts.attach_upload(piece, token, by=request.user, at=timezone.now())
    except (NotAllowed, Refused) as refusal:
        return sentence(str(refusal), 422)
    except (ValueError, resumable.Gone):
        return sentence(GONE, 422)
    except resumable.Unfinished:
        return sentence(UNFINISHED, 409)
    except OSError:
        log.exception("an upload could not be stored")
        return sentence(NOT_SAVED, 503)
    context = {
        "assignment": assignment,
        "number": number,
        "draft_files": piece.draft.draft_files.select_related("file"),
    }
    return render(request, "submissions/draft_files.html", context)


def _piece(request: HttpRequest, assignment: Assignment, number: int) -> Submission:
    """The piece; a new one has an empty draft. 404 for numbers that nobody was offered."""
    pieces = assignment.submissions
    mine = pieces.select_related("draft").filter(number=number)
    piece = mine.first()
    if piece is None and number != pieces.count() + 1:
        piece = get_object_or_404(mine)  # begun by the form itself between the two questions?
    if piece is not None:
        return piece
    # With nothing before their eyes, nobody's words are overwritten.
    nothing = drafts.Words(title="")
    return drafts.save_draft(
        assignment.pk, number, nothing, by=request.user, at=timezone.now(), seen=""
    ).piece
