"""The form of a piece: its words, what its kind asks for besides, and files."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString

from campaigns.enums import RequirementKind
from campaigns.models import Indicator
from submissions import sheets
from submissions.models import Assignment, Draft
from submissions.rules import extensions_of
from submissions.services.drafts import PLAIN, Words

#: Empty lines offered for further suggestions.
SPARE = 3


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; cleans to a list. What is in them is checked when they are stored."""

    widget = FilesInput

    def clean(self, data: list[UploadedFile] | None, initial: object = None) -> list[UploadedFile]:
        return list(data or [])


class ItemsInput(forms.Textarea):
    """One text area for each item and a few empty ones, all under one name."""

    def render(self, name: str, value: Any, attrs: dict | None = None, renderer: object = None) -> SafeString:
        items = [str(item) for item in value or []]
        spare = min(SPARE, sheets.MAX_ITEMS - len(items))
        context = {
            "items": items + [""] * spare,
            "name": name,
            "attrs": attrs or {},
            "most": sheets.MAX_ITEMS,
        }
        return render_to_string("submissions/items.html", context | {"longest": sheets.MAX_ITEM})

    def value_from_datadict(self, data: Mapping, files: MultiValueDict, name: str) -> list[str]:
        sent = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [item.strip().replace("\r\n", "\n") for item in sent if item.strip()]


class ItemsField(forms.Field):
    """Suggestions as separate items; cleans to a list of texts."""

    widget = ItemsInput

    def clean(self, value: list[str]) -> list[str]:
        if len(value) > sheets.MAX_ITEMS:
            raise forms.ValidationError(
                f"一篇最多填写{sheets.MAX_ITEMS}条建议，请减少，或另报一篇。", code="max"
            )
        if any(len(item) > sheets.MAX_ITEM for item in value):
            raise forms.ValidationError(f"每条建议不超过{sheets.MAX_ITEM}字，请精简后再保存。", code="long")
        if any("\0" in item for item in value):
            raise forms.ValidationError("建议中有无法保存的字符，请删去后再保存。", code="null")
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != (data or [])


