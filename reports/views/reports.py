"""Reports: the list, one of them to be read and printed, and what officers, leaders and units do with it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.models import Campaign
from portal.audit_words import VERBS
from portal.ids import as_id
from portal.models import JobState
from portal.views import facts
from reports import access
from reports.enums import PaperState, ReportKind
from reports.forms import BulletinForm, ReasonForm, SeenForm
from reports.forms_reports import CopyForm, ReportForm
from reports.models import PaperTemplate, Report
from reports.services import issuing, ordering, shapes, trail
from reports.views.acting import Acts, carry_out
from schools.access import roles_required
from schools.enums import Role
from schools.models import Membership, User
from submissions.rules import NotAllowed

PER_PAGE = 30
#: Units on a page of those that have signed for it, or have not.
UNITS = 200
ALL = "all"
READERS = (*Role.own_unit(), *Role.overseeing())
S = PaperState


# The list --------------------------------------------------------------------------------------------


@require_safe
@roles_required(*READERS)
def list_reports(request: HttpRequest) -> HttpResponse:
    """The reports that the person may read: what waits for their receipt first, then the latest; overseers
    choose by state, everybody by kind."""
    found = access.reports(request.user)
    campaign = None
    if typed := request.GET.get("campaign"):
        found = found.filter(campaign=as_id(typed) or 0)
        campaign = Campaign.objects.filter(pk__in=found.values("campaign")).first()
    kind = request.GET.get("kind", "")
    if kind in ReportKind.values:
        found = found.filter(kind=kind)
    else:
        kind = ""
    shelves, shelf = [], request.GET.get("shelf", ALL)
    if request.user.roles & set(Role.overseeing()):
        held = found.order_by().aggregate(**{one.value: Count("pk", filter=Q(state=one)) for one in S})
        shelves = [(ALL, "全部", sum(held.values())), *((one.value, one.label, held[one]) for one in S)]
    shelf = shelf if shelf in S.values else ALL
    if shelf != ALL:
        found = found.filter(state=shelf)
    context = {
        "page": Paginator(_listed(found, request.user), PER_PAGE).get_page(request.GET.get("page")),
        "campaign": campaign,
        "kinds": ReportKind.choices,
        "kind": kind,
        "shelves": shelves,
        "shelf": shelf,
        "query": _query(request, "page"),
        "narrowed": _query(request, "page", "shelf"),
    }
    return render(request, "reports/reports.html", context)


def _listed(found: QuerySet[Report], user: User) -> QuerySet[Report]:
    """In their order: `unsigned` and `received` say how the person's own units stand with it."""
    mine = access.receipts(user).filter(report=OuterRef("pk"))
    found = found.annotate(unsigned=Exists(mine.filter(at=None)), received=Exists(mine))
    found = found.select_related("host", "campaign", "job__progress").defer("figures", "opening", "ending")
    return found.order_by("-unsigned", "-ordered_at", "-pk")


def _query(request: HttpRequest, *without: str) -> str:
    query = request.GET.copy()
    for name in without:
        query.pop(name, None)
    return query.urlencode()


# One report ------------------------------------------------------------------------------------------


@require_safe
@roles_required(*READERS)
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One report as it reads, or how far its compiling has come; beside it what the person may do."""
    return page(request, pk)


def page(
    request: HttpRequest,
    pk: int,
    sent: dict[str, BulletinForm] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the page; `sent` are forms, by act, that did not go through."""
    found = get_object_or_404(_readable(request.user), pk=pk)
    inside = access.hosted_reports(request.user).filter(pk=pk).exists()
    editions = access.reports(request.user).filter(subject=found.subject).exclude(pk=pk)
    own = access.receipts(request.user).filter(report=found).select_related("unit", "by")
    context = {
        "report": found,
        "campaign": found.campaign,
        "inside": inside,
        "refusal": refusal,
        "editions": editions.defer("figures").order_by("-edition"),
        "newer": editions.filter(state=S.SENT, edition__gt=found.edition).order_by("-edition").first(),
        "own": own,
        "unsigned": [one.unit.name for one in own if one.at is None],
        "copies": found.copies.select_related("file", "by"),
    }
    if found.counted_at:
        context["paper"] = shapes.paper_of(found)
    if inside:
        context |= _inside(found, request.user, sent or {})
    return render(request, "reports/report.html", context, status=status)


