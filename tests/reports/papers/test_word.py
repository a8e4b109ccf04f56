"""A paper as a Word file, read back: headings, tables, annexes, signature, red head, 版记; hostile words."""

import os
import subprocess
import sys
import time
import zipfile
from datetime import date
from hashlib import sha256
from io import BytesIO

import docx
import pytest
from django.conf import settings
from docx.document import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree

from portal.word import printable
from portal.word_page import BYLINE, HEADING, TEXT, TITLE
from reports.papers import word
from reports.papers.paper import Annex, Chart, ChartKind, Column, Grid, Heading, Paper, Series, Text
from reports.papers.titles import TITLE_WIDE, em, lines_of
from tests.reports.papers.samples import AT, GRID, NAMED, paper, red

HOSTILE = "<w:t>&]]>\x00\x07\u202e倒😀👩\u200d🏫“引”"


def read(one: Paper) -> Document:
    return docx.Document(BytesIO(word.write(one, AT)))


def said(document: Document) -> list[str]:
    return [line.text for line in document.paragraphs if line.text]


def line(document: Document, begins: str) -> Paragraph:
    [found] = [one for one in document.paragraphs if one.text.startswith(begins)]
    return found


def face(style: object) -> str | None:
    fonts = style.element.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
    return None if fonts is None else fonts.get(qn("w:eastAsia"))


def test_it_says_everything_in_order() -> None:
    assert said(read(paper())) == [
        "示例县弘扬教育家精神主题\n教育活动第二阶段工作情况报告", "（2026年3月1日至4月30日）",
        "县教育局领导，各科室：",
        "一、总体情况", "共报送材料230项。", "表1　各类材料完成情况", "注：完成率为审核通过数与应报数之比。",
        "（一）分乡镇情况", "图1　各乡镇材料状态（单位：项）", "图2　各乡镇完成率（单位：%）",
        "1.征文", "专题一。推进有序。", "（1）优秀作品", "图3　逐日累计报送（单位：项）",
        "二、下一阶段要求", "请按时报送。",
        "附件：1.\t未报送单位名单", "2.\t优秀作品",
        "示例县教育局", "2026年5月8日",
        "附件1", "未报送单位名单", "附件2", "优秀作品", "共2篇。",
    ]  # fmt: skip


def test_title_and_headings_have_their_faces_and_levels() -> None:
    document = read(paper())
    styles = {one.text[:4]: one.style for one in document.paragraphs}
    faces = {
        begin: (styles[begin].name, face(styles[begin]))
        for begin in ("一、总体", "（一）分", "1.征文", "（1）优")
    }
    assert faces == {
        "一、总体": ("Heading 1", HEADING), "（一）分": ("Heading 2", BYLINE), "1.征文": ("Heading 3", TEXT),
        "（1）优": ("Heading 4", TEXT),
    }  # fmt: skip
    levels = [styles[begin].element.pPr.find(qn("w:outlineLvl")).get(qn("w:val")) for begin in faces]
    assert levels == ["0", "1", "2", "3"]
    title = document.paragraphs[0].style
    assert (face(title), title.font.size, title.paragraph_format.alignment) == (TITLE, Pt(22), 1)
    assert face(document.paragraphs[1].style) == BYLINE
    [lead, _] = line(document, "专题一。").runs
    assert (lead._element.rPr.rFonts.get(qn("w:eastAsia")), lead.bold) == (BYLINE, True)


def test_tables_repeat_their_head_keep_their_rows_whole_and_fill_the_type_area() -> None:
    document = read(paper())
    first, names = document.tables
    assert [[cell.text for cell in row.cells] for row in first.rows] == [
        ["材料类别", "应报", "完成率"], *[[str(value) for value in row] for row in GRID.rows],
    ]  # fmt: skip
    assert len(names.rows) == 61
    assert names.rows[1].cells[1].text == "2026年4月20日"
    for table in (first, names):
        rows = [row._tr for row in table.rows]
        assert [row.trPr.find(qn("w:tblHeader")) is not None for row in rows] == [True] + [False] * (
            len(rows) - 1
        )
        assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
        assert abs(sum(column.width for column in table.columns) - Mm(156)) < Mm(0.1)
    figures = [row.cells[1].paragraphs[0].alignment for row in first.rows]
    assert figures == [1, 2, 2, 2]
    total = first.rows[3].cells[0].paragraphs[0].runs[0]
    assert total._element.rPr.rFonts.get(qn("w:eastAsia")) == HEADING


