"""The campaign in the admin: the plan on one page, its requirements on pages of their own."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns.admin.base import AsLongAsOpen, OfficersChoices, RemembersEdition
from campaigns.admin.requirement import table_of
from campaigns.fields import LoadedAutocomplete
from campaigns.forms.campaign import (
    BasisForm,
    CampaignForm,
    LeadershipForm,
    PhaseForm,
    RowFormSet,
    TopicForm,
)
from campaigns.models import Basis, Campaign, Leadership, Phase, Topic
from campaigns.readiness import advice, gaps
from campaigns.services import planning
from portal.admin import PlainRelations, PortalModelAdmin
from portal.models import AuditEvent
from schools.access import units_for
from schools.enums import Role, UnitKind
from schools.reach import memberships_within_reach


class PlanInline(AsLongAsOpen, OfficersChoices, PlainRelations, admin.TabularInline):
    formset = RowFormSet
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return super().has_add_permission(request, obj) and self.may_change(obj)

    def get_formset(self, request: HttpRequest, obj: Campaign | None = None, **kwargs: Any) -> type:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.by = request.user
        return formset


class LoadedRelation:
    """An autocomplete in every row without a query for each: `loaded_field` names the relation."""

    loaded_field = ""

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField:
        if db_field.name == self.loaded_field:
            kwargs["widget"] = LoadedAutocomplete(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class BasisInline(PlanInline):
    model = Basis
    form = BasisForm
    fields = ("order", "title", "number", "file")
    while_running = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Basis]:
        return super().get_queryset(request).select_related("file")


class PhaseInline(PlanInline):
    model = Phase
    form = PhaseForm
    fields = ("order", "name", "starts_on", "ends_on", "suggested", "aim", "track")

    def get_extra(self, request: HttpRequest, obj: Campaign | None = None, **kwargs: Any) -> int:
        return 0 if obj else 3  # the usual 宣传发动, 学习讨论, 成果转化


class TopicInline(LoadedRelation, PlanInline):
    model = Topic
    form = TopicForm
    ordering = ("position",)
    readonly_fields = ("outline", "more")
    autocomplete_fields = ("lead",)
    loaded_field = "lead"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        return (
            super()
            .get_queryset(request)
            .select_related("lead__parent")
            .annotate(measures=Count("indicators"))
        )

    def get_fields(self, request: HttpRequest, obj: Campaign | None = None) -> tuple[str, ...]:
        numbered = "position" if self.has_change_permission(request, obj) else "outline"
        return (numbered, "title", "questions", "lead", "more")

    @admin.display(description="配合单位、指标")
    def more(self, topic: Topic) -> SafeString | str:
        if topic.pk is None:
            return "保存后填写"
        text = f"{topic.measures}项指标" if topic.measures else "填写"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:campaigns_topic_change", args=[topic.pk]), text
        )

    @admin.display(description="编号")
    def outline(self, topic: Topic) -> str:
        return topic.number


class LeadershipInline(LoadedRelation, PlanInline):
    model = Leadership
    form = LeadershipForm
    fields = ("order", "role", "user", "post")
    autocomplete_fields = ("user",)
    loaded_field = "user"
    while_running = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Leadership]:
        here = (
            memberships_within_reach(request.user, Role.OFFICER).filter(ended_at=None).select_related("unit")
        )
        posts = Prefetch("user__memberships", here, to_attr="serving")
        return super().get_queryset(request).select_related("user").prefetch_related(posts)


@admin.register(Campaign)
class CampaignAdmin(RemembersEdition, AsLongAsOpen, OfficersChoices, PortalModelAdmin):
    form = CampaignForm
    while_running = True
    inlines = (BasisInline, PhaseInline, TopicInline, LeadershipInline)
    list_display = ("title", "kind", "host", "starts_on", "ends_on", "state")
    list_filter = ("state", "kind")
    list_select_related = ("host",)
    search_fields = ("title",)
    search_help_text = "可按活动名称查找。"
    autocomplete_fields = ("office",)
    fieldsets = (
        ("基本信息", {"fields": ("title", "kind", "theme", ("starts_on", "ends_on"), "host", "office")}),
        ("目标要求", {"fields": ("goals",)}),
        ("与其他活动的关系", {"fields": ("parent", "combined"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        hosted = Campaign.objects.filter(host__in=units_for(request.user, Role.OFFICER))
        return hosted.select_related("host", "office").order_by(*Campaign._meta.ordering)

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_draft)

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> tuple[str, ...]:
        """Of a running campaign its papers and leading group may change; the rest is what units were told."""
        return () if obj is None or obj.is_draft else CampaignForm.Meta.fields

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

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """A new plan begins from a template or an earlier campaign, unless it is to be blank."""
        if request.method == "GET" and not request.GET and self.has_add_permission(request):
            return redirect("new_plan")
        return super().add_view(request, form_url, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        campaign = self.get_object(request, object_id)
        if request.method == "POST" and campaign and not campaign.is_draft and "title" in request.POST:
            messages.error(request, "活动刚刚已经发布，您的修改没有保存；如需变动，请在“调整活动”中办理。")
            return self._to_the_top(campaign)
        shown = {} if campaign is None else self._standing(campaign)
        return super().change_view(request, object_id, form_url, shown | (extra_context or {}))

    def trail_of(self, obj: Campaign) -> QuerySet[AuditEvent]:
        """The plan is one thing to those who make it: its parts' events belong to its history."""
        return planning.trail_of(obj)

    def _standing(self, campaign: Campaign) -> dict[str, Any]:
        """What the page says beside the form: what is missing, where to go on, what is asked."""
        return {
            "campaign": campaign,
            "gaps": gaps(campaign, at=timezone.now()) if campaign.is_draft else [],
            "advice": advice(campaign) if campaign.is_draft else [],
            "requirements": table_of(campaign),
            "activities": campaign.activities.select_related("host", "phase").prefetch_related(
                "minutes__occurrences"
            ),
            "groups": campaign.inspection_groups.select_related("leader").prefetch_related("units"),
            "adding": {
                name: reverse(f"admin:campaigns_{name}_add", query={"campaign": campaign.pk})
                for name in ("requirement", "activity", "inspectiongroup")
            },
        }

    def save_model(self, request: HttpRequest, obj: Campaign, form: CampaignForm, change: bool) -> None:
        form.before = planning.open_plan(obj)
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
