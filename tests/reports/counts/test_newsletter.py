"""What a newsletter prints: chosen pieces word for word as the shelf shows them at that moment."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from reports.counts import newsletter
from reports.papers.newsletter import compose
from reports.papers.paper import Text
from reports.papers.wording import Words
from submissions.models import Exhibit, Version
from submissions.services import drafts, exhibiting, reviewing, submitting
from tests.factories import NOW, PDF, County, upload
from tests.reports.busy import MEETING, Busy, R, plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


CHECKED = Words("《大讨论》简报")


def shown(county: County, made: Busy, kind: R, comment: str = "", **words: Any) -> Version:
    """Of the school of the township: handed in, accepted, chosen, and agreed to."""
    return accepted(county, made.send(county.school, kind, **words), comment)


def accepted(county: County, version: Version, comment: str = "") -> Version:
    reviewing.accept(version, by=county.officer, at=NOW)
    exhibit = exhibiting.choose(version, comment, by=county.officer, at=NOW)
    exhibiting.consent(exhibit, by=county.secretary, at=NOW)
    return version


def written(name: str) -> bytes:
    """A Word file that begins with its title and author; a PDF without words."""
    if name.endswith("pdf"):
        return PDF
    paper, file = Document(), BytesIO()
    for line in ("一盏灯", "东镇中心小学　王示例", "那天下雪。", "她来了。"):
        paper.add_paragraph(line)
    paper.save(file)
    return file.getvalue()


def counted(made: Busy, *chosen: Version) -> dict[str, Any]:
    return newsletter.count(made.campaign, [one.pk for one in chosen], 3, NOW)


def words_of(figures: dict[str, Any]) -> list[str]:
    return [f"{one.lead}{one.text}" for one in compose(figures, CHECKED).blocks if isinstance(one, Text)]


def test_a_piece_stands_there_as_it_is_shown(place: County) -> None:
    made = plan(place)
    version = shown(place, made, R.ESSAY, "写得朴实。", topic=made.topics["1.1"], authors="王示例")
    found = counted(made, version)
    assert (found["edition"], found["host"], found["left_out"]) == (3, "示例县教育局", [])
    [one] = found["articles"]
    assert one == {
        "version": version.pk, "title": "一次家访", "unit": "东镇中心小学", "authors": "王示例",
        "kind": "征文", "asked": "征文", "topic": "题1.1", "comment": "写得朴实。", "abstract": "",
        "facts": [], "items": [], "values": [], "text": "正文", "text_name": "正文",
        "from_files": False, "files": [],
    }  # fmt: skip
    assert json.loads(json.dumps(found)) == found


def test_minutes_and_tables_bring_their_sheets(place: County) -> None:
    made = plan(place)
    minutes = shown(place, made, R.MINUTES, present="30", **MEETING)
    values = {f"value_{made.share.pk}": "12.5", f"value_{made.built.pk}": "6"}
    table = shown(place, made, R.PROGRESS, title="三月进度", **values)
    first, second = counted(made, minutes, table)["articles"]
    assert first["facts"][0] == ["时间", "2026年3月1日"]
    assert ["参加人数", "30人"] in first["facts"]
    assert first["text_name"] == "主要内容"
    assert second["values"] == [
        {"name": "骨干教师比例", "value": "12.5%", "target": "不低于15%", "met": False},
        {"name": "新建校舍", "value": "6所", "target": "不低于5所", "met": True},
    ]


def test_the_words_of_a_piece_that_is_a_file_are_printed_without_its_head(place: County, media: None) -> None:
    made = plan(place)
    version = shown(place, made, R.ESSAY, authors="王示例、李示例")
    words, mine = drafts.Words(title="一盏灯", authors="王示例"), made.owed(place.school, R.ESSAY)
    piece = drafts.save_draft(mine.pk, 2, words, by=place.secretary, at=NOW).piece
    for name in ("文.docx", "附.pdf"):
        drafts.attach(piece, upload(name, written(name)), by=place.secretary, at=NOW)
    of_file = accepted(place, submitting.submit(piece, by=place.secretary, at=NOW))
    in_page, in_file = counted(made, version, of_file)["articles"]
    assert (in_page["text"], in_page["from_files"]) == ("正文", False)
    assert (in_file["text"], in_file["from_files"]) == ("那天下雪。\n她来了。", True)
    assert in_file["files"] == ["文.docx", "附.pdf"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("《一盏灯》\n\n东镇小学　王示例\n作者：王示例 李示例\n灯亮着。\n一盏灯", "灯亮着。\n一盏灯"),
        ("一盏灯亮着。\n东镇小学的夜晚。", "一盏灯亮着。\n东镇小学的夜晚。"),
        ("一盏灯", ""),
        ("", ""),
    ],
)
def test_only_leading_lines_that_name_it_once_more_are_dropped(text: str, left: str) -> None:
    assert newsletter.without_head(text, "一盏灯", "东镇小学", "王示例、李示例") == left


@given(st.text(), st.text(), st.text())
def test_of_any_text_only_a_beginning_is_dropped(text: str, title: str, unit: str) -> None:
    left = newsletter.without_head(text, title, unit)
    assert "\n".join(text.splitlines()).endswith(left)


def test_lines_of_a_pdf_become_paragraphs() -> None:
    page = (
        "一盏灯\n  有人问我为什么一直没有离\n开，我笑一笑。\n  停电的那天下午，他骑车走\n了很久。\n一、做法"
    )
    assert newsletter.joined(page) == (
        "一盏灯\n有人问我为什么一直没有离开，我笑一笑。\n停电的那天下午，他骑车走了很久。\n一、做法"
    )


@given(st.text())
def test_paragraphs_of_a_pdf_lose_no_letter(text: str) -> None:
    def letters(of: str) -> str:
        return "".join(of.split())

    assert letters(newsletter.joined(text)) == letters(text)


def test_what_is_not_shown_any_more_is_left_out_and_said(place: County) -> None:
    made = plan(place)
    kept, gone = shown(place, made, R.ESSAY), shown(place, made, R.ESSAY, number=2, title="另一篇")
    exhibiting.decline(Exhibit.objects.get(version=gone), by=place.secretary, at=NOW)
    found = counted(made, gone, kept)
    assert [one["title"] for one in found["articles"]] == ["一次家访"]
    assert found["left_out"] == [{"version": gone.pk, "title": "另一篇", "unit": "东镇中心小学"}]
    assert "另一篇" not in "".join(words_of(found))


def test_the_text_is_frozen(place: County) -> None:
    made = plan(place)
    version = shown(place, made, R.ESSAY)
    before = words_of(counted(made, version))
    frozen = json.loads(json.dumps(counted(made, version)))
    exhibiting.remove(Exhibit.objects.get(version=version), by=place.officer, at=NOW)
    assert words_of(frozen) == before
    assert counted(made, version)["articles"] == []


def test_pieces_stand_in_the_chosen_order_whatever_is_chosen(place: County) -> None:
    made = plan(place)
    first, second = shown(place, made, R.ESSAY), shown(place, made, R.ESSAY, number=2, title="另一篇")
    assert [one["version"] for one in counted(made, second, first)["articles"]] == [second.pk, first.pk]
    assert counted(made)["articles"] == []


def test_statements_do_not_grow_with_pieces(place: County, django_assert_num_queries: Any) -> None:
    made = plan(place)
    chosen = [shown(place, made, R.ESSAY, number=n, title=f"第{n}篇") for n in (1, 2, 3)]
    for some in (chosen[:1], chosen):
        with django_assert_num_queries(2):
            counted(made, *some)
