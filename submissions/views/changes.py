"""Changing a published plan: one page that shows it all, and a page for each act.

Every act goes the same way (`carry_out`): fill in, see the effect, confirm.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Prefetch, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.audience import units_owing
from campaigns.enums import CampaignState
from campaigns.models import Campaign, Occurrence, Phase, Requirement
from campaigns.models.campaign import CampaignQuerySet
from campaigns.services import planning
from portal.ids import as_id
from schools.access import roles_required, scope_of, units_for
from schools.enums import Role
from schools.models import Unit, UnitQuerySet, User
from submissions.enums import AssignmentState, Override
from submissions.forms_changes import (
    ChangeForm,
    DeadlineForm,
    MergeForm,
    ReasonForm,
    SplitForm,
    ToldReasonForm,
    UnitsForm,
    units_like,
)
from submissions.models import Assignment, Standing
from submissions.rules import NotAllowed
from submissions.services import changing, closing, mergers, phases, publishing
from submissions.services.rehearsing import Effect, rehearse

RECENT = 30
FOUND = 10


def campaigns_of(user: User) -> CampaignQuerySet:
    """Plans that the officer may change: published at some time, hosted in their scope."""
    return Campaign.objects.visible().filter(host__in=units_for(user, Role.OFFICER)).select_related("host")


@require_safe
@roles_required(Role.OFFICER)
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that can be changed in a published plan, and what has been changed lately."""
    found = get_object_or_404(campaigns_of(request.user), pk=pk)
    given = Exists(Assignment.objects.filter(occurrence=OuterRef("pk")))
    occurrences = Prefetch("occurrences", Occurrence.objects.annotate(given=given))
    requirements = list(found.requirements.select_related("phase").prefetch_related(occurrences))
    _count(requirements)
    typed = request.GET.get("unit", "").strip()
    context = {
        "campaign": found,
        "running": found.state == CampaignState.PUBLISHED,
        "phases": found.phases.all(),
        "requirements": [one for one in requirements if one.issued_at],
        "drafts": [one for one in requirements if not one.issued_at],
        "now": timezone.now(),
        "typed": typed,
        "units": _found(typed, request.user) if typed else None,
        "events": planning.trail_of(found).select_related("actor")[:RECENT],
    }
    return render(request, "submissions/changes.html", context)


def _count(requirements: list[Requirement]) -> None:
    """Set `owed` and `unfinished` on every requirement."""
    counters = Standing.objects.filter(occurrence__requirement__in=requirements)
    rows = counters.values("occurrence__requirement").annotate(
        owed=Sum("n", filter=Q(state__in=AssignmentState.owed()), default=0),
        unfinished=Sum("n", filter=Q(state__in=AssignmentState.unfinished()), default=0),
    )
    found = {row["occurrence__requirement"]: row for row in rows}
    for one in requirements:
        row = found.get(one.pk, {})
        one.owed, one.unfinished = row.get("owed", 0), row.get("unfinished", 0)


def _found(typed: str, user: User) -> list[Unit]:
    return list(units_like(typed, _changeable_units(user)).select_related("parent")[:FOUND])


def _changeable_units(user: User) -> UnitQuerySet:
    """Units that the officer may merge or split: in force, below a bureau of theirs.

    Not the bureau itself: what stands beside it is its superior's business.
    """
    return _under(user).active()


def _under(user: User) -> UnitQuerySet:
    return units_for(user, Role.OFFICER).exclude(path__in=scope_of(user, Role.OFFICER).overseen)


# The acts -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """An act as its page shows it. `service` still wants the form's terms, `by` and `at`."""

    title: str
    about: str
    hint: str
    form: ChangeForm
    service: Callable[..., Effect]
    back: str


def carry_out(request: HttpRequest, change: Change) -> HttpResponse:
    """Show the form; with a valid one show the effect; with `confirm` do it and go back."""
    form, refusal, status = change.form, "", 200
    if form.is_bound and "edit" not in request.POST:
        status = 422
        if form.is_valid():
            confirmed = "confirm" in request.POST
            terms = form.terms() | {"by": request.user, "at": timezone.now()}
            try:
                effect = change.service(**terms) if confirmed else rehearse(change.service, **terms)
            except NotAllowed as sentence:
                refusal, status = str(sentence), 409
            else:
                if not confirmed:
                    context = {"change": change, "form": form, "effect": effect}
                    return render(request, "submissions/changes_effect.html", context)
                done = f"：{effect.in_words}" if effect.in_words else ""
                messages.success(request, f"{change.title}已完成{done}。")
                return redirect(change.back)
    context = {"change": change, "form": form, "refusal": refusal}
    return render(request, "submissions/changes_form.html", context, status=status)


def sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def page_of(found: Campaign) -> str:
    return reverse("changes", args=[found.pk])


CAMPAIGN_ACTS = {
    "close": ("结束活动", "结束后不再接收材料；正在进行的阶段随之结束。", ToldReasonForm, closing.close),
    "archive": ("归档活动", "归档后的活动只供查阅。", ReasonForm, closing.archive),
    "reopen": ("重新开放活动", "重新开放后，各单位可以继续报送。", ToldReasonForm, closing.reopen),
}

