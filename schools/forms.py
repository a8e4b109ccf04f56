"""Forms of people: login in plain words, and the upload of a roster."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.forms import PasswordChangeForm as DjangoPasswordChangeForm
from django.core.exceptions import ValidationError

from portal.files import store
from portal.files.kinds import FileKind
from portal.files.refusal import Refused
from schools import activation
from schools.models import User


class LoginForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "用户名或密码不正确，请核对后重试；连续5次不正确将暂停登录15分钟。",
        "inactive": "此账号已停用，请联系本单位或教育局的系统管理员。",
    }


class PasswordChangeForm(DjangoPasswordChangeForm):
    """Change one's own password; the old one again is no change.

    Who has none yet came in by the activation code, which is void as soon as this is saved.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if activation.awaits(self.user):
            del self.fields["old_password"]
        else:
            self.fields["old_password"].label = "原密码"
        self.fields["new_password1"].help_text = (
            "至少10个字符，含大写字母、小写字母、数字、符号中的三类；"
            "不得与姓名、用户名、手机号相近，不得使用常见密码。"
        )
        self.fields["new_password2"].label = "再输一遍新密码"
        self.fields["new_password2"].help_text = ""

    def clean_new_password1(self) -> str:
        chosen = self.cleaned_data["new_password1"]
        if self.user.check_password(chosen):
            raise ValidationError("新密码不能与原密码相同，请另设一个。")
        if activation.fits(self.user, chosen):
            raise ValidationError("新密码不能与激活码相同，请另设一个。")
        return chosen


class RosterForm(forms.Form):
    """One workbook, stored as soon as it is valid; who sends it, and when, is set by the view."""

    by: User
    at: datetime
    file = forms.FileField(
        label="花名册文件",
        help_text="xlsx 格式，不含宏。",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "请先选择要导入的文件。", "empty": "文件是空的，请重新选择。"},
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if upload := cleaned.get("file"):
            try:
                cleaned["stored"] = store.save(upload, by=self.by, at=self.at, allowed={FileKind.XLSX})
            except Refused as refusal:
                self.add_error("file", refusal.sentence)
        return cleaned
