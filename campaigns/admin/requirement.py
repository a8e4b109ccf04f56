"""A requirement in the admin: a page of its own, reached from its campaign's page."""

from datetime import date
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import Media
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns.admin.base import AsLongAsOpen, PartAdmin
from campaigns.admin.ladder import LadderPage, may_adjust, said_of
from campaigns.forms.requirement import RULE, OccurrenceForm, OccurrenceFormSet, RequirementForm
from campaigns.models import Campaign, Occurrence, Requirement
from campaigns.services import ladders, planning
from notices.workdays import last_day
from portal.admin import PlainRelations
from portal.audit import target_of
from portal.files.kinds import FileKind
from portal.models import AuditEvent
from schools.enums import UnitKind

SHOWN_DAYS = 4


class Line(NamedTuple):
    """A line in the campaign's table of requirements; `more` days are left out."""

    requirement: Requirement
    days: list[date]
    more: int
    audience: str


def table_of(campaign: Campaign) -> list[Line]:
    """The campaign's requirements with their last days and whom they ask."""
    found = campaign.requirements.select_related("phase", "audience_branch").prefetch_related(
        "occurrences", "included"
    )
    return [_line(one) for one in found]


def _line(requirement: Requirement) -> Line:
    days = [last_day(occurrence.due_at) for occurrence in requirement.occurrences.all()]
    shown = days if len(days) <= SHOWN_DAYS else days[: SHOWN_DAYS - 1]
    return Line(requirement, shown, len(days) - len(shown), _audience(requirement))


def _audience(requirement: Requirement) -> str:
    kinds = "、".join(UnitKind(kind).label for kind in requirement.audience_kinds)
    if not kinds:
        return "仅另加的单位" if requirement.included.all() else "未选择"
    where = f"{requirement.audience_branch}所属" if requirement.audience_branch else ""
    return f"{where}{requirement.get_audience_ownership_display()}{kinds}"


class UntilIssued(AsLongAsOpen):
    """A requirement may change, also in a running campaign, as long as nobody was asked."""

    while_running = True

    def plan_of(self, obj: Requirement) -> Campaign:
        return obj.campaign

    def may_change(self, obj: Requirement | None) -> bool:
        return super().may_change(obj) and (obj is None or obj.issued_at is None)


class OccurrenceInline(UntilIssued, PlainRelations, admin.TabularInline):
    """The periods of a recurring requirement, each to be changed before it is handed out."""

    model = Occurrence
    form = OccurrenceForm
    formset = OccurrenceFormSet
    extra = 0
    verbose_name_plural = "各期截止日期"

    def has_add_permission(self, request: HttpRequest, obj: Requirement | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Requirement | None = None) -> tuple[str, ...]:
        days = ("due_on", "cutoff_on") if self.may_change(obj) else ("due_at", "cutoff_at")
        return ("label", *days)


