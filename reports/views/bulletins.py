"""督查通报: the list, one of them to be read and printed, and what officers and leaders do with it."""

import re
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.models import Campaign
from portal.audit_words import VERBS
from portal.ids import as_id
from reports import access
from reports.enums import PaperState
from reports.forms import BulletinForm, ReasonForm, RedraftForm, SeenForm, WordsForm
from reports.models import Bulletin
from reports.services import bulletin_figures, bulletins, trail
from reports.views.acting import Acts, carry_out
from schools.access import roles_required
from schools.enums import Role
from schools.models import User
from submissions.rules import NotAllowed

PER_PAGE = 30
ALL = "all"
READERS = (*Role.own_unit(), *Role.overseeing())
PLAN = "occurrence__requirement__campaign__host"
HEADING = re.compile(r"[一二三四五六七八九十]+、")
S = PaperState


@require_safe
@roles_required(*READERS)
def list_bulletins(request: HttpRequest) -> HttpResponse:
    """The bulletins that the person may read, the latest first; overseers choose by state."""
    found = access.bulletins(request.user)
    campaign = None
    if typed := request.GET.get("campaign"):
        found = found.filter(occurrence__requirement__campaign=as_id(typed))
        campaign = Campaign.objects.filter(pk__in=found.values("occurrence__requirement__campaign")).first()
    shelves, shelf = [], request.GET.get("shelf", ALL)
    if request.user.roles & set(Role.overseeing()):
        states = S.written()
        held = found.order_by().aggregate(**{one.value: Count("pk", filter=Q(state=one)) for one in states})
        shelves = [(ALL, "全部", sum(held.values())), *((one.value, one.label, held[one]) for one in states)]
    if shelf in S.written():
        found = found.filter(state=shelf)
    else:
        shelf = ALL
    found = found.select_related(PLAN, "signed_by").defer("body", "figures")
    asked = request.GET.copy()
    asked.pop("page", None)
    narrowed = asked.copy()
    narrowed.pop("shelf", None)
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "campaign": campaign,
        "shelves": shelves,
        "shelf": shelf,
        "query": asked.urlencode(),
        "narrowed": narrowed.urlencode(),
    }
    return render(request, "reports/bulletins.html", context)


@require_safe
@roles_required(*READERS)
def bulletin(request: HttpRequest, pk: int) -> HttpResponse:
    """One bulletin as it reads, fit to print; whoever may act on it finds the buttons beside it."""
    return _page(request, pk)


