"""The form of 催办: the words, which the person may edit before they are sent."""

from django import forms
from django.core.validators import MaxLengthValidator

from portal.lines import LinesField
from submissions.services.nudging import LONGEST, NO_TEXT, TOO_LONG


class NudgeForm(forms.Form):
    text = LinesField(
        label="催办内容",
        help_text=f"不超过{LONGEST}字",
        # No `max_length`: browsers would cut what is pasted without a word.
        validators=[MaxLengthValidator(LONGEST, TOO_LONG)],
        widget=forms.Textarea(attrs={"rows": 4, "class": "form-control"}),
        error_messages={"required": NO_TEXT},
    )
