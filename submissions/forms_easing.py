"""Forms of more time, 免报 and 零报告 for some units; of a request for more time and its answer."""

from datetime import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from notices.workdays import end_of, last_day
from schools.models import Unit, UnitQuerySet
from submissions.forms_changes import UnitsForm, day_field
from submissions.models import ExtensionRequest


class BranchField(forms.ModelChoiceField):
    """A township or bureau, set in by its depth in the tree."""

    def label_from_instance(self, obj: Unit) -> str:
        return f"{'　' * (len(obj.ancestor_paths()) - 1)}{obj.name}"


class EaseForm(UnitsForm):
    """Units that owe an occurrence (`asked`): a list, a whole branch as it is now, or ticked ones.

    Those whom the act `fits` are offered to be ticked, when they are few enough.
    """

    nobody = "请填写单位名单、选择镇街或区县，或勾选至少一个单位。"

    branch = BranchField(
        Unit.objects.none(),
        label="镇街、区县全部单位",
        required=False,
        empty_label="（不按镇街、区县选择）",
        help_text="包括所选单位本身和现在的全部下属单位。",
    )

    def __init__(
        self,
        *args: Any,
        asked: UnitQuerySet,
        fits: UnitQuerySet,
        known: UnitQuerySet,
        branches: UnitQuerySet,
        **kwargs: Any,
    ) -> None:
        why = "以下单位没有这项任务，或任务已撤销，请去掉"
        super().__init__(*args, among=asked, known=known, why_elsewhere=why, ticked=fits, **kwargs)
        self.order_fields(["names", "branch", "until_on", "reason"])
        self.fields["branch"].queryset = branches
        if "units" in self.fields:  # who no longer fits when it is sent is told so by the act
            offered = [(unit.pk, unit.name) for unit in fits.order_by("path")]
            self.fields["units"].queryset = asked
            self.fields["units"].widget.choices = offered

    def _chosen(self) -> set[Unit]:
        branch = self.cleaned_data.get("branch")
        below = self.among.filter(path__startswith=branch.path) if branch else ()
        return super()._chosen() | {*below}


class ExtendForm(EaseForm):
    until_on = day_field("延期至", help_text="当天24时前报送为按时；已过停止接收日期的，重新开放到这一天。")

    def terms(self) -> dict[str, Any]:
        return {"until": end_of(self.cleaned_data["until_on"])} | super().terms()


class AskForm(forms.Form):
    """The school asks for more time."""

    until_on = day_field("申请延期至")
    reason = forms.CharField(label="申请理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def terms(self) -> dict[str, Any]:
        return {"until": end_of(self.cleaned_data["until_on"]), "reason": self.cleaned_data["reason"]}


class AnswerForm(forms.Form):
    """The bureau answers one request in the queue: a date to grant, or a reason to refuse."""

    GRANT, REFUSE = "grant", "refuse"

    until_on = day_field("同意延至", required=False)
    answer = forms.CharField(label="答复（不同意时必填）", required=False, max_length=100)
    verdict = forms.ChoiceField(choices=[(GRANT, "同意"), (REFUSE, "不同意")])

    def __init__(self, *args: Any, asked: ExtensionRequest, **kwargs: Any) -> None:
        super().__init__(*args, initial={"until_on": last_day(asked.until)}, prefix=f"r{asked.pk}", **kwargs)
        for field in self.visible_answers():
            field.field.widget.attrs["class"] = "form-control is-invalid" if field.errors else "form-control"

    def visible_answers(self) -> tuple[forms.BoundField, forms.BoundField]:
        """What is filled in before a button is pressed."""
        return self["until_on"], self["answer"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        verdict = cleaned.get("verdict")
        if verdict == self.GRANT and "until_on" in cleaned and not cleaned["until_on"]:
            self.add_error("until_on", "请选择同意延至的日期。")
        if verdict == self.REFUSE and not cleaned.get("answer"):
            self.add_error("answer", "不同意时必须写明理由。")
        return cleaned

    @property
    def until(self) -> datetime:
        """The exclusive instant of the day to grant."""
        return end_of(self.cleaned_data["until_on"])
