"""What officers type about reports, and the signed copy that they upload."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet

from portal.files import store
from portal.files.kinds import FileKind
from portal.files.refusal import Refused
from portal.lines import LinesField
from portal.word import printable
from reports.enums import Audience
from reports.forms import BulletinForm, SeenForm
from reports.models import PaperTemplate, Report
from schools.models import User

#: Characters of an opening or an ending.
LONGEST = 4000
#: 机关代字、年份、序号: “示教发〔2026〕12号”.
NUMBER = re.compile(r"[\u4e00-\u9fff]{2,20}〔20\d\d〕[1-9]\d{0,4}号", re.ASCII)
#: Digits and brackets as they are often typed.
TYPED = str.maketrans("０１２３４５６７８９[]［］【】()（）", "0123456789〔〕〔〕〔〕〔〕〔〕")
#: What a paper that was signed by hand comes as: scanned, photographed, or the final text.
SIGNED = frozenset({FileKind.PDF, FileKind.DOCX, FileKind.DOC, FileKind.WPS}) | FileKind.IMAGES


class NumberField(forms.CharField):
    """发文字号, with the brackets of the standard whichever were typed; "" for none."""

    default_error_messages = {
        "invalid": "发文字号的写法不对，请按“示教发〔2026〕12号”填写：年份用四位数，序号前不加“第”和“0”。"
    }

    def to_python(self, value: Any) -> str:
        return re.sub(r"\s", "", super().to_python(value)).translate(TYPED)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not NUMBER.fullmatch(value):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")


class ReportForm(SeenForm):
    """The officer's words, and how and to whom it goes out; `terms` are those of the service."""

    title = forms.CharField(label="标题", max_length=Report._meta.get_field("title").max_length)
    opening = LinesField(
        label="开头语",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="放在正文最前面，每行一段。",
    )
    ending = LinesField(
        label="结束语",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="放在正文最后，每行一段。统计表和中间各部分由系统编制，不能修改。",
    )
    number = NumberField(
        label="发文字号",
        required=False,
        max_length=Report._meta.get_field("number").max_length,
        widget=forms.TextInput(attrs={"placeholder": "示教发〔2026〕12号"}),
        help_text="填写后按红头文件排版；不填则为普通格式。",
    )
    audience = forms.ChoiceField(label="印发范围", choices=Audience.choices, widget=forms.RadioSelect)
    template = forms.ModelChoiceField(
        label="Word 模板", queryset=PaperTemplate.objects.none(), required=False, empty_label="公文格式"
    )

    def __init__(self, *args: Any, report: Report, templates: QuerySet[PaperTemplate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if report.campaign_id is None:  # there are no units of one campaign to publish it to
            del self.fields["audience"]
        self.fields["template"].queryset = templates
        if not templates:
            del self.fields["template"]

    def clean_title(self) -> str:
        """One line of what can be seen."""
        title = " ".join(printable(self.cleaned_data["title"]).split())
        if not any(one.isalnum() for one in title):
            raise forms.ValidationError("标题不能为空，请补充。")
        return title

    @property
    def terms(self) -> dict[str, Any]:
        values = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        if "template" in values:
            chosen = values.pop("template")
            values["template_id"] = chosen and chosen.pk
        return values


class CopyForm(BulletinForm):
    """One file, stored as soon as it is valid; who sends it, and when, is set by the view."""

    by: User
    at: datetime
    file = forms.FileField(
        label="正式文件",
        help_text="签字盖章后的扫描件或定稿，pdf、docx、doc、wps、jpg、png 格式。",
        widget=forms.FileInput(
            attrs={"accept": ",".join(f".{end}" for one in SIGNED for end in one.extensions)}
        ),
        error_messages={"required": "请先选择要上传的文件。", "empty": "文件是空的，请重新选择。"},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if upload := cleaned.get("file"):
            try:
                cleaned["stored"] = store.save(upload, by=self.by, at=self.at, allowed=SIGNED)
            except Refused as refusal:
                self.add_error("file", refusal.sentence)
        return cleaned


class ChoiceForm(BulletinForm):
    """A place for each exhibit: those with one are printed, in that order; `chosen` are their versions."""

    def __init__(self, *args: Any, versions: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for pk in versions:
            self.fields[f"place{pk}"] = forms.IntegerField(
                required=False,
                min_value=1,
                max_value=999,
                error_messages={"invalid": "请填写数字。"},
                widget=forms.NumberInput(attrs={"class": "form-control"}),
            )
        self.versions = versions

    def clean(self) -> dict[str, Any]:
        """Nobody can say which of two pieces with one place comes first."""
        cleaned = super().clean()
        taken = set()
        for pk in self.versions:
            if (place := cleaned.get(f"place{pk}")) in taken:
                self.add_error(f"place{pk}", f"序号{place}填写了不止一次，请改为别的序号。")
            elif place:
                taken.add(place)
        return cleaned

    @property
    def chosen(self) -> list[int]:
        places = {pk: self.cleaned_data.get(f"place{pk}") for pk in self.versions}
        return sorted((pk for pk, place in places.items() if place), key=lambda pk: places[pk])
