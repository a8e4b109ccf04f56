"""Activation codes: how somebody without a password comes in for the first time.

The code is nowhere stored. It follows from the random text that Django puts in place of a password
that cannot be used, so a password of one's own makes it void, and so does issuing another one.
"""

from django.utils.crypto import constant_time_compare, salted_hmac

from schools.codes import clean_code
from schools.models import User

#: Digits and capitals without those that look alike on paper: 0 O, 1 I L.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
GROUPS, LETTERS = 3, 4


def awaits(user: User) -> bool:
    """Whether `user` is in use and has yet to set a first password of their own."""
    return user.is_active and user.must_change_password and not user.has_usable_password()


def code_of(user: User) -> str:
    """The code of somebody who `awaits` activation, as “7KQM-2XPA-9RTC”: some 59 bits."""
    secret = salted_hmac("schools.activation", f"{user.pk}:{user.password}", algorithm="sha256").digest()
    number, letters = int.from_bytes(secret, "big"), ""
    for _ in range(GROUPS * LETTERS):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return "-".join(letters[start : start + LETTERS] for start in range(0, len(letters), LETTERS))


def fits(user: User, typed: str) -> bool:
    """Whether `typed`, in whatever case and with or without its dashes, is the code of `user`."""
    return awaits(user) and constant_time_compare(_bare(typed), _bare(code_of(user)))


def _bare(code: str) -> str:
    return clean_code(code).replace("-", "")
