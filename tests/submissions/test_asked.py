"""What a requirement asks of a piece: its length, the kinds of its files, the template it starts from."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.models import Basis, Campaign
from portal.files.kinds import FileKind
from portal.files.refusal import Refused
from schools.enums import Role, UnitKind
from submissions import access
from submissions.forms_piece import PieceForm
from submissions.models import Assignment
from submissions.services import drafts, publishing, submitting
from submissions.services.drafts import Words
from submissions.templatetags.asked import terms
from submissions.wordcount import COUNTED, count_words
from tests.factories import (
    NOW,
    RequirementFactory,
    StoredFileFactory,
    UnitFactory,
    assigned,
    person,
    ready_plan,
    upload,
)
from tests.submissions.test_submitting import refused

# 字数 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        (" \n　\t", 0),
        ("家访", 2),
        ("家访，路上。", 6),
        ("“家访”——路上……", 10),
        ("参加 MOOC 学习", 5),
        ("参加MOOC学习", 5),
        ("2026年3月", 4),
        ("共12.5%", 2),
        ("it is, really", 3),
        ("ＡＢ１", 3),
        ("𠮷", 1),
        ("第①条", 3),
    ],
)
def test_words_are_counted_as_word_counts_them(text, count):
    assert count_words(text) == count


@given(st.text(), st.text())
def test_a_line_break_adds_nothing(one, other):
    assert count_words(f"{one}\n{other}") == count_words(one) + count_words(other)


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)))
def test_every_ideograph_counts_one(text):
    assert count_words(text) == len(text)


@given(st.text(max_size=30))
@example("“家访”——路上……")
def test_no_text_has_more_words_than_characters(text):
    assert count_words(text) <= len(text)


@pytest.mark.skipif(shutil.which("node") is None, reason="no node")
def test_the_page_counts_by_the_same_pattern():
    script = (Path(settings.BASE_DIR) / "static/js/portal.js").read_text()
    lines = [line for line in script.splitlines() if line.startswith(("const CHINESE", "const COUNTED"))]
    texts = [
        "",
        "家访，路上。",
        "“家访”——路上……",
        "参加 MOOC 学习",
        "2026年3月",
        "共12.5%",
        "ＡＢ１",
        "𠮷①、é\u3000",
    ]
    lines.append(
        f"console.log(JSON.stringify({json.dumps(texts)}.map((t) => t.match(COUNTED)?.length ?? 0)))"
    )
    answer = subprocess.run(["node", "-e", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == [len(COUNTED.findall(text)) for text in texts]


def piece_of(place, body: str, **requirement):
    owed = assigned(place, **requirement)
    return drafts.save_draft(owed.pk, 1, Words(title="一次家访", body=body), by=place.secretary, at=NOW).piece


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (799, "正文共799字，要求不少于800字，请补充后再提交。"),
        (1201, "正文共1201字，要求不超过1200字，请删减后再提交。"),
    ],
)
def test_a_text_of_the_wrong_length_is_refused_with_its_length(place, length, said):
    piece = piece_of(place, "字" * length, words_min=800, words_max=1200)
    assert refused(submitting.submit, piece, by=place.secretary, at=NOW) == said


@pytest.mark.parametrize("length", [800, 1200])
def test_the_limits_are_included(place, length):
    piece = piece_of(place, "字" * length, words_min=800, words_max=1200)
    assert submitting.submit(piece, by=place.secretary, at=NOW).number == 1


def test_in_a_file_nothing_is_counted(place):
    piece = piece_of(place, "", words_min=800)
    drafts.attach(piece, upload(), by=place.secretary, at=NOW)
    assert submitting.submit(piece, by=place.secretary, at=NOW).number == 1


def test_a_covering_note_is_told_to_stay_away(place):
    piece = piece_of(place, "见附件", words_min=800)
    drafts.attach(piece, upload(), by=place.secretary, at=NOW)
    said = refused(submitting.submit, piece, by=place.secretary, at=NOW)
    assert said == "正文共3字，要求不少于800字，请补充后再提交；材料全文在附件里的，正文请留空。"


# Files ----------------------------------------------------------------------------------------------


def test_another_kind_of_file_is_refused_with_those_that_are_taken(place):
    piece = piece_of(place, "正文", file_kinds=[FileKind.DOC, FileKind.DOCX])
    with pytest.raises(Refused) as refusal:
        drafts.attach(piece, upload(), by=place.secretary, at=NOW)
    assert str(refusal.value) == "此处不能上传“体会文章.pdf”这类文件，请改用以下格式之一：docx、doc。"


def test_a_file_attached_before_the_plan_was_changed_is_named(place):
    piece = piece_of(place, "正文")
    drafts.attach(piece, upload(), by=place.secretary, at=NOW)
    requirement = piece.assignment.requirement
    requirement.file_kinds = [FileKind.DOCX]
    requirement.save()
    said = refused(submitting.submit, piece, by=place.secretary, at=NOW)
    assert said == "文件“体会文章.pdf”的类型不合要求，请移除后改传以下格式之一：docx。"


def test_the_page_offers_only_what_is_taken(place):
    form = PieceForm(assignment=assigned(place, file_kinds=[FileKind.JPEG], words_min=800))
    assert form.fields["files"].widget.attrs["accept"] == ".jpg,.jpeg"
    assert {name: value for name, value in form.fields["body"].widget.attrs.items() if "words" in name} == {
        "data-words": "正文", "data-words-min": 800,
    }  # fmt: skip


def test_the_terms_are_said_in_one_line(place):
    asked = ready_plan(
        place, words_min=800, words_max=1200, file_kinds=[FileKind.DOCX, FileKind.PDF],
        sign_off=True, district_first=True, nil_allowed=True,
    )  # fmt: skip
    assert terms(asked) == [
        "正文800至1200字", "附件限pdf、docx", "须单位负责人签发", "先由区县初审", "可以零报告",
    ]  # fmt: skip
    assert terms(ready_plan(place)) == []


# Templates and papers of the plan -------------------------------------------------------------------


@pytest.fixture
def people(place):
    """Who might download: of the school asked, of one not asked, of the bureau, of another county."""
    kindergarten = UnitFactory(kind=UnitKind.KINDERGARTEN, parent=place.township)
    elsewhere = UnitFactory(kind=UnitKind.BUREAU)
    return {
        "secretary": place.secretary,
        "head": person(Role.HEAD, place.school),
        "not asked": person(Role.SECRETARY, kindergarten),
        "officer": place.officer,
        "leader": person(Role.LEADER, place.bureau),
        "system": person(Role.SYSTEM, place.bureau),
        "foreign officer": person(Role.OFFICER, elsewhere),
    }


def who_gets(people, stored) -> set[str]:
    return {who for who, user in people.items() if access.files(user).filter(pk=stored.pk).exists()}


def test_the_template_is_for_whom_it_is_asked_of_and_who_oversees_them(place, people):
    stored = StoredFileFactory()
    asked = ready_plan(place, template_file=stored)
    Basis.objects.create(campaign=asked.campaign, title="通知", file=StoredFileFactory())
    assert who_gets(people, stored) == {"officer"}
    publishing.publish(asked.campaign, by=place.officer, at=NOW)
    assert who_gets(people, stored) == {"secretary", "head", "officer", "leader"}


def test_a_template_of_a_requirement_not_issued_yet_is_the_officers(place, people):
    published = assigned(place).requirement
    stored = StoredFileFactory()
    RequirementFactory(campaign=published.campaign, phase=published.phase, template_file=stored)
    assert who_gets(people, stored) == {"officer"}


def test_the_papers_of_a_plan_are_for_everybody_who_owes_something_in_it(place, people):
    asked, paper = ready_plan(place), StoredFileFactory()
    Basis.objects.create(campaign=asked.campaign, title="通知", file=paper)
    assert who_gets(people, paper) == {"officer"}
    publishing.publish(asked.campaign, by=place.officer, at=NOW)
    assert who_gets(people, paper) == {"secretary", "head", "officer", "leader"}
    assert Campaign.objects.count() == 1


def test_a_template_opens_no_door_to_the_work_of_a_school(place, people):
    """Invariant 3: that somebody gets the template says nothing about the files handed in."""
    owed = assigned(place, template_file=StoredFileFactory())
    theirs = Assignment.objects.get(unit=place.middle, occurrence=owed.occurrence)
    writer = person(Role.SECRETARY, place.middle)
    piece = drafts.save_draft(theirs.pk, 1, Words(title="一次家访"), by=writer, at=NOW).piece
    stored = drafts.attach(piece, upload(), by=writer, at=NOW).file
    submitting.submit(piece, by=writer, at=NOW)
    assert who_gets(people, stored) == {"officer", "leader"}


def test_the_links_stand_on_the_pages(client, place):
    stored, paper = StoredFileFactory(), StoredFileFactory()
    owed = assigned(place, template_file=stored)
    Basis.objects.create(campaign=owed.requirement.campaign, title="通知", file=paper)
    client.force_login(place.secretary, backend=settings.AUTHENTICATION_BACKENDS[1])
    pages = {
        reverse("assignment", args=[owed.pk]): stored,
        reverse("piece", args=[owed.pk, 1]): stored,
        reverse("plan", args=[owed.requirement.campaign_id]): paper,
    }
    shown = [
        client.get(page).content.decode().count(reverse("file", args=[f.pk])) for page, f in pages.items()
    ]
    assert shown == [1, 1, 1]
