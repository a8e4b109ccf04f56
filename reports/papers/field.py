"""What a field of bureaus' own templates is, and what it is filled with.

A field reads what it belongs to: at the top a `Source`, inside of a list its row. What the figures lack is
"" or 0, or a list without rows, so that a template which has passed its check goes with every report.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Any

from portal.word import printable
from reports.papers.paper import Paper, said
from reports.papers.wording import Words
from submissions.figures import COUNTED, percent

Read = Callable[[Any], Any]

#: What every row of a list has besides its own fields.
PLACE, COMMA = "序号", "顿号"
#: Between paragraphs of a value: docxtpl begins a new one there, laid out like the one it stands in.
PARAGRAPH = "\a"


class Sort(Enum):
    """`TEXT` and `NUMBER` are printed; a `GROUP` has fields of its own; `ROWS` are gone through."""

    TEXT = "文字"
    NUMBER = "数字"
    GROUP = "组"
    ROWS = "列表"


@dataclass(frozen=True)
class Source:
    """Everything that a template may tell of."""

    figures: Mapping[str, Any]
    paper: Paper
    words: Words


@dataclass(frozen=True)
class Field:
    """`each` is what the page calls a row of a list, `tag` how a loop over it mostly stands: a table row for
    each one (tr), a cell (tc) or paragraphs (p)."""

    name: str
    meaning: str
    read: Read
    sort: Sort = Sort.TEXT
    inside: tuple["Field", ...] = ()
    each: str = ""
    tag: str = "tr"

    def find(self, name: str) -> "Field | None":
        return next((one for one in self.inside if one.name == name), None)


# Describing -------------------------------------------------------------------------------------------


def key(name: str) -> Read:
    """What is kept under `name`, None where it is not."""
    return lambda found: found.get(name)


def figure(name: str) -> Read:
    """The same of the figures themselves."""
    return lambda source: source.figures.get(name)


def day(name: str) -> Read:
    """A day that is kept as ISO text, as people read it."""
    return lambda found: said(date.fromisoformat(found[name])) if found.get(name) else ""


def label(name: str, words: Mapping[str, str]) -> Read:
    """The word for what is kept as a code."""
    return lambda found: words.get(found.get(name) or "", "")


def number(name: str, meaning: str, read: Read) -> Field:
    return Field(name, meaning, read, Sort.NUMBER)


def group(name: str, meaning: str, read: Read, *inside: Field) -> Field:
    return Field(name, meaning, read, Sort.GROUP, inside)


def rows(name: str, each: str, meaning: str, read: Read, *inside: Field, tag: str = "tr") -> Field:
    """A list whose rows have `inside`, their place, and the sign between one and the next in a sentence."""
    place = number(PLACE, "在本列表中的顺序，从1开始", lambda row: 0)
    comma = Field(COMMA, "“、”，最后一项为空；用于在一句话里列举", lambda row: "、")
    return Field(name, meaning, read, Sort.ROWS, (place, *inside, comma), each, tag)


def below(into: Read, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """`fields`, read from what `into` leads to."""
    return tuple(replace(one, read=lambda found, one=one: one.read(into(found) or {})) for one in fields)


def _share(numbers: Mapping[str, int]) -> str:
    whole = percent(numbers.get("handed", 0), numbers.get("owed", 0))
    return "" if whole is None else f"{whole}%"


#: Out of the numbers of `submissions.figures.COUNTED`.
NUMBERS = (
    *(number(one.name, one.meaning, key(one.key)) for one in COUNTED),
    Field("报送率", "已报占应报的百分比，没有应报的为空", _share),
)


# Filling ----------------------------------------------------------------------------------------------


def filled(fields: tuple[Field, ...], found: Any) -> dict[str, Any]:
    """What each of `fields` is filled with, out of what it belongs to."""
    return {one.name: _value(one, one.read(found)) for one in fields}


def _value(field: Field, found: Any) -> Any:
    match field.sort:
        case Sort.NUMBER:
            return int(found or 0)
        case Sort.GROUP:
            return filled(field.inside, found or {})
        case Sort.ROWS:
            lines = [filled(field.inside, row) for row in found or ()]
            for n, line in enumerate(lines, start=1):
                line[PLACE] = n
            if lines:
                lines[-1][COMMA] = ""
            return lines
    lines = str(found or "").splitlines()
    return PARAGRAPH.join(printable(line) for line in lines if line.strip())
