"""Reviewing: the queue under its filters, deciding on one piece or on many, reasons often given."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Max, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.enums import RequirementKind
from campaigns.models import Requirement
from portal.ids import as_id
from schools.access import roles_required
from schools.enums import Role
from schools.models import Unit
from submissions import access, queues
from submissions.enums import PieceState
from submissions.forms import CommonReasonsForm, ReopenForm, ReviewForm
from submissions.models import CommonReason, Submission, Version
from submissions.rules import NotAllowed, NotYours
from submissions.services import reasons, reviewing
from submissions.views.reading import common_reasons, render_version

PER_PAGE = 30
#: From this share of a text on, in percent, the list says that it is like another.
WORTH_A_LOOK = 40
#: So many refusals of a bulk acceptance are named one by one.
NAMED = 5


@require_safe
@roles_required(Role.OFFICER)
def queue(request: HttpRequest) -> HttpResponse:
    """Pieces that wait for the officer's decision in the step that is theirs, oldest first."""
    under = _of_one_campaign(queues.chosen(request.GET))
    context = {
        "page": _page(request, under),
        "under": under,
        "query": queues.address(under),
        "choices": _choices(request, under),
    }
    return render(request, "submissions/queue.html", context)


def _of_one_campaign(under: dict[str, str]) -> dict[str, str]:
    """The filters, without a requirement of another campaign than the one that was chosen after it."""
    if not {"campaign", "requirement"} <= set(under):
        return under
    both = Requirement.objects.filter(pk=under["requirement"], campaign=under["campaign"])
    return under if both.exists() else {name: under[name] for name in under if name != "requirement"}


def _page(request: HttpRequest, under: dict[str, str]) -> Page:
    """A page of the queue, each piece with its `latest` version."""
    # The ids in one go say how many there are, too; sorting whole rows of thousands takes far longer.
    ids = list(queues.waiting(request.user, under).values_list("pk", flat=True))
    page = Paginator(ids, PER_PAGE).get_page(request.GET.get("page"))
    versions = Version.objects.defer("abstract", "body", "sheet").annotate(alike=Max("likenesses__share"))
    found = (
        Submission.objects.select_related(
            "assignment__unit", "assignment__branch", "assignment__occurrence__requirement__campaign"
        )
        .prefetch_related(Prefetch("versions", versions))
        .in_bulk(page.object_list)
    )
    page.object_list = [found[pk] for pk in page.object_list]
    for one in page:
        one.latest = max(one.versions.all(), key=lambda version: version.number)
        one.alike = one.latest.alike if (one.latest.alike or 0) >= WORTH_A_LOOK else None
    return page


def _choices(request: HttpRequest, under: dict[str, str]) -> list[dict[str, Any]]:
    """What the queue can be narrowed by, of what waits: parameter, label, chosen value, and options."""
    plan, asked = "assignment__occurrence__requirement__campaign", "assignment__occurrence__requirement"
    names = (plan, f"{plan}__title", asked, f"{asked}__title", f"{asked}__kind")
    rows = list(
        access.queue(request.user)
        .order_by()
        .values_list(*names, "assignment__branch", "assignment__branch__name")
        .distinct()
    )
    of_plan = [row for row in rows if under.get("campaign") in (None, str(row[0]))]
    kinds = {row[4] for row in rows}
    options = {
        "campaign": ("活动", {(str(row[0]), row[1]) for row in rows}),
        "requirement": ("报送要求", {(str(row[2]), row[3]) for row in of_plan}),
        "branch": ("镇街", {(str(row[5]), row[6]) for row in rows}),
        "kind": ("类别", {(kind.value, kind.label) for kind in RequirementKind if kind in kinds}),
    }
    return [
        {"name": name, "label": label, "chosen": under.get(name, ""), "options": sorted(found, key=_label)}
        for name, (label, found) in options.items()
    ]


def _label(option: tuple[str, str]) -> str:
    return option[1]