def _page(
    request: HttpRequest,
    pk: int,
    sent: dict[str, BulletinForm] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the page; `sent` are forms, by act, that did not go through."""
    found = get_object_or_404(_readable(request.user), pk=pk)
    now = timezone.now()
    inside = access.hosted(request.user).filter(pk=pk).exists()
    events = list(trail.trail_of(found)) if inside else []
    context = {
        "bulletin": found,
        "campaign": found.campaign,
        "lines": _lines(found.body),
        "numbers": found.figures["numbers"],
        "branches": found.figures["branches"] if len(found.figures["branches"]) > 1 else [],
        "inside": inside,
        "trail": [(event, VERBS[event.action.partition(".")[2]]) for event in events],
        "unchanged": trail.given_back_unchanged(events) if found.state in S.open() else None,
        "refusal": refusal,
        "now": now,
    }
    if inside and found.state in S.open():
        context |= _work(found, request.user, now, sent or {})
    return render(request, "reports/bulletin.html", context, status=status)


def _work(found: Bulletin, user: User, now: datetime, sent: dict[str, BulletinForm]) -> dict[str, Any]:
    """What the person may do with a bulletin that is not over, and what they should know before."""
    since = bulletin_figures.since(found, now)
    forms: dict[str, BulletinForm] = {}
    if access.to_sign(user).filter(pk=found.pk).exists():
        forms |= {"sign": SeenForm(), "give_back": _reason("give_back")}
    officer = access.hosted(user, Role.OFFICER).filter(pk=found.pk).exists()
    if officer:
        forms |= {
            "redraft": RedraftForm(edited=found.edited_by_id is not None),
            "discard": _reason("discard"),
        }
        forms |= {"submit": SeenForm()} if found.state == S.DRAFT else {"take_back": BulletinForm()}
    if stale := bulletins.why_stale(found):
        forms = {act: form for act, form in forms.items() if act in ("give_back", "discard")}
    return {
        "since": since,
        "stale": stale,
        "forms": forms | {act: form for act, form in sent.items() if act in forms},
        "officer": officer,
        "edition": bulletins.edition(found),
        "edition_with_figures": bulletins.edition(found, since),
    }


def _readable(user: User) -> QuerySet[Bulletin]:
    return access.bulletins(user).select_related(PLAN, "edited_by", "signed_by")


def _lines(body: str) -> list[tuple[bool, str]]:
    """The paragraphs of a body, each with whether it is a heading."""
    return [(bool(HEADING.match(line)), line) for one in body.splitlines() if (line := one.strip())]


def _reason(act: str, data: Any = None) -> ReasonForm:
    if act == "give_back":
        return ReasonForm(data, prefix=act, label="退回原因", hint="起草的同志会看到。")
    return ReasonForm(data, prefix=act, label="不印发的原因", hint="将写入记录，此后不能恢复。")


# Acts ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Put other words into a draft."""
    found = get_object_or_404(access.hosted(request.user, Role.OFFICER).select_related(PLAN), pk=pk)
    refusal, status = "", 200
    if request.method == "POST":
        form, status = WordsForm(request.POST), 422
        if form.is_valid():
            try:
                bulletins.edit(found, **form.cleaned_data, by=request.user, at=timezone.now())
            except NotAllowed as sentence:
                refusal, status = str(sentence), 409
                found.refresh_from_db()
                form.show_again(bulletins.edition(found))
            else:
                messages.success(request, "已保存。")
                return redirect("bulletin", pk)
        elif refusal := form.unseen:
            form.show_again(bulletins.edition(found))
    elif found.state != S.DRAFT:
        messages.info(request, f"这份通报现在是“{found.get_state_display()}”状态，不能修改。")
        return redirect("bulletin", pk)
    elif stale := bulletins.why_stale(found):
        messages.info(request, stale)
        return redirect("bulletin", pk)
    else:
        form = WordsForm(initial={"title": found.title, "body": found.body, "seen": bulletins.edition(found)})
    context = {"bulletin": found, "campaign": found.campaign, "form": form, "refusal": refusal}
    return render(request, "reports/bulletin_edit.html", context, status=status)


ACTS: Acts = {
    "submit": (Role.OFFICER, bulletins.submit, "已送签，局领导已收到通知。"),
    "take_back": (Role.OFFICER, bulletins.take_back, "已撤回，可以修改后重新送签。"),
    "redraft": (Role.OFFICER, bulletins.redraft, "已按最新情况重新起草，请核对后送签。"),
    "discard": (Role.OFFICER, bulletins.discard, "已定为不印发。"),
    "sign": (Role.LEADER, bulletins.sign, "已签发，并已通知有关单位。"),
    "give_back": (Role.LEADER, bulletins.give_back, "已退回，起草的同志已收到通知。"),
}


@require_POST
@roles_required(*Role.overseeing())
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Submit, take back, count anew, discard; sign or give back."""
    return carry_out(request, pk, act, ACTS, access.hosted, _sent_form, _page)


def _sent_form(request: HttpRequest, act: str, found: Bulletin) -> BulletinForm | None:
    if act in ("submit", "sign"):
        return SeenForm(request.POST)
    if act == "redraft":
        return RedraftForm(request.POST, edited=found.edited_by_id is not None)
    return _reason(act, request.POST) if act in ("give_back", "discard") else None
