"""Forms of people: login in plain words."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.forms import PasswordChangeForm as DjangoPasswordChangeForm
from django.core.exceptions import ValidationError


class LoginForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "用户名或密码不正确，请核对后重试；连续5次不正确将暂停登录15分钟。",
        "inactive": "此账号已停用，请联系本单位或教育局的系统管理员。",
    }


class PasswordChangeForm(DjangoPasswordChangeForm):
    """Change one's own password; the old one again is no change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
        return chosen
