"""Forms of changes after publishing. Each `terms()` are the arguments of the service that does it."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.db.models import Q

from campaigns.models import Occurrence
from notices.workdays import end_of, last_day
from portal.days import validate_day
from schools.enums import UnitKind
from schools.models import Unit, UnitQuerySet

#: More units than these are not offered one by one; a pasted list serves then.
TICKED = 200
#: So many of the units that what was typed may mean are named.
CANDIDATES = 5
SEPARATORS = re.compile(r"[\n\r\t,，、;；]+")
KINDS = {UnitKind(kind).label: UnitKind(kind) for kind in UnitKind.values}


Hits = dict[str, set[Unit]]


@dataclass(frozen=True)
class Named:
    """What the names in a text stand for; every name is in exactly one of the four."""

    found: dict[str, Unit]
    #: Units that there are, but not among those that the change may touch.
    elsewhere: dict[str, Unit]
    unknown: list[str]
    ambiguous: list[str]


def units_named(text: str, among: UnitQuerySet, known: UnitQuerySet) -> Named:
    """Look the names or codes in `text`, one a line or separated by commas, up `among` units.

    What is not there is looked up in all that are `known`. A present name or code, of whichever unit,
    wins over a former name.
    """
    names = list(dict.fromkeys(name for part in SEPARATORS.split(text) if (name := part.strip())))
    hits: Hits = {}
    others: Hits = {}
    for called in (_called, _once_called):
        for units, into in ((among, hits), (known, others)):
            if left := set(names) - set(hits) - set(others):
                into |= called(left, units)
    both = hits | others
    return Named(
        found={name: next(iter(hits[name])) for name in names if len(hits.get(name, ())) == 1},
        elsewhere={name: next(iter(others[name])) for name in names if len(others.get(name, ())) == 1},
        unknown=[name for name in names if name not in both],
        ambiguous=[name for name in names if len(both.get(name, ())) > 1],
    )


def _called(names: set[str], units: UnitQuerySet) -> Hits:
    hits: Hits = {}
    for unit in units.filter(Q(name__in=names) | Q(code__in=names) | Q(credit_code__in=names)):
        for name in {unit.name, unit.code, unit.credit_code} & names:
            hits.setdefault(name, set()).add(unit)
    return hits


def _once_called(names: set[str], units: UnitQuerySet) -> Hits:
    hits: Hits = {}
    for unit in units.filter(former_names__name__in=names).prefetch_related("former_names").distinct():
        for name in {former.name for former in unit.former_names.all()} & names:
            hits.setdefault(name, set()).add(unit)
    return hits


def units_like(typed: str, among: UnitQuerySet) -> UnitQuerySet:
    """Units whose name has `typed` in it, whose pinyin key begins with it, or whose code it is."""
    return among.filter(Q(name__icontains=typed) | Q(code=typed) | Q(pinyin__istartswith=typed))


def _refuse(named: Named, why_elsewhere: str) -> None:
    """Raise ValidationError that lists what cannot be taken, each with its reason.

    `why_elsewhere` is the reason for units in force that the change may not touch.
    """
    closed = [_with_successor(name, unit) for name, unit in named.elsewhere.items() if unit.closed_at]
    in_force = [name for name, unit in named.elsewhere.items() if not unit.closed_at]
    reasons = {
        "没有找到以下单位，请核对名称或标识码": named.unknown,
        "以下名称对应多个单位，请改填标识码": named.ambiguous,
        "以下单位已撤并，请去掉或改填并入的单位": closed,
        why_elsewhere: in_force,
    }
    if said := [f"{why}：{'、'.join(names)}。" for why, names in reasons.items() if names]:
        raise forms.ValidationError(said)


def one_unit(typed: str, named: Named, among: UnitQuerySet, why_elsewhere: str) -> Unit:
    """The one unit that was `typed`: as it is `named`, else the only one `among` units that is like it.

    Raises ValidationError with the reason.
    """
    if named.unknown == [typed] and (like := _only_one_like(typed, among)):
        return like
    _refuse(named, why_elsewhere)
    if len(named.found) != 1:
        raise forms.ValidationError("只能填写一个单位，请填写一个名称或标识码。")
    [found] = named.found.values()
    return found


def _only_one_like(typed: str, among: UnitQuerySet) -> Unit | None:
    """The only unit like what was typed; None when there is none, ValidationError when several."""
    found = units_like(typed, among)
    candidates = list(found.select_related("parent")[:CANDIDATES])
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    count = found.count()
    said = "、".join(f"{one}（{one.parent}）" for one in candidates)
    more = f"等{count}个单位" if count > CANDIDATES else ""
    raise forms.ValidationError(f"“{typed}”对应多个单位，请填写全称或标识码：{said}{more}。")


def _with_successor(name: str, closed: Unit) -> str:
    return f"{name}（并入{closed.successor}）" if closed.successor else name


class ChangeForm(forms.Form):
    """Nothing to fill in: to be looked at and confirmed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def terms(self) -> dict[str, Any]:
        return {}


