"""The tags of a template one by one: each says something that is known, and each that opens is closed in the
right place. Collects a sentence for every tag that is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reports.papers.sandbox import (
    DEEPEST,
    FORBIDDEN,
    SYNTAX,
    Scope,
    Wrong,
    check_loop,
    check_output,
    check_test,
)
from reports.papers.tags import Tag, own_text, text_of

ENDS = {"endif": "if", "endfor": "for"}
ALONE = {"p": "段", "tr": "行", "tc": "格"}
#: What docxtpl makes of these is no text.
_RAW = ("{{r ", "{{p ", "{{tr ", "{{tc ")


@dataclass
class _Opened:
    """A condition or loop that waits for its end, with the scope around it."""

    tag: Tag
    word: str
    prefix: str
    around: Scope
    over: bool = False  # behind its `else`
    broken: bool = False  # a loop over nobody knows what: nothing can be said about what is inside


def problems_of(tags: Iterable[Tag], scope: Scope) -> list[str]:
    """A sentence for each of `tags` (of one part, in their order) that is wrong."""
    walk = _Walk(scope)
    found = [wrong for tag in tags if (wrong := walk.step(tag))]
    return found + [one.tag.said(f"没有结尾，请在后面加上“{_end_of(one)}”。") for one in walk.opened]


def _end_of(one: _Opened) -> str:
    return f"{{%{one.prefix} end{one.word} %}}"


class _Walk:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.opened: list[_Opened] = []

    @property
    def lost(self) -> bool:
        return any(one.broken for one in self.opened)

    def step(self, tag: Tag) -> str:
        """What is wrong with the next tag, or ""."""
        try:
            if tag.is_output:
                _require(not tag.text.startswith(_RAW), FORBIDDEN)
                if not self.lost:
                    check_output(tag.straight, self.scope)
            elif not tag.is_comment:
                self._statement(tag)
        except Wrong as wrong:
            return tag.said(str(wrong))
        return ""

    def _statement(self, tag: Tag) -> None:
        prefix, word, rest = tag.statement
        _require(bool(word), SYNTAX)
        _require(prefix != "r" and "-%" not in tag.text and "+%" not in tag.text, FORBIDDEN)
        if word in ("if", "for"):
            self._open(tag, prefix, word, rest)
        elif word in ("elif", "else"):
            self._turn(tag, prefix, word, rest)
        elif word in ENDS:
            _require(not rest, SYNTAX)
            opened = self._last(tag, prefix)
            _require(opened.word == ENDS[word], f"与前面的“{opened.tag.text}”不配对，请改正。")
            self.scope = self.opened.pop().around
        else:
            raise Wrong(FORBIDDEN)
        if prefix:
            _require_alone(tag, prefix)

    def _open(self, tag: Tag, prefix: str, word: str, rest: str) -> None:
        _require(len(self.opened) < DEEPEST, f"条件和循环最多套{DEEPEST}层，请减少。")
        lost, around = self.lost, self.scope
        loops = sum(one.word == "for" for one in self.opened)
        self.opened.append(opened := _Opened(tag, word, prefix, around, broken=word == "for"))
        if lost:
            return
        if word == "if":
            check_test(rest, around)
        else:
            self.scope = check_loop(rest, around, loops)
            opened.broken = False

    def _turn(self, tag: Tag, prefix: str, word: str, rest: str) -> None:
        opened = self._last(tag, prefix)
        _require(not opened.over and (word == "else" or opened.word == "if"), SYNTAX)
        opened.over = word == "else"
        self.scope = opened.around
        if word == "else":
            _require(not rest, SYNTAX)
            opened.broken = False
        elif not self.lost:
            check_test(rest, self.scope)

    def _last(self, tag: Tag, prefix: str) -> _Opened:
        """The one that is open, if `tag` goes with it."""
        _require(bool(self.opened), "前面没有对应的“if”或“for”，请补上或删去。")
        opened = self.opened[-1]
        where = "开头和结尾必须写法相同、在同一段里；跨段的用“{%p”，跨表格行的用“{%tr”，请改正。"
        same = opened.prefix == prefix and _home(opened.tag, prefix) is _home(tag, prefix)
        if not same:
            self.scope = self.opened.pop().around
            raise Wrong(where)
        return opened


def _home(tag: Tag, prefix: str) -> Any:
    """What holds the tag's paragraph, row or cell; the paragraph itself for a tag within it."""
    holder = tag.holder(prefix)
    return holder.getparent() if prefix and holder is not None else holder


def _require_alone(tag: Tag, prefix: str) -> None:
    holder = tag.holder(prefix)
    name = ALONE[prefix]
    _require(holder is not None, f"不在表格里，“{{%{prefix}”只能用在表格里，请改正。")
    inner = any(one is not holder for one in holder.iter(holder.tag))
    text = own_text(holder) if prefix == "p" else text_of(holder)
    alone = text.strip() == tag.text and not inner
    _require(alone, f"要单独占一{name}，这一{name}里不能有别的内容，请改正。")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Wrong(otherwise)
