"""Forms of handing in and reviewing."""

from collections.abc import Sequence
from datetime import datetime

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms

from notices.workdays import add_workdays, end_of, last_day
from portal.days import validate_day

CORRECTION_WORKDAYS = 3


class ReasonForm(forms.Form):
    """Why a unit has nothing to hand in, or why the bureau does not take that for an answer."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: object, label: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label
        self.fields["reason"].error_messages["required"] = f"请填写{label}。"
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class SignForm(forms.Form):
    """The head signs, or sends back with a reason."""

    SIGN, RETURN = "sign", "return"

    reason = forms.CharField(
        label="退回意见",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="退回时必须写明原因；签发时不用填写。",
    )
    verdict = forms.ChoiceField(choices=[(SIGN, "签发"), (RETURN, "退回")], widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout("reason")

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("verdict") == self.RETURN and not cleaned.get("reason"):
            self.add_error("reason", "退回时必须写明原因，便于信息员修改。")
        return cleaned


class ReviewForm(forms.Form):
    """Accept, or return with a reason and a last day for the correction."""

    ACCEPT, RETURN = "accept", "return"

    reason = forms.CharField(
        label="审核意见",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="退回时必须写明原因。",
    )
    common = forms.MultipleChoiceField(
        label="勾选的并入审核意见",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    correct_on = forms.DateField(
        label="退回后修改截止日期",
        required=False,
        validators=[validate_day],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    recommended = forms.BooleanField(label="推荐为优秀材料", required=False)
    verdict = forms.ChoiceField(
        choices=[(ACCEPT, "通过"), (RETURN, "退回")], widget=forms.HiddenInput, required=True
    )

    def __init__(
        self,
        *args: object,
        now: datetime,
        due_at: datetime,
        common: Sequence[str] = (),
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["common"].choices = [(text, text) for text in common]
        # Nobody is asked to correct faster than the task itself is due.
        soonest = add_workdays(now.date(), CORRECTION_WORKDAYS)
        self.fields["correct_on"].initial = max(soonest, last_day(due_at))
        self.fields["correct_on"].widget.attrs["min"] = now.date().isoformat()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout("reason", "correct_on", "recommended")  # `common` is folded by the page

    def clean(self) -> dict:
        cleaned = super().clean()
        said = [*cleaned.get("common", []), cleaned.get("reason", "").strip()]
        cleaned["reason"] = "\n".join(one for one in said if one)
        if cleaned.get("verdict") == self.RETURN:
            if not cleaned.get("reason", "").strip():
                self.add_error("reason", "退回时必须写明原因，便于学校修改。")
            if not cleaned.get("correct_on"):
                self.add_error("correct_on", "请选择修改截止日期。")
        return cleaned

    @property
    def correct_by(self) -> datetime:
        """The exclusive instant of the chosen last day."""
        return end_of(self.cleaned_data["correct_on"])


class ReopenForm(forms.Form):
    """Open accepted work again, with a reason and a last day for the correction."""

    reason = forms.CharField(
        label="重新打开的原因",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "重新打开时必须写明原因，便于学校修改。"},
    )
    correct_on = forms.DateField(
        label="修改截止日期",
        validators=[validate_day],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请选择修改截止日期。"},
    )

    def __init__(self, *args: object, now: datetime, **kwargs: object) -> None:
        super().__init__(*args, prefix="reopen", **kwargs)
        self.fields["correct_on"].initial = add_workdays(now.date(), CORRECTION_WORKDAYS)
        self.fields["correct_on"].widget.attrs["min"] = now.date().isoformat()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    @property
    def correct_by(self) -> datetime:
        """The exclusive instant of the chosen last day."""
        return end_of(self.cleaned_data["correct_on"])


class CommonReasonsForm(forms.Form):
    """The bureau's common reasons, one a line, in their order."""

    MOST, LONGEST = 30, 200

    reasons = forms.CharField(
        label="常用审核意见",
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=f"每行一条，最多{MOST}条，每条不超过{LONGEST}字；按从上到下的次序供审核人勾选。",
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean_reasons(self) -> list[str]:
        typed = self.cleaned_data["reasons"].splitlines()
        lines = list(dict.fromkeys(line.strip() for line in typed if line.strip()))
        if len(lines) > self.MOST:
            raise forms.ValidationError(f"最多保留{self.MOST}条，现有{len(lines)}条，请删减。")
        if long := next((line for line in lines if len(line) > self.LONGEST), None):
            raise forms.ValidationError(f"“{long[:20]}……”超过{self.LONGEST}字，请精简。")
        return lines
