"""The form of a requirement and of its occurrences. The admin sets `by` and `campaign`."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from campaigns.enums import Frequency, RequirementKind
from campaigns.forms.campaign import NOT_UNDER_HOST
from campaigns.forms.ladder import LadderField
from campaigns.forms.seen import SeenForm
from campaigns.ladders import held_for, own_steps
from campaigns.models import Campaign, Occurrence, Requirement
from campaigns.recurrence import Period, periods
from notices.workdays import end_of, last_day
from portal.days import DayField
from portal.files.kinds import FileKind
from portal.uploads import StoredFileField
from schools.admin_forms import name_choices
from schools.enums import Role, UnitKind
from schools.models import Unit, User

RULE = ("frequency", "recurs_from", "recurs_until", "due_day")
NOT_BEFORE_DUE = "停止接收日期不能早于截止日期，请改正。"
NO_PERIOD = "按所填的起止日期和每期截止日，没有一期落在其间，请改正。"


class RequirementForm(SeenForm):
    by: User
    campaign: Campaign

    due_on = DayField(
        label="截止日期", required=False, help_text="含当日，到当天24时为止；例如“4月底前”填4月30日。"
    )
    cutoff_on = DayField(
        label="停止接收日期",
        required=False,
        help_text="含当日，过后不再接收迟报的材料；留空则活动结束前都可以补报。",
    )
    audience_kinds = forms.MultipleChoiceField(
        label="报送单位类别",
        choices=UnitKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="凡属勾选类别的下属单位都要报送，以后新增的单位自动包括在内。",
    )
    file_kinds = forms.MultipleChoiceField(
        label="限定文件类型",
        choices=FileKind.offered,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="都不勾选表示不限。",
    )
    template_file = StoredFileField(
        label="材料模板", required=False, help_text="供报送单位下载填写的表格或范本。"
    )
    reminding = LadderField(label="催办安排")

    class Meta:
        model = Requirement
        fields = (
            *("phase", "topic", "kind", "title", "guidance", "template_file", "order"),
            *("min_pieces", "max_pieces", "words_min", "words_max", "file_kinds", "effort_minutes"),
            *("frequency", "recurs_from", "recurs_until", "due_day"),
            *("receiver", "reviewers", "sign_off", "district_first", "nil_allowed"),
            *("audience_kinds", "audience_ownership", "audience_branch", "included", "excluded"),
        )
        field_classes = {"recurs_from": DayField, "recurs_until": DayField}
        widgets = {"guidance": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})}
        help_texts = {
            "kind": "选“签收”时，报送单位只需点击签收，不用上传材料。",
            "title": "报送单位在任务清单里看到的名称，如“学习体会文章”。",
            "guidance": "写明内容、格式等要求。",
            "order": "同一阶段内按此排列；留空则排在最后。",
            "words_min": "只对在线填写的正文计数；没有要求可不填。",
            "frequency": "定期报送的，保存后按期次逐一列出，发布前可以改动。",
            "recurs_from": "截止日在起止日期之间的各期都要报送。",
            "due_day": "每周报送填1至7（1为星期一）；每月报送填几号，每季度报送填季末月的几号，31表示月末。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.campaign = self.campaign
        name_choices(self)
        if "phase" not in self.fields:
            return  # shown to be read only
        self.fields["template_file"].by, self.fields["template_file"].at = self.by, timezone.now()
        for name, label in (("phase", "阶段"), ("topic", "专题")):
            self.fields[name].queryset = getattr(self.campaign, f"{name}s").all()
            self.fields[name].error_messages["invalid_choice"] = f"请选择本活动的{label}。"
        if not self.campaign.phases.exists():
            self.fields["phase"].help_text = "活动还没有阶段，请先在活动页面添加阶段。"
        self.fields["order"].required = False
        host = self.campaign.host
        self.fields["reminding"].offer(held_for([host])[host.pk])
        self.initial["reminding"] = own_steps(self.instance) if self.instance.pk else None
        if self.instance.pk is None:
            self.initial["order"] = None
        elif not self.instance.recurs and (occurrence := self.instance.occurrences.first()):
            self.initial["due_on"] = last_day(occurrence.due_at)
            self.initial["cutoff_on"] = occurrence.cutoff_at and last_day(occurrence.cutoff_at)

    def clean_order(self) -> int:
        given = self.cleaned_data["order"]
        if given is not None:
            return given
        return 1 + max(self.campaign.requirements.values_list("order", flat=True), default=0)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("frequency") == Frequency.ONCE:
            self._clean_once(cleaned)
        else:
            self._clean_recurring(cleaned)
        if cleaned.get("kind") in RequirementKind.without_pieces():
            cleaned |= {"min_pieces": 1, "max_pieces": 1, "words_min": None, "words_max": None}
            cleaned |= {"file_kinds": [], "sign_off": False, "district_first": False, "nil_allowed": False}
        for name in ("receiver", "audience_branch", "included", "excluded"):
            chosen = cleaned.get(name) or []
            for unit in [chosen] if isinstance(chosen, Unit) else chosen:
                if not unit.path.startswith(self.campaign.host.path):
                    self.add_error(name, NOT_UNDER_HOST.format(unit=unit, host=self.campaign.host))
        for user in cleaned.get("reviewers") or ():
            if Role.OFFICER not in user.roles:
                self.add_error("reviewers", f"“{user}”不是活动专员，不能担任审核人，请另选。")
        if both := set(cleaned.get("included") or ()) & set(cleaned.get("excluded") or ()):
            names = "、".join(sorted(unit.name for unit in both))
            self.add_error("excluded", f"“{names}”同时列在另加单位和除外单位中，请只保留一处。")
        return cleaned

    def _clean_once(self, cleaned: dict[str, Any]) -> None:
        cleaned |= {"recurs_from": None, "recurs_until": None, "due_day": None}
        due, cutoff = cleaned.get("due_on"), cleaned.get("cutoff_on")
        if due is None and "due_on" not in self.errors:
            self.add_error("due_on", "请填写截止日期。")
        if due and cutoff and cutoff < due:
            self.add_error("cutoff_on", NOT_BEFORE_DUE)

    def _clean_recurring(self, cleaned: dict[str, Any]) -> None:
        """The rule as a whole, once its parts make sense; the occurrences follow it when it has changed."""
        for name in ("recurs_from", "recurs_until", "due_day"):
            if cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, "定期报送的，请填写这一项。")
        if not any(name in self.errors for name in RULE):
            try:
                if not self.new_periods(cleaned):
                    self.add_error("recurs_until", NO_PERIOD)
            except ValueError as refusal:
                self.add_error("due_day", str(refusal))

    def new_periods(self, cleaned: dict[str, Any]) -> list[Period]:
        """The periods of the rule that was typed in."""
        return periods(*(cleaned[name] for name in RULE))

    @property
    def rule_changed(self) -> bool:
        return bool(set(RULE) & set(self.changed_data)) or not self.instance.occurrences.exists()


class OccurrenceForm(forms.ModelForm):
    """One period of a recurring requirement, by its days."""

    due_on = DayField(label="截止日期")
    cutoff_on = DayField(label="停止接收日期", required=False)

    class Meta:
        model = Occurrence
        fields = ("label",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["due_on"] = last_day(self.instance.due_at)
            self.initial["cutoff_on"] = self.instance.cutoff_at and last_day(self.instance.cutoff_at)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        due: date | None = cleaned.get("due_on")
        cutoff: date | None = cleaned.get("cutoff_on")
        if due and cutoff and cutoff < due:
            self.add_error("cutoff_on", NOT_BEFORE_DUE)
        elif due:
            self.instance.due_at, self.instance.cutoff_at = end_of(due), cutoff and end_of(cutoff)
        return cleaned


class OccurrenceFormSet(forms.BaseInlineFormSet):
    """Periods that people added are numbered on."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form not in self.deleted_forms]
        if self.instance.recurs and not any(form.instance.pk or form.has_changed() for form in kept):
            raise ValidationError("定期报送至少保留一期；如需改为一次报送，请修改频次。")
        last = max((form.instance.number for form in self.initial_forms), default=0)
        for form in self.extra_forms:
            if form.has_changed():
                last += 1
                form.instance.number = last
