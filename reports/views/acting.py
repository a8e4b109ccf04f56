"""A press of a button beside a paper: whose it is, what was typed with it, what is said afterwards."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from reports.forms import BulletinForm
from schools.enums import Role
from schools.models import User
from submissions.rules import NotAllowed

#: Who does it, the service, and what is said when it is done.
Acts = dict[str, tuple[Role, Callable[..., Any], str]]


def carry_out(
    request: HttpRequest,
    pk: int,
    act: str,
    acts: Acts,
    hosted: Callable[[User, Role], QuerySet],
    sent_form: Callable[[HttpRequest, str, Any], BulletinForm | None],
    page: Callable[..., HttpResponse],
) -> HttpResponse:
    """Do one of `acts` and go back to the paper, whose address has the name of its model.

    `hosted` narrows to papers for which the person has the role, `page` shows the paper again with the form
    and a refusal.
    """
    if act not in acts:
        raise Http404
    role, service, done = acts[act]
    if role not in request.user.roles:
        raise PermissionDenied
    found = get_object_or_404(hosted(request.user, role), pk=pk)
    form = sent_form(request, act, found)
    if form is not None and not form.is_valid():
        return page(request, pk, {act: form}, refusal=form.unseen, status=422)
    terms = form.cleaned_data if form else {}
    try:
        service(found, **terms, by=request.user, at=timezone.now())
    except NotAllowed as refusal:
        return page(request, pk, {act: form} if form else {}, refusal=str(refusal), status=409)
    messages.success(request, done)
    return redirect(found._meta.model_name, pk)
