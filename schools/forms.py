"""Forms of people: login in plain words."""

from django.contrib.auth.forms import AuthenticationForm


class LoginForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "用户名或密码不正确，请核对后重试；连续5次不正确将暂停登录15分钟。",
        "inactive": "此账号已停用，请联系本单位或教育局的系统管理员。",
    }
