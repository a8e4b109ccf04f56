"""Differences between two versions: nothing is lost, nothing is invented, and they can be read."""

from hypothesis import given
from hypothesis import strategies as st

from submissions.differences import FINE, Span, differences

texts = st.text(alphabet="家访路上，一二三。\n ab", max_size=60)


def spelled(spans: list[Span], *kinds: str) -> str:
    return "".join(span.text for span in spans if span.kind in kinds)


@given(texts, texts)
def test_the_spans_spell_both_versions(old: str, new: str) -> None:
    spans = differences(old, new)
    assert (spelled(spans, "same", "gone"), spelled(spans, "same", "new")) == (old, new)


@given(texts)
def test_a_text_differs_from_itself_in_nothing(text: str) -> None:
    assert [span.kind for span in differences(text, text)] == (["same"] if text else [])


def test_a_changed_word_is_shown_alone() -> None:
    assert differences("到校率由九成升至全员。\n", "到校率由八成升至全员。\n") == [
        Span("same", "到校率由"), Span("gone", "九"), Span("new", "八"), Span("same", "成升至全员。\n"),
    ]  # fmt: skip


def test_an_added_paragraph_is_shown_whole() -> None:
    assert differences("一\n三\n", "一\n二\n三\n") == [
        Span("same", "一\n"),
        Span("new", "二\n"),
        Span("same", "三\n"),
    ]


def test_single_equal_characters_do_not_break_a_rewritten_sentence_into_crumbs() -> None:
    spans = differences("我们去家访", "老师们都去了学生家")
    assert all(len(span.text) > 1 for span in spans[1:-1] if span.kind == "same")


def test_passages_too_long_to_compare_by_character_are_shown_as_replaced() -> None:
    old, new = "甲" * (FINE + 1), "甲" * FINE + "乙"
    assert differences(old, new) == [Span("gone", old), Span("new", new)]


def test_a_text_of_countless_lines_is_answered_at_once() -> None:
    """Line by line, 25,000 equal lines would take minutes."""
    old = "一\n" * 25_000
    assert differences(old, f"{old}二") == [Span("gone", old), Span("new", f"{old}二")]


def test_many_changed_paragraphs_are_no_heavier_than_a_few() -> None:
    """Where Python's difflib took seconds: equal lines between changed ones."""
    old = "".join("同\n" if n % 2 else f"第{n}段的文字\n" for n in range(2000))
    new = old.replace("文字", "内容")
    assert [span.kind for span in differences(old, new)][:3] == ["same", "gone", "new"]