def test_a_short_table_stays_together_and_a_sum_with_what_it_sums_up() -> None:
    def kept(grid: Grid) -> list[bool]:
        table = read(paper(blocks=(grid,), annexes=())).tables[0]
        return [bool(row.cells[0].paragraphs[0].paragraph_format.keep_with_next) for row in table.rows]

    columns = (Column("单位"),)
    assert kept(Grid("短", columns, (("甲",), ("乙",)), note="注")) == [True] * 3
    assert kept(Grid("短", columns, (("甲",), ("乙",)))) == [True, True, False]
    rows = (("甲",),) * 9 + (("合计",),)
    assert kept(Grid("长", columns, rows, total=True)) == [True] + [False] * 8 + [True, False]
    assert kept(Grid("高", columns, (("长" * 10_000,), ("乙",)))) == [True, False, False]


def test_days_and_numbers_are_not_broken_however_narrow_their_column_was_meant() -> None:
    grid = Grid(
        "名单",
        (Column("单位", 9), Column("日期", 0.1), Column("份数", 0.1)),
        (("甲", date(2026, 12, 20), 12345),),
    )
    widths = [column.width for column in read(paper(blocks=(grid,), annexes=())).tables[0].columns]
    assert widths[1] > 7.5 * Pt(12)  # seven characters and the room beside them
    assert widths[2] > 2.5 * Pt(12)
    assert abs(sum(widths) - Mm(156)) < Mm(0.1)


def test_columns_are_as_wide_as_what_they_hold_asks_for() -> None:
    columns = (Column("建议", 4), Column("答复", 1.2), Column("责任单位", 1.8), Column("办理情况", 2.6))
    rows = (("建议的内容" * 5, "部分采纳", "基础教育科", "办理的情况" * 9),) * 9
    grid = Grid("建议", columns, rows)
    widths = [one.width for one in read(paper(blocks=(grid,), annexes=())).tables[0].columns]
    assert widths[3] > widths[0] > 1.9 * widths[2]
    assert widths[1] > 4 * Pt(12)


def test_a_subtitle_too_long_for_a_line_breaks_behind_its_comma() -> None:
    [found] = [
        one.text
        for one in read(paper(subtitle="2025年3月1日至2026年2月28日，统计截至3月9日10:05")).paragraphs
        if one.text.startswith("（2025")
    ]
    assert found == "（2025年3月1日至2026年2月28日，\n统计截至3月9日10:05）"


def test_annexes_begin_pages_of_their_own() -> None:
    document = read(paper())
    breaks = [one.text for one in document.paragraphs if one.paragraph_format.page_break_before]
    assert breaks == ["附件1", "附件2"]
    alone = said(read(paper(annexes=(Annex("名单", (NAMED,)),))))
    assert ("附件：名单" in alone, "附件" in alone, "附表1　未报送单位名单" in alone) == (True, True, True)


def test_the_sender_stands_over_the_middle_of_the_date_with_the_last_words() -> None:
    document = read(paper(annexes=()))
    sender, day = line(document, "示例县教育局"), line(document, "2026年5月8日")
    assert (sender.alignment, day.alignment) == (2, 2)
    assert day.paragraph_format.right_indent == 4 * Pt(15.8)
    # Both are six characters wide.
    assert sender.paragraph_format.right_indent == 4 * Pt(15.8)
    kept = [line(document, begin).paragraph_format.keep_with_next for begin in ("请按时", "示例县教育局")]
    assert kept == [True, True]
    assert said(read(paper(annexes=(), dated=None)))[-1] == "（签发之日）"


def test_a_draft_is_marked_on_every_page() -> None:
    [section] = read(paper(mark="草稿")).sections
    headers = (section.header, section.even_page_header)
    assert [[one.text for one in header.paragraphs] for header in headers] == [["草稿"], ["草稿"]]
    [section] = read(paper()).sections
    assert (section.header.is_linked_to_previous, section.even_page_header.is_linked_to_previous) == (
        True,
        True,
    )


def test_a_number_makes_a_red_head_and_an_imprint() -> None:
    document = read(red())
    head, number = line(document, "示例县教育局文件"), line(document, "示教发〔2026〕12号")
    [letters] = head.runs
    assert letters.font.color.rgb == RGBColor(255, 0, 0)
    assert letters._element.rPr.rFonts.get(qn("w:eastAsia")) == TITLE
    assert document.paragraphs[0].paragraph_format.line_spacing == Pt(99.2)  # 35 mm
    rule = number._p.pPr.find(f"{qn('w:pBdr')}/{qn('w:bottom')}")
    assert (rule.get(qn("w:color")), rule.get(qn("w:space"))) == ("FF0000", "11")  # points: 4 mm
    imprint = document.tables[-1]
    assert [row.cells[0].text for row in imprint.rows] == [
        "抄送：县委办公室，县总工会。", "示例县教育局\t2026年5月8日印发",
    ]  # fmt: skip
    borders = imprint._tbl.tblPr.find(qn("w:tblBorders"))
    eighths = {one.tag.rpartition("}")[2]: int(one.get(qn("w:sz"))) for one in borders}
    in_mm = {side: round(size / 8 / 72 * 25.4, 2) for side, size in eighths.items()}
    assert in_mm == {"top": 0.35, "bottom": 0.35, "insideH": 0.26}
    assert len(read(red(sent_to="")).tables[-1].rows) == 1