PHASE_ACTS = {
    "open": ("开始阶段", "不等日期到来，现在就开始。", phases.open_),
    "close": ("结束阶段", "不等日期到来，现在就结束；未完成的任务仍可补报。", phases.close),
}


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def campaign(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Close, archive or reopen a campaign."""
    found = get_object_or_404(campaigns_of(request.user), pk=pk)
    title, hint, made_of, service = named(CAMPAIGN_ACTS, act)
    form = made_of(sent(request))
    return carry_out(request, Change(title, str(found), hint, form, partial(service, found), page_of(found)))


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def phase(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Open or close a phase by hand."""
    found = get_object_or_404(Phase.objects.filter(campaign__in=campaigns_of(request.user)), pk=pk)
    title, hint, service = named(PHASE_ACTS, act)
    form = ChangeForm(sent(request))
    back = page_of(found.campaign)
    return carry_out(request, Change(title, str(found), hint, form, partial(service, found), back))


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def requirement(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Issue or withdraw a requirement, or change which units it asks."""
    plans = Requirement.objects.filter(campaign__in=campaigns_of(request.user))
    found = get_object_or_404(plans.select_related("campaign__host", "audience_branch"), pk=pk)
    make = named(REQUIREMENT_ACTS, act)
    return carry_out(request, make(request, found))


def _issue(request: HttpRequest, found: Requirement) -> Change:
    return Change(
        "下达报送要求", str(found), "下达后，各单位立即收到任务和通知。",
        ChangeForm(sent(request)), partial(publishing.issue, found), page_of(found.campaign),
    )  # fmt: skip


def _withdraw(request: HttpRequest, found: Requirement) -> Change:
    return Change(
        "撤回报送要求", str(found), "撤回后，各单位不再需要报送；已报送的材料保留。撤回后不能恢复。",
        ToldReasonForm(sent(request)), partial(changing.withdraw_requirement, found),
        page_of(found.campaign),
    )  # fmt: skip


def _add_units(request: HttpRequest, found: Requirement) -> Change:
    everybody = units_below(found.campaign)
    below = everybody.active().exclude(pk=found.campaign.host_id)
    why = "主办单位不向自己报送，不能增加"
    return Change(
        "增加单位", str(found), "增加的单位立即收到任务；原来撤销的任务恢复到撤销前的状态。",
        UnitsForm(sent(request), among=below, known=everybody, why_elsewhere=why),
        partial(changing.add_units, found), page_of(found.campaign),
    )  # fmt: skip


def _drop_units(request: HttpRequest, found: Requirement) -> Change:
    owing = Assignment.objects.filter(occurrence__requirement=found).exclude(override=Override.CANCELLED)
    asked = Unit.objects.filter(Q(pk__in=owing.values("unit")) | Q(pk__in=units_owing(found).values("pk")))
    known, why = units_below(found.campaign), "以下单位不在报送范围内，无需减少"
    return Change(
        "减少单位", str(found), "减少的单位不再需要报送；已报送的材料保留。",
        UnitsForm(sent(request), among=asked, known=known, why_elsewhere=why, ticked=asked),
        partial(changing.drop_units, found), page_of(found.campaign),
    )  # fmt: skip


def units_below(found: Campaign) -> UnitQuerySet:
    """The host and every unit below it, closed ones with those they merged into."""
    return Unit.objects.within(found.host).select_related("successor")


REQUIREMENT_ACTS: dict[str, Callable[[HttpRequest, Requirement], Change]] = {
    "issue": _issue,
    "withdraw": _withdraw,
    "add-units": _add_units,
    "drop-units": _drop_units,
}


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def deadline(request: HttpRequest, pk: int) -> HttpResponse:
    """Move the deadline of an occurrence for everybody."""
    plans = Occurrence.objects.filter(requirement__campaign__in=campaigns_of(request.user))
    found = get_object_or_404(plans.select_related("requirement__campaign"), pk=pk)
    form = DeadlineForm(sent(request), occurrence=found)
    about = str(found.requirement) + (f" · {found.label}" if found.label else "")
    hint = "对所有单位一并调整；已单独延期到更晚的单位不受影响。"
    back = page_of(found.requirement.campaign)
    service = partial(changing.move_deadline, found)
    return carry_out(request, Change("调整期限", about, hint, form, service, back))


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge a unit into another one."""
    known = units_for(request.user, Role.OFFICER)
    found = get_object_or_404(_under(request.user), pk=pk)
    others = _changeable_units(request.user).exclude(pk=found.pk)
    form = MergeForm(sent(request), unit=found, among=others, known=known)
    hint = "被并入的单位自此撤并，进行中活动里尚未完成的任务撤销，由并入的单位承担；已报送的材料保留。"
    return carry_out(
        request, Change("合并单位", str(found), hint, form, partial(mergers.merge, found), _way_back(request))
    )


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Found new units beside one."""
    found = get_object_or_404(_changeable_units(request.user), pk=pk)
    form = SplitForm(sent(request), unit=found)
    hint = "在同一上级单位下新设单位，原单位保留；新单位立即承担进行中活动的任务。"
    return carry_out(
        request, Change("拆分单位", str(found), hint, form, partial(mergers.split, found), _way_back(request))
    )


def _way_back(request: HttpRequest) -> str:
    """The plan from whose page the unit was looked up, else all plans."""
    chosen = as_id(request.GET.get("campaign"))
    return reverse("changes", args=[chosen]) if chosen else reverse("progress")


def named(acts: dict[str, Any], act: str) -> Any:
    """The act of that name; 404 when there is none."""
    if act not in acts:
        raise Http404
    return acts[act]
