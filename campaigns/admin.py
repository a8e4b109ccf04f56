"""The campaign in the admin: the plan on one page, its requirements on pages of their own."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from campaigns.admin_base import DraftsOnly, OfficersChoices
from campaigns.admin_requirement import table_of
from campaigns.fields import LoadedAutocomplete
from campaigns.forms import CampaignForm, LeadershipForm, PhaseForm, RowFormSet, TopicForm
from campaigns.models import Campaign, Leadership, Phase, Topic
from campaigns.readiness import gaps
from campaigns.services import planning
from portal.admin import PlainRelations, PortalModelAdmin
from schools.access import units_for
from schools.enums import Role, UnitKind
from schools.reach import memberships_within_reach


class PlanInline(DraftsOnly, PlainRelations, admin.TabularInline):
    formset = RowFormSet
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return super().has_add_permission(request, obj) and self._open(obj)


class PhaseInline(PlanInline):
    model = Phase
    form = PhaseForm
    fields = ("order", "name", "starts_on", "ends_on", "aim", "track")

    def get_extra(self, request: HttpRequest, obj: Campaign | None = None, **kwargs: Any) -> int:
        return 0 if obj else 3  # the usual 宣传发动, 学习讨论, 成果转化


class TopicInline(PlanInline):
    model = Topic
    form = TopicForm
    ordering = ("position",)
    readonly_fields = ("outline",)

    def get_fields(self, request: HttpRequest, obj: Campaign | None = None) -> tuple[str, ...]:
        numbered = "position" if self.has_change_permission(request, obj) else "outline"
        return (numbered, "title", "questions")

    @admin.display(description="编号")
    def outline(self, topic: Topic) -> str:
        return topic.number


class LeadershipInline(OfficersChoices, PlanInline):
    model = Leadership
    form = LeadershipForm
    fields = ("order", "role", "user", "post")
    autocomplete_fields = ("user",)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField:
        if db_field.name == "user":
            kwargs["widget"] = LoadedAutocomplete(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Leadership]:
        here = (
            memberships_within_reach(request.user, Role.OFFICER).filter(ended_at=None).select_related("unit")
        )
        posts = Prefetch("user__memberships", here, to_attr="serving")
        return super().get_queryset(request).select_related("user").prefetch_related(posts)


@admin.register(Campaign)
class CampaignAdmin(DraftsOnly, OfficersChoices, PortalModelAdmin):
    form = CampaignForm
    inlines = (PhaseInline, TopicInline, LeadershipInline)
    list_display = ("title", "kind", "host", "starts_on", "ends_on", "state")
    list_filter = ("state", "kind")
    list_select_related = ("host",)
    search_fields = ("title",)
    search_help_text = "可按活动名称查找。"
    autocomplete_fields = ("office",)
    fieldsets = (
        ("基本信息", {"fields": ("title", "kind", "theme", ("starts_on", "ends_on"), "host", "office")}),
        ("目标要求", {"fields": ("goals",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        hosted = Campaign.objects.filter(host__in=units_for(request.user, Role.OFFICER))
        return hosted.select_related("host", "office").order_by(*Campaign._meta.ordering)

    def get_form(
        self, request: HttpRequest, obj: Campaign | None = None, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, **kwargs)
        form.by = request.user
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The officer's own bureau as host."""
        scopes = [held.scope for held in request.user.active_memberships if held.role == Role.OFFICER]
        hosting = (*UnitKind.bureaus(), UnitKind.TOWNSHIP)
        host = next((unit.pk for unit in scopes if unit.kind in hosting), None)
        return {"host": host} | super().get_changeform_initial_data(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        campaign = self.get_object(request, object_id)
        shown = {} if campaign is None else self._standing(campaign)
        return super().change_view(request, object_id, form_url, shown | (extra_context or {}))

    def _standing(self, campaign: Campaign) -> dict[str, Any]:
        """What the page says beside the form: what is missing, where to go on, what is asked."""
        return {
            "campaign": campaign,
            "gaps": gaps(campaign, at=timezone.now()) if campaign.is_draft else [],
            "requirements": table_of(campaign),
            "add_requirement": reverse("admin:campaigns_requirement_add") + f"?campaign={campaign.pk}",
        }

    def save_model(self, request: HttpRequest, obj: Campaign, form: CampaignForm, change: bool) -> None:
        form.before = planning.open_draft(obj)
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def save_related(
        self, request: HttpRequest, form: CampaignForm, formsets: list[RowFormSet], change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        planning.record(form.instance, form.before, by=request.user, at=timezone.now())

    def save_formset(
        self, request: HttpRequest, form: CampaignForm, formset: RowFormSet, change: bool
    ) -> None:
        if formset.model is Topic:
            moving = [row for row in formset.initial_forms if "position" in row.changed_data]
            planning.make_room([row.instance for row in {*moving, *formset.deleted_forms} if row.instance.pk])
        super().save_formset(request, form, formset, change)

    def delete_model(self, request: HttpRequest, obj: Campaign) -> None:
        planning.discard(obj, by=request.user, at=timezone.now())

    def response_add(
        self, request: HttpRequest, obj: Campaign, post_url_continue: str | None = None
    ) -> HttpResponse:
        text = f"活动《{obj}》已保存为草稿。接下来请添加报送要求，补齐所缺内容后即可发布。"
        messages.success(request, text)
        return self._to_the_top(obj)

    def response_change(self, request: HttpRequest, obj: Campaign) -> HttpResponse:
        messages.success(request, f"活动《{obj}》已保存。")
        return self._to_the_top(obj)

    def _to_the_top(self, campaign: Campaign) -> HttpResponse:
        """Back to what is still missing; without an anchor browsers keep the one they came with."""
        return redirect(reverse("admin:campaigns_campaign_change", args=[campaign.pk]) + "#ready")
