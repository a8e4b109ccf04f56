"""Texts that say the same: what is compared, what winnowing promises, which passages are found."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submissions.management.essays import Writer, text_of
from submissions.passages import (
    GUARANTEED,
    REPEATS,
    SEED,
    SHORTEST,
    Letters,
    Passage,
    compare,
    fingerprints,
    marked,
)

WRITER = Writer(seed=5)
ESSAY = WRITER.essay("阅读")
TEXT = text_of(ESSAY)


def shares(text: str, other: str) -> tuple[int, int]:
    found = compare(Letters.of(text), Letters.of(other))
    return found.share, found.other_share


def hashes(text: str) -> set[int]:
    return set(fingerprints(Letters.of(text)).values())


# What is compared


@pytest.mark.parametrize(
    ("text", "kept"),
    [("家访，\n 记！", "家访记"), ("ＡＢ－１２", "ab12"), ("Word", "word"), ("5㎡", "5m2"), ("——“”…", "")],
)
def test_letters_and_digits_alone_are_compared(text, kept):
    assert Letters.of(text).kept == kept


@given(st.text())
def test_every_letter_knows_its_place(text):
    letters = Letters.of(text)
    assert [letters.kept] == ["".join(Letters.of(text[place]).kept for place in sorted(set(letters.places)))]


def test_a_span_reaches_from_its_first_letter_to_its_last():
    letters = Letters.of("《家 访》，记。")
    assert (letters.span(0, 2), letters.span(1, 3)) == ((1, 3), (3, 4))


# Fingerprints

WORDS = st.text(st.sampled_from("家访记校园书香劳动"), max_size=60)


@given(WORDS, WORDS, WORDS, WORDS, st.text(st.sampled_from("甲乙丙丁戊"), min_size=GUARANTEED, max_size=60))
def test_a_shared_passage_of_the_guaranteed_length_leaves_a_shared_fingerprint(a, b, c, d, passage):
    assert hashes(a + passage + b) & hashes(c + passage + d)


@given(st.text(st.sampled_from("家访记校"), min_size=GUARANTEED, max_size=200))
def test_no_stretch_of_the_guaranteed_length_is_without_a_fingerprint(text):
    places = sorted(fingerprints(Letters.of(text)))
    gaps = [after - before for before, after in pairwise(places)]
    assert max([places[0] + 1, len(text) - SEED - places[-1], *gaps]) <= GUARANTEED - SEED


def test_fingerprints_do_not_change_from_one_release_to_the_next():
    # They are kept in the database: other ones would find nothing of what is there.
    assert sorted(hashes("家校共育，静待花开；三尺讲台，初心不改。")) == [956429509]


def test_few_letters_have_few_fingerprints():
    assert [len(fingerprints(Letters.of("家" * n))) for n in (0, 5, 6, 10)] == [0, 0, 1, 1]


# Passages


def test_a_copy_is_one_passage():
    assert compare(Letters.of(TEXT), Letters.of(f"　{TEXT}")).passages == [
        Passage(0, len(TEXT.rstrip("。")), 1, len(TEXT.rstrip("。")))
    ]


def test_other_punctuation_and_line_ends_hide_nothing():
    assert shares(TEXT, TEXT.replace("，", " ").replace("。", "\n\n")) == (100, 100)


def test_swapped_paragraphs_are_found():
    assert shares(TEXT, text_of(WRITER.swapped(ESSAY))) == (100, 100)


@pytest.mark.parametrize(("part", "at_least"), [(0.05, 90), (0.1, 85), (0.2, 70)])
def test_light_rewording_is_found(part, at_least):
    assert min(shares(TEXT, text_of(WRITER.reworded(ESSAY, part)))) >= at_least


def test_a_part_of_a_longer_text_is_all_of_the_part():
    share, other_share = shares(text_of(ESSAY[:2]), TEXT)
    assert (share, 10 < other_share < 50) == (100, True)


def test_an_essay_on_the_same_topic_is_not_alike():
    assert max(shares(TEXT, text_of(Writer(seed=6).essay("阅读")))) <= 5


def test_turns_of_speech_are_no_passages():
    said = "在上级主管部门的正确领导下各项工作扎实推进取得明显成效"
    assert (len(said) < SHORTEST, shares(said + TEXT, said + text_of(Writer(6).essay("安全")))) == (
        True,
        (0, 0),
    )


def test_what_everybody_was_given_begins_no_passage():
    given_ = set(Letters.of(TEXT).grams(SEED))
    assert compare(Letters.of(TEXT), Letters.of(TEXT), given=given_).passages == []


def test_a_text_that_repeats_itself_takes_no_longer_than_others():
    text = "家访记" * (REPEATS * 10_000)
    assert shares(text, text) == (100, 100)


@given(st.lists(st.sampled_from(["\n", *TEXT.split("\n"), *(TEXT[n : n + 70] for n in range(0, 700, 70))])))
def test_passages_lie_inside_both_texts_and_say_much_the_same(parts):
    other = "".join(parts)
    found = compare(Letters.of(TEXT), Letters.of(other))
    inside = [
        0 <= passage.start < passage.start + passage.length <= len(TEXT)
        and 0 <= passage.other_start < passage.other_start + passage.other_length <= len(other)
        for passage in found.passages
    ]
    assert (all(inside), max(found.share, found.other_share) <= 100) == (True, True)


@given(st.randoms(use_true_random=False))
def test_likeness_is_much_the_same_from_either_side(random: Random):
    paragraphs = [paragraph for paragraph in TEXT.split("\n") if random.random() < 0.7]
    random.shuffle(paragraphs)
    other = "\n".join(paragraphs) + "。"
    there, back = shares(TEXT, other), shares(other, TEXT)
    assert max(abs(there[0] - back[1]), abs(there[1] - back[0])) <= 5


# Shown


def test_a_text_is_cut_where_passages_begin_and_end():
    assert marked("零一二三四五", [(4, 1), (1, 2)]) == [
        ("零", 0),
        ("一二", 2),
        ("三", 0),
        ("四", 1),
        ("五", 0),
    ]


def test_passages_that_overlap_are_each_there_once():
    assert marked("零一二三", [(0, 3), (1, 2), (2, 2)]) == [("零一二", 1), ("", 2), ("三", 3)]


@given(st.text(max_size=20), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=5))
def test_cutting_loses_nothing(text, spans):
    parts = marked(text, spans)
    assert "".join(part for part, _ in parts) == text
    assert sorted(number for _, number in parts if number) == list(range(1, len(spans) + 1))
