"""Topics with their indicators, activities and inspection groups: pages reached from the campaign's."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from campaigns.admin.base import AsLongAsOpen, PartAdmin
from campaigns.forms.campaign import RowFormSet
from campaigns.forms.parts import ActivityForm, InspectionGroupForm, TopicPageForm
from campaigns.models import Activity, Campaign, Indicator, InspectionGroup, Topic
from campaigns.services import activities
from notices.workdays import last_day
from portal.admin import PlainRelations


class IndicatorInline(AsLongAsOpen, PlainRelations, admin.TabularInline):
    model = Indicator
    formset = RowFormSet
    extra = 0
    fields = ("order", "name", "comparator", "value", "unit", "aggregation", "due_on")

    def plan_of(self, obj: Topic) -> Campaign:
        return obj.campaign

    def has_add_permission(self, request: HttpRequest, obj: Topic | None = None) -> bool:
        return self.has_change_permission(request, obj)


@admin.register(Topic)
class TopicAdmin(PartAdmin):
    """What the campaign's own page has no room for: who leads and supports, what it is measured by."""

    form = TopicPageForm
    inlines = (IndicatorInline,)
    anchor = "topics-group"
    autocomplete_fields = ("lead", "supporting")
    fields = ("position", "title", "questions", "lead", "supporting")

    def get_fields(self, request: HttpRequest, obj: Topic | None = None) -> tuple[str, ...]:
        rest = self.fields[1:]
        return self.fields if self.has_change_permission(request, obj) else ("number", *rest)

    def get_readonly_fields(self, request: HttpRequest, obj: Topic | None = None) -> tuple[str, ...]:
        return ("number",)

    @admin.display(description="编号")
    def number(self, topic: Topic) -> str:
        return topic.number


@admin.register(Activity)
class ActivityAdmin(PartAdmin):
    form = ActivityForm
    anchor = "activities"
    while_running = True
    autocomplete_fields = ("host",)
    fieldsets = (
        ("活动安排", {"fields": (("kind", "phase"), "title", "topic", "chair")}),
        ("时间地点", {"fields": (("starts_on", "ends_on"), "place")}),
        ("承办与纪要", {"fields": ("host", "minutes_on")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Activity | None = None) -> tuple[str, ...]:
        return () if self.has_change_permission(request, obj) else ("minutes_on",)

    @admin.display(description="会议纪要截止日期")
    def minutes_on(self, activity: Activity) -> Any:
        minutes = getattr(activity, "minutes", None)
        occurrence = minutes and minutes.occurrences.first()
        return occurrence and last_day(occurrence.due_at)

    def save_model(self, request: HttpRequest, obj: Activity, form: ActivityForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.minutes and form.minutes.issued_at:
            return  # the form has refused to touch what the host was asked for already
        if due_on := form.cleaned_data["minutes_on"]:
            activities.owe_minutes(obj, due_on)
        else:
            activities.remove_minutes(obj)


@admin.register(InspectionGroup)
class InspectionGroupAdmin(PartAdmin):
    form = InspectionGroupForm
    anchor = "groups"
    while_running = True
    autocomplete_fields = ("leader", "members", "units")
    fields = ("order", "name", "leader", "members", "units")
