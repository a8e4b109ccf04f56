"""合理化建议 as the bureau works on them: lists, entering, merging, answering, and what came of each."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from portal.audit import target_of
from portal.history import entries
from portal.ids import as_id
from portal.models import AuditEvent
from schools.access import roles_required
from schools.enums import Role
from submissions import access
from submissions.enums import SuggestionState
from submissions.figures import SETTLED, UNSETTLED
from submissions.forms_changes import ChangeForm
from submissions.forms_suggestions import (
    AnswerForm,
    AssignForm,
    EnterForm,
    FilterForm,
    FinishForm,
    FirstAnswerForm,
    ResumeForm,
    SeenForm,
)
from submissions.models import Suggestion
from submissions.rules import NotAllowed
from submissions.services import answering, suggesting

PER_PAGE = 30
ALL = "all"
S = SuggestionState
#: The states as shelves of a list, in the order in which they are worked on.
SHELVES = S.in_order()
UNDONE = Q(state__in=S.carried_out(), done_at=None)


@require_safe
@roles_required(*Role.overseeing())
def all_suggestions(request: HttpRequest) -> HttpResponse:
    """Every plan with how many suggestions stand where; each number leads to its list."""
    condition = {state: Q(suggestions__state=state) for state in SHELVES}
    late = Q(suggestions__state__in=S.carried_out(), suggestions__done_at=None)
    late &= Q(suggestions__due_on__lt=timezone.localdate())
    plans = (
        access.suggestion_campaigns(request.user)
        .select_related("host")
        .annotate(late=Count("suggestions", filter=late))
        .annotate(**{f"n_{state}": Count("suggestions", filter=one) for state, one in condition.items()})
        .order_by("-starts_on", "-pk")
    )
    page = Paginator(plans, PER_PAGE).get_page(request.GET.get("page"))
    for one in page:
        one.counts = [(state, getattr(one, f"n_{state}")) for state in SHELVES]
    return render(request, "submissions/suggestions_all.html", {"page": page, "shelves": SHELVES})


@require_safe
@roles_required(*Role.overseeing())
def suggestions(request: HttpRequest, pk: int) -> HttpResponse:
    """The suggestions of one plan, narrowed by state and by what is chosen; officers tick some to merge."""
    campaign = get_object_or_404(_campaigns(request), pk=pk)
    form = FilterForm(request.GET, campaign=campaign)
    form.is_valid()  # what cannot be chosen narrows nothing
    today = timezone.localdate()
    found = _narrowed(campaign.suggestions.all(), form.cleaned_data, timezone.now())
    held = found.aggregate(**{state: Count("pk", filter=Q(state=state)) for state in SHELVES})
    shelf = request.GET.get("shelf", "")
    if shelf not in [*SHELVES, ALL]:
        shelf = S.NEW.value
    # What needs nothing more is offered where there is some.
    offered = [one for one in SHELVES if one not in (S.MERGED, S.WITHDRAWN) or held[one] or one == shelf]
    counts = [(one.value, one.label, held[one]) for one in offered]
    shown = found if shelf == ALL else found.filter(state=shelf)
    shown = shown.select_related("unit", "topic", "responsible").annotate(others=Count("merged"))
    shown = shown.order_by(F("due_on").asc(nulls_last=True), "added_at", "pk")
    asked = request.GET.copy()
    asked.pop("page", None)
    chosen = asked.copy()
    chosen.pop("shelf", None)
    manages = access.hosts(request.user, campaign)
    context = {
        "campaign": campaign,
        "form": form,
        "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
        "shelf": shelf,
        "shelves": [*counts, (ALL, "全部", sum(held.values()))],
        "query": asked.urlencode(),
        "chosen": chosen.urlencode(),
        "today": today,
        "open": manages and campaign.state != CampaignState.ARCHIVED,
        "mergeable": manages and campaign.state != CampaignState.ARCHIVED and shelf in (S.NEW, ALL),
    }
    return render(request, "submissions/suggestions.html", context)


def _campaigns(request: HttpRequest, *roles: Role) -> QuerySet[Campaign]:
    return access.suggestion_campaigns(request.user, *roles).select_related("host")


def _narrowed(found: QuerySet[Suggestion], by: dict[str, Any], at: datetime) -> QuerySet[Suggestion]:
    """Only what the (clean) values of a FilterForm ask for."""
    progress = {
        FilterForm.DOING: UNDONE & Q(responsible__isnull=False),
        FilterForm.OVERDUE: UNSETTLED.condition(at),
        FilterForm.DONE: SETTLED.condition(at),
    }
    if words := by.get("q"):
        found = found.filter(text__icontains=words)
    if topic := by.get("topic"):
        found = found.filter(topic=topic)
    if township := by.get("township"):
        found = found.filter(unit__path__startswith=township.path)
    if responsible := by.get("responsible"):
        found = found.filter(responsible=responsible)
    return found.filter(progress.get(by.get("progress"), Q()))


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def enter_suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter a suggestion that was made at a meeting, in a letter, or by a unit without a piece."""
    campaign = get_object_or_404(_campaigns(request, Role.OFFICER), pk=pk)
    form = EnterForm(request.POST or None, campaign=campaign)
    refusal, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                suggesting.enter(campaign, **form.terms(), by=request.user, at=timezone.now())
            except NotAllowed as sentence:
                refusal, status = str(sentence), 409
            else:
                messages.success(request, "建议已登记。")
                return redirect("suggestions", campaign.pk)
    context = {"campaign": campaign, "form": form, "refusal": refusal}
    return render(request, "submissions/suggestions_enter.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def merge_suggestions(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the ticked suggestions side by side, choose whose words stay, and merge the others into it."""
    campaign = get_object_or_404(_campaigns(request, Role.OFFICER), pk=pk)
    sent = request.POST if request.method == "POST" else request.GET
    ticked = [pk for one in sent.getlist("one") if (pk := as_id(one))]
    chosen = list(campaign.suggestions.filter(pk__in=ticked).select_related("unit", "topic"))
    refusal = ""
    if request.method == "POST":
        into = next((one for one in chosen if str(one.pk) == request.POST.get("into")), None)
        others = [one for one in chosen if one != into]
        try:
            if into is None:
                raise NotAllowed("请选择保留哪一条的文字，其余的并入这一条。")
            moved = suggesting.merge(into, others, by=request.user, at=timezone.now())
        except NotAllowed as sentence:
            refusal = str(sentence)
        else:
            messages.success(request, f"已将{len(moved)}条建议并入所选的一条，将一并答复。")
            return redirect("suggestion", into.pk)
    elif len(chosen) < 2:
        messages.error(request, "请至少勾选两条建议再合并。")
        return redirect("suggestions", campaign.pk)
    context = {"campaign": campaign, "chosen": chosen, "refusal": refusal}
    return render(request, "submissions/suggestions_merge.html", context, status=409 if refusal else 200)


# One suggestion -------------------------------------------------------------------------------------


@require_safe
@roles_required(*Role.overseeing())
def suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """One suggestion: who proposed it, what was merged into it, its answer, who carries it out, its trail."""
    return render_suggestion(request, pk)


def render_suggestion(
    request: HttpRequest, pk: int, sent: dict[str, Any] | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    """Render the page of a suggestion; `sent` are forms, by act, that did not go through."""
    joined = ("campaign__host", "unit", "topic", "responsible", "merged_into__unit", "answered_by", "done_by")
    readable = access.suggestions(request.user).select_related(*joined)
    found = get_object_or_404(readable, pk=pk)
    manages = access.hosts(request.user, found.campaign)
    open_ = manages and found.campaign.state != CampaignState.ARCHIVED
    trail = AuditEvent.objects.filter(target=target_of(found)).select_related("actor")
    context = {
        "suggestion": found,
        "campaign": found.campaign,
        "merged": found.merged.select_related("unit"),
        "forms": _forms(found, sent or {}) if open_ else {},
        "open": open_,
        "refusal": refusal,
        "trail": entries(trail),
        "today": timezone.localdate(),
    }
    return render(request, "submissions/suggestion.html", context, status=status)


def _forms(found: Suggestion, sent: dict[str, Any]) -> dict[str, Any]:
    """What an officer may do to the suggestion as it stands: act → its form, empty or as it was `sent`."""
    edition = answering.edition(found)
    given = {"suggestion": found, "initial": {"seen": edition}}
    if found.state == S.NEW:
        possible = {"answer": FirstAnswerForm(**given)}
    elif found.done_at is not None:
        possible = {"resume": ResumeForm()}
    elif found.state in S.carried_out():
        possible = {"assign": AssignForm(**given), "finish": FinishForm(), "answer": AnswerForm(**given)}
    else:
        possible = {"answer": AnswerForm(**given)} if found.state == S.DECLINED else {}
    for act in possible.keys() & sent.keys():
        possible[act] = sent[act]
        if isinstance(sent[act], SeenForm):
            sent[act].show_again(edition)
    return possible


def _sent_form(request: HttpRequest, act: str, found: Suggestion) -> ChangeForm | None:
    if act == "answer":
        first = "responsible" in request.POST  # a page that showed it unanswered
        return (FirstAnswerForm if first else AnswerForm)(request.POST, suggestion=found)
    if act == "assign":
        return AssignForm(request.POST, suggestion=found)
    return ResumeForm(request.POST) if act == "resume" else None


#: What officers do to one suggestion: the service, and what is said when it is done.
ACTS: dict[str, tuple[Callable[..., Any], str]] = {
    "answer": (answering.answer, "答复已保存，并已通知提出单位。"),
    "assign": (answering.assign, "已交办，并已通知责任单位。"),
    "resume": (answering.reopen, "已退回继续办理。"),
    "split": (suggesting.split_off, "已拆出，将单独答复。"),
}


@require_POST
@roles_required(Role.OFFICER)
def suggestion_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Answer a suggestion, give it to a unit, take it back among those to be done, or out of a merger."""
    if act not in ACTS:
        raise Http404
    managed = access.suggestions(request.user, Role.OFFICER).select_related("campaign__host")
    found = get_object_or_404(managed, pk=pk)
    form = _sent_form(request, act, found)
    if form is not None and not form.is_valid():
        return render_suggestion(request, pk, {act: form}, status=422)
    service, done = ACTS[act]
    try:
        service(found, **(form.terms() if form else {}), by=request.user, at=timezone.now())
    except NotAllowed as refusal:
        return render_suggestion(request, pk, {act: form}, refusal=str(refusal), status=409)
    messages.success(request, done)
    return redirect("suggestion", found.merged_into_id if act == "split" else pk)
