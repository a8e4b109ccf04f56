"""The tags that stand in a Word template, each with its place as people count it.

“{{ 标题 }}” is filled, “{% if … %}” and “{% for … %}” hold within one paragraph; “{%p …”, “{%tr …” and
“{%tc …” stand alone in the paragraph, row or cell that goes with them, and hold for those in between.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

P, TR, TC, TBL, T = (qn(f"w:{name}") for name in ("p", "tr", "tc", "tbl", "t"))
#: Bounded, so that many that are never closed cost no more than the text; longer ones count as not closed.
#: None reaches over the beginning of another one, else the next tag would hide that this one is open.
_INSIDE = r"(?:(?!\{[{%#]).){0,600}?"
TAG = re.compile(rf"\{{\{{{_INSIDE}\}}\}}|\{{%{_INSIDE}%\}}|\{{#{_INSIDE}#\}}", re.DOTALL)
_END = re.compile(r"\{[{%#]|[}%#]\}")
#: Typed with a Chinese keyboard.
_FULL = re.compile(r"[｛{]?｛[｛{%]?[^｛｝{}\n]{0,40}[%｝}]*")
_OPEN = re.compile(r"\{[{%#][^{}\n]{0,40}\}?")
_BEGIN = re.compile(r"\{[{%#]")
_STATEMENT = re.compile(r"\{%(p|tr|tc|r)? +(\S+)\s*(.*?)\s*%\}", re.DOTALL)
#: Word makes quotation marks of what was typed straight.
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})
SHOWN = 40  # characters of what is quoted in a sentence


@dataclass(frozen=True)
class Tag:
    """`text` as it was typed, `place` as “模板第3段”; the elements that it stands in."""

    text: str
    place: str
    paragraph: Any

    @property
    def is_output(self) -> bool:
        return self.text.startswith("{{")

    @property
    def is_comment(self) -> bool:
        return self.text.startswith("{#")

    @property
    def statement(self) -> tuple[str, str, str]:
        """Its prefix (p, tr, tc, r or ""), its word (for, if …) and the rest; "" each where it is none."""
        found = _STATEMENT.fullmatch(self.text)
        return (found[1] or "", found[2], found[3].translate(_QUOTES)) if found else ("", "", "")

    @property
    def straight(self) -> str:
        return self.text.translate(_QUOTES)

    def holder(self, prefix: str) -> Any:
        """The paragraph, row or cell that a tag with `prefix` stands for; None where there is none."""
        if prefix in ("", "p"):
            return self.paragraph
        return next(self.paragraph.iterancestors(TR if prefix == "tr" else TC), None)

    def said(self, what: str) -> str:
        """A sentence about it."""
        return f"{self.place}的“{quoted(self.text)}”{what}"


def quoted(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def tags_of(root: Any, where: str) -> tuple[list[Tag], list[str]]:
    """The tags below `root` in their order, and a sentence for each one that is broken; `where` is what the
    part is called, “模板” or “模板页眉”."""
    tags: list[Tag] = []
    problems: list[str] = []
    for paragraph, place in _paragraphs(root, where):
        text = own_text(paragraph)
        tags += (Tag(found[0], place, paragraph) for found in TAG.finditer(text))
        rest = TAG.sub("\n", text)
        if full := _full(rest):
            problems.append(f"{place}的“{quoted(full)}”用了全角大括号，请用半角大括号“{{{{”和“}}}}”。")
        elif broken := _END.search(rest):
            shown = quoted(_around(rest, broken))
            problems.append(f"{place}的“{shown}”不完整，字段要用“{{{{”开头、“}}}}”结尾，请补全。")
    if any(map(_begins_elsewhere, root.iter())):
        problems.append(f"{where}的图片说明、域代码等处含有“{{{{”或“{{%”，字段只能写在文字里，请删去。")
    return tags, problems


def _full(text: str) -> str:
    """The first field in full-width braces, or "": a single pair of them is ordinary text."""
    found = (one[0] for one in _FULL.finditer(text))
    return next((one for one in found if len(one) > 1 and (one[1] in "｛{%" or one[0] == "{")), "")


def _around(text: str, broken: re.Match[str]) -> str:
    """The field that is broken: from its beginning, or up to its end."""
    opened = _OPEN.match(text, broken.start())
    return opened[0].rstrip() if opened else text[: broken.end()].rpartition("\n")[2][-SHOWN:]


def own_text(paragraph: Any) -> str:
    """What is read in it, without the text boxes that hang on it."""
    letters = (one for one in paragraph.iter(T) if next(one.iterancestors(P)) is paragraph)
    return "".join(one.text or "" for one in letters)


def text_of(element: Any) -> str:
    return "".join(one.text or "" for one in element.iter(T))


def _paragraphs(root: Any, where: str) -> Iterator[tuple[Any, str]]:
    """Every paragraph with its place: those that are empty are not counted."""
    paragraphs = tables = 0
    for child in root:
        if child.tag == TBL:
            tables += 1
            for place, row in enumerate(child.iterchildren(TR), start=1):
                said = f"{where}第{tables}个表格第{place}行"
                yield from ((paragraph, said) for paragraph in row.iter(P))
            continue
        paragraphs += bool(child.tag == P and own_text(child).strip())
        said = f"{where}第{paragraphs}段" if where == "模板" else where
        yield from ((paragraph, said) for paragraph in child.iter(P))


def _begins_elsewhere(element: Any) -> bool:
    """A tag where nobody reads it."""
    inside = "" if element.tag == T else element.text or ""
    return any(map(_BEGIN.search, (inside, element.tail or "", *element.attrib.values())))
