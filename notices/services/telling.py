"""Writers of notices; called inside the transaction of what they tell about."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from notices.enums import Manner
from notices.models import Notice
from notices.services import outbox
from schools.models import Unit

BATCH = 5000

WRITE = """
INSERT INTO notices_notice (recipient_id, unit_id, matter, manner, title, body, url, at)
SELECT told.recipient, %s, %s, %s, told.title, told.body, %s, %s
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS told (recipient, title, body)
ON CONFLICT (recipient_id, matter) DO NOTHING
RETURNING recipient_id, id
"""


class Words(NamedTuple):
    title: str
    body: str = ""


def tell(
    recipients: Iterable[Any],
    *,
    matter: str,
    title: str,
    at: datetime,
    body: str = "",
    url: str = "",
    manner: Manner = Manner.ORDINARY,
    unit: Unit | None = None,
) -> dict[int, int]:
    """Put one notice into each recipient's inbox (users or their ids), once per person and matter.

    `unit`: whose matter it is, where it is one unit's alone; it is not sent after who has left that unit.
    What is to leave the house for it is written down too. Returns the ids of the new notices by person.
    """
    words = Words(title, body)
    said = {getattr(to, "pk", to): words for to in recipients}
    return tell_each(said, matter=matter, at=at, url=url, manner=manner, unit=unit)


def tell_each(
    said: Mapping[int, Words],
    *,
    matter: str,
    at: datetime,
    url: str = "",
    manner: Manner,
    unit: Unit | None = None,
) -> dict[int, int]:
    """As `tell`, with words of their own for each person (by id)."""
    told: dict[int, int] = {}
    with connection.cursor() as cursor:
        everybody = list(said.items())
        for start in range(0, len(everybody), BATCH):
            some = everybody[start : start + BATCH]
            people = [to for to, _ in some]
            titles = [words.title[:120] for _, words in some]
            bodies = [words.body for _, words in some]
            cursor.execute(WRITE, [unit and unit.pk, matter, manner, url, at, people, titles, bodies])
            told.update(cursor.fetchall())
    outbox.put(told, manner, at)
    return told


def mark_read(recipient: Any, *, at: datetime, only: int | None = None) -> int:
    """Mark the person's unread notices (or just the one with id `only`) as read; returns how many."""
    unread = Notice.objects.filter(recipient=recipient).unread()
    if only is not None:
        unread = unread.filter(pk=only)
    return unread.update(read_at=at)
