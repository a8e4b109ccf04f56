"""What LibreOffice prints: lines on a page, characters in a line, where tables, charts and numbers stand.

The faces of the standard are not on test machines; Noto CJK takes their place. Its characters are as wide as
high like theirs, so lines and pages may be counted; 1 mm is allowed where its strokes sit differently.
"""

from itertools import pairwise
from pathlib import Path

import pytest

from reports.papers import word
from reports.papers.paper import Annex, Block, Column, Grid, Paper, Text
from tests.office import Line, drawn, lines_of
from tests.reports.papers.samples import AT, BARS, paper, red

pytestmark = pytest.mark.office

LEFT, RIGHT, TOP, BOTTOM = 28, 210 - 26, 37, 297 - 35  # mm: the type area


def body(lines: list[Line]) -> list[Line]:
    return [one for one in lines if TOP < one.high < BOTTOM]


def test_a_full_page_has_22_lines_of_28_characters(tmp_path: Path) -> None:
    text = "一二三四五六七八九十" * 200
    reader = drawn(word.write(Paper("标题", "", (Text(text), Text("完。"))), AT), tmp_path)
    full = body(lines_of(reader.pages[1]))
    assert [len(one.text) for one in full] == [28] * 22
    pitches = {round(below.high - above.high, 1) for above, below in pairwise(full)}
    assert pitches == {10.2}  # 28.95 points
    assert {round(one.left) for one in full} == {LEFT}
    [first] = [one for one in lines_of(reader.pages[0]) if one.text.startswith("一二三")][:1]
    assert len(first.text) == 26  # two are the indentation


def test_page_numbers_stand_outside_7_mm_below_the_type_area(tmp_path: Path) -> None:
    reader = drawn(word.write(Paper("标题", "示例县教育局", (Text("正文。" * 700),)), AT), tmp_path)
    numbers = [lines_of(page)[-1] for page in reader.pages]
    assert [one.text.replace(" ", "") for one in numbers[:3]] == ["—1—", "—2—", "—3—"]
    assert {one.size for one in numbers} == {14}
    # The dash is drawn some 1.6 mm above the line the letters stand on.
    assert all(abs(one.high - 1.6 - BOTTOM - 7) < 1 for one in numbers)
    assert abs(numbers[1].left - LEFT - 14 / 72 * 25.4) < 0.5
    assert numbers[0].left > RIGHT - 25


def test_title_and_signature_stand_where_they_belong(tmp_path: Path) -> None:
    reader = drawn(word.write(paper(blocks=(Text("共报送材料230项。"),), annexes=()), AT), tmp_path)
    [page] = reader.pages
    lines = {one.text[:6]: one for one in lines_of(page)}
    assert lines["示例县弘扬教"].size == 22
    middle = (LEFT + RIGHT) / 2
    assert abs(lines["示例县弘扬教"].left + 12 * 22 / 72 * 25.4 / 2 - middle) < 1
    assert abs(lines["示例县教育局"].left - (RIGHT - 10 * 16 / 72 * 25.4)) < 2
    assert abs(lines["县教育局领导"].left - LEFT) < 0.5
    assert abs(lines["共报送材料2"].left - LEFT - 2 * 15.8 / 72 * 25.4) < 0.5


def test_the_red_head_begins_35_mm_below_the_type_area(tmp_path: Path) -> None:
    [page] = drawn(word.write(red(blocks=(Text("正文。"),), annexes=(), subtitle=""), AT), tmp_path).pages
    lines = {one.text[:6]: one for one in lines_of(page)}
    head = lines["示例县教育局"] if lines["示例县教育局"].size > 20 else lines_of(page)[0]
    assert TOP + 35 + head.size / 72 * 25.4 * 0.6 < head.high < TOP + 35 + head.size / 72 * 25.4 * 1.2
    order = [one.text[:2] for one in lines_of(page)]
    assert order[:3] == ["示例", "示教", "示例"]
    assert "抄送：县委" in {one.text[:5] for one in lines_of(page)}


def test_a_long_table_repeats_its_head_and_stays_within_the_type_area(tmp_path: Path) -> None:
    columns = (Column("序号", 0.4, numeric=True), Column("单位", 2), Column("事项", 2))
    hostile = "a" * 300 + "长" * 300
    rows = tuple((n, f"示例第{n}小学", "主题征文" if n else hostile) for n in range(90))
    one = paper(blocks=(Text("正文。"),), annexes=(Annex("名单", (Grid("名单", columns, rows),)),))
    reader = drawn(word.write(one, AT), tmp_path)
    pages = [lines_of(page) for page in reader.pages[1:]]
    assert len(pages) >= 3
    assert [sum(line.text.startswith("序号") for line in page) for page in pages] == [1] * len(pages)
    text = "".join(line.text for page in pages for line in page)
    assert all(f"示例第{n}小学" in text.replace(" ", "") for n in range(90))
    assert all(LEFT - 0.5 <= line.left < RIGHT for page in pages for line in page)


def test_no_caption_stands_at_the_foot_of_a_page_without_its_table(tmp_path: Path) -> None:
    columns = (Column("题目", 3), Column("单位", 2))
    blocks: list[Block] = []
    for n in range(1, 13):
        rows = (("长" * (60 if n % 2 else 330), "示例小学"),) * (3 + n % 6)
        blocks += [Text("正文" * 7)] * (1 + n % 4) + [Grid(f"优秀材料{n}", columns, rows)]
    pages = drawn(word.write(paper(blocks=tuple(blocks), annexes=()), AT), tmp_path).pages
    last = [body(lines_of(page))[-1].text for page in pages]
    assert [line for line in last if line.startswith(("表", "题目"))] == []


def test_a_chart_is_drawn_with_its_names_and_figures(tmp_path: Path) -> None:
    [page] = drawn(word.write(paper(blocks=(BARS,), annexes=()), AT), tmp_path).pages
    text = "".join(line.text for line in lines_of(page))
    assert [name for name in (*BARS.names, "98%", "90%", "64%", "图1") if name not in text] == []


def test_words_without_end_break_and_no_page_is_lost(tmp_path: Path) -> None:
    one = Paper("长" * 3000, "示例县教育局", (Text("a" * 3000), Text("完。")))
    reader = drawn(word.write(one, AT), tmp_path)
    lines = [line for page in reader.pages for line in body(lines_of(page))]
    assert sum(line.text.count("长") for line in lines) == 3000
    assert sum(line.text.count("a") for line in lines) == 3000
    assert max(line.text.count("长") for line in lines) == 20
    assert lines[-3].text == "完。"
