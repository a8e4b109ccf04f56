"""What people and administrators fill in about messages and days."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms

from notices.models import Preference, SpecialDays

LONGEST = 366  # days
DIGEST_HOURS = range(6, 22)
#: Longer quiet hours would switch off by the back door what is mandatory.
LONGEST_QUIET = timedelta(hours=14)


def check_ascii(address: str) -> None:
    """Django takes addresses in domains like 例子.中国, to which no mail can be sent."""
    if not address.isascii():
        raise forms.ValidationError("电子邮箱只能含英文字母、数字和英文标点，请更换邮箱。")


class SpecialDaysForm(forms.ModelForm):
    """A range of days; longer than a year is a slip of the pen."""

    class Meta:
        model = SpecialDays
        fields = ("kind", "name", "first", "last")

    def clean(self) -> None:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and (last - first).days >= LONGEST:
            self.add_error("last", f"一次最多登记{LONGEST}天，请核对年份或分次登记。")


class PreferenceForm(forms.ModelForm):
    """A person's own wishes and address; `instance` is their row, saved or not."""

    email = forms.EmailField(
        label="电子邮箱",
        required=False,
        max_length=254,
        help_text="留空则只在平台内接收消息。",
        error_messages={"invalid": "电子邮箱格式不正确，请核对，如 name@example.com。"},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    digest_hour = forms.TypedChoiceField(
        label="每日汇总时间",
        coerce=int,
        choices=[(hour, f"{hour}:00") for hour in DIGEST_HOURS],
        error_messages={"required": "请选择每日汇总时间。", "invalid_choice": "请选择6点至21点。"},
    )

    class Meta:
        model = Preference
        fields = ("ordinary_mail", "digest_hour", "quiet_from", "quiet_until")
        widgets = {
            name: forms.TimeInput(format="%H:%M", attrs={"type": "time"})
            for name in ("quiet_from", "quiet_until")
        }
        error_messages = {
            name: {"required": "请填写时间，如21:00。", "invalid": "时间格式不正确，请填写如21:00。"}
            for name in ("quiet_from", "quiet_until")
        }

    def clean_email(self) -> str:
        check_ascii(self.cleaned_data["email"])
        return self.cleaned_data["email"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        begins, ends, hour = (cleaned.get(name) for name in ("quiet_from", "quiet_until", "digest_hour"))
        if begins is None or ends is None or hour is None:
            return cleaned
        length = _from(begins, ends)
        if length > LONGEST_QUIET:
            self.add_error("quiet_until", "免打扰时段最长14小时，请缩短。")
        elif _from(begins, time(hour)) < length:
            self.add_error("digest_hour", "每日汇总时间在免打扰时段之内，请调整其中一项。")
        return cleaned


def _from(begins: time, until: time) -> timedelta:
    """How long it is from one time of day to the next time it is `until`."""
    day = date(2000, 1, 1)
    return (datetime.combine(day, until) - datetime.combine(day, begins)) % timedelta(days=1)
