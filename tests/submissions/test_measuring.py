"""`manage.py measure_likeness`: what it makes up, what it prints, and that it leaves nothing behind."""

import io

import pytest
from django.core.management import call_command

from schools.models import User
from submissions.management.essays import SORTS, THINGS, Sentence, Writer, collection, text_of
from submissions.models import Fingerprint, Likeness, Version


def measured(**options: int) -> list[list[str]]:
    printed = io.StringIO()
    call_command("measure_likeness", stdout=printed, **options)
    return [line.split("\t") for line in printed.getvalue().splitlines()]


@pytest.mark.django_db
def test_precision_and_recall_are_printed_for_every_sort():
    lines = measured(essays=40, seed=3)
    assert lines[0] == ["类别", "篇数", "查准率", "查全率"]
    assert [line[0] for line in lines[1:-1]] == [
        "原文", "照抄", "段落调换", "改动5%", "改动10%", "改动20%", "改动30%", "改动50%",
        "改动10%并调换段落", "抄一半段落", "抄四分之一段落", "隔句抄", "同题自写", "套话连篇", "合计",
    ]  # fmt: skip
    assert (lines[2][1:], lines[-2][1], lines[-1][0].split("，")[0]) == (
        ["2", lines[2][2], "1.000（2/2）"], "40", "共比对40篇",
    )  # fmt: skip


@pytest.mark.django_db
def test_measuring_leaves_nothing_behind():
    measured(essays=5, seed=1)
    found = [rows.objects.count() for rows in (Version, Fingerprint, Likeness)]
    assert (found, User.objects.filter(username="measure-likeness").exists()) == ([0, 0, 0], False)


def test_the_same_seed_gives_the_same_essays_and_another_one_others():
    assert (collection(30, seed=1) == collection(30, seed=1), collection(30, 1) == collection(30, 2)) == (
        True, False,
    )  # fmt: skip


def test_every_sort_is_there_and_what_is_taken_over_comes_later_than_its_source():
    pieces = collection(60, seed=1)
    assert {piece.sort for piece in pieces} == {"original", *SORTS}
    assert all(piece.source is None or piece.source < number for number, piece in enumerate(pieces))


@pytest.mark.parametrize("part", [0.05, 0.1, 0.2, 0.3, 0.5])
def test_so_much_is_reworded_as_was_asked(part):
    writer = Writer(seed=1)
    essay = writer.essay("劳动")
    made = writer.reworded(essay, part)
    pairs = [
        (was, now) for old, new in zip(essay, made, strict=True) for was, now in zip(old, new, strict=True)
    ]
    changed = sum(min(_changed(was, now), _changed(was, [*now[1::-1], *now[2:]])) for was, now in pairs)
    assert changed / len(text_of(essay)) == pytest.approx(part, abs=0.06)


def _changed(was: Sentence, now: Sentence) -> int:
    """Characters of words that are not the ones that stood there."""
    both = zip(
        (word for clause in was for word in clause), (word for clause in now for word in clause), strict=True
    )
    return sum(len(new) for (_, old), (_, new) in both if old != new)


def test_essays_of_every_topic_have_some_length():
    writer = Writer(seed=2)
    lengths = [len(text_of(writer.essay(topic))) for topic in THINGS]
    assert (min(lengths) > 600, max(lengths) < 6000) == (True, True)
