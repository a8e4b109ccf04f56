"""The one admin site: same login page, names and colours as the rest of the portal."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView, redirect_to_login
from django.db import models
from django.forms import Field, Media
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache

from portal.models import AuditEvent

RECENT = 500  # events looked at to offer the people who were busy lately

# The words of `AuditEvent.action`, "noun.verb", for the auditor; a word that is missing shows as it is.
NOUNS = {
    "campaign": "活动",
    "requirement": "报送要求",
    "user": "人员",
    "membership": "任职",
    "unit": "单位",
    "file": "文件",
    "draft": "草稿",
    "demo": "演示数据",
    "session": "登录",
}
VERBS = {
    "create": "新建",
    "save": "保存",
    "delete": "删除",
    "publish": "发布",
    "start": "开始",
    "end": "结束",
    "password": "本人修改密码",
    "reset_password": "重置密码",
    "download": "下载",
    "detach": "移除附件",
    "load": "载入",
    "login": "成功",
    "logout": "退出",
    "refused": "失败",
    "locked": "连续失败，暂停登录",
}


class PlainRelations:
    """Selects without Django's pop-up links: a related row is looked after on a page of its own."""

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            for link in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{link}_related", False)
        return field


class PortalModelAdmin(PlainRelations, admin.ModelAdmin):
    """What holds for every section: no bulk actions, nothing deleted, one button to save."""

    actions = None
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(
            request, {"title": self.opts.verbose_name_plural} | (extra_context or {})
        )

    def render_change_form(
        self, request: HttpRequest, context: dict, add: bool = False, change: bool = False, **kwargs: Any
    ) -> HttpResponse:
        verb = "新增" if add else "修改" if self.has_change_permission(request, kwargs.get("obj")) else "查看"
        context["media"] += Media(js=("admin/js/calendar.js", "js/admin-calendar.js"))
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
    """The trail, to be read by the auditor and written by nobody."""

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

    def serialize_result(self, obj: models.Model, to_field_name: str) -> dict[str, str]:
        label: Callable[[models.Model], str] = getattr(self.model_admin, "suggestion", str)
        return super().serialize_result(obj, to_field_name) | {"text": label(obj)}


class PortalAdminSite(admin.AdminSite):
    site_header = "教育活动管理平台"
    site_title = "教育活动管理平台"
    index_title = "管理事项"
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # Not by decorator: this module is being imported while Django makes `admin.site` out of it.
        self.register(AuditEvent, AuditEventAdmin)

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
