"""Forms of beginning a plan from a template or an earlier campaign, and of bringing templates in."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.db.models import QuerySet

from campaigns.models import Blueprint
from portal.days import LAST, validate_day
from schools.enums import UnitKind
from schools.models import Unit

MAX_BYTES = 500_000
LONGEST_YEARS = 5  # of a plan, generously
NOT_TEXT = "这个文件不是 UTF-8 编码，请用记事本“另存为”时选择 UTF-8 编码后再导入。"
TOO_LARGE = "模板文件不能超过500KB，请删减后重试。"


def validate_first_day(day: date) -> None:
    """Validator: what begins so late would end beyond the days the portal reckons with."""
    validate_day(day)
    if day.year > LAST.year - LONGEST_YEARS:
        raise forms.ValidationError(f"开始日期不能晚于{LAST.year - LONGEST_YEARS}年，请核对后重新填写。")


class BeginForm(forms.Form):
    """Name and first day of the new campaign."""

    title = forms.CharField(label="活动名称", max_length=120)
    starts_on = forms.DateField(
        label="开始日期",
        validators=[validate_first_day],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            Div(Div("title", css_class="col-md-8"), Div("starts_on", css_class="col-md-4"), css_class="row")
        )


class CopyForm(BeginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "starts_on"
        ].help_text = "阶段、截止日期等按工作日顺延：原来第几个工作日，新活动还是第几个工作日。"


class FromTemplateForm(BeginForm):
    """Also the office, and which of the host's bodies the units named in the template are."""

    def __init__(
        self, *args: Any, host: Unit, office: Unit | None, named: Mapping[str, Unit | None], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.names = list(named)
        choices = bodies_of(host, [*named.values(), office])
        self.fields["starts_on"].help_text = "模板中的日期随之整体推移，建好后可以逐项修改。"
        self.fields["office"] = forms.ModelChoiceField(
            choices, label="领导小组办公室设在", required=False, initial=office, empty_label="以后再定"
        )
        rows = []
        for place, (name, unit) in enumerate(named.items()):
            field = forms.ModelChoiceField(
                choices, label=name, required=False, initial=unit, empty_label="以后再定"
            )
            self.fields[f"unit_{place}"] = field
            rows.append(Div(f"unit_{place}", css_class="col-sm-6 col-lg-4"))
        self.helper.layout.append(Div(Div("office", css_class="col-md-4"), css_class="row"))
        if rows:
            self.helper.layout.append(
                HTML(
                    '<fieldset><legend class="h6">模板中提到的单位，在本单位是</legend>'
                    '<p class="small-note">名称相同的已自动对应；没有的可以暂不选择，以后在活动页面补填。</p>'
                )
            )
            self.helper.layout.append(Div(*rows, css_class="row"))
            self.helper.layout.append(HTML("</fieldset>"))

    @property
    def units(self) -> dict[str, Unit | None]:
        """What each name of the template stands for."""
        return {name: self.cleaned_data[f"unit_{place}"] for place, name in enumerate(self.names)}


def bodies_of(host: Unit, matched: list[Unit | None]) -> QuerySet[Unit]:
    """The host itself, its own sections and bodies (no schools), and whatever was matched."""
    own = Unit.objects.active().filter(parent=host).exclude(kind__in=UnitKind.schools())
    keys = [host.pk, *(unit.pk for unit in matched if unit)]
    return (own | Unit.objects.filter(pk__in=keys)).order_by("kind", "name")


class KeepForm(forms.Form):
    """Under which name a campaign's plan is kept."""

    name = forms.CharField(label="模板名称", max_length=Blueprint._meta.get_field("name").max_length)


class TemplateFileForm(forms.Form):
    """A template brought in as a file."""

    file = forms.FileField(
        label="模板文件", widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.txt", "class": "form-control"})
    )

    def clean_file(self) -> str:
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        try:
            return upload.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise forms.ValidationError(NOT_TEXT) from error


def next_start(reference: date, today: date) -> date:
    """The first day like `reference` (same month and day) that is not over yet."""
    for year in (today.year, today.year + 1):
        day = _in_year(reference, year)
        if day >= today:
            return day
    return _in_year(reference, today.year + 2)


def _in_year(reference: date, year: int) -> date:
    try:
        return reference.replace(year=year)
    except ValueError:  # 29 February
        return reference.replace(year=year, day=28)
