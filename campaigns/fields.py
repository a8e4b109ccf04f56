"""Form fields and widgets that Django has no like of."""

import re
import unicodedata
from typing import Any

from django import forms
from django.db.models import Model

from portal.widgets import Autocomplete

MAX_NUMBER = 999
MAX_DEPTH = 6


class OutlineField(forms.CharField):
    """An outline number: “1.2” on the page, [1, 2] underneath."""

    default_error_messages = {
        "invalid": "编号请写成“1”或“1.2”的样子：每级为1至999的数字，用小数点隔开，最多6级。",
    }

    def to_python(self, value: Any) -> list[int] | None:
        if isinstance(value, list):
            return value
        # Full-width digits and points come from Chinese keyboards, a last point from Word's numbering.
        text = unicodedata.normalize("NFKC", super().to_python(value)).replace("。", ".")
        text = re.sub(r"\s", "", text).removesuffix(".")
        if not text:
            return None
        parts = text.split(".")
        if len(parts) > MAX_DEPTH or not all(re.fullmatch(r"[0-9]{1,4}", part) for part in parts):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        position = [int(part) for part in parts]
        if not all(1 <= number <= MAX_NUMBER for number in position):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return position

    def prepare_value(self, value: Any) -> Any:
        return ".".join(map(str, value)) if isinstance(value, list) else value


class LoadedAutocomplete(Autocomplete):
    """Shows the chosen row from `loaded` instead of asking the database once for each widget."""

    loaded: Model | None = None

    def optgroups(self, name: str, value: list[str], attrs: dict | None = None) -> list:
        if self.loaded is None or list(value) != [str(self.loaded.pk)]:
            return super().optgroups(name, value, attrs)
        label = self.choices.field.label_from_instance(self.loaded)
        none = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        return [(None, [*none, self.create_option(name, self.loaded.pk, label, True, 1)], 0)]