@admin.register(Requirement)
class RequirementAdmin(LadderPage, UntilIssued, PartAdmin):
    """A draft as long as nobody was asked; later requirements of a running campaign begin here as well."""

    form = RequirementForm
    inlines = (OccurrenceInline,)
    anchor = "requirements"
    autocomplete_fields = ("receiver", "reviewers", "audience_branch", "included", "excluded")
    readonly_fields = ("campaign_title",)

    def trail_of(self, obj: Requirement) -> QuerySet[AuditEvent]:
        """Deadlines are moved on the occurrences."""
        parts = [obj, *obj.occurrences.only("pk")]
        return AuditEvent.objects.filter(target__in=map(target_of, parts))

    def get_inline_instances(self, request: HttpRequest, obj: Requirement | None = None) -> list:
        return super().get_inline_instances(request, obj) if obj and obj.recurs else []

    @admin.display(description="所属活动")
    def campaign_title(self, requirement: Requirement) -> str:
        return requirement.campaign.title

    # What the form offers as fields, for the page of a published plan.

    @admin.display(description="截止日期")
    def due_on(self, requirement: Requirement) -> str:
        return (
            "、".join(f"{last_day(one.due_at):%Y-%m-%d}" for one in requirement.occurrences.all()) or "未定"
        )

    @admin.display(description="停止接收日期")
    def cutoff_on(self, requirement: Requirement) -> str:
        days = [
            one.cutoff_at and f"{last_day(one.cutoff_at):%Y-%m-%d}" for one in requirement.occurrences.all()
        ]
        return "、".join(filter(None, days)) or "活动结束前均可补报"

    @admin.display(description="催办安排")
    def reminding(self, requirement: Requirement) -> SafeString:
        """Open also where the rest is for reading only: it asks nobody for anything new."""
        words = said_of(requirement)
        if not may_adjust(requirement):
            return format_html("{}", words)
        page = reverse("admin:campaigns_requirement_ladder", args=[requirement.pk])
        return format_html('{}<br><a href="{}">调整催办安排</a>', words, page)

    @admin.display(description="报送单位类别")
    def audience(self, requirement: Requirement) -> str:
        return _audience(requirement)

    @admin.display(description="限定文件类型")
    def files_of_kinds(self, requirement: Requirement) -> str:
        return "、".join(FileKind(kind).label for kind in requirement.file_kinds) or "不限"

    def get_fieldsets(self, request: HttpRequest, obj: Requirement | None = None) -> list[tuple[str, dict]]:
        return self.with_edition(request, obj, self._fieldsets(request, obj))

    def _fieldsets(self, request: HttpRequest, obj: Requirement | None) -> list[tuple[str, dict]]:
        changing = self.has_change_permission(request, obj)
        by_rule = ("audience_kinds", "audience_ownership", "audience_branch") if changing else ("audience",)
        files = "file_kinds" if changing else "files_of_kinds"
        when = ["frequency", ("recurs_from", "recurs_until", "due_day"), ("due_on", "cutoff_on")]
        if not changing:
            when.pop(2 if obj.recurs else 1)
        return [
            (
                "报什么",
                {
                    "fields": [
                        "campaign_title",
                        ("phase", "topic"),
                        "kind",
                        "title",
                        "guidance",
                        "template_file",
                    ]
                },
            ),
            ("何时报", {"fields": when}),
            ("由谁报", {"fields": [*by_rule, "included", "excluded"]}),
            (
                "报多少",
                {
                    "fields": [
                        ("min_pieces", "max_pieces"),
                        ("words_min", "words_max"),
                        files,
                        "effort_minutes",
                    ]
                },
            ),
            (
                "报给谁、怎样审",
                {"fields": ["receiver", "reviewers", "sign_off", "district_first", "nil_allowed"]},
            ),
            ("怎样催", {"fields": ["reminding"]}),
            ("排列", {"fields": ["order"]}),
        ]

    def render_change_form(self, request: HttpRequest, context: dict, **kwargs: Any) -> HttpResponse:
        context["media"] += Media(js=("js/admin-requirement.js",))
        return super().render_change_form(request, context, **kwargs)

    def save_model(self, request: HttpRequest, obj: Requirement, form: RequirementForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not obj.recurs:
            planning.set_due(obj, form.cleaned_data["due_on"], form.cleaned_data["cutoff_on"])
        elif form.rule_changed:
            new, again = form.new_periods(form.cleaned_data), obj.occurrences.exists()
            planning.set_periods(obj, new)
            lost = "，此前逐期所做的改动不再保留" if again else ""
            messages.info(request, f"已按频次排出{len(new)}期{lost}，可打开“{obj}”逐期核对。")
        if "reminding" in form.changed_data:
            ladders.write(obj, form.cleaned_data["reminding"])

    def save_formset(self, request: HttpRequest, form: RequirementForm, formset: Any, change: bool) -> None:
        """Periods follow a rule that has just changed; only otherwise what was typed for each counts."""
        if set(form.changed_data) & set(RULE):
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        else:
            super().save_formset(request, form, formset, change)
