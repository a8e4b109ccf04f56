"""Special days in the admin: they hold for every unit, so whoever stands over all of them keeps them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from notices.forms import SpecialDaysForm
from notices.models import SpecialDays
from notices.services import days
from portal.admin import PortalModelAdmin
from schools.enums import Role
from schools.reach import at_the_top, over_all


def _keeps(request: HttpRequest) -> bool:
    """Whether the person keeps these days; every page of the admin asks several times, for its menu."""
    if not hasattr(request, "keeps_days"):
        request.keeps_days = over_all(request.user, Role.SYSTEM)
    return request.keeps_days


@admin.register(SpecialDays)
class SpecialDaysAdmin(PortalModelAdmin):
    form = SpecialDaysForm
    list_display = ("name", "kind", "first", "last")
    list_filter = ("kind",)
    search_fields = ("name",)
    search_help_text = "可按名称查找。"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) and at_the_top(request.user, Role.SYSTEM)

    def has_view_permission(self, request: HttpRequest, obj: SpecialDays | None = None) -> bool:
        return super().has_view_permission(request, obj) and at_the_top(request.user, Role.SYSTEM)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and _keeps(request)

    def has_change_permission(self, request: HttpRequest, obj: SpecialDays | None = None) -> bool:
        return super().has_change_permission(request, obj) and _keeps(request)

    def has_delete_permission(self, request: HttpRequest, obj: SpecialDays | None = None) -> bool:
        """Unlike other rows these may go: a wrong one would shift dates for everybody."""
        allowed = request.user.has_perm("notices.delete_specialdays")
        return allowed and _keeps(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "unknown_years": days.unknown_years(timezone.now()),
            "views_only": not _keeps(request),
        }
        return super().changelist_view(request, context)

    def save_model(self, request: HttpRequest, obj: SpecialDays, form: forms.Form, change: bool) -> None:
        days.keep(obj, by=request.user, at=timezone.now())

    def delete_model(self, request: HttpRequest, obj: SpecialDays) -> None:
        days.remove(obj, by=request.user, at=timezone.now())