class PieceForm(forms.ModelForm):
    """The words and files of a piece. Everything may be empty in a draft."""

    files = FilesField(label="附件", required=False)

    class Meta:
        model = Draft
        fields = ["title", "authors", "topic", "abstract", "body"]
        widgets = {
            "abstract": forms.Textarea(attrs={"rows": 3}),
            "body": forms.Textarea(attrs={"rows": 12}),
        }
        help_texts = {
            "title": "提交时必填。",
            "authors": "多位作者用顿号分开。",
            "abstract": "200字左右，供阶段报告摘用。",
            "body": "可在此填写正文，也可只上传文件。",
        }

    def __init__(
        self,
        *args: object,
        assignment: Assignment,
        last: Mapping[int, Decimal] | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.requirement = requirement = assignment.requirement
        self.last = last or {}
        self.kind = requirement.kind
        self.indicators = sheets.asked_for(assignment)
        self.names = sheets.names(self.kind, self.indicators)
        self._ask_for_topic()
        self._ask_for_sheet()
        if self.names:
            self.initial["title"] = self.initial.get("title") or assignment.name
        self._take_files()
        self.fields["body"].label = sheets.body_name(self.kind)
        limits = {"min": requirement.words_min, "max": requirement.words_max}
        self.fields["body"].widget.attrs |= {"data-words": sheets.body_name(self.kind)} | {
            f"data-words-{name}": limit for name, limit in limits.items() if limit is not None
        }
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = self._layout()

    def _ask_for_topic(self) -> None:
        topics = self.requirement.campaign.topics.all()
        if self.requirement.topic is not None:
            topics = topics.filter(pk=self.requirement.topic_id)
            # Also in a draft that a file has begun and nobody has written in.
            self.initial["topic"] = self.initial.get("topic") or self.requirement.topic_id
        self.fields["topic"].queryset = topics
        self.fields["topic"].empty_label = "（不限专题）"

    def _ask_for_sheet(self) -> None:
        kept = self.instance.sheet
        if self.kind == RequirementKind.MINUTES:
            for name, label in sheets.MINUTES.items():
                self.fields[name] = _minutes_field(name, label)
            self.fields["body"].help_text = "会议议定事项和主要发言；也可只上传会议纪要文件。"
        elif self.kind == RequirementKind.SUGGESTION:
            self.fields[sheets.ITEMS] = ItemsField(
                label="建议", required=False, help_text="一条一格，便于教育局逐条答复；空白的不计。"
            )
        for one in self.indicators:
            self.fields[sheets.value_name(one)] = _value_field(
                one, self.last.get(one.pk), str(kept.get(sheets.value_name(one), ""))
            )
        if self.names and self.kind != RequirementKind.MINUTES:
            self.fields["body"].help_text = "需要说明的情况，可不填。"
            self.fields["body"].widget.attrs["rows"] = 5
        if self.names:
            del self.fields["abstract"]
            self.fields["authors"].label = "填报人"
            self.fields["authors"].help_text = ""
        for name in self.names:
            self.fields[name].initial = kept.get(name)

    def _take_files(self) -> None:
        widget = self.fields["files"].widget
        widget.attrs |= {
            "data-uploads": True,
            "data-max-bytes": settings.UPLOAD_MAX_BYTES,
            "data-max-files": settings.UPLOAD_MAX_FILES,
            "data-max-total": settings.UPLOAD_MAX_REQUEST_BYTES,
            "accept": ",".join(f".{one}" for one in extensions_of(self.requirement)),
        }

    def _layout(self) -> Layout:
        pair = Div(Div("authors", css_class="col-md-6"), Div("topic", css_class="col-md-6"), css_class="row")
        if self.kind == RequirementKind.MINUTES:
            places = Div(*(Div(name, css_class="col-md-4") for name in list(sheets.MINUTES)[:-1]),
                         Div("authors", css_class="col-md-4"), css_class="row")  # fmt: skip
            return Layout("title", places, "agenda", "topic", "body", "files")
        if self.kind == RequirementKind.PROGRESS and self.indicators:
            values = Div(*(Div(Field(name), css_class="col-md-6") for name in self.names), css_class="row")
            return Layout("title", values, "body", pair, "files")
        if self.kind == RequirementKind.SUGGESTION:
            return Layout("title", sheets.ITEMS, pair, "body", "files")
        return Layout("title", pair, "abstract", "body", "files")

    def words(self) -> Words:
        """What was typed, as the drafts service takes it; line ends as everywhere."""
        # What this form does not ask for stays as it is.
        plain = {name: self.cleaned_data.get(name, getattr(self.instance, name)) for name in PLAIN}
        texts = {name: _lines(value) for name, value in plain.items() if name != "topic"}
        sheet = {name: value for name in self.names if (value := self.cleaned_data.get(name))}
        if "agenda" in sheet:
            sheet["agenda"] = _lines(sheet["agenda"])
        return Words(**texts, topic=plain["topic"], sheet=sheet)


def _lines(text: str | None) -> str:
    """With line ends as they are stored everywhere; browsers send CRLF."""
    return (text or "").replace("\r\n", "\n")


def _minutes_field(name: str, label: str) -> forms.CharField:
    if name == "held_on":
        widget = forms.DateInput(attrs={"type": "date"})
    elif name == "present":
        widget = forms.TextInput(attrs={"inputmode": "numeric"})
    else:
        widget = forms.Textarea(attrs={"rows": 3}) if name == "agenda" else forms.TextInput()
    longest = 1000 if name == "agenda" else 120
    return forms.CharField(label=label, required=False, max_length=longest, widget=widget)


def _value_field(indicator: Indicator, last: Decimal | None, kept: str) -> forms.CharField:
    target = f"目标：{indicator.get_comparator_display()}{sheets.shown(indicator.value)}{indicator.unit}"
    before = "上期：未报" if last is None else f"上期：{sheets.shown(last)}{indicator.unit}"
    return forms.CharField(
        label=f"{indicator.name}（{indicator.unit}）",
        required=False,
        max_length=30,
        help_text=f"{target}；{before}{_missed(indicator, kept)}",
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


def _missed(indicator: Indicator, kept: str) -> str:
    """That the value in the draft does not reach the target."""
    try:
        value = sheets.value_of(indicator, kept)
    except sheets.Unfit:
        return ""
    return "" if sheets.meets(indicator.comparator, indicator.value, value) else "；现填的数值未达目标"
