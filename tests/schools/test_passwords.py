"""The password rules one by one (GB/T 22239-2019 as locally read); the page is tested with the login."""

import pytest
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from schools.models import User

TOO_PLAIN = "密码须包含大写字母、小写字母、数字、符号中的至少三类，请调整后重试。"


def said_about(password: str, **who: str) -> list[str]:
    try:
        validate_password(password, User(**who))
    except ValidationError as refusal:
        return refusal.messages
    return []


@pytest.mark.parametrize(
    "password", ["Shili-ruyi", "SHILI-2026", "shili-2026", "Shili20266", "示例Shili-校园8"]
)
def test_three_classes_of_characters_are_enough(password):
    assert said_about(password) == []


@pytest.mark.parametrize("password", ["shiliruyihao", "Shiliruyihao", "shiliruyi2026", "7205318649027"])
def test_fewer_are_refused_with_a_sentence(password):
    assert said_about(password)[-1] == TOO_PLAIN


def test_nine_characters_are_too_short():
    assert said_about("Shili-202") == ["密码不足10个字符，请加长后重试。"]


def test_ten_characters_are_enough():
    assert said_about("Shili-2026") == []


@pytest.mark.parametrize("field", ["username", "name", "phone"])
def test_what_everybody_knows_of_a_person_is_no_password(field):
    assert len(said_about("Zhangshili-1", **{field: "Zhangshili-1"})) == 1


def test_every_rule_is_explained_in_chinese():
    assert [text for text in password_validators_help_texts() if text.isascii()] == []
