"""The inbox; reading it is recorded by a POST, because a GET writes nothing."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from notices.models import Notice
from notices.services import telling

PER_PAGE = 30


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    notices = Notice.objects.filter(recipient=request.user)
    page = Paginator(notices, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "notices/inbox.html", {"page": page})


@require_POST
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one notice as read and go where it points."""
    notice = get_object_or_404(Notice, pk=pk, recipient=request.user)
    telling.mark_read(request.user, at=timezone.now(), only=notice.pk)
    return redirect(notice.url or "inbox")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    telling.mark_read(request.user, at=timezone.now())
    return redirect("inbox")
