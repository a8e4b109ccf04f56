"""Texts as a template holds them, so that what is written is what is read."""

import re
import unicodedata

# Control characters, half characters and line ends that editors do not show.
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


def line(text: str) -> str:
    """`text` in one line, single blanks between its words."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def block(text: str) -> str:
    """`text` with its lines, without blanks at their ends or blank lines around it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_UNSEEN.sub(" ", one).rstrip() for one in lines).strip()


def digits(text: str) -> str:
    """`text` with full-width digits and signs made plain, as Chinese keyboards type them."""
    return unicodedata.normalize("NFKC", text).strip()
