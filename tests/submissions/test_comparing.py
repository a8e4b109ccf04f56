"""Comparing in the background: what is compared with what, and that nothing is lost, twice or stuck."""

import io

import pytest
from docx import Document

from portal.files import store
from portal.files.text import text_of as text_of_file
from portal.models import AuditEvent
from schools.enums import Role
from submissions.management.essays import Writer, text_of
from submissions.models import Draft, Fingerprint, Likeness
from submissions.services import comparing, drafts, submitting
from tests.concurrently import at_once
from tests.factories import NOW, assigned, county, upload
from tests.submissions.likenesses import ESSAY, OTHER_TEXT, TEXT, WRITER, both_owe, compare_all, essay, pairs

pytestmark = pytest.mark.django_db


@pytest.fixture
def owing(place):
    return both_owe(place)


def word(text: str, name: str = "文章.docx"):
    document, file = Document(), io.BytesIO()
    for line in text.split("\n"):
        document.add_paragraph(line)
    document.save(file)
    return upload(name, file.getvalue())


# What is found


def test_a_copy_from_another_school_is_found(owing):
    first, copy = essay(owing[0]), essay(owing[1])
    assert (compare_all(), pairs()) == (2, [(copy.pk, first.pk, 100, 100)])


def test_a_copy_from_another_county_and_another_campaign_is_found(owing):
    elsewhere = county()
    first, copy = essay(owing[0]), essay(assigned(elsewhere))
    compare_all()
    assert pairs() == [(copy.pk, first.pk, 100, 100)]


def test_swapped_paragraphs_and_light_rewording_are_found(owing):
    first = essay(owing[0])
    copy = essay(owing[1], text_of(WRITER.swapped(WRITER.reworded(ESSAY, 0.1))))
    compare_all()
    [(later, earlier, share, _)] = pairs()
    assert (later, earlier, share >= 80) == (copy.pk, first.pk, True)


def test_an_essay_of_ones_own_on_the_same_topic_is_not_alike(owing):
    essay(owing[0]), essay(owing[1], OTHER_TEXT)
    assert (compare_all(), pairs()) == (2, [])


