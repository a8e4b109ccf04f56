"""Ordering reports: what an officer may have compiled, and the choice of work for a newsletter."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.enums import CampaignState, PhaseState
from campaigns.models import Campaign, Phase
from portal.days import in_range
from portal.ids import as_id
from reports import access
from reports.enums import PaperState, ReportKind
from reports.forms_reports import ChoiceForm
from reports.models import Report
from reports.services import ordering
from reports.services.ordering import About
from schools.access import roles_required
from schools.enums import Role
from schools.models import Unit, User
from submissions.access import suggestion_campaigns
from submissions.models import Exhibit
from submissions.rules import NotAllowed

PER_PAGE = 30
#: Exhibits offered for one newsletter, those shown last first.
OFFERED = 300
DAY = timedelta(days=1)


@dataclass
class Offer:
    """Something that can be ordered: what the button sends, and the latest edition there is."""

    name: str
    about: About
    of: int
    latest: Report | None = None

    @property
    def after(self) -> int:
        return self.latest.edition if self.latest else 0


@require_safe
@roles_required(Role.OFFICER)
def choose(request: HttpRequest) -> HttpResponse:
    """What the officer may order: weeks and months of their bureaus, and all of one campaign."""
    today = timezone.localdate()
    plans = campaigns_of(request.user)
    campaign = None
    if typed := request.GET.get("campaign"):
        campaign = get_object_or_404(plans, pk=as_id(typed))
    offers = _of_campaign(campaign) if campaign else []
    sums = [] if campaign else [(host, _of_bureau(host, today)) for host in ordering.hosts_of(request.user)]
    _with_latest([*offers, *(one for _, some in sums for one in some)])
    context = {
        "campaign": campaign,
        "offers": offers,
        "sums": sums,
        "works": ordering.shelf(campaign).count() if campaign else 0,
        "page": None if campaign else Paginator(plans, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "reports/report_new.html", context)


def campaigns_of(user: User) -> QuerySet[Campaign]:
    """Campaigns of which the officer may order reports: those that run first."""
    running = When(state=CampaignState.PUBLISHED, then=Value(0))
    found = suggestion_campaigns(user, Role.OFFICER).select_related("host")
    return found.order_by(Case(running, default=Value(1), output_field=IntegerField()), "-starts_on", "-pk")


def _of_campaign(campaign: Campaign) -> list[Offer]:
    """Its phases that have begun, and all of it."""
    phases = campaign.phases.exclude(state=PhaseState.UPCOMING).select_related("campaign__host")
    told = [Offer(one.name, ordering.of_phase(one), one.pk) for one in phases]
    return [*told, Offer("活动总结", ordering.of_campaign(campaign), campaign.pk)]


def _of_bureau(host: Unit, today: date) -> list[Offer]:
    last_week, last_month = today - 7 * DAY, today.replace(day=1) - DAY
    return [
        Offer("上周进展", ordering.of_week(host, last_week), host.pk),
        Offer("本周进展", ordering.of_week(host, today), host.pk),
        Offer("上月汇总", ordering.of_month(host, last_month), host.pk),
        Offer("本月汇总", ordering.of_month(host, today), host.pk),
    ]


def _with_latest(offers: list[Offer]) -> None:
    """Set `latest` of each; one query."""
    editions = Report.objects.filter(subject__in=[one.about.subject for one in offers])
    editions = (
        editions.order_by("subject", "-edition").distinct("subject").only("subject", "edition", "state")
    )
    found = {one.subject: one for one in editions}
    for one in offers:
        one.latest = found.get(one.about.subject)


@require_POST
@roles_required(Role.OFFICER)
def order(request: HttpRequest) -> HttpResponse:
    """Order an edition; the person finds its page, whether it was they who began it or not."""
    now = timezone.now()
    try:
        about = _about(request, timezone.localdate(now))
        made = ordering.order(about, by=request.user, at=now, after=as_id(request.POST.get("after")))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("reports")
    return _ordered(request, made, now)


def _ordered(request: HttpRequest, made: Report, now: datetime) -> HttpResponse:
    compiling = made.state == PaperState.COMPILING
    if compiling and made.ordered_at == now:
        messages.success(request, f"已开始编制{made.issue}。")
    else:
        messages.info(request, f"{made.issue}{'正在编制' if compiling else '已经有了'}，没有重复编制。")
    return redirect("report", made.pk)


def _about(request: HttpRequest, today: date) -> About:
    """What the form asks for; 404 for what is not the officer's to order."""
    kind, of, user = request.POST.get("kind", ""), as_id(request.POST.get("of")), request.user
    if kind == "again":
        hosted = access.hosted_reports(user, Role.OFFICER).select_related(
            "host", "campaign", "phase__campaign"
        )
        return ordering.same_as(get_object_or_404(hosted, pk=of), today)
    if kind == ReportKind.PHASE:
        phases = Phase.objects.select_related("campaign__host").filter(campaign__in=campaigns_of(user))
        return ordering.of_phase(get_object_or_404(phases, pk=of))
    if kind == ReportKind.CAMPAIGN:
        return ordering.of_campaign(get_object_or_404(campaigns_of(user), pk=of))
    host = next((one for one in ordering.hosts_of(user) if one.pk == of), None)
    day = _day(request.POST.get("day", ""), today)
    if host is None or day is None or kind not in ReportKind.periodic():
        raise Http404
    return ordering.of_week(host, day) if kind == ReportKind.WEEK else ordering.of_month(host, day)


def _day(typed: str, today: date) -> date | None:
    """A day that has come."""
    try:
        day = parse_date(typed)
    except ValueError:
        return None
    return day if day and in_range(day) and day <= today else None


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def newsletter(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose work from the shelf of a campaign, in its order, for the next 简报."""
    campaign = get_object_or_404(campaigns_of(request.user), pk=pk)
    version = "version__submission__assignment__unit"
    works: list[Exhibit] = list(
        ordering.shelf(campaign)
        .select_related(version, "version__topic")
        .order_by("-answered_at", "-pk")[:OFFERED]
    )
    versions = [one.version_id for one in works]
    latest = Report.objects.filter(subject=f"newsletter:{pk}").order_by("-edition").first()
    form, refusal, status = ChoiceForm(versions=versions), "", 200
    if request.method == "POST":
        now = timezone.now()
        form, status = ChoiceForm(request.POST, versions=versions), 422
        if form.is_valid():
            try:
                about = ordering.newsletter(campaign, form.chosen, timezone.localdate(now))
                after = as_id(request.POST.get("after"))
                made = ordering.order(about, by=request.user, at=now, after=after)
                return _ordered(request, made, now)
            except NotAllowed as sentence:
                refusal, status = str(sentence), 409
    used = _used(pk)
    context = {
        "campaign": campaign,
        "works": [(one, form[f"place{one.version_id}"], used.get(one.version_id, "")) for one in works],
        "latest": latest,
        "most": ordering.MOST,
        "refusal": refusal,
    }
    return render(request, "reports/newsletter.html", context, status=status)


def _used(campaign: int) -> dict[int, str]:
    """Version → the issues for which it was chosen, as in “第1、3期”; discarded ones do not count."""
    issues = Report.objects.filter(subject=f"newsletter:{campaign}").exclude(state=PaperState.DISCARDED)
    found: dict[int, list[str]] = {}
    for edition, chosen in issues.order_by("edition").values_list("edition", "chosen"):
        for version in chosen:
            found.setdefault(version, []).append(str(edition))
    return {version: f"第{'、'.join(editions)}期" for version, editions in found.items()}