def _readable(user: User) -> QuerySet[Report]:
    about = ("host", "campaign", "phase", "template", "edited_by", "signed_by", "job__progress")
    return access.reports(user).select_related(*about)


def _inside(found: Report, user: User, sent: dict[str, BulletinForm]) -> dict[str, Any]:
    """What only the bureau sees: what has been done, what may be done, who has signed for it."""
    officer = access.hosted_reports(user, Role.OFFICER).filter(pk=found.pk).exists()
    leader = access.hosted_reports(user, Role.LEADER).filter(pk=found.pk).exists()
    # Hundreds of units sign for it: that has a page of its own.
    events = list(trail.trail_of(found).exclude(action="report.acknowledge"))
    forms: dict[str, BulletinForm] = {}
    if leader and found.state == S.TO_SIGN:
        forms |= {"sign": SeenForm(), "give_back": _reason("give_back")}
    if officer and found.state in S.open():
        forms |= {"submit": SeenForm()} if found.state == S.DRAFT else {"take_back": BulletinForm()}
        forms["discard"] = _reason("discard")
    if officer and found.state == S.SENT:
        forms["copy"] = CopyForm()
    stale = issuing.why_stale(found) if found.state in S.open() else None
    if stale:
        forms = {act: form for act, form in forms.items() if act in ("discard", "give_back")}
    shown = {
        "officer": officer,
        "stale": stale,
        "forms": forms | {act: form for act, form in sent.items() if act in forms},
        "trail": [(event, VERBS[event.action.partition(".")[2]]) for event in events],
        "unchanged": trail.given_back_unchanged(events) if found.state in S.open() else None,
        "edition": issuing.edition(found),
    }
    if officer:
        editions = Report.objects.filter(subject=found.subject).order_by()
        shown["latest"] = editions.aggregate(latest=Max("edition"))["latest"]
    if found.state in S.open():
        shown["addressed"] = len(issuing.addressed(found))
    if found.state == S.SENT:
        signed = Count("pk", filter=Q(at__isnull=False))
        shown["receipts"] = found.receipts.order_by().aggregate(signed=signed, all=Count("pk"))
    if found.state == S.COMPILING:
        shown |= facts(found.job, timezone.now())
    return shown


def _reason(act: str, data: Any = None) -> ReasonForm:
    if act == "give_back":
        return ReasonForm(data, prefix=act, label="退回原因", hint="编制的同志会看到。")
    return ReasonForm(data, prefix=act, label="不印发的原因", hint="将写入记录，此后不能恢复。")


@require_safe
@roles_required(*Role.overseeing())
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that asks again every second, until the whole page has to change."""
    found = get_object_or_404(access.hosted_reports(request.user).select_related("job__progress"), pk=pk)
    context = {"report": found} | facts(found.job, timezone.now())
    response = render(request, "reports/report_progress.html", context)
    if found.state != S.COMPILING or found.job.state != JobState.WAITING:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@roles_required(*Role.overseeing())
def of_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a finished job leads to: the report that it has compiled."""
    found = get_object_or_404(access.hosted_reports(request.user).only("pk"), job=pk)
    return redirect("report", found.pk)


@require_safe
@roles_required(*Role.overseeing())
def receipts(request: HttpRequest, pk: int) -> HttpResponse:
    """Which units have signed for it and which have not, by township."""
    hosted = access.hosted_reports(request.user).defer("figures")
    found = get_object_or_404(hosted, pk=pk, state=S.SENT)
    shelf = "signed" if request.GET.get("shelf") == "signed" else "waiting"
    conditions = {"waiting": Q(at=None), "signed": Q(at__isnull=False)}
    people = Membership.objects.in_post(*Role.own_unit()).filter(unit=OuterRef("unit"))
    rows = found.receipts.filter(conditions[shelf]).select_related("unit__parent", "by")
    rows = rows.annotate(manned=Exists(people))
    held = found.receipts.order_by().aggregate(
        **{key: Count("pk", filter=condition) for key, condition in conditions.items()}
    )
    context = {
        "report": found,
        "page": Paginator(rows, UNITS).get_page(request.GET.get("page")),
        "shelf": shelf,
        "shelves": [(key, name, held[key]) for key, name in (("waiting", "未签收"), ("signed", "已签收"))],
        "query": _query(request, "page"),
    }
    return render(request, "reports/report_receipts.html", context)


