"""Forms of the sections for units, people and memberships. The admin sets `by`: who fills them in."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone

from portal.days import DayField
from schools.codes import clean_code
from schools.enums import Role
from schools.models import Membership, Unit, User
from schools.pinyin import plain
from schools.reach import person_label, unit_label, units_within_reach
from schools.rules import why_not_closed
from schools.services.people import default_scope
from schools.services.units import refusal_to_move

UNIT_OUT_OF_REACH = "所选单位不存在或不在您的管辖范围内，请重新选择。"
PERSON_OUT_OF_REACH = "所选人员不存在或不在您的管辖范围内，请重新选择。"
FIRST_PASSWORD = "该人员尚未修改初始密码，请其本人登录修改后再任命。"
MERGED = "该单位已并入{successor}，撤并日期不能清空。"
AUDITOR_BELOW_THE_TOP = "审计管理员须在最上级单位任职，请重新选择管辖范围。"


def name_choices(form: forms.BaseForm) -> None:
    """Label people and units so that namesakes differ, and refuse foreign ids in plain words."""
    for field in form.fields.values():
        model = getattr(getattr(field, "queryset", None), "model", None)
        if model in (Unit, User):
            field.label_from_instance = unit_label if model is Unit else person_label
            refusal = UNIT_OUT_OF_REACH if model is Unit else PERSON_OUT_OF_REACH
            field.error_messages["invalid_choice"] = field.error_messages["invalid_pk_value"] = refusal


class CodeField(forms.CharField):
    """A code, typed in whatever width and case."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return clean_code(text) or self.empty_value if text else text


class KeyField(forms.CharField):
    """A pinyin key: other signs are left out rather than complained about."""

    def to_python(self, value: Any) -> str:
        return plain(super().to_python(value))


class UnitForm(forms.ModelForm):
    by: User
    closed_on = DayField(
        label="撤并日期",
        required=False,
        help_text="单位撤销时填写；未完成的报送任务随之撤销，已报送的材料保留。"
        "并入其他单位的，请由活动专员在“调整活动”中办理。",
    )

    class Meta:
        model = Unit
        fields = ("name", "kind", "ownership", "code", "credit_code", "pinyin", "parent")
        field_classes = {"code": CodeField, "credit_code": CodeField, "pinyin": KeyField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_choices(self)
        if self.instance.closed_at:
            self.initial["closed_on"] = timezone.localdate(self.instance.closed_at)
        if "parent" in self.fields and not self.by.is_superuser:
            self.fields["parent"].required = True

    def clean_parent(self) -> Unit | None:
        parent = self.cleaned_data["parent"]
        if parent is not None and (refusal := refusal_to_move(self.instance, parent)):
            raise forms.ValidationError(refusal)
        return parent

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "closed_on" in self.changed_data and "closed_on" in cleaned:
            day = cleaned["closed_on"]
            if refusal := self._why_not_closed_on(day):
                self.add_error("closed_on", refusal)
            self.instance.closed_at = timezone.make_aware(datetime.combine(day, time.min)) if day else None
        return cleaned

    def _why_not_closed_on(self, day: date | None) -> str:
        if day is None:
            successor = self.instance.successor
            return MERGED.format(successor=successor) if successor else ""
        if day > timezone.localdate():
            return "撤并日期不能晚于今天，请到撤并当日再填写。"
        unit = self.instance  # the day of one that is closed already may be put right
        return why_not_closed(unit, None) if unit.pk and unit.closed_at is None else ""


class PersonForm(forms.ModelForm):
    """`new_password` is shown while it is typed: it has to be told to the person, who must change it."""

    by: User
    new_password = forms.CharField(
        label="新密码",
        required=False,
        max_length=128,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "vTextField"}),
        help_text="只在需要重置密码时填写。至少10位，含大写字母、小写字母、数字、符号中的三类；"
        "请当面或电话告知本人，本人下次登录时须自行修改。",
    )

    class Meta:
        model = User
        fields = ("username", "name", "pinyin", "phone", "email", "is_active")
        field_classes = {"pinyin": KeyField}
        help_texts = {"username": "登录用，由字母、数字和 @ . + - _ 组成。"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            field = self.fields["new_password"]
            field.label, field.required = "初始密码", True
            field.help_text = field.help_text.removeprefix("只在需要重置密码时填写。")

    def clean_is_active(self) -> bool:
        active = self.cleaned_data["is_active"]
        if not active and self.instance == self.by:
            raise forms.ValidationError("不能停用自己的账号，请由其他系统管理员办理。")
        return active

    def _post_clean(self) -> None:
        super()._post_clean()  # the person's facts are on the instance now
        if password := self.cleaned_data.get("new_password"):
            try:
                validate_password(password, self.instance)
            except forms.ValidationError as error:
                self.add_error("new_password", error)


class AppointmentForm(forms.ModelForm):
    by: User

    class Meta:
        model = Membership
        fields = ("user", "unit", "role", "scope")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_choices(self)

    def _get_validation_exclusions(self) -> set[str]:
        """Also the rules about memberships in force are to speak here, and not only in the database."""
        return super()._get_validation_exclusions() - {"ended_at"}

    def clean_user(self) -> User:
        user = self.cleaned_data["user"]
        if user == self.by:
            raise forms.ValidationError("不能为自己添加任职，请由其他安全管理员办理。")
        return user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        unit, role = cleaned.get("unit"), cleaned.get("role")
        if unit and role and "scope" in cleaned and cleaned["scope"] is None:
            # Filled in here, so that the constraints and the reach are checked on what will be saved.
            cleaned["scope"] = default_scope(unit, Role(role))
            if not units_within_reach(self.by, Role.SECURITY).filter(pk=cleaned["scope"].pk).exists():
                self.add_error("scope", "默认的管辖范围超出您的管辖范围，请在范围内选择。")
        self._check_the_weight_of(role)
        return cleaned

    def _check_the_weight_of(self, role: str | None) -> None:
        """A post with power goes to nobody whose password its setter still knows, and the trail's
        reader stands at the top: the trail is not divided by unit."""
        user, scope = self.cleaned_data.get("user"), self.cleaned_data.get("scope")
        if user and user.must_change_password and role in (*Role.duties(), *Role.overseeing()):
            self.add_error("user", FIRST_PASSWORD)
        if scope and role == Role.AUDITOR and scope.parent_id is not None:
            self.add_error("scope", AUDITOR_BELOW_THE_TOP)


class DismissalForm(forms.ModelForm):
    """All that may change about a membership is that it ends."""

    by: User
    ends = forms.BooleanField(
        label="办理离任",
        required=False,
        help_text="勾选并保存后，该人员立即失去这一角色的权限；经手的材料和记录保留。离任后不能恢复，需要时重新任职。",
    )

    class Meta:
        model = Membership
        fields = ()
