"""Forms of 合理化建议. Each `terms()` are the arguments of the service that does it."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from campaigns.models import Campaign, Topic
from portal.ids import as_id
from portal.lines import LinesField
from schools.enums import UnitKind
from schools.models import Unit
from submissions.enums import SuggestionState
from submissions.forms_changes import ChangeForm, day_field, one_unit, units_named
from submissions.models import Suggestion

LONGEST = 2000
UNIT_HINT = "填写单位名称（可只写一部分）、标识码或拼音简码。"


def _text(label: str, rows: int = 3, **kwargs: Any) -> LinesField:
    return LinesField(label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class UnitField(forms.CharField):
    """One unit of the campaign's host or below it, as it is typed; cleans to it, or None when left empty."""

    campaign: Campaign

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=100, **kwargs)

    def clean(self, value: Any) -> Unit | None:
        typed = super().clean(value)
        if not typed:
            return None
        known = Unit.objects.within(self.campaign.host).select_related("successor")
        among = known.active()
        return one_unit(typed, units_named(typed, among, known), among, "以下单位不能选择")


class TopicField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Topic.objects.none(), required=False, **kwargs)


class EnterForm(ChangeForm):
    """A suggestion that came another way than in a piece."""

    text = _text("建议内容", rows=5)
    unit = UnitField(label="提出单位", help_text=f"{UNIT_HINT}该单位可以看到答复。")
    source = forms.CharField(
        label="来源",
        required=False,
        max_length=120,
        help_text="不是单位提出的在此写明，如“校长座谈会”“群众来信”。",
    )
    topic = TopicField(label="专题", empty_label="（不限专题）")

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].campaign = campaign
        self.fields["topic"].queryset = campaign.topics.all()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not cleaned["unit"] and not cleaned["source"]:
            self.add_error("unit", "请填写提出建议的单位；不是单位提出的，请写明来源。")
        return cleaned

    def terms(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class SeenForm(ChangeForm):
    """Carries along which edition of the suggestion the page shows."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, suggestion: Suggestion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.suggestion = suggestion
        for field in self.fields.values():
            if isinstance(field, UnitField):
                field.campaign = suggestion.campaign

    def show_again(self, edition: str) -> None:
        """What was typed is shown beside what is stored now: pressed again, it is meant so."""
        self.data = self.data.copy()
        self.data[self.add_prefix("seen")] = edition

    def terms(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class AnswerForm(SeenForm):
    state = forms.TypedChoiceField(
        label="答复",
        coerce=SuggestionState,
        choices=[(one.value, one.label) for one in SuggestionState.answered()],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择采纳、部分采纳或未采纳。"},
    )
    reason = _text(
        "说明或理由", rows=4, required=False, help_text="提出单位会看到。部分采纳、未采纳的必须写明理由。"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.suggestion.state in SuggestionState.answered():
            self.initial |= {"state": self.suggestion.state, "reason": self.suggestion.answer}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        state = cleaned.get("state")
        if state in SuggestionState.with_reason() and not cleaned.get("reason"):
            self.add_error("reason", f"{state.label}的建议须写明理由，便于提出单位理解。")
        return cleaned


class FirstAnswerForm(AnswerForm):
    """The answer, and who carries it out, in one go."""

    responsible = UnitField(label="责任单位", help_text=f"采纳、部分采纳的可以交办。{UNIT_HINT}")
    due_on = day_field("办理期限", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and bool(cleaned["responsible"]) != bool(cleaned["due_on"]):
            missing = "due_on" if cleaned["responsible"] else "responsible"
            self.add_error(missing, "责任单位和办理期限须同时填写，请补充。")
        return cleaned


class AssignForm(SeenForm):
    responsible = UnitField(label="责任单位", help_text=UNIT_HINT)
    due_on = day_field("办理期限", help_text="请在这一天前办结。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["responsible"].required = True
        self.initial |= {"responsible": self.suggestion.responsible, "due_on": self.suggestion.due_on}


class FinishForm(ChangeForm):
    outcome = _text("办理结果", error_messages={"required": "请写明办理结果后再办结。"})

    def terms(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class ResumeForm(ChangeForm):
    reason = forms.CharField(label="继续办理的原因", max_length=200, help_text="责任单位会看到。")

    def terms(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class FilterForm(forms.Form):
    """What a list of suggestions is narrowed by; nothing has to be chosen."""

    DOING, OVERDUE, DONE = "doing", "overdue", "done"

    q = forms.CharField(label="查找建议内容", required=False, max_length=100)
    topic = TopicField(label="专题", empty_label="全部专题")
    township = forms.ModelChoiceField(
        Unit.objects.none(), label="提出单位所属", required=False, empty_label="全部镇街和单位"
    )
    responsible = forms.ModelChoiceField(
        Unit.objects.none(), label="责任单位", required=False, empty_label="全部责任单位"
    )
    progress = forms.ChoiceField(
        label="办理进度",
        required=False,
        choices=[("", "全部进度"), (DOING, "正在办理"), (OVERDUE, "逾期未办结"), (DONE, "已办结")],
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topic"].queryset = campaign.topics.all()
        self.fields["township"].queryset = _townships(campaign, as_id(self.data.get("township", "")))
        given = campaign.suggestions.filter(responsible__isnull=False)
        self.fields["responsible"].queryset = Unit.objects.filter(pk__in=given.values("responsible"))
        for field in self.fields.values():
            choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if choice else "form-control"
            if choice:
                field.widget.attrs["data-autosubmit"] = True
            else:
                field.widget.attrs["placeholder"] = field.label


def _townships(campaign: Campaign, asked: int | None) -> QuerySet[Unit]:
    """The bodies below the host by which its units are grouped, and the one unit that an address asks for."""
    below = Unit.objects.within(campaign.host).exclude(pk=campaign.host_id)
    return below.filter(Q(kind__in=UnitKind.branches()) | Q(pk=asked))
