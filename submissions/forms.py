"""Forms of handing in and reviewing."""

from datetime import datetime

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from campaigns.models import Requirement
from notices.workdays import add_workdays, end_of, last_day
from portal.days import validate_day
from submissions.models import Draft
from submissions.rules import extensions_of
from submissions.services.submitting import Words

CORRECTION_WORKDAYS = 3


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; cleans to a list. What is in them is checked when they are stored."""

    widget = FilesInput

    def clean(self, data: list[UploadedFile] | None, initial: object = None) -> list[UploadedFile]:
        return list(data or [])


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

    def __init__(self, *args: object, requirement: Requirement, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        topics = requirement.campaign.topics.all()
        if requirement.topic is not None:
            topics = topics.filter(pk=requirement.topic_id)
            self.fields["topic"].initial = requirement.topic_id
        self.fields["topic"].queryset = topics
        self.fields["topic"].empty_label = "（不限专题）"
        self.fields["files"].widget.attrs |= {
            "data-max-bytes": settings.UPLOAD_MAX_BYTES,
            "data-max-files": settings.UPLOAD_MAX_FILES,
            "data-max-total": settings.UPLOAD_MAX_REQUEST_BYTES,
        }
        self.fields["files"].widget.attrs["accept"] = ",".join(
            f".{one}" for one in extensions_of(requirement)
        )
        limits = {"min": requirement.words_min, "max": requirement.words_max}
        self.fields["body"].widget.attrs |= {"data-words": True} | {
            f"data-words-{name}": limit for name, limit in limits.items() if limit is not None
        }
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            "title",
            Div(Div("authors", css_class="col-md-6"), Div("topic", css_class="col-md-6"), css_class="row"),
            "abstract",
            "body",
            "files",
        )

    def words(self) -> Words:
        return Words(**{name: self.cleaned_data[name] for name in self.Meta.fields})


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

    def __init__(self, *args: object, now: datetime, due_at: datetime, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        # Nobody is asked to correct faster than the task itself is due.
        soonest = add_workdays(now.date(), CORRECTION_WORKDAYS)
        self.fields["correct_on"].initial = max(soonest, last_day(due_at))
        self.fields["correct_on"].widget.attrs["min"] = now.date().isoformat()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout("reason", "correct_on", "recommended")

    def clean(self) -> dict:
        cleaned = super().clean()
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
