"""Pages for requests that went wrong; each says in one sentence what to do."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

#: The header in which scripts send the number of the person for whom the page was made.
WHO = "X-Who"


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token no longer fits, which nearly always means an expired session."""
    if is_upload(request):
        return sentence("页面已过期，请刷新页面后重新选择文件，将从断开处继续上传。", 403)
    return render(request, "csrf_failed.html", status=403)


def log_in_first(request: HttpRequest) -> HttpResponse:
    """Send a stranger who asked for a page to the login; who pressed a button learns that nothing was done.

    Most addresses of buttons answer no GET, so the login leads back to the page that the button stood on.
    """
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    if not is_script(request):  # it would show nobody the message
        messages.warning(request, "登录已过期，刚才的操作没有办理；请登录后重新办理。")
    return redirect_to_login(_page_before(request))


def _page_before(request: HttpRequest) -> str:
    """Path and query of the page of ours from which the request was sent, or the first page."""
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    return urlsplit(referer)._replace(scheme="", netloc="", fragment="").geturl() or "/"


def somebody_else(request: HttpRequest) -> HttpResponse:
    """Answer a page that one person opened and that would act for another who has logged in since."""
    if not is_script(request):
        return render(request, "somebody_else.html", {"page": _page_before(request)}, status=409)
    said = f"本页由另一位用户打开，现在登录的是{request.user.name}，没有保存；请刷新页面后重新操作。"
    wants_json = request.headers.get("Accept") == "application/json"
    return JsonResponse({"sentence": said}, status=409) if wants_json else sentence(said, 409)


def session_expired() -> HttpResponse:
    """Answer an upload whose session has expired; it goes on from where it was after the next login."""
    return sentence("登录已过期，请在新窗口登录后继续上传，已传的部分不会丢失。", 401)


def first_password_missing() -> HttpResponse:
    """Answer an upload by somebody who has to set a password first."""
    return sentence("请先修改初始密码，再上传文件。", 403)


def is_upload(request: HttpRequest) -> bool:
    """Whether a script sends a file in pieces (tus): it wants a sentence, no page and no redirect."""
    return "Tus-Resumable" in request.headers


def is_script(request: HttpRequest) -> bool:
    """Whether a script of ours asks (autosave, uploads) and not somebody who pressed a button."""
    return WHO in request.headers or is_upload(request)


def sentence(said: str, status: int) -> HttpResponse:
    """An answer for a script, which shows it as it is."""
    return HttpResponse(said, status=status, content_type="text/plain; charset=utf-8")
