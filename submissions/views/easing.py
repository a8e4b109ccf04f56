"""More time, 免报 and 零报告 for some units of an occurrence: a page for each act, and the ways to it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from campaigns.enums import CampaignState
from campaigns.models import Occurrence
from portal.ids import as_id
from schools.access import roles_required
from schools.enums import Role
from schools.models import Unit, UnitQuerySet, User, ancestor_paths
from submissions import access
from submissions.enums import AssignmentState, Override
from submissions.forms_easing import AskForm, EaseForm, ExtendForm
from submissions.models import Assignment, AssignmentQuerySet
from submissions.rules import why_no_answer, why_no_extension
from submissions.services import easing
from submissions.services.rehearsing import Effect
from submissions.views.changes import Change, campaigns_of, carry_out, named, page_of, sent, units_below

UNFINISHED = Q(state__in=AssignmentState.unfinished())


@dataclass(frozen=True)
class Act:
    """An act on some units of an occurrence; `fits` are the assignments to which it can be done."""

    title: str
    hint: str
    service: Callable[..., Effect]
    fits: Q
    form: type[EaseForm] = EaseForm


ACTS = {
    "extend": Act(
        "单位延期", "只对所列单位延期；已报齐的、截止日期更晚的单位保持不变。",
        easing.extend, UNFINISHED, ExtendForm,
    ),
    "exempt": Act("免报", "所列单位这一项不再需要报送；已报齐的单位保持不变。", easing.exempt, UNFINISHED),
    "owe-again": Act(
        "取消免报", "所列单位恢复到免报前的状态。", easing.owe_again, Q(override=Override.EXEMPT)
    ),
    "nil": Act(
        "按零报告处理", "所列单位确无内容可报，视为报齐；已有材料提交或退回的单位保持不变。",
        easing.report_nil, UNFINISHED,
    ),
    "refuse-nil": Act(
        "退回零报告", "所列单位的零报告不予同意，须报送材料。", easing.refuse_nil, Q(override=Override.NIL)
    ),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def ease(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """One act on some units of an occurrence; `unit` or `branch` in the address are filled in."""
    plans = Occurrence.objects.filter(requirement__campaign__in=campaigns_of(request.user))
    found = get_object_or_404(plans.select_related("requirement__campaign__host"), pk=pk)
    chosen: Act = named(ACTS, act)
    campaign = found.requirement.campaign
    tasks = Assignment.objects.filter(occurrence=found).exclude(override=Override.CANCELLED)
    asked = Unit.objects.filter(pk__in=tasks.values("unit"))
    one = _in_address(request, "unit", asked)
    form = chosen.form(
        sent(request),
        asked=asked,
        fits=Unit.objects.filter(pk__in=tasks.filter(chosen.fits).values("unit")),
        known=units_below(campaign),
        branches=_branches(tasks, campaign.host),
        initial={"names": _unmistakable(one, asked), "branch": request.GET.get("branch")},
    )
    back = reverse("assignment", args=[tasks.get(unit=one).pk]) if one else page_of(campaign)
    about = f"{campaign.title} · {found.name}"
    return carry_out(
        request, Change(chosen.title, about, chosen.hint, form, partial(chosen.service, found), back)
    )


def _in_address(request: HttpRequest, name: str, among: UnitQuerySet) -> Unit | None:
    return among.filter(pk=as_id(request.GET.get(name))).first()


def _unmistakable(unit: Unit | None, among: UnitQuerySet) -> str:
    """What the list calls the unit by: its name, or its code where others are called alike."""
    if unit is None:
        return ""
    return unit.name if among.filter(name=unit.name).count() == 1 else unit.code or unit.name


def _branches(tasks: AssignmentQuerySet, host: Unit) -> UnitQuerySet:
    """The townships and bureaus that have units with tasks below them, from the host down."""
    paths = tasks.order_by().values_list("branch__path", flat=True).distinct()
    above = {one for path in paths for one in ancestor_paths(path) if one.startswith(host.path)}
    return Unit.objects.filter(path__in=above)


def about_time(
    user: User, assignment: Assignment, *, writer: bool, form: AskForm | None = None
) -> dict[str, Any]:
    """What the page of an assignment says of more time and exceptions: requests, and what may be done.

    `form` is one that did not go through.
    """
    asked = list(assignment.extension_requests.select_related("closed_by"))
    for one in asked:
        one.assignment = assignment
        one.waits = why_no_answer(one) is None
    may_ask = writer and why_no_extension(assignment) is None and not any(one.waits for one in asked)
    return {
        "extension_requests": asked,
        "extension_form": form or (AskForm() if may_ask else None),
        "easing_links": _links(user, assignment),
    }


def _links(user: User, assignment: Assignment) -> list[tuple[str, str]]:
    """Title and address of what the officer may do about this one assignment."""
    campaign = assignment.requirement.campaign
    if campaign.state != CampaignState.PUBLISHED or not access.hosts(user, campaign):
        return []
    acts: tuple[str, ...] = ()
    if assignment.state in AssignmentState.unfinished():
        acts = ("extend", "exempt") if assignment.requirement.by_click else ("extend", "exempt", "nil")
    elif assignment.state == AssignmentState.EXEMPT:
        acts = ("owe-again",)
    only = {"unit": assignment.unit_id}
    return [
        (ACTS[act].title, reverse("ease", args=[assignment.occurrence_id, act], query=only)) for act in acts
    ]