def test_a_plain_paper_has_neither() -> None:
    content = word.write(paper(head="示例县教育局文件", sent_to="县委办公室"), AT)
    text = zipfile.ZipFile(BytesIO(content)).read("word/document.xml").decode()
    assert [one for one in ("FF0000", "抄送", "印发", "tblpPr") if one in text] == []


def test_long_titles_break_between_words() -> None:
    assert lines_of("工作报告", 19) == ["工作报告"]
    assert lines_of("示例县教育局关于弘扬教育家精神主题教育活动第二阶段工作情况的报告", 19) == [
        "示例县教育局关于弘扬教育家精神", "主题教育活动第二阶段工作情况的报告",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        ["“办好家门口的每一所学校”大讨论", "宣传发动阶段情况通报"],
        ["关于“办好家门口的每一所学校”大讨论", "进展情况的通报"],
        ["2025年教育工作创新年工作总结"],
        ["“弘扬教育家精神”主题教育活动", "学习研讨阶段工作情况报告"],
    ],
)
def test_titles_do_not_break_inside_the_name_of_an_activity(lines: list[str]) -> None:
    assert lines_of("".join(lines), TITLE_WIDE) == lines


@given(st.text("示例县教育局关于2026年的《》“”，a ", max_size=130))
def test_lines_of_titles_hold_all_of_them(title: str) -> None:
    lines = lines_of(title, 19)
    assert "".join(lines) == title
    assert len(lines) == 1 or all(em(one) <= 19 for one in lines)


def test_the_same_paper_makes_the_same_bytes_in_any_process() -> None:
    made = (
        "import hashlib; from reports.papers import word; from tests.reports.papers.samples import AT, red; "
    )
    made += "print(hashlib.sha256(word.write(red(mark='草稿'), AT)).hexdigest())"
    told = {
        subprocess.run(
            [sys.executable, "-c", made],
            cwd=settings.BASE_DIR,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True, text=True, check=True, timeout=60,
        ).stdout.strip()
        for seed, zone in (("1", "Asia/Shanghai"), ("2", "America/Lima"))
    }  # fmt: skip
    assert told == {sha256(word.write(red(mark="草稿"), AT)).hexdigest()}
    assert word.write(paper(), AT) != word.write(paper(sender="示例市教育局"), AT)


def test_three_thousand_rows_are_written_in_seconds() -> None:
    rows = tuple((f"示例第{n}小学", date(2026, 4, 20)) for n in range(3000))
    long = paper(annexes=(Annex("名单", (Grid("名单", NAMED.columns, rows),)),))
    began = time.process_time()
    content = word.write(long, AT)
    assert time.process_time() - began < 5  # 0.3 s on an idle machine
    assert len(docx.Document(BytesIO(content)).tables[-1]._tbl.tr_lst) == 3001


def hostile_paper(words: str) -> Paper:
    grid = Grid(words, (Column(words), Column("乙", numeric=True)), ((words, 1), ("", None)), note=words)
    chart = Chart(ChartKind.BARS, words, (words, "乙"), (Series(words, (1, None)),), words)
    return Paper(
        words, words, (Heading(words), Text(words, words), grid, chart), subtitle=words, addressees=words,
        annexes=(Annex(words, (Text(words),)),), number=words, head=words, mark=words, sent_to=words,
    )  # fmt: skip


@pytest.mark.parametrize("words", [HOSTILE, "长" * 10_000, "a" * 10_000, HOSTILE + "长" * 10_000])
def test_hostile_words_come_out_whole(words: str) -> None:
    document = read(hostile_paper(words))
    plain = printable(words)
    told = said(document)
    assert [told[0], told[2].replace("\n", ""), told[3]] == [plain, plain, f"（{plain}）"]
    assert f"一、{plain}" in told
    assert document.tables[0].rows[1].cells[0].text == plain


@hypothesis_settings(max_examples=40)
@given(st.text(st.characters(), min_size=1, max_size=40))
def test_any_words_make_a_file_that_opens(words: str) -> None:
    content = word.write(hostile_paper(words), AT)
    package = zipfile.ZipFile(BytesIO(content))
    for name in package.namelist():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(package.read(name))
    lines = printable(words)
    assert lines in [one.text.replace("\n", "") for one in docx.Document(BytesIO(content)).paragraphs]
