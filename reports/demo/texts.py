"""Small tools of the demo: blocks of Chinese text, dice that fall alike every time."""

import random
from collections.abc import Mapping


def paragraphs(block: str) -> tuple[str, ...]:
    """The paragraphs of a block: separated by blank lines, their lines joined without spaces."""
    parts = block.strip().split("\n\n")
    return tuple("".join(line.strip() for line in part.splitlines()) for part in parts)


def lines(block: str) -> tuple[str, ...]:
    """The lines of a block, blank ones left out."""
    return tuple(line.strip() for line in block.splitlines() if line.strip())


def blocks(block: str) -> tuple[tuple[str, ...], ...]:
    """The lines of each paragraph of a block."""
    return tuple(lines(part) for part in block.strip().split("\n\n"))


def dice(*seed: object) -> random.Random:
    """Dice that depend on `seed` alone, so that what one school writes does not move another's."""
    return random.Random("/".join(map(str, seed)))  # noqa: S311 - invented data, no secrets


class Numbers(dict[str, object]):
    """Values for the slots of a paragraph: {n} a few, {m} many, thrown anew at every use."""

    def __init__(self, known: Mapping[str, object], throw: random.Random) -> None:
        super().__init__(known)
        self._throw = throw

    def __missing__(self, slot: str) -> object:
        low, high = {"n": (3, 12), "m": (24, 180)}[slot]
        return self._throw.randint(low, high)


def fill(paragraph: str, known: Mapping[str, object], throw: random.Random) -> str:
    """The paragraph with its slots filled."""
    return paragraph.format_map(Numbers(known, throw))
