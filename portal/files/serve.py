"""Handing out stored files: always as a download, never to be guessed at by the browser."""

import logging

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from portal.files.kinds import FileKind
from portal.files.store import path_of
from portal.models import StoredFile

logger = logging.getLogger(__name__)

PURGED = "文件“{name}”已按保存期限清除，如仍需要，请联系提交单位重新提供。"
MISSING = "文件“{name}”暂时无法取得，问题已记录，请联系系统管理员。"


def attachment(stored: StoredFile) -> HttpResponseBase:
    """The response that downloads `stored`. Whether this person may have it is the CALLER's duty.

    With X_ACCEL_PREFIX the front server sends the bytes. Of our headers nginx then keeps
    Content-Type, Content-Disposition and Cache-Control but not nosniff: its internal location has
    to add that itself. 410 for purged files, 404 (and an error in the log) when the bytes on disk
    are missing or not as long as they were.
    """
    if stored.purged_at is not None:
        return _sentence(PURGED, stored, status=410)
    path = path_of(stored)
    try:
        size = path.stat().st_size
        if size != stored.size:
            raise OSError(f"{size} bytes on disk, {stored.size} recorded")
        response = _accelerated(stored) if settings.X_ACCEL_PREFIX else FileResponse(path.open("rb"))
    except OSError as error:
        logger.error("Stored file %s (%s) cannot be served: %s", stored.pk, stored.key, error)
        return _sentence(MISSING, stored, status=404)
    response["Content-Type"] = FileKind(stored.kind).content_type
    # RFC 6266 with the encoding of RFC 5987 for Chinese names.
    response["Content-Disposition"] = content_disposition_header(True, stored.name)
    return _guarded(response)


def _accelerated(stored: StoredFile) -> HttpResponse:
    """No Content-Length: the body here is empty, and the front server sets the true one."""
    return HttpResponse(headers={"X-Accel-Redirect": f"{settings.X_ACCEL_PREFIX}{stored.key}"})


def _sentence(sentence: str, stored: StoredFile, *, status: int) -> HttpResponse:
    text = sentence.format(name=stored.name)
    return _guarded(HttpResponse(text, status=status, content_type="text/plain; charset=utf-8"))


def _guarded(response: HttpResponseBase) -> HttpResponseBase:
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
