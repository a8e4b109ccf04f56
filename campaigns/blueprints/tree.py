"""YAML as a tree of texts, each with its line; nothing is guessed to be a number, a day or a yes.

Aliases, tags and whole documents after the first are refused, so that a file is what it shows.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from campaigns.blueprints.problems import Invalid, Problem

MAX_BYTES = 500 * 1024
MAX_DEPTH = 24  # six levels of topics take two each

_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufffe\uffff]")

# What PyYAML and libyaml say, and what a person can do about it.
_SENTENCES = [
    (
        r"cannot start any token|\\t|tab character",
        "缩进请用空格，不用制表符；以特殊符号开头的内容请加引号。",
    ),
    (r"mapping values are not allowed", "冒号的位置不对，请检查缩进；内容里有冒号加空格时请加引号。"),
    (r"could not find expected ':'", "这里缺少冒号，请写成“名称: 内容”，冒号用半角，后面空一格。"),
    (r"unexpected end|expected ',' or", "引号或括号没有配对，请补上。"),
    (r"block end|block collection|block mapping", "缩进不一致，或短横“-”的位置不对，请与上下行对齐。"),
]
_BROKEN = "写法不符合 YAML 格式，请检查冒号、缩进和引号。"


@dataclass
class Scalar:
    line: int
    text: str


@dataclass
class Sequence:
    line: int
    items: list["Node"] = field(default_factory=list)


@dataclass
class Mapping:
    """`entries` has for each key its line and its value."""

    line: int
    entries: dict[str, tuple[int, "Node"]] = field(default_factory=dict)


Node = Scalar | Sequence | Mapping


def parse(text: str) -> tuple[Node, list[Problem]]:
    """The tree of `text`, with the problems that do not keep it from being looked at (double keys).

    Raises Invalid when there is no tree.
    """
    if len(text) > MAX_BYTES or len(text.encode(errors="replace")) > MAX_BYTES:
        raise Invalid([Problem(1, f"文件超过{MAX_BYTES // 1024} KB，请精简后再导入。")])
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if unseen := _CONTROL.search(text):
        number = text.count("\n", 0, unseen.start()) + 1
        raise Invalid([Problem(number, "含有看不见的控制字符，请删除。")])
    growing = _Growing()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            growing.take(event)
    except yaml.YAMLError as error:
        raise Invalid([*growing.problems, _broken(error, text)]) from None
    if growing.root is None:
        raise Invalid([Problem(1, "文件是空的，请先填写内容。")])
    return growing.root, growing.problems


def emit(value: dict | list | str) -> str:
    """Nested dicts, lists and texts as YAML in block style, texts of several lines as literal blocks."""
    events = [
        yaml.StreamStartEvent(),
        yaml.DocumentStartEvent(explicit=False),
        *_events(value),
        yaml.DocumentEndEvent(explicit=False),
        yaml.StreamEndEvent(),
    ]
    return yaml.emit(events, Dumper=_Indented, allow_unicode=True, width=sys.maxsize, indent=2)


class _Indented(yaml.SafeDumper):
    """Lists stand two blanks further in than their key, which is easier to read and to edit."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _events(value: dict | list | str) -> Iterator[yaml.Event]:
    if isinstance(value, dict):
        yield yaml.MappingStartEvent(None, None, True, flow_style=False)
        for key, inner in value.items():
            yield from _events(key)
            yield from _events(inner)
        yield yaml.MappingEndEvent()
    elif isinstance(value, list):
        yield yaml.SequenceStartEvent(None, None, True, flow_style=False)
        for inner in value:
            yield from _events(inner)
        yield yaml.SequenceEndEvent()
    else:
        yield yaml.ScalarEvent(None, None, (True, True), value, style="|" if "\n" in value else None)


class _Growing:
    """A tree that grows event by event; without recursion, so that depth is ours to bound."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._open: list[Sequence | Mapping] = []
        self._keys: list[tuple[int, str] | None] = []  # of each open mapping, the key that waits

    def take(self, event: yaml.Event) -> None:
        number = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._refuse(number, "不支持锚点（&）和引用（*），请直接写出内容；以这些符号开头的文字请加引号。")
        if getattr(event, "tag", None):
            self._refuse(number, "不支持标签（!），请删除；以感叹号开头的文字请加引号。")
        if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            self._refuse(number, "一个文件只能有一份模板，请删除“---”及其后的内容。")
        if isinstance(event, yaml.ScalarEvent):
            self._place(Scalar(number, event.value))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._enter(Sequence(number))
        elif isinstance(event, yaml.MappingStartEvent):
            self._enter(Mapping(number))
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            self._open.pop()
            self._keys.pop()

    def _enter(self, node: Sequence | Mapping) -> None:
        if len(self._open) == MAX_DEPTH:
            self._refuse(node.line, "层次太深，请减少嵌套。")
        self._place(node)
        self._open.append(node)
        self._keys.append(None)

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = node
        elif isinstance(parent := self._open[-1], Sequence):
            parent.items.append(node)
        elif self._keys[-1] is None:
            if not isinstance(node, Scalar):
                self._refuse(node.line, "冒号前只能是名称，请改正。")
            self._keys[-1] = (node.line, node.text.strip())
        else:
            number, key = self._keys[-1]
            self._keys[-1] = None
            if key in parent.entries:
                first = parent.entries[key][0]
                self.problems.append(Problem(number, f"“{key[:20]}”与第{first}行重复，请只保留一处。"))
            else:
                parent.entries[key] = (number, node)

    def _refuse(self, number: int, sentence: str) -> None:
        raise Invalid([*self.problems, Problem(number, sentence)])


def _broken(error: yaml.YAMLError, text: str) -> Problem:
    said = f"{getattr(error, 'problem', '')} {getattr(error, 'context', '')}"
    if re.search(r"unexpected (end|document).*quoted scalar", said):
        # It is seen at the end of the file only; the quote that was left open is far above.
        return Problem(error.context_mark.line + 1, "引号没有配对，请在这一行补上。")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Problem(1, _BROKEN)
    lines = text.split("\n")
    place = min(mark.line, len(lines) - 1)
    # An error is often seen one line after the one that holds it.
    for suspect in (place, place - 1):
        if suspect >= 0 and re.match(r"[\s-]*[^\s:\"'“]{1,12}：", lines[suspect]):
            return Problem(suspect + 1, "冒号请用半角“:”，后面空一格。")
    sentence = next((sentence for pattern, sentence in _SENTENCES if re.search(pattern, said)), _BROKEN)
    return Problem(place + 1, sentence)
