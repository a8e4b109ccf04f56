"""Pages for requests that went wrong; each says in one sentence what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token no longer fits, which nearly always means an expired session."""
    return render(request, "csrf_failed.html", status=403)