def test_what_everybody_says_makes_nothing_alike(owing):
    for number, owed in enumerate((*owing, *owing)):
        text = text_of(Writer(number).essay("师德", slogans=0.35))
        essay(owed, text, number=1 + number // 2)
    compare_all()
    assert pairs() == []


def test_the_words_of_the_task_itself_make_nothing_alike(place):
    guidance = "\n".join(TEXT.split("\n")[:3])
    owing = both_owe(place, guidance=guidance)
    essay(owing[0], guidance), essay(owing[1], guidance)
    compare_all()
    assert pairs() == []


def test_the_template_everybody_fills_in_makes_nothing_alike(place):
    owing = both_owe(place, template_file=store.save(word(TEXT), by=place.officer, at=NOW))
    essay(owing[0], TEXT), essay(owing[1], TEXT)
    compare_all()
    assert pairs() == []


def test_the_words_in_files_are_compared(owing):
    first, copy = essay(owing[0]), essay(owing[1], "见附件。", files=(upload(), word(TEXT)))
    compare_all()
    assert pairs() == [(copy.pk, first.pk, 100, 100)]


def test_passages_are_kept_in_characters_of_both_texts(owing):
    first, copy = essay(owing[0]), essay(owing[1], f"前言。{TEXT}")
    compare_all()
    [likeness] = Likeness.objects.all()
    texts = Fingerprint.objects.in_bulk()
    here, length, there, other_length = likeness.passages[0]
    assert (
        texts[copy.pk].text[here : here + length],
        texts[first.pk].text[there : there + other_length],
    ) == (TEXT.rstrip("。"), TEXT.rstrip("。"))


def test_copies_that_very_many_have_are_still_found(owing, monkeypatch):
    monkeypatch.setattr(comparing, "MANY", 2)
    versions = [essay(owed, number=number) for number in (1, 2, 3) for owed in owing]
    compare_all()
    assert {later for later, *_ in pairs()} == {version.pk for version in versions[1:]}


# What is not compared


def test_a_few_words_are_not_compared(owing):
    versions = essay(owing[0], TEXT[:140]), essay(owing[1], TEXT[:140])
    compare_all()
    rows = Fingerprint.objects.filter(version__in=versions).values_list("hashes", "compared_at")
    assert (pairs(), list(rows)) == ([], [([], NOW), ([], NOW)])


@pytest.mark.parametrize("kind", ["suggestion", "progress", "acknowledgement"])
def test_kinds_without_a_text_of_ones_own_are_not_expected(owing, kind):
    version = essay(owing[0])
    Fingerprint.objects.all().delete()
    version.submission.assignment.occurrence.requirement.kind = kind
    comparing.expect(version)
    assert Fingerprint.objects.count() == 0


def test_versions_of_one_piece_are_not_compared(owing):
    piece = essay(owing[0]).submission
    by = owing[0].unit.memberships.get(role=Role.SECRETARY).user
    submitting.withdraw(piece, by=by, at=NOW)
    comparing.expect(submitting.submit(piece, by=by, at=NOW))
    assert (compare_all(), pairs()) == (2, [])


def test_of_several_versions_of_a_piece_the_closest_is_found(owing):
    piece = essay(owing[0], OTHER_TEXT + TEXT).submission
    by = owing[0].unit.memberships.get(role=Role.SECRETARY).user
    submitting.withdraw(piece, by=by, at=NOW)
    words = drafts.Words(title="家访记", body=TEXT)
    drafts.save_draft(owing[0].pk, 1, words, by=by, at=NOW)
    second = submitting.submit(piece, by=by, at=NOW)
    comparing.expect(second)
    copy = essay(owing[1])
    compare_all()
    assert pairs() == [(copy.pk, second.pk, 100, 100)]


def test_what_was_taken_over_with_a_mark_is_not_compared_however_long_the_chain(owing):
    chain = [essay(owing[0])]
    for number in (2, 3):
        by = owing[0].unit.memberships.get(role=Role.SECRETARY).user
        words = drafts.Words(title="家访记", body=TEXT)
        piece = drafts.save_draft(owing[0].pk, number, words, by=by, at=NOW).piece
        Draft.objects.filter(submission=piece).update(reused_from=chain[-1])
        chain.append(submitting.submit(piece, by=by, at=NOW))
        comparing.expect(chain[-1])
    copy = essay(owing[1])
    compare_all()
    assert {(later, earlier) for later, earlier, *_ in pairs()} == {(copy.pk, one.pk) for one in chain}


# Robust


def test_expecting_twice_and_comparing_again_change_nothing(owing):
    essay(owing[0])
    copy = essay(owing[1])
    compare_all()
    before = pairs(), list(Fingerprint.objects.values())
    comparing.expect(copy)
    assert (compare_all(), (pairs(), list(Fingerprint.objects.values()))) == (0, before)


def test_a_finding_leaves_a_trace_without_a_word_of_the_other_school(owing):
    essay(owing[0], title="别校的标题")
    copy = essay(owing[1], title="本校的标题")
    compare_all()
    [event] = AuditEvent.objects.filter(action="likeness.find")
    assert (event.actor, event.target, event.summary) == (
        None, f"submissions.version:{copy.pk}", "本校的标题：1篇",
    )  # fmt: skip


def test_a_file_that_cannot_be_read_does_not_keep_the_text_from_being_compared(owing, settings):
    first, copy = essay(owing[0]), essay(owing[1], files=(upload(),))
    (settings.MEDIA_ROOT / copy.files.get().key).write_bytes(b"%PDF-1.4 broken")
    compare_all()
    assert pairs() == [(copy.pk, first.pk, 100, 100)]


def test_what_goes_wrong_with_one_keeps_no_other_waiting(owing, monkeypatch, caplog):
    bad, first, copy = essay(owing[0], files=(upload(),)), essay(owing[0], number=2), essay(owing[1])

    def fail(path, kind):
        raise OSError("disk")

    monkeypatch.setattr(comparing, "text_of", fail)
    compared = compare_all()
    waiting = list(Fingerprint.objects.filter(compared_at=None).values_list("pk", flat=True))
    said = [record.message for record in caplog.records if record.name == comparing.__name__]
    assert (compared, waiting, said) == (2, [bad.pk], [f"version {bad.pk} could not be compared"])
    assert pairs() == [(copy.pk, first.pk, 100, 100)]


def test_what_went_wrong_is_tried_again(owing, monkeypatch):
    first, copy = essay(owing[0]), essay(owing[1], files=(upload(),))
    monkeypatch.setattr(comparing, "text_of", lambda path, kind: 1 / 0)
    compare_all()
    monkeypatch.setattr(comparing, "text_of", text_of_file)
    assert (compare_all(), pairs()) == (1, [(copy.pk, first.pk, 100, 100)])


def test_a_worker_that_dies_over_a_version_leaves_it_as_it_was(owing):
    first, copy = essay(owing[0]), essay(owing[1])
    compare_all()
    third = essay(owing[1], number=2)

    def killed():
        raise SystemExit

    with pytest.raises(SystemExit):
        comparing.compare_waiting(killed)
    left = Fingerprint.objects.filter(pk=third.pk).values_list("text", "hashes", "compared_at").get()
    assert (left, len(pairs())) == (("", [], None), 1)
    assert compare_all() == 1
    assert pairs()[1:] == [(third.pk, first.pk, 100, 100), (third.pk, copy.pk, 100, 100)]


def test_a_version_over_which_workers_die_is_given_up(place, owing, monkeypatch, caplog):
    bad, first, copy = essay(owing[0], files=(upload(),)), essay(owing[0], number=2), essay(owing[1])

    def killed(path, kind):
        raise SystemExit

    monkeypatch.setattr(comparing, "text_of", killed)
    for attempt in (1, 2, 3):
        with pytest.raises(SystemExit):
            compare_all()
        assert Fingerprint.objects.get(pk=bad.pk).attempts == attempt
    assert (compare_all(), pairs()) == (2, [(copy.pk, first.pk, 100, 100)])
    row = Fingerprint.objects.get(pk=bad.pk)
    assert (row.text, row.hashes, row.compared_at) == ("", [], NOW)
    assert comparing.found_for(bad, place.officer).given_up
    said = [(one.levelname, one.message) for one in caplog.records if one.name == comparing.__name__]
    assert said == [("ERROR", f"version {bad.pk} is not compared: workers died over it 3 times")]


def test_what_goes_wrong_without_a_death_is_tried_for_ever(owing, monkeypatch):
    bad = essay(owing[0], files=(upload(),))
    monkeypatch.setattr(comparing, "text_of", lambda path, kind: 1 / 0)
    for _ in range(5):
        compare_all()
    row = Fingerprint.objects.get(pk=bad.pk)
    assert (row.attempts, row.compared_at) == (0, None)


@pytest.mark.django_db(transaction=True)
def test_an_attempt_is_on_record_while_it_lasts_and_is_nobody_elses(place, monkeypatch):
    owed = assigned(place)
    version = essay(owed, files=(upload(),))

    def look(path, kind):
        row = Fingerprint.objects.filter(pk=version.pk).values_list("attempts", flat=True)
        seen.extend(at_once(row.get, compare_all))
        return ""

    seen = []
    monkeypatch.setattr(comparing, "text_of", look)
    assert (compare_all(), seen) == (1, [1, 0])


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_find_the_pair_once(place):
    owing = both_owe(place)
    first, copy = essay(owing[0]), essay(owing[1])
    assert (sum(at_once(compare_all, compare_all)), Fingerprint.objects.filter(compared_at=None).count()) == (
        2,
        0,
    )
    assert len(pairs()) == 1
    assert {*pairs()[0][:2]} == {first.pk, copy.pk}


@pytest.mark.parametrize("others", [1, 3])
def test_comparing_takes_as_many_queries_however_many_are_alike(owing, others, django_assert_num_queries):
    for number in range(1, others + 1):
        essay(owing[0], number=number)
    compare_all()
    essay(owing[1])
    with django_assert_num_queries(21):
        compare_all()
