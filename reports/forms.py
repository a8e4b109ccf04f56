"""What officers and leaders type about bulletins."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from portal.lines import LinesField
from reports.models import Bulletin

LONGEST = 20_000


class BulletinForm(forms.Form):
    """A part of the page that has its own form tag and buttons."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    @property
    def unseen(self) -> str:
        """What is wrong with a hidden `seen`, which has no place of its own to say so."""
        return "".join(self.errors.get("seen", []))


class SeenForm(BulletinForm):
    """`seen` is the edition that the page shows; who does not say it may have read another one."""

    seen = forms.CharField(
        widget=forms.HiddenInput,
        error_messages={"required": "未能确认您阅读的是哪一稿，请阅读本页内容后再提交。"},
    )

    def show_again(self, edition: str) -> None:
        """What was typed stands beside what is stored now: pressed again, it is meant so."""
        self.data = self.data.copy()
        self.data["seen"] = edition


class WordsForm(SeenForm):
    """Title and body."""

    title = forms.CharField(label="标题", max_length=Bulletin._meta.get_field("title").max_length)
    body = LinesField(
        label="正文",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 24}),
        help_text="每行一段；以“一、”“二、”开头的行作为小标题。落款和日期由系统在签发时加上。",
    )


class ReasonForm(BulletinForm):
    """Why it is given back, or not to be sent."""

    reason = LinesField(
        max_length=Bulletin._meta.get_field("note").max_length, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, label: str, hint: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label, self.fields["reason"].help_text = label, hint


class RedraftForm(BulletinForm):
    """Where somebody has edited the words, it is asked whether they may go."""

    lose_edits = forms.BooleanField(
        label="我知道，已修改的标题和正文将被替换",
        error_messages={"required": "重新起草会替换已修改的标题和正文，请勾选确认后再重新起草。"},
    )

    def __init__(self, *args: Any, edited: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not edited:
            del self.fields["lose_edits"]
