"""Nobody works on with a password that somebody else has set."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve

from portal.errors import first_password_missing, is_upload

Handler = Callable[[HttpRequest], HttpResponse]

ALLOWED = {"password_change", "logout"}


class FirstPasswordMiddleware:
    """Send a person whose password must be changed to the page that changes it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and user.must_change_password and self._name(request) not in ALLOWED:
            return first_password_missing() if is_upload(request) else redirect("password_change")
        return self.get_response(request)

    def _name(self, request: HttpRequest) -> str | None:
        try:
            return resolve(request.path_info).url_name
        except Resolver404:
            return None
