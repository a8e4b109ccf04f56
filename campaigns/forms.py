"""Forms of the plan: campaign, phases, topics, leading group, requirement.

The admin sets `by` (the officer) and, on a requirement, `campaign`.
"""

from typing import Any

from django import forms

from campaigns.enums import RequirementKind
from campaigns.fields import OutlineField
from campaigns.models import Campaign, Leadership, Phase, Requirement, Topic
from notices.workdays import last_day
from portal.days import DayField
from schools.access import units_for
from schools.admin_forms import name_choices
from schools.enums import Role, UnitKind
from schools.models import Unit, User

STILL_ASKED = "{label}“{row}”下还有{count}项报送要求，请先改到其他{label}或删除。"
NO_NUMBER_LEFT = "序号已到上限，请改小上面各行的序号。"
LAST_NUMBER = 32767  # of a small integer in PostgreSQL
NOT_UNDER_HOST = "“{unit}”不是主办单位“{host}”的下属单位，请重新选择。"


class CampaignForm(forms.ModelForm):
    by: User

    class Meta:
        model = Campaign
        fields = ("title", "kind", "theme", "starts_on", "ends_on", "host", "office", "goals")
        widgets = {name: forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}) for name in ("goals",)}
        help_texts = {
            "title": "如“全县教育系统思想大讨论活动”。",
            "office": "一般是牵头的科室；须在主办单位之内。草稿可以暂缺，发布前须填。",
            "theme": "一句话的主题或口号，没有可不填。",
            "goals": "活动要达到什么目的，报送单位可以看到。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_choices(self)
        if "host" in self.fields:
            hosting = (*UnitKind.bureaus(), UnitKind.TOWNSHIP)
            allowed = units_for(self.by, Role.OFFICER).active().filter(kind__in=hosting)
            if self.instance.host_id:
                allowed = allowed | units_for(self.by, Role.OFFICER).filter(pk=self.instance.host_id)
            self.fields["host"].queryset = allowed.select_related("parent")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        host, office = cleaned.get("host"), cleaned.get("office")
        if host and office and not office.path.startswith(host.path):
            self.add_error("office", NOT_UNDER_HOST.format(unit=office, host=host))
        return cleaned


class PhaseForm(forms.ModelForm):
    class Meta:
        model = Phase
        fields = ("order", "name", "starts_on", "ends_on", "aim", "track")
        widgets = {"aim": forms.Textarea(attrs={"rows": 2})}


class TopicForm(forms.ModelForm):
    position = OutlineField(
        label="编号",
        max_length=24,
        help_text="用小数点表示层级：1为专题，1.2为专题1的第2个方面。",
        widget=forms.TextInput(attrs={"size": 6, "autocomplete": "off"}),
    )

    class Meta:
        model = Topic
        fields = ("position", "title", "questions")
        widgets = {"questions": forms.Textarea(attrs={"rows": 2})}

    def validate_constraints(self) -> None:
        """Left to the form set: numbers may change places in one save, which a single row cannot see."""


class LeadershipForm(forms.ModelForm):
    class Meta:
        model = Leadership
        fields = ("order", "role", "user", "post")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_choices(self)
        if "user" in self.fields and self.instance.user_id:
            self.fields["user"].widget.widget.loaded = self.instance.user


class RowFormSet(forms.BaseInlineFormSet):
    """Rows in an order: a number left empty follows on; repeated values are named in Chinese."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            field.widget.attrs.setdefault("aria-label", field.label)  # a table's heading labels no field
        if "order" in form.fields:
            form.fields["order"].required = False
            form.fields["order"].help_text = "留空则排在最后。"
            if form.instance.pk is None:
                form.initial["order"] = None

    def clean(self) -> None:
        self._refuse_to_orphan()  # before Django, which says it less plainly
        super().clean()
        kept = [form for form in self.forms if form.is_valid() and form not in self.deleted_forms]
        last = max((form.cleaned_data.get("order") or 0 for form in kept), default=0)
        for form in kept:
            if form.has_changed() and form.cleaned_data.get("order", 0) is None:
                if last >= LAST_NUMBER:
                    form.add_error("order", NO_NUMBER_LEFT)
                    continue
                last += 1
                form.instance.order = last

    def _refuse_to_orphan(self) -> None:
        """Phases and topics stay as long as requirements stand under them."""
        for form in self.initial_forms:
            row = form.instance
            if not (self._should_delete_form(form) and isinstance(row, Phase | Topic)):
                continue
            if count := row.requirements.count():
                label = row._meta.verbose_name
                raise forms.ValidationError(STILL_ASKED.format(label=label, row=row, count=count))

    def get_unique_error_message(self, unique_check: tuple[str, ...]) -> str:
        labels = [str(self.model._meta.get_field(name).verbose_name) for name in unique_check]
        return f"{'、'.join(label for label in labels if label != '活动')}有重复，请改正。"

    def get_form_error(self) -> str:
        return "与上面的一行重复，请改正。"


class RequirementForm(forms.ModelForm):
    by: User
    campaign: Campaign

    due_on = DayField(label="截止日期", help_text="含当日，到当天24时为止；例如“4月底前”填4月30日。")
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

    class Meta:
        model = Requirement
        fields = (
            *("phase", "topic", "kind", "title", "guidance", "receiver", "min_pieces", "max_pieces"),
            *("audience_kinds", "audience_ownership", "audience_branch", "included", "excluded"),
        )
        widgets = {"guidance": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})}
        help_texts = {
            "kind": "选“签收”时，报送单位只需点击签收，不用上传材料。",
            "title": "报送单位在任务清单里看到的名称，如“学习体会文章”。",
            "guidance": "写明内容、字数、格式等要求。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.campaign = self.campaign
        name_choices(self)
        if "phase" not in self.fields:
            return  # shown to be read only
        self.fields["phase"].queryset = self.campaign.phases.all()
        self.fields["phase"].error_messages["invalid_choice"] = "请选择本活动的阶段。"
        self.fields["topic"].queryset = self.campaign.topics.all()
        self.fields["topic"].error_messages["invalid_choice"] = "请选择本活动的专题。"
        if not self.campaign.phases.exists():
            self.fields["phase"].help_text = "活动还没有阶段，请先在活动页面添加阶段。"
        if self.instance.pk and (occurrence := self.instance.occurrences.filter(number=1).first()):
            self.initial["due_on"] = last_day(occurrence.due_at)
            self.initial["cutoff_on"] = occurrence.cutoff_at and last_day(occurrence.cutoff_at)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        due, cutoff = cleaned.get("due_on"), cleaned.get("cutoff_on")
        if due and cutoff and cutoff < due:
            self.add_error("cutoff_on", "停止接收日期不能早于截止日期，请改正。")
        if cleaned.get("kind") in RequirementKind.without_pieces():
            cleaned["min_pieces"] = cleaned["max_pieces"] = 1
        for name in ("audience_branch", "included", "excluded"):
            chosen = cleaned.get(name) or []
            for unit in [chosen] if isinstance(chosen, Unit) else chosen:
                if not unit.path.startswith(self.campaign.host.path):
                    self.add_error(name, NOT_UNDER_HOST.format(unit=unit, host=self.campaign.host))
        return cleaned
