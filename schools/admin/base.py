"""What the sections of this room share: who fills a form in, and what may be chosen there."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from portal.admin import PortalModelAdmin
from schools.enums import Role
from schools.models import Unit, User
from schools.reach import people_within_reach, units_within_reach
from schools.rules import keeps_roster


class ByPerson:
    """Hands the form its `by`, and narrows selects to the reach of `chosen_as`."""

    chosen_as: tuple[Role, ...] = ()

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, **kwargs)
        form.by = request.user
        return form

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField:
        if db_field.related_model is Unit:
            kwargs["queryset"] = units_within_reach(request.user, *self.chosen_as).select_related("parent")
        elif db_field.related_model is User:
            kwargs["queryset"] = people_within_reach(request.user, *self.chosen_as)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class WithRoster(ByPerson, PortalModelAdmin):
    """A list with a way to the roster, for those who keep it."""

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, {"keeps_roster": keeps_roster(request.user)})


class InForceFilter(admin.SimpleListFilter):
    title = "状态"
    parameter_name = "ended"
    words = ("在任", "已离任")

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return list(zip(("no", "yes"), self.words, strict=True))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in ("no", "yes"):
            return queryset
        return queryset.filter(ended_at__isnull=self.value() == "no")
