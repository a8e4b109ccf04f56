"""日历订阅: the page on which a person makes and takes back the address, and the calendar behind it."""

from hashlib import sha256

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from notices.services.routing import address_of
from schools.access import roles_required
from schools.enums import Role
from submissions.services import feeds

READERS = (*Role.own_unit(), *Role.overseeing())


@require_safe
@roles_required(*READERS)
def feed(request: HttpRequest) -> HttpResponse:
    return render(request, "submissions/feed.html", {"feed": feeds.current(request.user)})


@require_POST
@roles_required(*READERS)
def issue(request: HttpRequest) -> HttpResponse:
    """Show the new address, this once."""
    path = reverse("calendar_ics", args=[feeds.issue(request.user, at=timezone.now())])
    address = address_of(path) or request.build_absolute_uri(path)
    context = {"feed": feeds.current(request.user), "address": address}
    return render(request, "submissions/feed.html", context)


@require_POST
@roles_required(*READERS)
def revoke(request: HttpRequest) -> HttpResponse:
    if feeds.revoke(request.user, at=timezone.now()):
        messages.success(request, "日历订阅已停用，原来的地址不能再用。")
    return redirect("calendar_feed")


@csrf_exempt  # nothing is written here; the guard would log the address, which is a key
@login_not_required  # calendars have no login: who knows the address may read
@require_safe
def ics(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar; 404 for an address that is unknown, void, or of somebody who has left."""
    holder = feeds.holder(token)
    if holder is None:
        raise Http404
    body = feeds.calendar_of(holder)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["ETag"] = f'"{sha256(body).hexdigest()}"'
    response["Cache-Control"] = "private, no-cache"
    return get_conditional_response(request, etag=response["ETag"], response=response)
