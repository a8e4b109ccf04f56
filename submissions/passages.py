"""Texts that say the same: fingerprints by which they are found, and the passages they share.

Compared are letters and digits alone, whatever their width and case, so that spaces, punctuation and line
ends hide nothing. Pure functions; the database is the business of `services/comparing.py`.
"""

import struct
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from typing import NamedTuple, Self

GRAM = 6  # letters; shorter ones are common speech
WINDOW = 10  # of so many neighbouring grams one is kept
#: A passage of so many letters that two texts share leaves a fingerprint that they share.
GUARANTEED = GRAM + WINDOW - 1

SEED = 5  # letters in a row, where two texts are laid side by side
NEAR = 16  # letters; runs that are no further apart, in both texts, belong to one passage
SHORTEST = 40  # letters of a passage; what everybody says, a slogan or a turn of speech, is shorter
DENSITY = 0.45  # of a passage in common; the rest are words put in the place of others
REPEATS = 8  # places looked at where a text says the same again and again
OPEN = 8  # passages that the next run may belong to


@dataclass(frozen=True)
class Letters:
    """What of a text is compared; the letter `kept[n]` stands at `places[n]` of the text."""

    kept: str
    places: "array[int]"

    @classmethod
    def of(cls, text: str) -> Self:
        kept, places = [], array("L")
        for place, character in enumerate(text):
            for letter in _letters(character):
                kept.append(letter)
                places.append(place)
        return cls("".join(kept), places)

    def __len__(self) -> int:
        return len(self.kept)

    def grams(self, size: int) -> Iterator[str]:
        """Every run of `size` letters, in order."""
        return (self.kept[at : at + size] for at in range(len(self.kept) - size + 1))

    @cached_property
    def seeds(self) -> dict[str, list[int]]:
        """Where each run of `SEED` letters stands, the first `REPEATS` times."""
        found: dict[str, list[int]] = defaultdict(list)
        for place, seed in enumerate(self.grams(SEED)):
            if len(found[seed]) < REPEATS:
                found[seed].append(place)
        return dict(found)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Start and length in the text itself of the letters from `start` to before `end`."""
        first = self.places[start]
        return first, self.places[end - 1] + 1 - first


@lru_cache(maxsize=65_536)
def _letters(character: str) -> str:
    """What is compared of a character: nothing of a comma, several letters of one like ㎡."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", character).casefold()))


class Passage(NamedTuple):
    """Where two texts say the same, in characters of either."""

    start: int
    length: int
    other_start: int
    other_length: int


@dataclass(frozen=True)
class Shared:
    """What two texts have in common, in percent of the letters of either; passages as the first has them."""

    share: int
    other_share: int
    passages: list[Passage]


def fingerprints(letters: Letters) -> dict[int, int]:
    """Place of a gram → its hash (signed, 32 bits), for the grams kept by winnowing.

    Of every `WINDOW` grams in a row the one with the lowest rank is kept, so what is kept of a
    passage depends on the passage alone (Schleimer, Wilkerson and Aiken, SIGMOD 2003).
    """
    ranked = [_ranked(gram) for gram in letters.grams(GRAM)]
    kept, best = {}, -1
    for end in range(max(0, min(WINDOW, len(ranked)) - 1), len(ranked)):
        start = max(0, end - WINDOW + 1)
        if best < start:
            best = min(range(start, end + 1), key=ranked.__getitem__)
        elif ranked[end] < ranked[best]:
            best = end
        kept[best] = ranked[best][1]
    return kept


def _ranked(gram: str) -> tuple[int, int]:
    """A gram's rank and its hash: two numbers, as the lowest of many hashes would soon meet by chance."""
    rank, hashed = struct.unpack("<Ii", blake2b(gram.encode(), digest_size=8).digest())
    return rank, hashed


def compare(mine: Letters, other: Letters, *, given: Collection[str] = ()) -> Shared:
    """The passages that `mine` shares with `other`, in whatever order they stand there.

    Words that were `given` (grams of `SEED` letters, say of the task itself) begin none.
    """
    found = [block for block in _blocks(mine, other, given) if block.counts]
    found.sort(key=lambda block: block.start)
    return Shared(
        _percent([(block.start, block.end) for block in found], len(mine)),
        _percent([(block.other_start, block.other_end) for block in found], len(other)),
        [
            Passage(*mine.span(block.start, block.end), *other.span(block.other_start, block.other_end))
            for block in found
        ],
    )


@dataclass
class _Block:
    """Runs of equal letters that lie near each other in both texts; the ends are exclusive."""

    start: int
    end: int
    other_start: int
    other_end: int
    equal: int

    def takes(self, run: "_Block") -> bool:
        """Join a run, if it belongs here: near in both texts, and more than a word that was here already."""
        near = (
            run.other_start - self.other_end <= NEAR
            and run.start - self.end <= NEAR
            and self.start - run.end <= NEAR
        )
        more = run.start < self.start or run.end > self.end or run.equal >= 2 * SEED
        if near and more:
            self.start, self.end = min(self.start, run.start), max(self.end, run.end)
            self.other_end = run.other_end
            self.equal += run.equal
        return near and more

    @property
    def counts(self) -> bool:
        lengths = (self.end - self.start, self.other_end - self.other_start)
        return min(lengths) >= SHORTEST and self.equal >= DENSITY * max(lengths)


def _blocks(mine: Letters, other: Letters, given: Collection[str]) -> list[_Block]:
    found: list[_Block] = []
    for run in _runs(mine, other, given):
        if not any(block.takes(run) for block in reversed(found[-OPEN:])):
            found.append(run)
    return found


def _runs(mine: Letters, other: Letters, given: Collection[str]) -> Iterator[_Block]:
    """Runs of at least `SEED` equal letters as the second text has them: the longest, or what goes on."""
    seeds, at, ended = mine.seeds, 0, -NEAR
    while at <= len(other) - SEED:
        seed = other.kept[at : at + SEED]
        if seed not in seeds or seed in given:
            at += 1
            continue
        lengths = {place: _equal(mine.kept, place, other.kept, at) for place in seeds[seed]}
        place = max(lengths, key=lambda one: lengths[one] + NEAR * (0 <= one - ended <= NEAR))
        length = lengths[place]
        yield _Block(place, place + length, at, at + length, length)
        at, ended = at + length, place + length


def _equal(mine: str, at: int, other: str, place: int) -> int:
    """How many letters are the same from here on."""
    most = min(len(mine) - at, len(other) - place)
    length = SEED
    while length < most and mine[at + length] == other[place + length]:
        length += 1
    return length


def _percent(ranges: list[tuple[int, int]], whole: int) -> int:
    """How much of `whole` the ranges cover; what is covered twice counts once."""
    ends = covered = 0
    for start, end in sorted(ranges):
        covered += max(0, end - max(start, ends))
        ends = max(ends, end)
    return round(100 * covered / whole) if whole else 0


def marked(text: str, spans: list[tuple[int, int]]) -> list[tuple[str, int]]:
    """The text cut up: (a part of it, the number of the span (start, length) that it is, from 1, or 0).

    Every span is there once, in the order of the text; where two overlap, the later one is cut short.
    """
    parts, done = [], 0
    for (start, length), number in sorted((span, number) for number, span in enumerate(spans, start=1)):
        start, end = max(start, done), max(start + length, done)
        parts += [(text[done:start], 0), (text[start:end], number)]
        done = end
    return [part for part in (*parts, (text[done:], 0)) if any(part)]
