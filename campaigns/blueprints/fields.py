"""One mapping of a template, asked key by key; every answer that will not do is noted with its line."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import TypeVar

from django.db.models import TextChoices

from campaigns.blueprints import texts
from campaigns.blueprints.problems import Problem
from campaigns.blueprints.tree import Mapping, Node, Scalar, Sequence
from portal.days import in_range

MAX_ITEMS = 200
MAX_BLOCK = 5000  # characters

_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,2})?")
_YES = {"是": True, "否": False}

Read = TypeVar("Read")


class Fields:
    """The mapping `node`, called `what` in sentences. Call `done` last: it names the keys nobody asked for.

    A value that is missing or will not do is None (or empty), and has left a problem if it must not be.
    """

    def __init__(self, node: Mapping, problems: list[Problem], what: str) -> None:
        self._node, self._problems, self._what = node, problems, what
        self._asked: list[str] = []

    def line(self, key: str) -> int:
        """Where `key` stands, or the mapping begins."""
        return self._node.entries.get(key, (self._node.line,))[0]

    def problem(self, key: str, sentence: str) -> None:
        self._problems.append(Problem(self.line(key), sentence))

    def text(self, key: str, longest: int, *, required: bool = False) -> str:
        """One line of at most `longest` characters; "" when there is none."""
        return self._short(key, texts.line(self._scalar(key, required=required)), longest)

    def block(self, key: str) -> str:
        """Any number of lines."""
        return self._short(key, texts.block(self._scalar(key)), MAX_BLOCK)

    def texts(self, key: str, longest: int) -> tuple[str, ...]:
        """A list of single lines, or one alone; blank ones do not count."""
        found = []
        for item in self._items(key):
            if not isinstance(item, Scalar):
                self._problems.append(Problem(item.line, f"“{key}”的每一项应为一行文字。"))
            elif text := texts.line(item.text):
                found.append(self._short(key, text, longest, at=item.line))
        return tuple(found)

    def day(self, key: str, *, required: bool = False) -> date | None:
        return self._read(key, _day, "应为日期，如 2026-04-30。", required=required)

    def count(self, key: str, least: int, most: int, *, required: bool = False) -> int | None:
        """A whole number between `least` and `most`, both included."""

        def read(text: str) -> int | None:
            number = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else -1
            return number if least <= number <= most else None

        return self._read(key, read, f"应为{least}至{most}的整数。", required=required)

    def amount(self, key: str) -> Decimal | None:
        """A number with at most two decimals; required."""

        def read(text: str) -> Decimal | None:
            return Decimal(text) if _AMOUNT.fullmatch(text) else None

        said = "应为数字，最多两位小数，如 15 或 97.5；计量单位请写在“单位”里。"
        return self._read(key, read, said, required=True)

    def yes(self, key: str) -> bool:
        return self._read(key, _YES.get, "应为“是”或“否”。") or False

    def choice(self, key: str, choices: type[TextChoices], *, required: bool = False) -> str | None:
        """The value of the member whose label is written."""
        values = {member.label: member.value for member in choices}
        return self._read(key, values.get, f"应为{_one_of(values)}。", required=required)

    def choices(self, key: str, values: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
        """A list of words; each stands for some values."""
        found: list[str] = []
        for word in self.texts(key, MAX_BLOCK):
            if word not in values:
                self.problem(key, f"“{key}”里的“{word[:20]}”应为{_one_of(values)}。")
            found += values.get(word, ())
        return tuple(found)

    def says(self, key: str, word: str) -> bool:
        """Whether `word` stands under `key` instead of a list."""
        node = self._take(key)
        return isinstance(node, Scalar) and texts.line(node.text) == word

    def one(self, key: str, what: str) -> "Fields | None":
        """The mapping under `key`, if there is one."""
        node = self._take(key)
        return None if node is None else self._inner(key, node, what)

    def many(self, key: str, what: str) -> list["Fields"]:
        """The mappings in the list under `key`."""
        return [inner for item in self._items(key) if (inner := self._inner(key, item, what))]

    def done(self) -> None:
        for key in self._node.entries:
            if key not in self._asked:
                close = get_close_matches(key, self._asked, 1, 0.4) if len(key) <= 20 else []
                hint = f"是否应为“{close[0]}”？" if close else "请删除或改正。"
                self.problem(key, f"{self._what}没有“{key[:20]}”这一项，{hint}")

    def _take(self, key: str, *, required: bool = False) -> Node | None:
        """What is under `key`; None when it is missing or left blank."""
        self._asked.append(key)
        node = self._node.entries.get(key, (0, None))[1]
        if node is None or (isinstance(node, Scalar) and not node.text.strip()):
            if required:
                self.problem(key, f"{self._what}缺少“{key}”，请补上。")
            return None
        return node

    def _scalar(self, key: str, *, required: bool = False) -> str:
        node = self._take(key, required=required)
        if node is None:
            return ""
        if not isinstance(node, Scalar):
            self.problem(key, f"“{key}”应为文字，不能是列表或分项。")
            return ""
        return node.text

    def _read(
        self, key: str, read: Callable[[str], Read | None], sentence: str, *, required: bool = False
    ) -> Read | None:
        text = texts.digits(self._scalar(key, required=required))
        if not text:
            return None
        value = read(text)
        if value is None:
            self.problem(key, f"“{key}”{sentence}")
        return value

    def _short(self, key: str, text: str, longest: int, at: int | None = None) -> str:
        if len(text) > longest:
            said = f"“{key}”最多{longest}个字，现有{len(text)}个，请精简。"
            self._problems.append(Problem(at or self.line(key), said))
        return text

    def _items(self, key: str) -> list[Node]:
        node = self._take(key)
        items = node.items if isinstance(node, Sequence) else [] if node is None else [node]
        if len(items) > MAX_ITEMS:
            self.problem(key, f"“{key}”最多{MAX_ITEMS}项，现有{len(items)}项，请精简。")
        return items[:MAX_ITEMS]

    def _inner(self, key: str, node: Node, what: str) -> "Fields | None":
        if isinstance(node, Mapping):
            return Fields(node, self._problems, what)
        said = f"“{key}”下面应为{what}的各项内容，写成“名称: 内容”，冒号用半角，后面空一格。"
        self._problems.append(Problem(node.line, said))
        return None


def _day(text: str) -> date | None:
    written = _DAY.fullmatch(text)
    try:
        day = date(*map(int, written.groups())) if written else None
    except ValueError:
        return None
    return day if day and in_range(day) else None


def _one_of(words: dict) -> str:
    return "、".join(f"“{word}”" for word in words) + ("之一" if len(words) > 1 else "")
