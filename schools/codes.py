"""Codes that units carry: form and check digits."""

import unicodedata

from django.core.exceptions import ValidationError

#: GB 32100-2015, 4.2: digits and capital letters without I, O, Z, S and V.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = [pow(3, place, 31) for place in range(17)]

WRONG_CREDIT_CODE = "统一社会信用代码为18位数字和大写字母，且末位校验码须相符，请核对后重新填写。"


def clean_code(typed: str) -> str:
    """`typed` as a code is stored: half-width, upper case, without blanks."""
    return "".join(unicodedata.normalize("NFKC", typed).split()).upper()


def is_code(code: str) -> bool:
    """Whether `code` has the form of a 学校（机构）标识码: ten digits."""
    return len(code) == 10 and code.isascii() and code.isdecimal()


def is_credit_code(code: str) -> bool:
    """Whether `code` is a 统一社会信用代码 with its right check character (GB 32100-2015, 附录A)."""
    if len(code) != 18 or any(letter not in ALPHABET for letter in code):
        return False
    total = sum(ALPHABET.index(letter) * weight for letter, weight in zip(code[:17], WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31] == code[17]


def validate_credit_code(code: str) -> None:
    """Validator of a field: raises ValidationError with a Chinese sentence."""
    if not is_credit_code(code):
        raise ValidationError(WRONG_CREDIT_CODE, code="credit_code")