@require_POST
@roles_required(Role.OFFICER)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide on a version: accept it, or return it with a reason; then on to the next one."""
    found = _version(request, pk)
    now, piece = timezone.localtime(), found.submission
    form = ReviewForm(
        request.POST, now=now, due_at=piece.assignment.due_at, common=common_reasons(request.user)
    )
    if not form.is_valid():
        return render_version(request, pk, form=form, status=422)
    data = form.cleaned_data
    try:
        if data["verdict"] == ReviewForm.ACCEPT:
            reviewing.accept(
                found, by=request.user, at=now, reason=data["reason"], recommended=data["recommended"]
            )
            piece.refresh_from_db(fields=["state"])
            passed_on = piece.state == PieceState.FIRST_PASSED
            messages.success(request, f"《{found.title}》{'初审通过，已转终审' if passed_on else '已通过'}。")
        else:
            reviewing.send_back(
                found, by=request.user, at=now, reason=data["reason"], correct_by=form.correct_by
            )
            messages.success(request, f"《{found.title}》已退回，并已通知报送单位。")
    except NotYours as refusal:
        return render_version(request, pk, form=form, refusal=str(refusal), status=403)
    except NotAllowed as refusal:
        return render_version(request, pk, form=form, refusal=str(refusal), status=409)
    return _on_to_the_next(request, piece)


def _on_to_the_next(request: HttpRequest, piece: Submission) -> HttpResponse:
    under = queues.chosen(request.GET)
    following = queues.next_version(request.user, under, piece)
    if following is None:
        return redirect(reverse("queue", query=under))
    return redirect(reverse("version", args=[following], query=under))


def _version(request: HttpRequest, pk: int) -> Version:
    return get_object_or_404(
        access.versions(request.user).select_related("submission__assignment"),
        pk=pk,
        submission__assignment__in=access.reviewable(request.user),
    )


@require_POST
@roles_required(Role.OFFICER)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open an accepted piece again."""
    found = _version(request, pk)
    now = timezone.localtime()
    form = ReopenForm(request.POST, now=now)
    if not form.is_valid():
        return render_version(request, pk, reopen_form=form, status=422)
    try:
        reason = form.cleaned_data["reason"]
        reviewing.reopen(found, by=request.user, at=now, reason=reason, correct_by=form.correct_by)
    except NotYours as refusal:
        return render_version(request, pk, reopen_form=form, refusal=str(refusal), status=403)
    except NotAllowed as refusal:
        return render_version(request, pk, reopen_form=form, refusal=str(refusal), status=409)
    messages.success(request, f"《{found.title}》已重新打开，并已通知报送单位。")
    return redirect("version", pk)


@require_POST
@roles_required(Role.OFFICER)
def accept_many(request: HttpRequest) -> HttpResponse:
    """Accept every ticked version that can still be accepted; the others are named with the reason."""
    ticked = [pk for one in request.POST.getlist("version") if (pk := as_id(one))]
    readable = access.versions(request.user).filter(
        pk__in=ticked[:PER_PAGE], submission__assignment__in=access.reviewable(request.user)
    )
    done, passed_on, refused = 0, 0, []
    for version in readable.order_by("submitted_at", "pk"):
        try:
            reviewing.accept(version, by=request.user, at=timezone.now())
            version.submission.refresh_from_db(fields=["state"])
            passed_on += version.submission.state == PieceState.FIRST_PASSED
            done += version.submission.state == PieceState.ACCEPTED
        except NotAllowed as refusal:
            refused.append(f"《{version.title}》没有办理：{refusal}")
    if not ticked:
        messages.error(request, "还没有勾选材料，请先勾选要通过的材料。")
    if done:
        messages.success(request, f"已通过{done}篇材料。")
    if passed_on:
        messages.success(request, f"已初审通过{passed_on}篇材料，转终审。")
    for sentence in refused[:NAMED]:
        messages.error(request, sentence)
    if len(refused) > NAMED:
        messages.error(request, f"另有{len(refused) - NAMED}篇没有办理，请刷新后逐篇查看。")
    return redirect(reverse("queue", query=queues.chosen(request.GET)))


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def common(request: HttpRequest) -> HttpResponse:
    """The reasons that the officer's bureau keeps for its reviewers."""
    scopes = {str(post.scope_id): post.scope for post in access.officer_posts(request.user)}
    bureau: Unit = scopes.get(request.GET.get("bureau", "")) or next(iter(scopes.values()))
    kept = CommonReason.objects.filter(bureau=bureau).values_list("text", flat=True)
    form = CommonReasonsForm(request.POST or None, initial={"reasons": "\n".join(kept)})
    if request.method == "POST" and form.is_valid():
        reasons.keep(bureau, form.cleaned_data["reasons"], by=request.user, at=timezone.now())
        messages.success(request, "常用审核意见已保存。")
        return redirect(reverse("common_reasons", query={"bureau": bureau.pk}))
    context = {"form": form, "bureau": bureau, "bureaus": scopes.values()}
    status = 422 if request.method == "POST" else 200
    return render(request, "submissions/common_reasons.html", context, status=status)