# Acts ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Put other words into a draft."""
    hosted = access.hosted_reports(request.user, Role.OFFICER)
    found = get_object_or_404(hosted.select_related("host", "campaign", "phase", "edited_by"), pk=pk)
    about = {"report": found, "templates": _templates(found, request.user)}
    refusal, status = "", 200
    if request.method == "POST":
        form, status = ReportForm(request.POST, **about), 422
        if form.is_valid():
            try:
                seen = form.cleaned_data["seen"]
                issuing.edit(found, form.terms, by=request.user, at=timezone.now(), seen=seen)
            except NotAllowed as sentence:
                refusal, status = str(sentence), 409
                found.refresh_from_db()
                form.show_again(issuing.edition(found))
            else:
                messages.success(request, "已保存。")
                return redirect("report", pk)
        elif refusal := form.unseen:
            form.show_again(issuing.edition(found))
    elif found.state != S.DRAFT:
        messages.info(request, f"这份报告现在是“{found.get_state_display()}”状态，不能修改。")
        return redirect("report", pk)
    else:
        now = {name: getattr(found, name) for name in issuing.WORDS}
        form = ReportForm(
            initial=now | {"template": found.template_id, "seen": issuing.edition(found)}, **about
        )
    context = {"report": found, "form": form, "refusal": refusal}
    return render(request, "reports/report_edit.html", context, status=status)


def _templates(found: Report, user: User) -> QuerySet[PaperTemplate]:
    """What the report may be put into: templates of its host or above, and the one it has, retired or not."""
    fit = Q(retired_at=None, host__path__in=found.host.ancestor_paths()) | Q(pk=found.template_id)
    return access.templates(user).filter(fit, kind=found.kind)


ACTS: Acts = {
    "submit": (Role.OFFICER, issuing.submit, "已送签，局领导已收到通知。"),
    "take_back": (Role.OFFICER, issuing.take_back, "已撤回，可以修改后重新送签。"),
    "discard": (Role.OFFICER, issuing.discard, "已定为不印发。"),
    "sign": (Role.LEADER, issuing.sign, "已签发，并已通知有关单位。"),
    "give_back": (Role.LEADER, issuing.give_back, "已退回，编制的同志已收到通知。"),
    "retry": (Role.OFFICER, ordering.again, "已重新开始编制。"),
    "give_up": (Role.OFFICER, ordering.give_up, "已放弃编制。"),
}


@require_POST
@roles_required(*Role.overseeing())
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Submit, take back, discard; sign or give back; what failed: compile again or give up."""
    return carry_out(request, pk, act, ACTS, access.hosted_reports, _sent_form, page)


def _sent_form(request: HttpRequest, act: str, found: Report) -> BulletinForm | None:
    if act in ("submit", "sign"):
        return SeenForm(request.POST)
    return _reason(act, request.POST) if act in ("give_back", "discard") else None


@require_POST
@roles_required(*Role.own_unit())
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """签收 for one of the person's own units, or for all of them to which it was published."""
    found = get_object_or_404(access.reports(request.user), pk=pk, state=S.SENT)
    mine = access.receipts(request.user).filter(report=found).select_related("unit")
    if not mine:
        raise Http404
    now: datetime = timezone.now()
    for one in mine:
        issuing.acknowledge(found, one.unit, by=request.user, at=now)
    messages.success(request, f"已签收（{'、'.join(one.unit.name for one in mine)}）。")
    return redirect("report", pk)
