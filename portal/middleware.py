"""What holds for every page: idle time-out, bounds, and nothing personal left in a shared cache."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render, resolve_url

from portal.errors import WHO, is_upload, log_in_first, session_expired, somebody_else

Handler = Callable[[HttpRequest], HttpResponse]

STAMP = "seen_at"
STAMP_EVERY_SECONDS = 60


class LoginFirstMiddleware(LoginRequiredMiddleware):
    """Django's rule that every page needs a login, with a way back for who pressed a button."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable) -> HttpResponse:
        return log_in_first(request)


class SamePersonMiddleware:
    """Refuse what a page sends that was opened by somebody else than is logged in now.

    On a shared computer one person's page stays open in a tab while another logs in beside it. Scripts of
    the page say whose it is, in a field of each form (`portal.js`) or in a header; without them the
    token of Django's own guard has changed with the login. The login form is for whoever fills it in.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponse | None:
        """Called after the guard against forged requests, which has read the form; streams are not read."""
        if not request.user.is_authenticated or request.path == resolve_url(settings.LOGIN_URL):
            return None
        who = request.headers.get(WHO) or request.POST.get("_who")
        return somebody_else(request) if who and who != str(request.user.pk) else None


class NeverEmptyMiddleware:
    """Say something where Django answers 405 with nothing: the address of a button was opened as a page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or is_upload(request):
            return response
        said = render(request, "405.html", status=405)
        said.headers["Allow"] = response.headers["Allow"]
        return said


class IdleTimeoutMiddleware:
    """Log out a session unused for `IDLE_TIMEOUT_SECONDS`.

    The stamp (Unix seconds) is renewed at most once a minute, so that reading pages does not
    write to the session table on every request.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            seen = request.session.get(STAMP)
            if seen is not None and now - seen > settings.IDLE_TIMEOUT_SECONDS:
                logout(request)
                messages.info(request, "您已较长时间未操作，为保证安全已自动退出，请重新登录。")
            elif seen is None or now - seen > STAMP_EVERY_SECONDS:
                request.session[STAMP] = now
        return self.get_response(request)


class RequestSizeMiddleware:
    """Refuse a request that is too large before a byte of its body is read.

    People who are not logged in have nothing to send but the login form.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = request.user.is_authenticated
        limit = settings.UPLOAD_MAX_REQUEST_BYTES if known else settings.ANONYMOUS_MAX_REQUEST_BYTES
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > limit:
            if not known and request.path != resolve_url(settings.LOGIN_URL):
                # Most likely an upload whose session has expired.
                return session_expired() if is_upload(request) else log_in_first(request)
            return render(request, "413.html", {"limit": limit}, status=413)
        return self.get_response(request)


class WellFormedMiddleware:
    """Answer 400 to what no browser sends: zero bytes in the address."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise SuspiciousOperation("zero byte in the address")
        return self.get_response(request)


class PrivatePagesMiddleware:
    """Mark the pages of people who are logged in as not to be stored by caches in between."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
