"""Ids that people may write by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ids import as_id


@pytest.mark.parametrize(
    ("text", "found"),
    [("12", 12), ("0", 0), ("", None), (None, None), ("-1", None), ("1e3", None), ("²", None), (" 1", None)],
)
def test_only_a_number_is_one(text: str | None, found: int | None) -> None:
    assert as_id(text) == found


@given(st.integers(min_value=0) | st.just(int("9" * 4000)))
def test_no_number_is_too_large_to_be_looked_at(number: int) -> None:
    assert as_id(f"{number}") in (number, None)
    assert as_id("9" * 5000) is None
