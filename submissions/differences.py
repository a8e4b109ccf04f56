"""What changed between two versions of a text: by paragraph first, then by character inside what changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from rapidfuzz.distance import Indel

Kind = Literal["same", "gone", "new"]

#: A pair of passages longer than this is shown as replaced whole: nobody could read what is left of them.
FINE = 12_000
#: So many pairs of characters are compared in all; its cost grows with the square, and a page waits for it.
BUDGET = 200_000_000
#: Paragraphs of a text in which the changed ones are looked for.
PARAGRAPHS = 5000
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
        return [span for span in (Span("gone", old), Span("new", new)) if span.text]
    spans: list[Span] = []
    left = BUDGET
    for same, older, newer in _paragraphs(before, after):
        cost = len(older) * len(newer)
        if same:
            spans.append(Span("same", older))
        elif max(len(older), len(newer)) > FINE or cost > left:
            spans += [Span("gone", older), Span("new", newer)]
        else:
            left -= cost
            spans += _fine(older, newer)
    return list(_joined(spans))


def _paragraphs(before: list[str], after: list[str]) -> Iterator[tuple[bool, str, str]]:
    """Runs of equal paragraphs, and between them what stood there before and stands there now."""
    for same, run in groupby(Indel.opcodes(before, after), key=lambda step: step.tag == "equal"):
        steps = list(run)
        older = before[steps[0].src_start : steps[-1].src_end]
        newer = after[steps[0].dest_start : steps[-1].dest_end]
        yield same, "".join(older), "".join(newer)


def _fine(old: str, new: str) -> list[Span]:
    if not old or not new:
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
