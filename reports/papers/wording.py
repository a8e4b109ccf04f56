"""What a person adds to frozen figures before they become a paper."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Words:
    """`opening` and `ending`: the officer's passages, a paragraph a line, "" for none; `number`: 发文字号.
    `mark`: “草稿” until it is signed. `dated`: the day of signature, None before. `edition` counts from 1."""

    title: str
    opening: str = ""
    ending: str = ""
    number: str = ""
    mark: str = ""
    dated: date | None = None
    edition: int = 1
