"""Text of several lines as it is stored, and as other programs can take it."""

import re
from typing import Any

from django import forms


class LinesField(forms.CharField):
    """Cleans to text whose lines end in “\\n” alone, so that saving unchanged text changes nothing.

    Browsers send every line end as two characters.
    """

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\r\n", "\n")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(initial, data.replace("\r\n", "\n") if isinstance(data, str) else data)


_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legible(text: str) -> str:
    """`text` without what no XML, and therefore no Word file or workbook, may hold."""
    return _NO_XML.sub("", text)
