"""Requests for more time: the school asks on the page of the task, the officer answers in a queue."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns.enums import CampaignState
from notices.workdays import DAY, last_day, workdays_between
from portal.ids import as_id
from schools.access import roles_required
from schools.enums import Role
from submissions import access
from submissions.enums import AssignmentState
from submissions.forms_easing import AnswerForm, AskForm
from submissions.models import Assignment, ExtensionRequest
from submissions.rules import NotAllowed
from submissions.services import extending
from submissions.views.changes import campaigns_of
from submissions.views.shared import render_assignment

PER_PAGE = 30


# The school's side ----------------------------------------------------------------------------------


@require_POST
@roles_required(Role.SECRETARY)
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for more time."""
    found = get_object_or_404(access.writable(request.user), pk=pk)
    form = AskForm(request.POST)
    if not form.is_valid():
        return render_assignment(request, pk, extension_form=form, status=422)
    try:
        extending.ask(found, **form.terms(), by=request.user, at=timezone.now())
    except NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return render_assignment(request, pk, extension_form=form, status=409)
    messages.success(request, "延期申请已提交，答复前原截止日期不变。")
    return redirect("assignment", pk)


@require_POST
@roles_required(Role.SECRETARY)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a request back that is not answered yet."""
    mine = ExtensionRequest.objects.filter(assignment__in=access.writable(request.user))
    found = get_object_or_404(mine, pk=pk)
    try:
        extending.take_back(found, by=request.user, at=timezone.now())
        messages.success(request, "延期申请已撤回。")
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("assignment", found.assignment_id)


# The officer's side ---------------------------------------------------------------------------------


@require_safe
@roles_required(Role.OFFICER)
def queue(request: HttpRequest) -> HttpResponse:
    """Requests that wait for the officer's answer, oldest first."""
    return _render_queue(request)


def _render_queue(
    request: HttpRequest, answered: dict[int, AnswerForm] | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    """Render the queue, also with forms, by request, that did not go through."""
    waiting = access.extension_queue(request.user)
    chosen = request.GET.get("campaign", "")
    if as_id(chosen):
        waiting = waiting.filter(assignment__occurrence__requirement__campaign=as_id(chosen))
    page = Paginator(_with_story(waiting), PER_PAGE).get_page(request.GET.get("page"))
    for one in page:
        one.form = (answered or {}).get(one.pk) or AnswerForm(asked=one)
        due, until = (last_day(instant) + DAY for instant in (one.assignment.due_at, one.until))
        one.workdays = workdays_between(due, until)
    context = {
        "page": page,
        "campaigns": campaigns_of(request.user).filter(state=CampaignState.PUBLISHED),
        "chosen": chosen,
        "refusal": refusal,
        "now": timezone.now(),
    }
    return render(request, "submissions/extensions.html", context, status=status)


def _with_story(waiting: QuerySet[ExtensionRequest]) -> QuerySet[ExtensionRequest]:
    """With the task and its plan; `extended` is how many tasks of the campaign the unit has more time for."""
    campaign = "occurrence__requirement__campaign"
    extended = (
        Assignment.objects.filter(
            unit=OuterRef("assignment__unit"),
            due_at__gt=F("occurrence__due_at"),
            state__in=AssignmentState.owed(),
            **{campaign: OuterRef(f"assignment__{campaign}")},
        )
        .order_by()
        .values("unit")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return waiting.select_related(
        "asked_by", "assignment__unit", "assignment__branch", "assignment__occurrence__requirement__campaign"
    ).annotate(extended=Coalesce(Subquery(extended, output_field=IntegerField()), 0))


@require_POST
@roles_required(Role.OFFICER)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant one request, perhaps until another day, or refuse it with a reason."""
    found = get_object_or_404(_mine(request), pk=pk)
    form = AnswerForm(request.POST, asked=found)
    if not form.is_valid():
        return _render_queue(request, {pk: form}, status=422)
    terms: dict[str, Any] = {"answer": form.cleaned_data["answer"], "by": request.user, "at": timezone.now()}
    try:
        if form.cleaned_data["verdict"] == AnswerForm.GRANT:
            extending.grant(found, until=form.until, **terms)
            messages.success(request, f"已同意{found.assignment.unit}延期，并已通知该单位。")
        else:
            extending.refuse(found, **terms)
            messages.success(request, f"未同意{found.assignment.unit}延期，并已通知该单位。")
    except NotAllowed as refusal:
        said = f"{found.assignment.unit}：{refusal}"
        return _render_queue(request, {pk: form}, refusal=said, status=409)
    return redirect(_queue_as_it_was(request))


@require_POST
@roles_required(Role.OFFICER)
def grant_ticked(request: HttpRequest) -> HttpResponse:
    """Grant the ticked requests as asked, each by itself; what cannot be granted is said."""
    ids = [pk for one in request.POST.getlist("asked") if (pk := as_id(one))][:PER_PAGE]
    granted = 0
    for found in _mine(request).filter(pk__in=ids).order_by("asked_at", "pk"):
        try:
            extending.grant(found, until=found.until, by=request.user, at=timezone.now())
            granted += 1
        except NotAllowed as refusal:
            messages.error(request, f"{found.assignment.unit}：{refusal}")
    if granted:
        messages.success(request, f"已按申请同意{granted}项延期，并已通知有关单位。")
    elif not ids:
        messages.error(request, "请先勾选要同意的延期申请。")
    return redirect(_queue_as_it_was(request))


def _mine(request: HttpRequest) -> QuerySet[ExtensionRequest]:
    asked = access.extension_requests(request.user)
    return asked.select_related("assignment__unit", "assignment__occurrence__requirement")


def _queue_as_it_was(request: HttpRequest) -> str:
    chosen = request.GET.get("campaign", "")
    return reverse("extensions", query={"campaign": chosen} if chosen else None)
