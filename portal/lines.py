"""Text of several lines as it is stored: browsers send every line end as two characters."""

from typing import Any

from django import forms


class LinesField(forms.CharField):
    """Cleans to text whose lines end in “\\n” alone, so that saving unchanged text changes nothing."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\r\n", "\n")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(initial, data.replace("\r\n", "\n") if isinstance(data, str) else data)
