"""When people are reminded: for all that a bureau asks for, and for one requirement, in force or not."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from campaigns.forms.ladder import LadderForm
from campaigns.ladders import held_for, own_steps
from campaigns.models import Ladder, Requirement
from campaigns.services import ladders
from campaigns.steps import in_words
from portal.admin import PortalModelAdmin
from portal.models import AuditEvent
from schools.access import units_for
from schools.enums import Role, UnitKind
from schools.models import Unit, UnitQuerySet


def said_of(requirement: Requirement) -> str:
    """Which steps hold for the requirement, and who says so."""
    own = own_steps(requirement)
    if own is not None:
        return f"单独安排：{in_words(own)}。" if own else f"{in_words(own)}。"
    host = requirement.campaign.host
    held = held_for([host])[host.pk]
    return f"按统一安排（{held.source}）：{in_words(held.steps)}。"


def may_adjust(requirement: Requirement) -> bool:
    return requirement.campaign.is_open and requirement.withdrawn_at is None


def save(form: LadderForm, request: HttpRequest) -> None:
    """Carry out what a valid form says, and tell the person."""
    steps, now = form.cleaned_data["reminding"], timezone.now()
    if steps is None:
        ladders.use_default(form.owner, at=now, by=request.user)
    else:
        ladders.set_ladder(form.owner, steps, at=now, by=request.user)
    said = ladders.UNIFIED if steps is None else in_words(steps)
    messages.success(request, f"“{form.owner}”的催办安排已保存：{said}。")


class LadderPage:
    """A page for the ladder of a requirement alone, open as long as its campaign is."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.ladder_view)
        own = path("<path:object_id>/ladder/", page, name="campaigns_requirement_ladder")
        return [own, *super().get_urls()]

    def ladder_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not request.user.has_perm("campaigns.change_ladder"):
            raise PermissionDenied
        found = self.get_object(request, object_id)
        if found is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        back = reverse("admin:campaigns_requirement_change", args=[found.pk])
        if not may_adjust(found):
            messages.warning(request, f"“{found}”已经撤回，或活动已经结束，不再催办。")
            return redirect(back)
        form = LadderForm(request.POST or None, owner=found)
        if form.is_valid():
            save(form, request)
            return redirect(back)
        context = self.admin_site.each_context(request) | {
            "title": f"{found}的催办安排",
            "crumb": "催办安排",
            "form": form,
            "opts": self.opts,
            "crumbs": [
                (reverse("admin:campaigns_campaign_changelist"), "活动"),
                (
                    reverse("admin:campaigns_campaign_change", args=[found.campaign_id]) + "#requirements",
                    found.campaign.title,
                ),
                (back, str(found)),
            ],
            "back": back,
        }
        return TemplateResponse(request, "admin/campaigns/ladder.html", context)


@admin.register(Ladder)
class LadderAdmin(PortalModelAdmin):
    """One row for each bureau, whether it says anything itself or not: rows here are units."""

    def get_queryset(self, request: HttpRequest) -> UnitQuerySet:
        return units_for(request.user, Role.OFFICER).active().filter(kind__in=UnitKind.bureaus())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def trail_of(self, obj: Unit) -> QuerySet[AuditEvent]:
        return super().trail_of(obj).filter(action__startswith="ladder.")

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        bureaus = self.get_queryset(request).select_related("ladder").order_by("path")
        page = Paginator(bureaus, self.list_per_page).get_page(request.GET.get("page"))
        held = held_for(page.object_list)
        context = self.admin_site.each_context(request) | {
            "title": self.opts.verbose_name_plural,
            "opts": self.opts,
            "page": page,
            "rows": [(unit, held[unit.pk], in_words(held[unit.pk].steps)) for unit in page.object_list],
        }
        return TemplateResponse(request, "admin/campaigns/ladders.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        found = self.get_object(request, object_id)
        if found is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        back = reverse("admin:campaigns_ladder_changelist")
        form = LadderForm(request.POST or None, owner=found)
        if form.is_valid():
            save(form, request)
            return redirect(back)
        context: dict[str, Any] = self.admin_site.each_context(request) | {
            "title": f"{found}的催办安排",
            "crumb": found.name,
            "form": form,
            "opts": self.opts,
            "history": reverse("admin:campaigns_ladder_history", args=[found.pk]),
            "crumbs": [(back, self.opts.verbose_name_plural)],
            "back": back,
        }
        return TemplateResponse(request, "admin/campaigns/ladder.html", context)
