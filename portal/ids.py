"""Ids in addresses and forms, which people may write by hand."""

#: Digits of the largest id that the database holds whatever they are.
LONGEST = 18


def as_id(text: str | None) -> int | None:
    """The id that `text` is, or None: for anything but a number of a length that may be one."""
    return int(text) if text and len(text) <= LONGEST and text.isdecimal() else None
