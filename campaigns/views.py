"""Beginning a plan: from a template, from an earlier campaign, from nothing. Editing is the admin's."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.blueprints import Invalid, Plan, shelf, write
from campaigns.blueprints.naming import match, names_of_units
from campaigns.enums import CampaignKind
from campaigns.forms.begin import CopyForm, FromTemplateForm, KeepForm, TemplateFileForm, next_start
from campaigns.models import Blueprint, Campaign
from campaigns.services import blueprints, copying, drafting
from campaigns.services.exporting import export
from schools.access import roles_required, units_for
from schools.enums import Role, UnitKind
from schools.models import Unit

FORM_METHODS = ["GET", "HEAD", "POST"]
SHOWN_PROBLEMS = 50


def _hosts(request: HttpRequest) -> QuerySet[Unit]:
    """Bodies for which the officer may run campaigns, the highest first."""
    hosting = (*UnitKind.bureaus(), UnitKind.TOWNSHIP)
    return units_for(request.user, Role.OFFICER).active().filter(kind__in=hosting).order_by("path")


def _host(request: HttpRequest) -> Unit:
    """The body named in the address, by default the officer's own bureau; 404 outside the scope."""
    chosen = request.GET.get("host", "")
    if chosen:
        return get_object_or_404(_hosts(request), pk=chosen if chosen.isdecimal() else 0)
    host = _hosts(request).first()
    if host is None:
        raise Http404
    return host


def _own(request: HttpRequest) -> QuerySet[Campaign]:
    return Campaign.objects.filter(host__in=units_for(request.user, Role.OFFICER)).select_related("host")


@require_safe
@roles_required(Role.OFFICER)
def choose(request: HttpRequest) -> HttpResponse:
    """Everything that a plan may begin from."""
    host = _host(request)
    plans = shelf.built_in()
    context = {
        "host": host,
        "hosts": _hosts(request),
        "built_in": [
            (offer, plans[offer.kind]) for offer in blueprints.available(host) if not offer.blueprint
        ],
        "own": [offer for offer in blueprints.available(host) if offer.blueprint],
        "earlier": _own(request)[:30],
    }
    return render(request, "campaigns/choose.html", context)


@require_http_methods(FORM_METHODS)
@roles_required(Role.OFFICER)
def begin(request: HttpRequest, key: str) -> HttpResponse:
    """Name, first day and units of a draft from a template."""
    host = _host(request)
    try:
        plan = blueprints.get(key, host)
    except blueprints.NotThere as missing:
        raise Http404 from missing
    named = match(names_of_units(plan), host)
    starts_on = next_start(plan.starts_on, timezone.localdate())
    form = FromTemplateForm(
        request.POST or None,
        host=host,
        office=named.get(plan.office),
        named={name: unit for name, unit in named.items() if name != plan.office},
        initial={"title": plan.name, "starts_on": starts_on},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        campaign = drafting.create(
            plan, title=data["title"], starts_on=data["starts_on"], host=host, office=data["office"],
            units=form.units | {plan.office: data["office"]}, by=request.user, at=timezone.now(),
        )  # fmt: skip
        return _to_the_draft(request, campaign)
    context = {"plan": plan, "form": form, "host": host, "kind": CampaignKind(plan.kind).label}
    return render(request, "campaigns/begin.html", context)


@require_http_methods(FORM_METHODS)
@roles_required(Role.OFFICER)
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Name and first day of a draft like an earlier campaign."""
    earlier = get_object_or_404(_own(request), pk=pk)
    starts_on = next_start(earlier.starts_on, timezone.localdate())
    form = CopyForm(request.POST or None, initial={"title": earlier.title, "starts_on": starts_on})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        campaign = copying.copy(
            earlier, title=data["title"], starts_on=data["starts_on"], by=request.user, at=timezone.now()
        )
        return _to_the_draft(request, campaign)
    return render(request, "campaigns/copy.html", {"earlier": earlier, "form": form})


def _to_the_draft(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    messages.success(request, f"活动《{campaign}》已建成草稿，请核对内容，补齐所缺后发布。")
    return redirect(reverse("admin:campaigns_campaign_change", args=[campaign.pk]) + "#ready")


@require_http_methods(FORM_METHODS)
@roles_required(Role.OFFICER)
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a campaign's plan as a template of its host."""
    campaign = get_object_or_404(_own(request), pk=pk)
    form = KeepForm(request.POST or None, initial={"name": campaign.title})
    problems = []
    if request.method == "POST" and form.is_valid():
        try:
            text = write(export(campaign, name=form.cleaned_data["name"]))
            kept = blueprints.save(campaign.host, text, by=request.user, at=timezone.now())
        except Invalid as invalid:
            problems = invalid.problems
        else:
            messages.success(request, f"已存为模板“{kept}”，编制新活动时可以选用。")
            return redirect("plan_templates")
    context = {"campaign": campaign, "form": form, "problems": problems[:SHOWN_PROBLEMS]}
    return render(request, "campaigns/keep.html", context)


@require_http_methods(FORM_METHODS)
@roles_required(Role.OFFICER)
def templates(request: HttpRequest) -> HttpResponse:
    """The templates there are, and bringing one in from a file."""
    host = _host(request)
    form = TemplateFileForm(request.POST or None, request.FILES or None)
    problems: list = []
    if request.method == "POST" and form.is_valid():
        try:
            kept = blueprints.save(host, form.cleaned_data["file"], by=request.user, at=timezone.now())
        except Invalid as invalid:
            problems = invalid.problems
        else:
            messages.success(request, f"模板“{kept}”已导入。")
            return redirect("plan_templates")
    offers = blueprints.available(host)
    own = {unit.pk for unit in _hosts(request)}
    context = {
        "host": host,
        "form": form,
        "offers": [
            (one, CampaignKind(one.kind).label, one.blueprint and one.blueprint.host_id in own)
            for one in offers
        ],
        "problems": problems[:SHOWN_PROBLEMS],
        "more": max(0, len(problems) - SHOWN_PROBLEMS),
    }
    return render(request, "campaigns/templates.html", context, status=422 if problems else 200)


@require_safe
@roles_required(Role.OFFICER)
def download(request: HttpRequest, key: str) -> HttpResponse:
    """The file of a template, to be looked at, changed and brought in again."""
    host = _host(request)
    try:
        plan, text = blueprints.get(key, host), blueprints.text_of(key, host)
    except blueprints.NotThere as missing:
        raise Http404 from missing
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{_file_name(plan)}.yaml")
    return response


def _file_name(plan: Plan) -> str:
    return "".join("-" if letter in '\\/:*?"<>|' else letter for letter in plan.name)


@require_POST
@roles_required(Role.OFFICER)
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer a template of one's own no longer."""
    found = get_object_or_404(Blueprint, pk=pk, host__in=_hosts(request))
    blueprints.retire(found, by=request.user, at=timezone.now())
    messages.success(request, f"模板“{found.name}”已停用，按它建成的活动不受影响。")
    return redirect("plan_templates")
