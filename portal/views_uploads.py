"""The door of uploads in pieces: the tus protocol 1.0.0 with its extensions creation and termination.

What is wrong is one sentence as plain text, which static/js/uploads.js shows as it is. A session that
has expired gets 401 and no redirect, which a script would follow; the upload itself waits.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.request import UnreadablePostError
from django.urls import reverse
from django.utils import timezone

from portal.errors import sentence, session_expired
from portal.files import resumable
from portal.files.refusal import Refused
from portal.models import Upload

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"
SUPPORT = {"Tus-Version": VERSION, "Tus-Extension": "creation,termination"}

View = Callable[..., HttpResponse]

#: What the service raises and the status that says so.
STATUSES = {resumable.Gone: 410, resumable.Misplaced: 409, resumable.Busy: 423, UnreadablePostError: 400}


def _tus(view: View) -> View:
    """The common part of every answer: who asks, in which version, and that nobody keeps it."""

    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, **named: UUID) -> HttpResponse:
        if not request.user.is_authenticated:
            response = session_expired()
        elif request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            response = HttpResponse(status=412, headers=SUPPORT)
        else:
            response = view(request, **named)
        response.headers["Tus-Resumable"] = VERSION
        response.headers["Cache-Control"] = "no-store"
        return response

    return guarded


@_tus
def uploads(request: HttpRequest) -> HttpResponse:
    """Say what is supported, or begin an upload."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=SUPPORT | {"Tus-Max-Size": settings.UPLOAD_MAX_BYTES})
    if request.method != "POST":
        return HttpResponseNotAllowed(["OPTIONS", "POST"])
    name, size = _name(request), _number(request, "Upload-Length")
    if name is None or size is None:
        return HttpResponse(status=400)
    try:
        made = resumable.create(name, size, by=request.user, at=timezone.now())
    except Refused as refusal:
        return sentence(refusal.sentence, 413 if size > settings.UPLOAD_MAX_BYTES else 422)
    return HttpResponse(status=201, headers={"Location": reverse("upload", args=[made.token])})


@_tus
def upload(request: HttpRequest, token: UUID) -> HttpResponse:
    """Ask how far an upload has come, add to it, or give it up; only who began it learns of it."""
    # Old proxies let nothing but GET and POST through; the protocol has a header for them.
    asked = request.headers.get("X-HTTP-Method-Override") if request.method == "POST" else request.method
    act = {"HEAD": _tell, "PATCH": _append, "DELETE": _discard}.get(asked or "")
    if act is None:
        return HttpResponseNotAllowed(["HEAD", "PATCH", "DELETE"])
    try:
        found = resumable.find(token, by=request.user)
    except resumable.Gone:
        return HttpResponse(status=404)
    try:
        return act(request, found)
    except tuple(STATUSES) as trouble:
        return HttpResponse(status=STATUSES[type(trouble)])


def _tell(request: HttpRequest, found: Upload) -> HttpResponse:
    return HttpResponse(
        headers={
            "Upload-Offset": resumable.offset_of(found),
            "Upload-Length": found.size,
            "Upload-Metadata": f"filename {b64encode(found.name.encode()).decode()}",
        }
    )


def _append(request: HttpRequest, found: Upload) -> HttpResponse:
    if request.content_type != PIECE:
        return HttpResponse(status=415)
    offset, length = _number(request, "Upload-Offset"), _number(request, "Content-Length")
    if offset is None or length is None:
        return HttpResponse(status=400)
    if length > found.size:
        return HttpResponse(status=413)
    offset = resumable.append(found, offset=offset, length=length, read=request.read)
    return HttpResponse(status=204, headers={"Upload-Offset": offset})


def _discard(request: HttpRequest, found: Upload) -> HttpResponse:
    resumable.discard(found.pk, by=request.user)
    return HttpResponse(status=204)


def _number(request: HttpRequest, header: str) -> int | None:
    value = request.headers.get(header, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 16 else None


def _name(request: HttpRequest) -> str | None:
    """The file name in Upload-Metadata: pairs of a key and a value in base64, with commas between."""
    pairs = (pair.split() for pair in request.headers.get("Upload-Metadata", "").split(","))
    coded = next((pair[1] for pair in pairs if len(pair) == 2 and pair[0] == "filename"), None)
    try:
        return None if coded is None else b64decode(coded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
