"""Forms of the shelf of 优秀成果: choosing a piece, and the unit's answer."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms

from portal.lines import LinesField


class ChooseForm(forms.Form):
    """What speaks for the piece, in the bureau's words."""

    comment = LinesField(
        label="推荐语",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="展示时印在正文之前，可不填。",
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class ConsentForm(forms.Form):
    """Yes with the author's word for it, or no."""

    CONSENT, DECLINE = "consent", "decline"

    agreed = forms.BooleanField(label="已征得作者同意公开展示", required=False)
    answer = forms.ChoiceField(choices=[(CONSENT, "同意展示"), (DECLINE, "不同意")], widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout("agreed")

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("answer") == self.CONSENT and not cleaned.get("agreed"):
            self.add_error("agreed", "请先与作者确认，勾选“已征得作者同意公开展示”后再点“同意展示”。")
        return cleaned
