"""Forms of the campaign's page: the campaign, its papers, phases, topics, leading group.

The admin sets `by`: the officer.
"""

from typing import Any

from django import forms
from django.utils import timezone

from campaigns.fields import OutlineField
from campaigns.forms.seen import SeenForm
from campaigns.models import Basis, Campaign, Leadership, Phase, Topic
from portal.uploads import StoredFileField
from schools.access import units_for
from schools.admin_forms import name_choices
from schools.enums import Role, UnitKind
from schools.models import User

STILL_ASKED = "{label}“{row}”下还有{what}，请先改到其他{label}或删除。"
NO_NUMBER_LEFT = "序号已到上限，请改小上面各行的序号。"
LAST_NUMBER = 32767  # of a small integer in PostgreSQL
NOT_UNDER_HOST = "“{unit}”不是主办单位“{host}”的下属单位，请重新选择。"


class CampaignForm(SeenForm):
    by: User

    class Meta:
        model = Campaign
        fields = (
            *("title", "kind", "theme", "starts_on", "ends_on", "host", "office", "goals"),
            *("parent", "combined"),
        )
        widgets = {
            "goals": forms.Textarea(attrs={"rows": 5, "class": "vLargeTextField"}),
            "combined": forms.CheckboxSelectMultiple,
        }
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
            for name in ("parent", "combined"):
                self.fields[name].queryset = self.fields[name].queryset.exclude(pk=self.instance.pk)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        host, office = cleaned.get("host"), cleaned.get("office")
        if host and office and not office.path.startswith(host.path):
            self.add_error("office", NOT_UNDER_HOST.format(unit=office, host=host))
        return cleaned


class BasisForm(forms.ModelForm):
    file = StoredFileField(label="附件", required=False)

    class Meta:
        model = Basis
        fields = ("order", "title", "number", "file")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            self.fields["file"].by, self.fields["file"].at = self.by, timezone.now()


class PhaseForm(forms.ModelForm):
    class Meta:
        model = Phase
        fields = ("order", "name", "starts_on", "ends_on", "suggested", "aim", "track")
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
        fields = ("position", "title", "questions", "lead")
        widgets = {"questions": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_choices(self)
        if "lead" in self.fields and self.instance.lead_id:
            self.fields["lead"].widget.widget.loaded = self.instance.lead

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
        """Phases and topics stay as long as requirements and activities stand under them."""
        for form in self.initial_forms:
            row = form.instance
            if row.pk is None or not (self._should_delete_form(form) and isinstance(row, Phase | Topic)):
                continue
            held = {"报送要求": row.requirements.count(), "活动安排": row.activities.count()}
            if what := "、".join(f"{count}项{name}" for name, count in held.items() if count):
                raise forms.ValidationError(
                    STILL_ASKED.format(label=row._meta.verbose_name, row=row, what=what)
                )

    def get_unique_error_message(self, unique_check: tuple[str, ...]) -> str:
        labels = [str(self.model._meta.get_field(name).verbose_name) for name in unique_check]
        return f"{'、'.join(label for label in labels if label != '活动')}有重复，请改正。"

    def get_form_error(self) -> str:
        return "与上面的一行重复，请改正。"
