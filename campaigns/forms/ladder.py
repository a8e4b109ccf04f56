"""Steps of reminders as people fill them in: one of three choices, and a small table for own steps.

Everything works without JavaScript: the table has as many rows as are in use and two more.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from campaigns.blueprints import texts
from campaigns.enums import Told
from campaigns.forms.seen import overtaken
from campaigns.ladders import DEFAULT, Held, Steps, held_above, held_for, own_steps
from campaigns.models import Requirement
from campaigns.steps import MOST, TOO_FAR, Step, in_order, in_words, wrong_with
from schools.models import Unit

UNIFIED, OWN, SILENT = "unified", "own", "none"
UNUSED, BEFORE, ON, AFTER = "", "before", "on", "after"
SIDES = {UNUSED: "不设", BEFORE: "截止前", ON: "截止当天", AFTER: "逾期"}
SAVES = ("ladder.save", "ladder.use_default", "requirement.save")
SPARE = 2
ROWS = MOST + SPARE

NO_CHOICE = "请选择催办安排。"
NO_STEP = "单独安排的，请至少填写一个节点；不需要催办的，请选“不催办”。"
NO_DAYS = "请填写天数；不用的一行请选“不设”。"
NO_SIDE = "请选择何时提醒；不用的一行请不要填写天数、不要勾选。"


@dataclass
class Row:
    """A line of the table. `known`: it was filled in when the page was shown, so that “不设” takes it out;
    `fault`: it will not do."""

    side: str = UNUSED
    days: str = ""
    tells: list[str] = field(default_factory=list)
    known: bool = False
    fault: bool = False

    @classmethod
    def of(cls, step: Step) -> "Row":
        side = BEFORE if step.days < 0 else AFTER if step.days else ON
        tells = [told.value for told in in_order(step.tells)]
        return cls(side, str(abs(step.days) or ""), tells, known=True)

    @property
    def is_used(self) -> bool:
        return self.side != UNUSED or bool(not self.known and (self.days or self.tells))

    def step(self) -> Step:
        """Raises ValidationError when the row makes none."""
        days = texts.digits(self.days)
        if self.side not in SIDES or not set(self.tells) <= set(Told.values):
            raise ValidationError("请从所列的选项中选择。")
        if self.side == UNUSED:
            raise ValidationError(NO_SIDE)
        if self.side == ON:
            days = "0"
        elif not days:
            raise ValidationError(NO_DAYS)
        elif not re.fullmatch(r"0{0,9}[1-9][0-9]{0,2}", days):
            raise ValidationError(TOO_FAR)
        sign = -1 if self.side == BEFORE else 1
        return Step(sign * int(days), frozenset(map(Told, self.tells)))


@dataclass
class Typed:
    """What stands on the page; `errors` are the sentences about it."""

    choice: str
    rows: list[Row]
    errors: list[str] = field(default_factory=list)


class LadderWidget(forms.Widget):
    """Three choices in words, and the table of own steps; what is unified fills it in to begin with."""

    held = Held(DEFAULT, None)
    unified_label, own_label = "按本局统一安排", "单独安排"

    def id_for_label(self, id_: str) -> str:
        return ""  # the label is about all of it

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Typed:
        several = getattr(data, "getlist", lambda key: data.get(key, []))
        prefixes = (f"{name}-{number}" for number in range(ROWS))
        rows = [
            Row(
                data[f"{one}-side"],
                data.get(f"{one}-days", "").strip(),
                several(f"{one}-tells"),
                known=bool(data.get(f"{one}-known")),
            )
            for one in prefixes
            if f"{one}-side" in data
        ]
        return Typed(data.get(name, ""), rows)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data

    def render(self, name: str, value: Typed, attrs: dict | None = None, renderer: Any = None) -> SafeString:
        context = {
            "name": name,
            "id": (attrs or {}).get("id", f"id_{name}"),
            "typed": value,
            "rows": [*value.rows, *([Row()] * SPARE)][:ROWS],
            "sides": SIDES.items(),
            "tolds": Told.choices,
            "held": self.held,
            "unified": in_words(self.held.steps),
            "unified_label": self.unified_label,
            "own_label": self.own_label,
        }
        return render_to_string("admin/campaigns/ladder_field.html", context)


class LadderField(forms.Field):
    """Own steps as a tuple; None where what is unified is to hold."""

    widget = LadderWidget

    def offer(self, held: Held, **labels: str) -> None:
        """Say what would hold without own steps, and how the choices are called (`LadderWidget`)."""
        self.widget.held = held
        for name, label in labels.items():
            setattr(self.widget, name, label)

    def prepare_value(self, value: Steps | Typed | None) -> Typed:
        if isinstance(value, Typed):
            return self._shown_again(value)
        choice = UNIFIED if value is None else OWN if value else SILENT
        return Typed(choice, [Row.of(step) for step in value or self.widget.held.steps])

    def clean(self, value: Typed) -> Steps | None:
        if value.choice == UNIFIED:
            return None
        if value.choice == SILENT:
            return ()
        if value.choice != OWN:
            raise ValidationError(NO_CHOICE)
        steps, wrong = _read([row for row in value.rows if row.is_used])
        if wrong:
            raise ValidationError([f"第{place + 1}行：{sentence}" for place, sentence in wrong])
        if not steps:
            raise ValidationError(NO_STEP)
        return tuple(sorted(steps, key=lambda step: step.days))

    def _shown_again(self, typed: Typed) -> Typed:
        """What was typed, with what is wrong with it: the table says so itself."""
        rows = [row for row in typed.rows if row.is_used]
        try:
            self.clean(typed)
        except ValidationError as error:
            at_fault = {place for place, _ in _read(rows)[1]} if typed.choice == OWN else ()
            rows = [replace(row, fault=place in at_fault) for place, row in enumerate(rows)]
            return Typed(typed.choice, rows, error.messages)
        return Typed(typed.choice, rows)

    def has_changed(self, initial: Steps | None, data: Typed) -> bool:
        try:
            return self.clean(data) != initial
        except ValidationError:
            return True


def _read(rows: list[Row]) -> tuple[list[Step], list[tuple[int, str]]]:
    """The steps that the rows make, and what is wrong with which, counted from 0 as they are shown again."""
    found, wrong = [], []
    for place, row in enumerate(rows):
        try:
            found.append(row.step())
        except ValidationError as error:
            wrong.append((place, error.message))
    return found, wrong or wrong_with(found)


class LadderForm(forms.Form):
    """The ladder of a bureau, or of a requirement in force, on a page of its own."""

    reminding = LadderField(label="催办安排")
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, owner: Unit | Requirement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner, own = owner, own_steps(owner)
        self.initial = {"reminding": own, "seen": "" if own is None else in_words(own)}
        if isinstance(owner, Requirement):
            host = owner.campaign.host
            self.fields["reminding"].offer(held_for([host])[host.pk])
        else:
            above = "沿用统一安排" if own is None else "恢复统一安排"
            self.fields["reminding"].offer(held_above(owner), unified_label=above, own_label="本局自定")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.pop("seen", "") != self.initial["seen"]:
            self.data = self.data.copy()  # shown again with what is stored now: the next save is meant so
            self.data["seen"] = self.initial["seen"]
            self.add_error(None, overtaken(self.owner, action__in=SAVES))
        return cleaned
