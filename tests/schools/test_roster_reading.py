"""A workbook into rows: what people type, what spreadsheet programs make of it, and what is hostile."""

import math
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from schools.roster import reading, writing
from schools.roster.layout import LAYOUT, PEOPLE, UNITS
from schools.roster.reading import Unreadable
from tests.schools.rosters import HEADS, saved, workbook


def read(tmp_path, **sheets):
    return reading.read(saved(tmp_path, workbook(sheets)))


def cells(book):
    return [row.cells for row in book.units]


def said(book):
    return [(error.sheet, error.row, error.column, error.sentence) for error in book.errors]


def test_the_columns_are_found_by_name_in_any_order(tmp_path):
    book = read(tmp_path, 单位=[["上级单位*", "名称", "类别"], ["东镇", "第一小学", "小学"]])
    assert cells(book) == [{"上级单位": "东镇", "名称": "第一小学", "类别": "小学"}]


def test_a_title_may_stand_above_the_names_of_the_columns(tmp_path):
    book = read(tmp_path, 单位=[["示例县单位表"], [], ["名称", "类别", "上级单位"], ["甲校", "小学", "东镇"]])
    assert [(row.number, row["名称"]) for row in book.units] == [(4, "甲校")]


def test_empty_lines_are_passed_over_and_rows_keep_their_numbers(tmp_path):
    rows = [HEADS[UNITS], [], ["甲校", "小学"], [" ", "　"], ["乙校", "小学"]]
    assert [(row.number, row["名称"]) for row in read(tmp_path, 单位=rows).units] == [
        (3, "甲校"),
        (5, "乙校"),
    ]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (3104000001, "3104000001"),
        (3104000001.0, "3104000001"),
        ("３１０４０００００１", "3104000001"),
        (" 3104 000001 ", "3104000001"),
        ("'3104000001", "'3104000001"),
    ],
)
def test_a_code_is_text_however_it_was_typed(tmp_path, typed, text):
    book = read(
        tmp_path, 单位=[["名称", "类别", "上级单位", "学校（机构）标识码"], ["甲校", "小学", "东镇", typed]]
    )
    assert book.units[0]["学校（机构）标识码"] == text


def test_names_stretched_with_blanks_are_put_together(tmp_path):
    book = read(tmp_path, 人员=[["姓名", "单位", "角色"], ["张　示", "示例 小学\n", "信息员"]])
    assert book.people[0].cells == {"姓名": "张示", "单位": "示例 小学", "角色": "信息员"}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("=1+1", reading.FORMULA),
        ('=HYPERLINK("http://example.com")', reading.FORMULA),
        ("#N/A", reading.FAULTY.format(shown="#N/A")),
        (date(2026, 3, 1), reading.DATE),
        (time(8, 30), reading.DATE),
        (True, reading.TRUTH),
        (110101199001011234, reading.LONG_NUMBER),
        (-(10**15), reading.LONG_NUMBER),
    ],
)
def test_what_is_no_text_is_named_with_its_place(tmp_path, typed, sentence):
    book = read(tmp_path, 单位=[HEADS[UNITS], [typed, "小学", "", "东镇"]])
    assert said(book) == [(UNITS, 2, "名称", sentence)]


def test_an_apostrophe_that_guards_a_formula_is_taken_off(tmp_path):
    assert read(tmp_path, 单位=[HEADS[UNITS], ["'=1+1"]]).units[0]["名称"] == "=1+1"


def test_other_sheets_are_left_alone(tmp_path):
    assert said(read(tmp_path, 单位=[HEADS[UNITS]], 填写说明=[["=1"]])) == []


def test_a_workbook_without_either_sheet_is_refused(tmp_path):
    with pytest.raises(Unreadable, match="没有找到名为“单位”“人员”“包挂”“结对”的工作表"):
        read(tmp_path, Sheet1=[["名称"]])


def test_an_empty_sheet_is_no_mistake(tmp_path):
    assert said(read(tmp_path, 单位=[], 人员=[[None]])) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["名称", "类别"]], (0, "", reading.NO_HEADER.format(within=10, names="上级单位、名称、类别"))),
        ([[*HEADS[UNITS], "备注"]], (1, "H", reading.UNKNOWN.format(name="备注"))),
        ([[*HEADS[UNITS], "名称"]], (1, "H", reading.TWICE.format(name="名称"))),
        ([HEADS[UNITS], [*["甲"] * 7, "多写的"]], (2, "H", reading.NAMELESS)),
    ],
)
def test_columns_that_are_not_those_of_the_template_are_refused(tmp_path, rows, expected):
    assert said(read(tmp_path, 单位=rows)) == [(UNITS, *expected)]


def test_more_rows_than_the_limit_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    book = read(tmp_path, 单位=[HEADS[UNITS], *([f"学校{n}"] for n in range(4))])
    assert (len(book.units), said(book)) == (3, [(UNITS, 5, "", reading.TOO_MANY)])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a workbook"])
def test_what_is_no_workbook_is_refused_with_a_sentence(tmp_path, content):
    with pytest.raises(Unreadable, match="另存为 xlsx 格式"):
        reading.read(saved(tmp_path, content))


def test_the_template_reads_as_an_empty_roster(tmp_path):
    book = reading.read(saved(tmp_path, writing.template()))
    assert (book.units, book.people, book.errors) == ([], [], [])


# Whatever stands in the cells -------------------------------------------------------------------------

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).filter(
    lambda one: not ILLEGAL_CHARACTERS_RE.search(one)
)
odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(-(10**6), 10**6, places=2),
    st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1)),
    st.times(),
    st.sampled_from(["#REF!", "=A1", "'=A1", "'", "''", "\t", "　", "@x", "_x0041_", "名称", "￼"]),
    text,
)


@given(rows=st.lists(st.lists(odd, max_size=9), max_size=6), header=st.sampled_from([0, 1]))
def test_whatever_stands_in_the_cells_the_answer_is_rows_and_sentences(tmp_path_factory, rows, header):
    content = workbook({UNITS: [HEADS[UNITS]] * header + rows, PEOPLE: rows})
    book = reading.read(saved(tmp_path_factory.mktemp("odd"), content))
    known = {column.name for columns in LAYOUT.values() for column in columns}
    for row in (*book.units, *book.people):
        assert set(row.cells) <= known
        assert all(isinstance(one, str) and one == one.strip() and one for one in row.cells.values())
    for error in book.errors:
        assert error.sentence.endswith("。")


@given(names=st.lists(text, min_size=1, max_size=5))
def test_what_is_written_is_read_again(tmp_path_factory, names):
    """Formulas, apostrophes and all: what the export writes, the import takes for the same text."""
    tidied = [column for name in names if (column := LAYOUT[UNITS][0].tidy(name))]
    content = writing._roster({UNITS: [(name,) for name in tidied]})
    book = reading.read(saved(tmp_path_factory.mktemp("round"), content))
    assert ([row["名称"] for row in book.units], book.errors) == (tidied, [])


def test_numbers_beyond_all_bounds_are_refused():
    class Cell:
        data_type, value = "n", math.inf

    with pytest.raises(reading.Problem):
        reading.text_of(Cell)
    Cell.value = Decimal("1.5")
    with pytest.raises(reading.Problem):
        reading.text_of(Cell)
