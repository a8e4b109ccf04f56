"""What officers give when they upload a template."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from reports.enums import ReportKind
from reports.models import PaperTemplate
from schools.models import Unit


class TemplateForm(forms.Form):
    """Name, kind and file; `hosts` are the bureaus to choose from, which one alone is not asked for."""

    host = forms.ModelChoiceField(Unit.objects.none(), label="所属单位", empty_label=None)
    kind = forms.ChoiceField(label="报告类型", choices=ReportKind)
    name = forms.CharField(label="模板名称", max_length=PaperTemplate._meta.get_field("name").max_length)
    file = forms.FileField(
        label="模板文件",
        widget=forms.FileInput(attrs={"accept": ".docx", "class": "form-control"}),
        help_text="docx格式，不超过5MB。",
    )

    def __init__(self, *args: Any, hosts: list[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        field = self.fields["host"]
        field.queryset = Unit.objects.filter(pk__in=[host.pk for host in hosts]).order_by("path")
        field.initial = hosts[0] if hosts else None
        if len(hosts) == 1:
            field.widget, field.required = forms.HiddenInput(), False

    def clean_host(self) -> Unit:
        return self.cleaned_data["host"] or self.fields["host"].initial
