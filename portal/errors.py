"""Pages for requests that went wrong; each says in one sentence what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token no longer fits, which nearly always means an expired session."""
    if is_upload(request):
        return sentence("页面已过期，请刷新页面后重新选择文件，将从断开处继续上传。", 403)
    return render(request, "csrf_failed.html", status=403)


def session_expired() -> HttpResponse:
    """Answer an upload whose session has expired; it goes on from where it was after the next login."""
    return sentence("登录已过期，请在新窗口登录后继续上传，已传的部分不会丢失。", 401)


def first_password_missing() -> HttpResponse:
    """Answer an upload by somebody who has to set a password first."""
    return sentence("请先修改初始密码，再上传文件。", 403)


def is_upload(request: HttpRequest) -> bool:
    """Whether a script sends a file in pieces (tus): it wants a sentence, no page and no redirect."""
    return "Tus-Resumable" in request.headers


def sentence(said: str, status: int) -> HttpResponse:
    """An answer for a script, which shows it as it is."""
    return HttpResponse(said, status=status, content_type="text/plain; charset=utf-8")
