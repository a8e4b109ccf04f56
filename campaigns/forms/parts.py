"""Forms of the parts of a plan that have a page of their own. The admin sets `by` and `campaign`."""

from datetime import date
from typing import Any

from django import forms

from campaigns.fields import OutlineField
from campaigns.forms.campaign import NOT_UNDER_HOST
from campaigns.forms.seen import SeenForm
from campaigns.models import Activity, Campaign, InspectionGroup, Topic
from notices.workdays import last_day
from portal.days import DayField
from schools.admin_forms import name_choices
from schools.models import Unit, User


class PartForm(SeenForm):
    """A part of `campaign`: units under its host, phases and topics of its own."""

    by: User
    campaign: Campaign

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.campaign = self.campaign
        name_choices(self)
        for name, label in (("phase", "阶段"), ("topic", "专题")):
            if name in self.fields:
                self.fields[name].queryset = getattr(self.campaign, f"{name}s").all()
                self.fields[name].error_messages["invalid_choice"] = f"请选择本活动的{label}。"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name, value in list(cleaned.items()):
            for unit in [value] if isinstance(value, Unit) else value if hasattr(value, "model") else ():
                if isinstance(unit, Unit) and not unit.path.startswith(self.campaign.host.path):
                    self.add_error(name, NOT_UNDER_HOST.format(unit=unit, host=self.campaign.host))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """The campaign is set above: rules that name it are to speak here, not only in the database."""
        return super()._get_validation_exclusions() - {"campaign"}


class TopicPageForm(PartForm):
    position = OutlineField(
        label="编号", max_length=24, help_text="用小数点表示层级：1为专题，1.2为专题1的第2个方面。"
    )

    class Meta:
        model = Topic
        fields = ("position", "title", "questions", "lead", "supporting")
        widgets = {"questions": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})}


class ActivityForm(PartForm):
    minutes_on = DayField(
        label="会议纪要截止日期",
        required=False,
        help_text="填写后，承办单位在活动结束后须在此日（含）前报送会议纪要；不需要纪要的留空。",
    )

    class Meta:
        model = Activity
        fields = ("kind", "title", "phase", "topic", "starts_on", "ends_on", "place", "host", "chair")
        field_classes = {"starts_on": DayField, "ends_on": DayField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if (minutes := self.minutes) and (occurrence := minutes.occurrences.first()):
            self.initial["minutes_on"] = last_day(occurrence.due_at)

    @property
    def minutes(self) -> Any:
        """The requirement by which the host owes the minutes, if there is one."""
        return getattr(self.instance, "minutes", None) if self.instance.pk else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        due: date | None = cleaned.get("minutes_on")
        held: date | None = cleaned.get("ends_on") or cleaned.get("starts_on")
        if "minutes_on" in self.changed_data and (minutes := self.minutes) and minutes.issued_at:
            self.add_error("minutes_on", "会议纪要的报送任务已经下达，请在“调整活动”中改期或撤回。")
        elif due and held and due < held:
            self.add_error("minutes_on", "会议纪要的截止日期不能早于活动日期，请改正。")
        if "host" in self.changed_data and (minutes := self.minutes) and minutes.issued_at:
            self.add_error("host", "会议纪要的报送任务已经下达给原承办单位，请先在“调整活动”中撤回，再更换。")
        elif due and cleaned.get("host") is None:
            self.add_error("host", "需要报送会议纪要的，请选择承办单位。")
        elif due and cleaned["host"] == self.campaign.host:
            self.add_error("host", "主办单位不向自己报送材料，请选择具体承办的科室或学校。")
        return cleaned


class InspectionGroupForm(PartForm):
    class Meta:
        model = InspectionGroup
        fields = ("order", "name", "leader", "members", "units")
        help_texts = {"leader": "组长可以不是成员。"}
