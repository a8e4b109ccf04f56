"""Units, people and memberships in the admin: each duty sees its own, inside its scope."""

from typing import Any

# Registers Group, which is taken out again below: rights come from memberships alone.
import django.contrib.auth.admin  # noqa: F401
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from portal.admin import AuditEventAdmin, PortalModelAdmin
from portal.models import AuditEvent
from schools.access import scope_of
from schools.admin.base import ByPerson, InForceFilter, WithRoster
from schools.admin_forms import AppointmentForm, DismissalForm, PersonForm, UnitForm
from schools.enums import Role
from schools.models import Membership, Pairing, Unit, UnitQuerySet, User
from schools.reach import (
    at_the_top,
    memberships_within_reach,
    people_within_reach,
    person_label,
    unit_label,
    units_within_reach,
)
from schools.responsibility import answering_for
from schools.rules import may_keep, why_no_reissue, why_unlikely
from schools.services import people, units

admin.site.unregister(Group)


class ClosedFilter(admin.SimpleListFilter):
    title = "撤并"
    parameter_name = "closed"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("no", "在办"), ("yes", "已撤并")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in ("no", "yes"):
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "no")


@admin.register(Unit)
class UnitAdmin(WithRoster):
    form = UnitForm
    chosen_as = (Role.SYSTEM,)
    list_display = ("name", "kind", "ownership", "parent", "code", "closed_on")
    list_filter = ("kind", "ownership", ClosedFilter)
    list_select_related = ("parent",)
    search_fields = ("name", "code", "pinyin", "former_names__name")
    search_help_text = "可按名称、曾用名、拼音首字母或标识码查找。"
    autocomplete_fields = ("parent",)
    facts = ("name", ("kind", "ownership"), "code", "credit_code", "pinyin", "parent", "closed_on")
    history = ("once_called", "successor", "answered_for", "paired_with")
    suggestion = staticmethod(unit_label)

    @admin.display(description="撤并日期", ordering="closed_at")
    def closed_on(self, unit: Unit) -> str:
        return date_format(timezone.localdate(unit.closed_at)) if unit.closed_at else "—"

    @admin.display(description="曾用名")
    def once_called(self, unit: Unit) -> SafeString | str:
        lines = ((one.name, date_format(timezone.localtime(one.until))) for one in unit.former_names.all())
        return format_html_join("；", "{}（至{}）", lines) or "无"

    @admin.display(description="包挂")
    def answered_for(self, unit: Unit) -> SafeString | str:
        lines = ((one.who, one.way(unit)) for one in answering_for(unit))
        return format_html_join("；", "{}（{}）", lines) or "无"

    @admin.display(description="结对")
    def paired_with(self, unit: Unit) -> SafeString | str:
        pairs = Pairing.objects.in_force().for_unit(unit).select_related("unit", "partner")
        return format_html_join("；", "{}", ((one.other(unit),) for one in pairs)) or "无"

    def get_fields(self, request: HttpRequest, obj: Unit | None = None) -> tuple:
        return (*self.facts, *self.history) if obj else self.facts

    def get_queryset(self, request: HttpRequest) -> UnitQuerySet:
        return units_within_reach(request.user).select_related("parent")

    def has_change_permission(self, request: HttpRequest, obj: Unit | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (
            obj is None or units_within_reach(request.user, Role.SYSTEM).filter(pk=obj.pk).exists()
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Unit | None = None) -> tuple[str, ...]:
        """The head of a scope stays where it is: what lies above is not the administrator's to choose."""
        if obj is None:
            return ()
        within = units_within_reach(request.user, Role.SYSTEM)
        movable = request.user.is_superuser or within.filter(pk=obj.parent_id).exists()
        return self.history if movable else (*self.history, "parent")

    def save_model(self, request: HttpRequest, obj: Unit, form: UnitForm, change: bool) -> None:
        units.save(obj, at=timezone.now(), by=request.user)
        if obj.code and (doubt := why_unlikely(obj.code, obj.kind)):
            messages.warning(request, doubt)


def _contains(fields: tuple[str, ...], word: str) -> Q:
    return Q(*((f"{field}__icontains", word) for field in fields), _connector=Q.OR)


@admin.register(User)
class PersonAdmin(WithRoster):
    form = PersonForm
    list_display = ("name", "username", "phone", "posts", "is_active", "last_login")
    list_display_links = ("name", "username")
    list_filter = ("is_active",)
    search_fields = ("name", "pinyin", "username", "phone")
    unit_fields = ("unit__name", "unit__pinyin", "unit__code")
    search_help_text = "可按姓名、拼音首字母、用户名、手机，或所在单位的名称、拼音首字母、标识码查找。"
    ordering = ("name", "username")
    suggestion = staticmethod(person_label)

    @admin.display(description="任职")
    def posts(self, user: User) -> SafeString | str:
        lines = ((one.unit.name, one.get_role_display()) for one in user.serving)
        return format_html_join("；", "{} {}", lines) or "尚未任职"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return people_within_reach(request.user).order_by(*self.ordering)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Whom each word names, or the unit of a post in force within reach; False: nobody comes twice."""
        posts = memberships_within_reach(request.user).filter(user=OuterRef("pk"), ended_at=None)
        for word in search_term.split():
            serving = posts.filter(_contains(self.unit_fields, word))
            queryset = queryset.filter(_contains(self.search_fields, word) | Exists(serving))
        return queryset, False

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list[tuple[str | None, dict]]:
        facts = ["name", "pinyin", "username", "phone", "email"]
        if obj is None:
            return [(None, {"fields": facts}), ("密码", {"fields": ["new_password"]})]
        shown = [
            (None, {"fields": [*facts, "is_active"]}),
            ("登录与任职", {"fields": ["posts", "last_login"]}),
        ]
        if self.has_change_permission(request, obj):
            shown.append(("重置密码", {"fields": ["new_password"]}))
        return shown

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return ("posts", "last_login") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Over those alone whose accounts are the administrator's to keep."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_keep(request.user, obj))

    def render_change_form(
        self, request: HttpRequest, context: dict, obj: User | None = None, **kwargs: Any
    ) -> HttpResponse:
        """With a button for the officer, who keeps no accounts but helps people who forgot a password."""
        officer = Role.OFFICER in request.user.roles
        context["may_reissue"] = bool(obj) and officer and not why_no_reissue(request.user, obj)
        return super().render_change_form(request, context, obj=obj, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: PersonForm, change: bool) -> None:
        now, by = timezone.now(), request.user
        if not change:
            people.enroll(obj, form.cleaned_data["new_password"], at=now, by=by)
            return
        people.amend(obj, at=now, by=by)
        if form.cleaned_data["new_password"]:
            people.reset_password(obj, form.cleaned_data["new_password"], at=now, by=by)


@admin.register(Membership)
class MembershipAdmin(ByPerson, PortalModelAdmin):
    chosen_as = (Role.SECURITY,)
    list_display = ("user", "unit", "role", "scope", "started_at", "ended_at")
    list_filter = ("role", InForceFilter)
    list_select_related = ("user", "unit", "scope")
    search_fields = ("user__name", "user__pinyin", "user__username", "unit__name", "unit__pinyin")
    search_help_text = "可按姓名、用户名、单位名称或拼音首字母查找。"
    autocomplete_fields = ("user", "unit", "scope")
    facts = ("user", "unit", "role", "scope", "started_at", "ended_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return memberships_within_reach(request.user, Role.SECURITY).order_by("unit__path", "role", "pk")

    def get_form(
        self, request: HttpRequest, obj: Membership | None = None, **kwargs: Any
    ) -> type[forms.ModelForm]:
        kwargs["form"] = DismissalForm if obj else AppointmentForm
        return super().get_form(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("user", "unit", "role", "scope")
        return (*self.facts, "ends") if self.has_change_permission(request, obj) else self.facts

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return self.facts if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """Not over oneself, and not over posts that reach further than the administrator's scope."""
        if not super().has_change_permission(request, obj):
            return False
        if obj is None:
            return True
        if obj.ended_at is not None or obj.user_id == request.user.pk:
            return False
        return request.user.is_superuser or scope_of(request.user, Role.SECURITY).covers(obj.scope)

    def save_model(self, request: HttpRequest, obj: Membership, form: forms.ModelForm, change: bool) -> None:
        now, by = timezone.now(), request.user
        if change:
            if form.cleaned_data["ends"]:
                people.dismiss(obj, at=now, by=by)
            return
        made = people.appoint(obj.user, obj.unit, Role(obj.role), scope=obj.scope, at=now, by=by)
        obj.pk = made.pk


@admin.register(AuditEvent)
class TrailAdmin(AuditEventAdmin):
    """The trail is not divided by unit: who reads it reads all of it, and so has to stand at the top."""

    def has_view_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return super().has_view_permission(request, obj) and at_the_top(request.user, Role.AUDITOR)
