"""The one admin site: same login page, names and colours as the rest of the portal."""

import json
import logging
import re
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView, redirect_to_login
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.paginator import Paginator
from django.db import DataError, IntegrityError, models, transaction
from django.forms import Field, Media, ModelChoiceField, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache

from portal.audit import target_of
from portal.audit_words import NOUNS, VERBS
from portal.days import DayField
from portal.history import entries
from portal.lines import LinesField
from portal.models import AuditEvent
from portal.widgets import Autocomplete, AutocompleteMany

logger = logging.getLogger(__name__)

ALREADY_SAVED = "刚刚已有人保存了相同的内容，请刷新页面核对。"
ALREADY_GONE = "相关内容刚刚已被删除，请刷新页面核对。"
PER_HISTORY_PAGE = 30
DONE = re.compile(r"^(成功..了) ")
RECENT = 500  # events looked at to offer the people who were busy lately


class PlainRelations:
    """Fields as the portal wants them: days within the range, plain line ends, and selects without
    Django's pop-up links, since a related row is looked after on a page of its own."""

    formfield_overrides = {
        models.DateField: {"form_class": DayField},
        models.TextField: {"form_class": LinesField},
    }

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            for link in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{link}_related", False)
        return field

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", Autocomplete(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", AutocompleteMany(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class PortalModelAdmin(PlainRelations, admin.ModelAdmin):
    """What holds for every section: no bulk actions, nothing deleted, one button to save."""

    actions = None
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the page itself offers; any other lookup would tell what is in hidden fields."""
        allowed = {"pk"}
        if self.date_hierarchy:
            allowed |= {f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day")}
        for offered in self.get_list_filter(request):
            if isinstance(offered, str):
                allowed |= {offered, f"{offered}__exact", f"{offered}__isnull"}
            else:
                allowed.add(offered.parameter_name)
        return lookup in allowed

    def message_user(self, request: HttpRequest, message: str, *args: Any, **kwargs: Any) -> None:
        """Django's translation leaves a gap between “成功添加了” and what was added."""
        super().message_user(request, type(message)(DONE.sub(r"\1", message)), *args, **kwargs)

    def trail_of(self, obj: models.Model) -> models.QuerySet[AuditEvent]:
        """What the history of `obj` shows, newest first."""
        return AuditEvent.objects.filter(target=target_of(obj))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        """Field history from the one trail there is, instead of Django's log of its own forms."""
        found = self.get_object(request, object_id)
        if found is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, found):
            raise PermissionDenied
        events = self.trail_of(found).select_related("actor")
        page = Paginator(events, PER_HISTORY_PAGE).get_page(request.GET.get("page"))
        page.object_list = entries(page.object_list)
        context = self.admin_site.each_context(request) | {
            "title": f"{found}的修改记录",
            "page": page,
            "object": found,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/object_history.html", context)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        context = {"title": self.opts.verbose_name_plural} | (extra_context or {})
        try:
            with transaction.atomic():
                return super().changelist_view(request, context)
        except (ValueError, OverflowError, DataError):
            if not set(request.GET) - {ERROR_FLAG}:
                raise  # not for what was asked
            return redirect(f"{request.path}?{ERROR_FLAG}=1")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        """Whom somebody else's save outran is told so; what the form checked no longer held."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (IntegrityError, ObjectDoesNotExist) as error:
            return self._outrun(request, error)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except (IntegrityError, ObjectDoesNotExist) as error:
            return self._outrun(request, error)

    def _outrun(self, request: HttpRequest, error: Exception) -> HttpResponse:
        if request.method != "POST":
            raise error
        logger.warning("A save in the admin was outrun: %s", request.path, exc_info=error)
        messages.error(request, ALREADY_SAVED if isinstance(error, IntegrityError) else ALREADY_GONE)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def render_change_form(
        self, request: HttpRequest, context: dict, add: bool = False, change: bool = False, **kwargs: Any
    ) -> HttpResponse:
        verb = "新增" if add else "修改" if self.has_change_permission(request, kwargs.get("obj")) else "查看"
        context["media"] += Media(js=("admin/js/calendar.js", "js/admin-calendar.js", "js/admin-names.js"))
        context["title"] = f"{verb}{self.opts.verbose_name}"
        for other in ("show_save_and_add_another", "show_save_and_continue"):
            context.setdefault(other, False)
        return super().render_change_form(request, context, add=add, change=change, **kwargs)


class ActorFilter(admin.SimpleListFilter):
    """By person: those of the latest events are offered, anybody else is found by searching."""

    title = "操作人"
    parameter_name = "actor"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        latest = AuditEvent.objects.order_by("-pk").values("actor")[:RECENT]
        people = AuditEvent.actor.field.remote_field.model.objects.filter(pk__in=latest).order_by("name")
        return [("none", "系统自动"), *((str(one.pk), f"{one.name}（{one.username}）") for one in people)]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        if self.value() == "none":
            return queryset.filter(actor=None)
        return queryset.filter(actor=self.value()) if (self.value() or "").isdecimal() else queryset


class ActionFilter(admin.SimpleListFilter):
    """By the noun of the action; a fixed list, because the table only grows."""

    title = "事项"
    parameter_name = "noun"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return list(NOUNS.items())

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        return queryset.filter(action__startswith=f"{self.value()}.") if self.value() else queryset


class AuditEventAdmin(PortalModelAdmin):
    """The trail, written by nobody here. Who reads it is said where roles are known (`schools.admin`)."""

    list_display = ("at", "actor", "what", "summary")
    list_filter = (ActionFilter, ActorFilter)
    date_hierarchy = "at"
    list_select_related = ("actor",)
    search_fields = ("summary", "target", "actor__name", "actor__username")
    search_help_text = "可按说明、操作人姓名或用户名查找。"
    show_full_result_count = False
    fields = ("at", "actor", "what", "target", "summary", "before_and_after", "address")

    @admin.display(description="动作", ordering="action")
    def what(self, event: AuditEvent) -> str:
        noun, _, verb = event.action.partition(".")
        return f"{NOUNS.get(noun, noun)}：{VERBS.get(verb, verb)}"

    @admin.display(description="前后内容")
    def before_and_after(self, event: AuditEvent) -> SafeString | str:
        if not event.detail:
            return "无"
        text = json.dumps(event.detail, ensure_ascii=False, indent=2)
        return format_html('<pre class="detail">{}</pre>', text)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False


class LabelledAutocomplete(AutocompleteJsonView):
    """Suggestions that say where a person or unit belongs: a section may bring its own labels."""

    def process_request(self, request: HttpRequest) -> tuple[str, admin.ModelAdmin, models.Field, str]:
        found = super().process_request(request)
        if not found[2].concrete:
            raise PermissionDenied  # a relation seen from its far end is no field of any form
        return found

    def serialize_result(self, obj: models.Model, to_field_name: str) -> dict[str, str]:
        label: Callable[[models.Model], str] = getattr(self.model_admin, "suggestion", str)
        return super().serialize_result(obj, to_field_name) | {"text": label(obj)}


class PortalAdminSite(admin.AdminSite):
    site_header = "教育活动管理平台"
    site_title = "教育活动管理平台"
    index_title = "管理事项"
    enable_nav_sidebar = False

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """Send people to the portal's own login, which knows lockout and first passwords."""
        if request.user.is_authenticated:
            return redirect_to_login(reverse("home"), reverse("forbidden"))
        return redirect_to_login(request.GET.get("next", reverse("admin:index")), reverse("login"))

    def logout(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return LogoutView.as_view()(request)

    def password_change(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The portal's page leaves a trace; Django's own would not."""
        return redirect("password_change")

    def password_change_done(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return redirect("home")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Rooms in which the person works before those that they only look into."""
        listed = super().get_app_list(request, app_label)
        return sorted(listed, key=lambda room: all(model["view_only"] for model in room["models"]))

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return LabelledAutocomplete.as_view(admin_site=self)(request)
