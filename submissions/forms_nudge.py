"""The form of 催办: the words, which the person may edit before they are sent."""

from django import forms
from django.core.validators import MaxLengthValidator

from portal.lines import LinesField

LONGEST = 500


class NudgeForm(forms.Form):
    text = LinesField(
        label="催办内容",
        help_text=f"不超过{LONGEST}字",
        # No `max_length`: browsers would cut what is pasted without a word.
        validators=[MaxLengthValidator(LONGEST, f"催办内容不能超过{LONGEST}字，请精简。")],
        widget=forms.Textarea(attrs={"rows": 4, "class": "form-control"}),
        error_messages={"required": "请填写催办内容。"},
    )
