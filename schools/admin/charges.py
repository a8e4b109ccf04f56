"""The map of responsibility and the pairings in the admin: added and ended, never deleted."""

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from portal.admin import PortalModelAdmin
from schools.admin.base import ByPerson, InForceFilter
from schools.admin_forms_charges import EndingForm, EntrustForm, PairForm, PartForm
from schools.models import Pairing, PairingQuerySet, Responsibility, ResponsibilityQuerySet
from schools.reach import MAP_KEEPERS, pairings_within_reach, responsibilities_within_reach
from schools.rules import keeps_map
from schools.services import responsibilities


class StateFilter(InForceFilter):
    words = ("在办", "已结束")


class BearerFilter(admin.SimpleListFilter):
    title = "包挂方"
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("leader", "领导"), ("section", "科室")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in ("leader", "section"):
            return queryset
        return queryset.filter(**{f"{self.value()}__isnull": False})


class MapAdmin(ByPerson, PortalModelAdmin):
    """Rows that are added and ended. `given` are the fields of a new one, `kept` those that stay open."""

    chosen_as = MAP_KEEPERS
    given: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    adding: type[forms.ModelForm]
    ending: type[forms.ModelForm]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) and keeps_map(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Responsibility | Pairing | None = None) -> bool:
        return super().has_view_permission(request, obj) and keeps_map(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and keeps_map(request.user)

    def has_change_permission(
        self, request: HttpRequest, obj: Responsibility | Pairing | None = None
    ) -> bool:
        """What has ended stays as it is."""
        allowed = super().has_change_permission(request, obj) and keeps_map(request.user)
        return allowed and (obj is None or obj.ended_at is None)

    def get_form(
        self, request: HttpRequest, obj: Responsibility | Pairing | None = None, **kwargs: object
    ) -> type[forms.ModelForm]:
        kwargs["form"] = self.ending if obj else self.adding
        return super().get_form(request, obj, **kwargs)

    def get_fields(
        self, request: HttpRequest, obj: Responsibility | Pairing | None = None
    ) -> tuple[str, ...]:
        if obj is None:
            return self.given
        facts = (*self.given, "started_at", "ended_at")
        return (*facts, "ends") if self.has_change_permission(request, obj) else facts

    def get_readonly_fields(
        self, request: HttpRequest, obj: Responsibility | Pairing | None = None
    ) -> tuple[str, ...]:
        if obj is None:
            return ()
        return tuple(one for one in (*self.given, "started_at", "ended_at") if one not in self.kept)


@admin.register(Responsibility)
class ResponsibilityAdmin(MapAdmin):
    adding, ending = EntrustForm, EndingForm
    given = ("unit", "leader", "section")
    list_display = ("unit", "above", "leader", "section", "started_at", "ended_at")
    list_filter = (BearerFilter, "unit__kind", StateFilter)
    list_select_related = ("unit__parent", "leader", "section")
    search_fields = (
        *("unit__name", "unit__pinyin", "unit__code", "section__name", "section__pinyin"),
        *("leader__name", "leader__pinyin", "leader__username"),
    )
    search_help_text = "可按单位、科室的名称或拼音首字母、标识码，或领导的姓名、用户名查找。"
    autocomplete_fields = ("unit", "leader", "section")

    @admin.display(description="上级单位", ordering="unit__path")
    def above(self, row: Responsibility) -> str:
        return row.unit.parent.name if row.unit.parent_id else "—"

    def get_queryset(self, request: HttpRequest) -> ResponsibilityQuerySet:
        return responsibilities_within_reach(request.user).order_by("unit__path", "pk")

    def save_model(
        self, request: HttpRequest, obj: Responsibility, form: forms.ModelForm, change: bool
    ) -> None:
        now, by = timezone.now(), request.user
        if change:
            if form.cleaned_data["ends"]:
                responsibilities.end(obj, at=now, by=by)
            return
        made = responsibilities.entrust(obj.unit, leader=obj.leader, section=obj.section, at=now, by=by)
        obj.pk = made.pk


@admin.register(Pairing)
class PairingAdmin(MapAdmin):
    adding, ending = PairForm, PartForm
    given = ("unit", "partner", "note")
    kept = ("note",)
    list_display = ("unit", "partner", "note", "started_at", "ended_at")
    list_filter = (StateFilter,)
    list_select_related = ("unit", "partner")
    search_fields = ("unit__name", "unit__pinyin", "partner__name", "partner__pinyin", "note")
    search_help_text = "可按单位名称、拼音首字母或结对内容查找。"
    autocomplete_fields = ("unit", "partner")

    def get_queryset(self, request: HttpRequest) -> PairingQuerySet:
        return pairings_within_reach(request.user).order_by("unit__path", "partner__path", "pk")

    def save_model(self, request: HttpRequest, obj: Pairing, form: forms.ModelForm, change: bool) -> None:
        now, by = timezone.now(), request.user
        if not change:
            obj.pk = responsibilities.pair(obj.unit, obj.partner, obj.note, at=now, by=by).pk
            return
        responsibilities.describe(obj, form.cleaned_data["note"], at=now, by=by)
        if form.cleaned_data["ends"]:
            responsibilities.part(obj, at=now, by=by)
