"""All tables of a paper as a workbook."""

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.papers import book
from reports.papers.paper import Annex, Column, Grid, Paper, Text
from tests.reports.papers.samples import AT, paper


def opened(one: Paper) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(book.write(one, AT)))


def rows_of(made: openpyxl.Workbook, name: str) -> list[tuple]:
    return list(made[name].iter_rows(values_only=True))


def test_every_table_has_a_sheet_those_of_annexes_last() -> None:
    made = opened(paper())
    assert made.sheetnames == ["表1.各类材料完成情况", "附件1.未报送单位名单"]
    assert rows_of(made, "表1.各类材料完成情况") == [
        ("材料类别", "应报", "完成率"), ("学习研讨", 120, "80.5%"),
        ("主题征文", 110, "81.5%"), ("合计", 230, "81.0%"),
    ]  # fmt: skip
    assert rows_of(made, "附件1.未报送单位名单")[1] == ("示例第1小学", datetime(2026, 4, 20))


def test_numbers_are_numbers_where_a_column_holds_nothing_else() -> None:
    columns = (Column("甲", numeric=True), Column("乙", numeric=True), Column("丙"))
    grid = Grid(
        "数", columns, ((Decimal("1.50"), Decimal("2"), None), (3, "—", date(2026, 5, 1)), (None, 4, "无"))
    )
    assert rows_of(opened(paper(blocks=(grid,), annexes=())), "表1.数")[1:] == [
        (1.5, "2", None), (3, "—", "2026年5月1日"), (None, 4, "无"),
    ]  # fmt: skip


def test_percentages_are_numbers_shown_as_percentages() -> None:
    columns = (Column("镇街"), Column("报送率", numeric=True), Column("现值"))
    grid = Grid("率", columns, (("东镇", "72%", "72%"), ("西河乡", "—", "160所"), ("城关镇", "100%", "5%")))
    made = opened(paper(blocks=(grid,), annexes=()))
    assert rows_of(made, "表1.率")[1:] == [
        ("东镇", 0.72, "72%"), ("西河乡", "—", "160所"), ("城关镇", 1, "5%"),
    ]  # fmt: skip
    assert [made["表1.率"].cell(row, 2).number_format for row in (2, 3, 4)] == ["0%", "@", "0%"]


def test_every_page_says_which_paper_and_moment_its_table_is_of() -> None:
    head = opened(paper())["表1.各类材料完成情况"].oddHeader.left.text
    assert head == (
        "示例县弘扬教育家精神主题教育活动第二阶段工作情况报告（2026年3月1日至4月30日）　表1　各类材料完成情况"
        "　注：完成率为审核通过数与应报数之比。"
    )


def test_a_paper_without_tables_says_so() -> None:
    made = opened(Paper("周报", "示例县教育局", (Text("无。"),)))
    assert rows_of(made, "表格") == [("说明",), ("《周报》没有表格。",)]


def test_the_same_paper_makes_the_same_bytes() -> None:
    assert book.write(paper(), AT) == book.write(paper(), AT)
    properties = opened(paper()).properties
    assert (properties.created, properties.modified) == (AT.replace(tzinfo=None), AT.replace(tzinfo=None))


@settings(max_examples=30)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), min_size=1, max_size=4))
def test_any_titles_make_sheets_of_names_that_excel_takes(titles: list[str]) -> None:
    grids = tuple(Grid(one, (Column(one),), ((one,),)) for one in titles)
    names = opened(paper(blocks=grids, annexes=(Annex("附", grids),))).sheetnames
    assert len({name.lower() for name in names}) == 2 * len(titles)
    assert all(0 < len(name.encode("utf-16-le")) // 2 <= 31 for name in names)
