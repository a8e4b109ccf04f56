"""The inbox, and what a person wishes of messages. Reading is recorded by a POST: a GET writes nothing."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notices.enums import Outcome
from notices.forms import PreferenceForm
from notices.models import Notice
from notices.services import preferences, telling
from schools.rules import NotAllowed

PER_PAGE = 30
UNREAD = "unread"


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """All notices of the person, or those that were not opened yet."""
    notices = Notice.objects.filter(recipient=request.user)
    shown = UNREAD if request.GET.get("show") == UNREAD else ""
    if shown:
        notices = notices.unread()
    page = Paginator(notices, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "notices/inbox.html", {"page": page, "shown": shown, "query": shown and f"show={shown}"}
    )


@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice with all of its words, and the way to its matter."""
    found = get_object_or_404(Notice, pk=pk, recipient=request.user)
    return render(request, "notices/notice.html", {"notice": found})


@require_POST
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one notice as read and show it."""
    found = get_object_or_404(Notice, pk=pk, recipient=request.user)
    telling.mark_read(request.user, at=timezone.now(), only=found.pk)
    return redirect("notice", found.pk)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    telling.mark_read(request.user, at=timezone.now())
    return redirect("inbox")


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """消息设置: the person's own, and nobody else's."""
    wishes = preferences.wishes_of(request.user)
    initial = {"email": request.user.email}
    sent = request.POST if request.method == "POST" else None
    form = PreferenceForm(sent, instance=wishes, initial=initial)
    if form.is_bound and form.is_valid():
        email = form.cleaned_data["email"]
        preferences.change(request.user, form.instance, email=email, at=timezone.now())
        messages.success(request, "消息设置已保存。")
        return redirect("message_settings")
    status = 422 if form.is_bound else 200
    return render(request, "notices/settings.html", {"form": form}, status=status)


@require_POST
def test_mail(request: HttpRequest) -> HttpResponse:
    """Try the person's own address out, and say what the mail server said."""
    try:
        answer = preferences.send_test(request.user, at=timezone.now())
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        if answer.outcome == Outcome.ACCEPTED:
            messages.success(request, f"邮件服务器已接收测试邮件，请到邮箱查收。服务器答复：{answer.words}")
        else:
            messages.error(request, f"测试邮件没有发出，请核对邮箱地址。服务器答复：{answer.words}")
    return redirect("message_settings")