class ReasonForm(ChangeForm):
    reason = forms.CharField(label="原因", max_length=100, help_text="一句话说明，将写入记录。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name != "reason"])

    def terms(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


class ToldReasonForm(ReasonForm):
    """A reason that the units concerned are told."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = "一句话说明，将写入记录，并随通知发给有关单位。"


def day_field(label: str, **kwargs: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, validators=[validate_day], widget=widget, **kwargs)


class DeadlineForm(ToldReasonForm):
    due_on = day_field("截止日期", help_text="当天24时前报送为按时。")
    cutoff_on = day_field("停止接收日期", required=False, help_text="留空时，活动结束前均可补报。")

    def __init__(self, *args: Any, occurrence: Occurrence, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].initial = last_day(occurrence.due_at)
        if occurrence.cutoff_at:
            self.fields["cutoff_on"].initial = last_day(occurrence.cutoff_at)

    def terms(self) -> dict[str, Any]:
        cutoff_on = self.cleaned_data["cutoff_on"]
        cutoff_at: datetime | None = end_of(cutoff_on) if cutoff_on else None
        return {"due_at": end_of(self.cleaned_data["due_on"]), "cutoff_at": cutoff_at} | super().terms()


class UnitsForm(ToldReasonForm):
    """Units of `among`, typed or pasted; ticked as well where `ticked` are given and few enough.

    Of units that are `known` but not among them, and in force, `why_elsewhere` is said.
    """

    nobody = "请填写或勾选至少一个单位。"

    names = forms.CharField(
        label="单位名单",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="每行一个单位名称或标识码，可从表格中整列粘贴；有一个对不上就全部不办理。",
    )
    units = forms.ModelMultipleChoiceField(
        Unit.objects.none(), label="勾选单位", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        *args: Any,
        among: UnitQuerySet,
        known: UnitQuerySet,
        why_elsewhere: str,
        ticked: UnitQuerySet | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.among, self.known, self.why_elsewhere = among, known, why_elsewhere
        self.order_fields(["names", "reason"])  # the long list last
        if ticked is None or ticked.count() > TICKED:
            del self.fields["units"]
        else:
            self.fields["units"].queryset = ticked

    def clean_names(self) -> Collection[Unit]:
        named = units_named(self.cleaned_data["names"], self.among, self.known)
        _refuse(named, self.why_elsewhere)
        return named.found.values()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not self._chosen():
            raise forms.ValidationError(self.nobody)
        return cleaned

    def _chosen(self) -> set[Unit]:
        return {*self.cleaned_data["names"], *self.cleaned_data.get("units", ())}

    def terms(self) -> dict[str, Any]:
        return {"units": self._chosen()} | super().terms()


class MergeForm(ToldReasonForm):
    into = forms.CharField(
        label="并入哪个单位", max_length=100, help_text="填写单位名称（可只写一部分）、标识码或拼音简码。"
    )

    def __init__(
        self, *args: Any, unit: Unit, among: UnitQuerySet, known: UnitQuerySet, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.unit, self.among, self.known = unit, among, known

    def clean_into(self) -> Unit:
        typed = self.cleaned_data["into"]
        named = units_named(typed, self.among, self.known)
        if self.unit in named.elsewhere.values():
            raise forms.ValidationError("不能并入自身，请另选并入的单位。")
        return one_unit(typed, named, self.among, "不能并入最上级的单位，请另选并入的单位")

    def terms(self) -> dict[str, Any]:
        return {"into": self.cleaned_data["into"]} | super().terms()


class SplitForm(ReasonForm):
    parts = forms.CharField(
        label="新设的单位",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="每行一个：名称，类别。例如“示例镇第二小学，小学”；类别与原单位相同时可以不写。",
    )

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = UnitKind(unit.kind)

    def clean_parts(self) -> list[tuple[str, UnitKind]]:
        return parts_in(self.cleaned_data["parts"], self.kind)

    def terms(self) -> dict[str, Any]:
        return {"parts": self.cleaned_data["parts"]} | super().terms()


def parts_in(text: str, default: UnitKind) -> list[tuple[str, UnitKind]]:
    """(name, kind) of every line “名称，类别”; raises ValidationError with the line that is wrong."""
    parts = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, *more = re.split(r"[\s,，]+", line)
        kind = KINDS.get(more[0]) if more else default
        if kind is None or len(more) > 1 or not 1 <= len(name) <= Unit._meta.get_field("name").max_length:
            raise forms.ValidationError(f"“{line}”写法不对，请写成“名称，类别”，类别如“小学”“初中”“幼儿园”。")
        parts.append((name, kind))
    return parts
