"""What a digest says, composed at the moment it is sent, by the room above that knows what still holds.

`submissions` registers its composer when the portal starts; this room only knows when to ask it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from notices.models import Delivery, Notice


def _nothing(_: Delivery) -> None:
    pass


@dataclass(frozen=True)
class Letter:
    """Words of a message; without a body there is nothing left to say, and nothing goes out.

    `carried` is called, in the transaction that records the outcome, once the message was accepted or
    there was nothing to say: it notes that what the letter was made of needs no other letter.
    """

    title: str
    body: str
    carried: Callable[[Delivery], None] = field(default=_nothing)


class Composer(Protocol):
    def for_person(self, user: Any, notices: Sequence[Notice], at: datetime) -> Letter:
        """All that `user` has to be reminded of at `at`, provided that any of `notices` still holds."""

    def for_group(self, digest: Delivery, at: datetime) -> Letter:
        """How many units are still missing below the unit of the group, for what waits to be told there."""


_composer: list[Composer] = []


def register(composer: Composer) -> None:
    """Let `composer` write the digests, in place of one registered before."""
    _composer[:] = [composer]


def composer() -> Composer:
    return _composer[0]
