"""What the sections of a plan share: the officer's scope, drafts alone may change."""

from typing import Any

from django import forms
from django.db import models
from django.http import HttpRequest

from campaigns.models import Campaign
from schools.access import units_for
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
        return kwargs


class DraftsOnly:
    """After publishing a plan is for reading: changes go through services of their own (with a trace)."""

    def plan_of(self, obj: Any) -> Campaign:
        """The campaign whose state decides about `obj`."""
        return obj

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._open(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        verb = f"{self.opts.app_label}.delete_{self.opts.model_name}"
        return request.user.has_perm(verb) and self._open(obj)

    def _open(self, obj: Any) -> bool:
        return obj is None or self.plan_of(obj).is_draft
