"""What the sections of a plan share: the officer's scope, what may still change, parts with a page of
their own."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.services import planning
from portal.admin import PortalModelAdmin
from schools.access import scope_of, units_for
from schools.enums import Role
from schools.models import Unit, User
from schools.reach import people_within_reach


class OfficersChoices:
    """Selects narrowed to what the officer works for."""

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField:
        return super().formfield_for_foreignkey(
            db_field, request, **self._narrowed(db_field, request, kwargs)
        )

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelMultipleChoiceField:
        return super().formfield_for_manytomany(
            db_field, request, **self._narrowed(db_field, request, kwargs)
        )

    def _narrowed(
        self, db_field: models.Field, request: HttpRequest, kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        if db_field.related_model is Unit:
            kwargs["queryset"] = units_for(request.user, Role.OFFICER).select_related("parent")
        elif db_field.related_model is User:
            kwargs["queryset"] = people_within_reach(request.user, Role.OFFICER)
        elif db_field.related_model is Campaign:
            hosted = Q(host__in=units_for(request.user, Role.OFFICER))
            seen = Campaign.objects.for_scope(scope_of(request.user, Role.OFFICER))
            kwargs["queryset"] = seen.filter(hosted | Q(state__in=CampaignState.visible()))
        return kwargs


class AsLongAsOpen:
    """A plan changes as a draft; of a running campaign only what obliges nobody (`while_running`)."""

    while_running = False

    def plan_of(self, obj: Any) -> Campaign:
        """The campaign whose state decides about `obj`."""
        return obj

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.may_change(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        verb = f"{self.opts.app_label}.delete_{self.opts.model_name}"
        return request.user.has_perm(verb) and self.may_change(obj)

    def may_change(self, obj: Any) -> bool:
        if obj is None:
            return True
        campaign = self.plan_of(obj)
        return campaign.is_open if self.while_running else campaign.is_draft


class RemembersEdition:
    """The page of something that is there already carries which edition of it is shown."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[str | None, dict[str, Any]]]:
        return self.with_edition(request, obj, super().get_fieldsets(request, obj))

    def with_edition(self, request: HttpRequest, obj: Any, fieldsets: list) -> list:
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        (name, options), *rest = fieldsets
        return [(name, options | {"fields": [*options["fields"], "seen"]}), *rest]


class PartAdmin(RemembersEdition, AsLongAsOpen, OfficersChoices, PortalModelAdmin):
    """A part of a plan with a page of its own, reached from its campaign's page and leading back there."""

    change_form_template = "admin/campaigns/part.html"
    anchor = ""
    form: type[forms.ModelForm]

    def plan_of(self, obj: Any) -> Campaign:
        return obj.campaign

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        hosts = units_for(request.user, Role.OFFICER)
        return self.model.objects.filter(campaign__host__in=hosts).select_related("campaign__host")

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """None: no entry in the menu, only on the campaign's page."""
        return {}

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, **kwargs)
        form.by = request.user
        form.campaign = obj.campaign if obj else self._asked_for(request)
        return form

    def _asked_for(self, request: HttpRequest) -> Campaign:
        """The campaign named in the address of the page for a new part; 404 outside the scope."""
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
        name = self.opts.verbose_name
        if "campaign" not in request.GET:
            messages.warning(request, f"请先打开一项活动，再在活动页面上添加{name}。")
            return redirect("admin:campaigns_campaign_changelist")
        campaign = self._asked_for(request)
        if not self.may_add_to(campaign):
            messages.warning(request, f"活动{campaign.get_state_display()}，不能在这里添加{name}。")
            return redirect("admin:campaigns_campaign_change", campaign.pk)
        context = {"campaign": campaign, "anchor": self.anchor, "show_save_and_add_another": True}
        return super().add_view(request, form_url, context | (extra_context or {}))

    def may_add_to(self, campaign: Campaign) -> bool:
        return campaign.is_open if self.while_running else campaign.is_draft

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        found = self.get_object(request, object_id)
        if request.method == "POST" and found and not self.may_change(found):
            name = self.opts.verbose_name
            messages.error(request, f"{name}“{found}”刚刚已经下达或发布，您的修改没有保存。")
            return self._back(found.campaign_id)
        context = {"campaign": found.campaign, "anchor": self.anchor} if found else {}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        form.before = planning.open_plan(obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: list, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        planning.record(form.instance, form.before, by=request.user, at=timezone.now())

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        request.campaign_left = obj.campaign_id
        planning.discard(obj, by=request.user, at=timezone.now())

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        messages.success(request, f"{self.opts.verbose_name}“{obj}”已添加。")
        if "_addanother" in request.POST:
            return redirect(request.get_full_path())
        return self._back(obj.campaign_id)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        messages.success(request, f"{self.opts.verbose_name}“{obj}”已保存。")
        return self._back(obj.campaign_id)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        messages.success(request, f"{self.opts.verbose_name}“{obj_display}”已删除。")
        return self._back(request.campaign_left)

    def _back(self, campaign_id: int) -> HttpResponse:
        return redirect(reverse("admin:campaigns_campaign_change", args=[campaign_id]) + f"#{self.anchor}")
