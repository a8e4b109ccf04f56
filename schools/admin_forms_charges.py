"""Forms of the sections for responsibilities and pairings. The admin sets `by`: who fills them in."""

from typing import Any

from django import forms

from schools.admin_forms import name_choices
from schools.models import Pairing, Responsibility, User
from schools.rules import why_no_leader, why_no_section, why_not_charged, why_not_paired


class MapForm(forms.ModelForm):
    """A new row; the rules about rows in force are to speak here, and not only in the database."""

    by: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_choices(self)

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"ended_at"}

    def refuse(self, field: str, refusal: str) -> None:
        if refusal:
            self.add_error(field, refusal)


class EntrustForm(MapForm):
    class Meta:
        model = Responsibility
        fields = ("unit", "leader", "section")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        unit, leader, section = (cleaned.get(one) for one in ("unit", "leader", "section"))
        if unit is None or (leader and section):
            return cleaned
        self.refuse("unit", why_not_charged(unit))
        if leader:
            self.refuse("leader", why_no_leader(leader, unit))
        elif section:
            self.refuse("section", why_no_section(section, unit))
        return cleaned


class PairForm(MapForm):
    class Meta:
        model = Pairing
        fields = ("unit", "partner", "note")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for field in ("unit", "partner"):
            if unit := cleaned.get(field):
                self.refuse(field, why_not_paired(unit))
        return cleaned


def _ends(thing: str) -> forms.BooleanField:
    return forms.BooleanField(
        label=f"结束{thing}",
        required=False,
        help_text=f"勾选并保存后，这项{thing}即告结束，记录保留；需要时重新添加。",
    )


class EndingForm(forms.ModelForm):
    """All that may change about a responsibility is that it ends."""

    by: User
    ends = _ends("包挂")

    class Meta:
        model = Responsibility
        fields = ()


class PartForm(forms.ModelForm):
    """What the two do may be said anew, and that it has ended."""

    by: User
    ends = _ends("结对")

    class Meta:
        model = Pairing
        fields = ("note",)
