"""Forms of the section for channels. What is secret is typed in and never shown again."""

import re
from ipaddress import ip_address
from typing import Any

from django import forms
from django.conf import settings

from notices.channels.addresses import NotAnAddress, key_in
from notices.channels.smtp import is_inner
from notices.enums import ChannelKind
from notices.forms import check_ascii
from notices.models import Channel
from schools.admin_forms import name_choices
from schools.models import Unit, User

LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
#: The last label is no number: what looks like one is half an IP address.
NAME = re.compile(rf"({LABEL}\.)*(?!\d+$|0[xX]){LABEL}")
CLOSED = "该单位已撤并，请选择在办的单位。"
WRONG_HOST = "服务器只填域名或IP地址，如 smtp.example.edu.cn，不含 http:// 和端口。"
INNER_HOST = "服务器不能是平台所在的服务器自身或链路本地地址，请填写邮件服务器的地址。"
NO_PASSWORD = "填写了登录用户名，请同时填写密码（授权码）。"
NO_USERNAME = "填写了密码（授权码），请同时填写登录用户名。"
MOVED = "更改了服务器、端口、加密方式或登录用户名，请重新填写密码（授权码）。"
NO_ADDRESS = "请粘贴机器人地址。"
BOTH = "既填写了新的加签密钥，又勾选了清除，请只选一种。"
SET, NOT_SET = "已设置，不再显示；留空表示不变，填写则更换。", "未设置。"


def is_host(typed: str) -> bool:
    """Whether it is a name that a server may have, or an IP address."""
    return _is_address(typed) or NAME.fullmatch(typed) is not None


def _is_address(typed: str) -> bool:
    try:
        ip_address(typed)
    except ValueError:
        return False
    return "%" not in typed


def _hidden(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=400,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "new-password", "spellcheck": "false", "class": "vTextField"}
        ),
    )


class ChannelForm(forms.ModelForm):
    """`kind` is chosen before the form is shown; the database's rules are to speak here too."""

    by: User
    kind: str
    helped: dict[str, str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.kind = self.kind
        name_choices(self)
        self.fields["is_active"].help_text = "停用后不再经此发送，记录保留。"
        for name, stored in (("new_token", self.instance.token), ("new_secret", self.instance.secret)):
            if name in self.fields:
                self.fields[name].help_text = f"{SET if stored else NOT_SET}{self.helped[name]}"

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"kind"}

    def clean_unit(self) -> Unit:
        unit = self.cleaned_data["unit"]
        if unit.closed_at and "unit" in self.changed_data:
            raise forms.ValidationError(CLOSED)
        return unit


class MailForm(ChannelForm):
    helped = {"new_secret": "多数邮箱要求填写“授权码”，不是登录邮箱的密码。"}
    new_secret = _hidden("密码（授权码）")

    class Meta:
        model = Channel
        fields = ("unit", "name", "is_active", "host", "port", "tls", "username", "sender")
        help_texts = {
            "unit": "供本单位及其下属单位的人员使用；下属单位另设的，以另设的为准。",
            "host": "发信（SMTP）服务器，如 smtp.example.edu.cn。",
            "username": "一般是完整的邮箱地址；服务器不要求登录的留空。",
            "sender": "收件人看到的发件地址，一般与登录用户名相同。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("host", "port", "tls", "sender"):
            self.fields[name].required = True
        if self.instance.pk is None:
            self.initial.update(tls="ssl", port=465)

    def clean_host(self) -> str:
        host = self.cleaned_data["host"]
        if not is_host(host):
            raise forms.ValidationError(WRONG_HOST)
        # Names are looked at again when they are called: where they lead may change.
        inner = is_inner(host) if _is_address(host) else host.lower() == "localhost"
        if inner and not settings.LOCAL:
            raise forms.ValidationError(INNER_HOST)
        return host

    def clean_sender(self) -> str:
        check_ascii(self.cleaned_data["sender"])
        return self.cleaned_data["sender"]

    def clean(self) -> dict[str, Any]:
        """A stored password goes to no other server than the one it was entered for."""
        cleaned = super().clean()
        username, typed = cleaned.get("username"), cleaned.get("new_secret")
        moved = {"host", "port", "tls", "username"} & set(self.changed_data)
        if typed and not username:
            self.add_error("username", NO_USERNAME)
        elif username and not typed and not self.instance.secret:
            self.add_error("new_secret", NO_PASSWORD)
        elif username and not typed and moved:
            self.add_error("new_secret", MOVED)
        cleaned["clear_secret"] = not username
        return cleaned


class RobotForm(ChannelForm):
    helped = {
        "new_token": "粘贴群机器人的完整地址（Webhook），系统只保存其中的密钥。",
        "new_secret": "群机器人的安全设置选了“加签”（签名校验）的才需要填写。",
    }
    new_token = _hidden("机器人地址")
    new_secret = _hidden("加签密钥")
    clear_secret = forms.BooleanField(
        label="清除加签密钥", required=False, help_text="群机器人已改为不加签时勾选。"
    )

    class Meta:
        model = Channel
        fields = ("unit", "name", "is_active")
        help_texts = {
            "unit": "向群内通报本单位及其下属单位的情况。",
            "name": "写群的名称，如“示例镇信息员群”。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        address = self.fields["new_token"]
        address.required, address.error_messages["required"] = not self.instance.token, NO_ADDRESS
        if self.kind == ChannelKind.WECOM:  # knows no signature
            for name in ("new_secret", "clear_secret"):
                self.fields.pop(name, None)

    def clean_new_token(self) -> str:
        pasted = self.cleaned_data["new_token"]
        try:
            return key_in(pasted, self.kind) if pasted else ""
        except NotAnAddress as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("new_secret") and cleaned.get("clear_secret"):
            self.add_error("clear_secret", BOTH)
        return cleaned
