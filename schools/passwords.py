"""Password rules beyond Django's own."""

import re

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError

CLASSES = (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z0-9]")


class LongEnoughValidator(MinimumLengthValidator):
    """Django's rule in Chinese: its own sentence is not translated."""

    def get_error_message(self) -> str:
        return f"密码不足{self.min_length}个字符，请加长后重试。"

    def get_help_text(self) -> str:
        return f"密码至少{self.min_length}个字符。"


class ThreeClassesValidator:
    """At least three of: lower case, upper case, digits, other characters.

    The common local reading of GB/T 22239-2019 (8.1.4.1 身份鉴别, “复杂度要求”).
    """

    def validate(self, password: str, user: object = None) -> None:
        if sum(bool(re.search(pattern, password)) for pattern in CLASSES) < 3:
            raise ValidationError(
                "密码须包含大写字母、小写字母、数字、符号中的至少三类，请调整后重试。", code="too_plain"
            )

    def get_help_text(self) -> str:
        return "密码须包含大写字母、小写字母、数字、符号中的至少三类。"
