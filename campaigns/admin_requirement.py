"""A requirement in the admin: a page of its own, reached from its campaign's page."""

from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from campaigns.admin_base import DraftsOnly, OfficersChoices
from campaigns.forms import RequirementForm
from campaigns.models import Campaign, Requirement
from campaigns.services import planning
from notices.workdays import last_day
from portal.admin import PortalModelAdmin
from schools.access import units_for
from schools.enums import Role, UnitKind


class Line(NamedTuple):
    """A line in the campaign's table of requirements."""

    requirement: Requirement
    days: list[date]
    audience: str


def table_of(campaign: Campaign) -> list[Line]:
    """The campaign's requirements with their last days and whom they ask."""
    found = campaign.requirements.select_related("phase", "audience_branch").prefetch_related(
        "occurrences", "included"
    )
    return [
        Line(one, [last_day(occurrence.due_at) for occurrence in one.occurrences.all()], _audience(one))
        for one in found
    ]


def _audience(requirement: Requirement) -> str:
    kinds = "、".join(UnitKind(kind).label for kind in requirement.audience_kinds)
    if not kinds:
        return "仅另加的单位" if requirement.included.all() else "未选择"
    where = f"{requirement.audience_branch}所属" if requirement.audience_branch else ""
    return f"{where}{requirement.get_audience_ownership_display()}{kinds}"


@admin.register(Requirement)
class RequirementAdmin(DraftsOnly, OfficersChoices, PortalModelAdmin):
    form = RequirementForm
    autocomplete_fields = ("receiver", "audience_branch", "included", "excluded")
    readonly_fields = ("campaign_title",)

    @admin.display(description="所属活动")
    def campaign_title(self, requirement: Requirement) -> str:
        return requirement.campaign.title

    # What the form offers as fields, for the page of a published plan.

    @admin.display(description="截止日期")
    def due_on(self, requirement: Requirement) -> str:
        return (
            "、".join(f"{last_day(one.due_at):%Y-%m-%d}" for one in requirement.occurrences.all()) or "未定"
        )

    @admin.display(description="停止接收日期")
    def cutoff_on(self, requirement: Requirement) -> str:
        days = [
            one.cutoff_at and f"{last_day(one.cutoff_at):%Y-%m-%d}" for one in requirement.occurrences.all()
        ]
        return "、".join(filter(None, days)) or "活动结束前均可补报"

    @admin.display(description="报送单位类别")
    def audience(self, requirement: Requirement) -> str:
        return _audience(requirement)

    def get_fieldsets(self, request: HttpRequest, obj: Requirement | None = None) -> list[tuple[str, dict]]:
        by_rule = ("audience_kinds", "audience_ownership", "audience_branch")
        whom = by_rule if self.has_change_permission(request, obj) else ("audience",)
        return [
            ("报什么", {"fields": ("campaign_title", ("phase", "topic"), "kind", "title", "guidance")}),
            (
                "何时报、报多少、报给谁",
                {"fields": (("due_on", "cutoff_on"), ("min_pieces", "max_pieces"), "receiver")},
            ),
            ("由谁报", {"fields": (*whom, "included", "excluded")}),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Requirement]:
        hosts = units_for(request.user, Role.OFFICER)
        return Requirement.objects.filter(campaign__host__in=hosts).select_related("campaign__host")

    def plan_of(self, obj: Requirement) -> Campaign:
        return obj.campaign

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """None: requirements have no entry in the menu, only on their campaign's page."""
        return {}

    def get_form(
        self, request: HttpRequest, obj: Requirement | None = None, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, **kwargs)
        form.campaign = obj.campaign if obj else self._asked_for(request)
        return form

    def _asked_for(self, request: HttpRequest) -> Campaign:
        """The campaign named in the address of the page for a new requirement; 404 outside the scope."""
        chosen = request.GET.get("campaign", "")
        hosted = Campaign.objects.filter(host__in=units_for(request.user, Role.OFFICER))
        return get_object_or_404(hosted.select_related("host"), pk=chosen if chosen.isdecimal() else 0)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect("admin:campaigns_campaign_changelist")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        if "campaign" not in request.GET:
            messages.warning(request, "请先打开一项活动，再在活动页面上添加报送要求。")
            return redirect("admin:campaigns_campaign_changelist")
        campaign = self._asked_for(request)
        if not campaign.is_draft:
            messages.warning(request, "活动已经发布，不能在这里添加报送要求。")
            return redirect("admin:campaigns_campaign_change", campaign.pk)
        context = {"campaign": campaign, "show_save_and_add_another": True}
        return super().add_view(request, form_url, context | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        found = self.get_object(request, object_id)
        context = {"campaign": found.campaign} if found else {}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def save_model(self, request: HttpRequest, obj: Requirement, form: RequirementForm, change: bool) -> None:
        form.before = planning.open_draft(obj)
        super().save_model(request, obj, form, change)
        planning.set_due(obj, form.cleaned_data["due_on"], form.cleaned_data["cutoff_on"])

    def save_related(self, request: HttpRequest, form: RequirementForm, formsets: list, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        planning.record(form.instance, form.before, by=request.user, at=timezone.now())

    def delete_model(self, request: HttpRequest, obj: Requirement) -> None:
        request.campaign_left = obj.campaign_id
        planning.discard(obj, by=request.user, at=timezone.now())

    def response_add(
        self, request: HttpRequest, obj: Requirement, post_url_continue: str | None = None
    ) -> HttpResponse:
        messages.success(request, f"报送要求“{obj}”已添加。")
        if "_addanother" in request.POST:
            return redirect(request.get_full_path())
        return self._back(obj.campaign_id)

    def response_change(self, request: HttpRequest, obj: Requirement) -> HttpResponse:
        messages.success(request, f"报送要求“{obj}”已保存。")
        return self._back(obj.campaign_id)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        messages.success(request, f"报送要求“{obj_display}”已删除。")
        return self._back(request.campaign_left)

    def _back(self, campaign_id: int) -> HttpResponse:
        return redirect(reverse("admin:campaigns_campaign_change", args=[campaign_id]) + "#requirements")
