"""What changed between two versions of a text: by paragraph first, then by character inside what changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

from rapidfuzz.distance import Indel

Kind = Literal["same", "gone", "new"]

#: A pair of passages longer than this is shown as replaced whole: character by character its cost grows
#: with the square, and nobody could read it.
FINE = 4000
#: Paragraphs of a text in which the changed ones are looked for; that too grows with the square.
PARAGRAPHS = 1000
#: Fewer equal characters than this between two changes are no help to a reader.
ISLAND = 2


@dataclass(frozen=True)
class Span:
    """A stretch of text that is in both versions, in the older alone, or in the newer alone."""

    kind: Kind
    text: str


def differences(old: str, new: str) -> list[Span]:
    """Spans that, without the `new` ones, spell `old` and, without the `gone` ones, `new`."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    if max(len(before), len(after)) > PARAGRAPHS:
        return list(_joined(_fine(old, new)))
    spans: list[Span] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        older, newer = "".join(before[a:b]), "".join(after[c:d])
        if tag == "equal":
            spans.append(Span("same", older))
        else:
            spans += _fine(older, newer)
    return list(_joined(spans))


def _fine(old: str, new: str) -> list[Span]:
    if not old or not new or max(len(old), len(new)) > FINE:
        return [Span("gone", old), Span("new", new)]
    found: list[Span] = []
    opcodes = Indel.opcodes(old, new)
    for at, step in enumerate(opcodes):
        older, newer = old[step.src_start : step.src_end], new[step.dest_start : step.dest_end]
        between = 0 < at < len(opcodes) - 1
        if step.tag == "equal" and not (between and len(older) < ISLAND):
            found.append(Span("same", older))
        else:
            found += [Span("gone", older), Span("new", newer)]
    return found


def _joined(spans: list[Span]) -> Iterator[Span]:
    """Equal neighbours as one span, and each run of changes as one removal and one addition."""
    for same, run in groupby((span for span in spans if span.text), key=lambda span: span.kind == "same"):
        texts: dict[Kind, str] = {"same": "", "gone": "", "new": ""}
        for span in run:
            texts[span.kind] += span.text
        kinds: tuple[Kind, ...] = ("same",) if same else ("gone", "new")
        yield from (Span(kind, texts[kind]) for kind in kinds if texts[kind])
