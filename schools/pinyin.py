"""The key by which names are found: the initials of their pinyin."""

import re

from pypinyin import Style, lazy_pinyin

_OTHER = re.compile(r"[^a-z0-9]+")


def plain(typed: str) -> str:
    """`typed` as a key holds it: lower-case ASCII letters and digits, nothing else."""
    return _OTHER.sub("", typed.lower())


def initials(name: str) -> str:
    """The key of `name`: “示例县第一小学” → “slxdyxx”; empty when nothing in it can be spelt."""
    return plain("".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors="default")))


def key_for(name: str, typed: str, limit: int, *, before: tuple[str, str] = ("", "")) -> str:
    """The key to store, at most `limit` characters: the one typed, else the initials of `name`.

    `before` is the (name, key) that the row had: a key that followed the old name follows the new
    one, a key that somebody has put right stays.
    """
    key, (old_name, old_key) = plain(typed), before
    followed = old_key == initials(old_name)[:limit]
    if not key or (key == old_key and name != old_name and followed):
        key = initials(name)
    return key[:limit]
