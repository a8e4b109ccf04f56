"""The list of a campaign: every task that is owed, every piece that came, as the database has them."""

import resource
import time
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from campaigns.enums import RequirementKind
from portal.files import store
from schools.enums import Role, UnitKind
from schools.models import Unit, User
from submissions.models import Assignment
from submissions.services import changing, listing, nil, publishing, reviewing, submitting
from submissions.services.books import MAX_TEXT, Book, Cell, Column
from submissions.services.exporting import LIST, Part
from tests.factories import DUE, NOW, UnitFactory, assigned, at, drafted, handed_in, person
from tests.submissions.exports import made, sheet_of

pytestmark = pytest.mark.django_db


def listed(owed: Assignment, by, sheet: str = "报送任务", **said) -> list[dict]:
    job = made(owed.requirement.campaign, by, LIST, **said)
    return sheet_of(store.path_of(job.product).read_bytes(), sheet)


def test_a_task_with_nothing_handed_in_is_listed_with_its_days_overdue(place, owed):
    school, middle = listed(owed, place.officer, at=at(5, 3, 8))
    assert school == {
        "单位": "东镇中心小学", "标识码": None, "所属镇街或教育局": "东镇", "单位类别": "小学",
        "办学性质": "公办", "阶段": owed.requirement.phase.name, "报送要求": owed.requirement.title,
        "材料类别": "征文", "期次": None,
        "截止日期": datetime(2026, 4, 30), "状态": "待报", "特别处理": None, "逾期天数": 3,
        "首次报齐时间": None, "迟报": None, "应报篇数": 1, "已报篇数": 0, "通过篇数": 0,
    }  # fmt: skip
    assert middle["单位"] == "示例县第一初级中学"


@pytest.mark.parametrize(("when", "days"), [(DUE, 1), (at(4, 30, 23, 59), None)])
def test_overdue_is_counted_from_the_last_day(place, owed, when, days):
    assert [row["逾期天数"] for row in listed(owed, place.officer, at=when)] == [days, days]


def test_what_came_is_counted_and_when_it_was_complete(place, owed):
    handed_in(owed, place.secretary, number=1, at=at(5, 2, 10, 30))
    second = handed_in(owed, place.secretary, number=2, at=at(5, 2, 11))
    reviewing.accept(second, by=place.officer, at=at(5, 3))
    drafted(owed, place.secretary, number=3)
    row = listed(owed, place.officer, at=at(5, 4))[0]
    assert [row[name] for name in ("状态", "首次报齐时间", "迟报", "已报篇数", "通过篇数", "逾期天数")] == [
        "通过", datetime(2026, 5, 2, 10, 30), "是", 2, 1, None,
    ]  # fmt: skip


def test_nil_reports_and_clicks_are_named(place):
    owed = assigned(place, nil_allowed=True)
    nil.report_nil(owed, by=place.secretary, at=NOW, reason="没有")
    assert listed(owed, place.officer)[0]["特别处理"] == "零报告"
    clicked = assigned(place, kind=RequirementKind.ACKNOWLEDGEMENT)
    submitting.acknowledge(clicked, by=place.secretary, at=NOW)
    row = listed(clicked, place.officer)[0]
    assert [row[name] for name in ("特别处理", "应报篇数", "已报篇数")] == ["签收", None, None]


def test_what_is_owed_no_more_is_not_listed(place, owed):
    changing.withdraw_requirement(owed.requirement, by=place.officer, at=NOW, reason="重复")
    job = made(owed.requirement.campaign, place.officer, LIST)
    assert (job.state, job.message) == ("failed", "所选范围内还没有报送任务，没有可导出的内容。")


def test_more_tasks_than_a_sheet_holds_are_refused(place, owed, monkeypatch):
    monkeypatch.setattr(listing, "MAX_ROWS", 1)
    assert made(owed.requirement.campaign, place.officer, LIST).message == (
        "所选范围内的报送任务太多，一个表格放不下，请按阶段或报送要求分别导出。"
    )


def test_the_second_sheet_has_a_row_for_each_piece(place, owed):
    handed_in(owed, place.secretary, title="第一篇", at=at(3, 5, 10))
    drafted(owed, place.secretary, number=2, title="草稿")
    [row] = listed(owed, place.officer, "材料")
    names = ("单位", "标题", "第几篇", "版本", "提交时间", "状态", "字数", "附件数")
    assert [row[name] for name in names] == [
        "东镇中心小学", "第一篇", 1, 1, datetime(2026, 3, 5, 10), "待审", 2, 0,
    ]  # fmt: skip


def test_a_leader_of_a_township_gets_the_township_alone(place, owed):
    leader = person(Role.LEADER, place.bureau)
    leader.memberships.update(scope=place.township)
    assert [row["单位"] for row in listed(owed, leader)] == ["东镇中心小学"]
    assert [row["单位"] for row in listed(owed, place.officer)] == ["东镇中心小学", "示例县第一初级中学"]


def test_the_list_equals_the_database(place, owed):
    UnitFactory.create_batch(3, parent=place.township)
    publishing.top_up(owed.requirement.campaign, at=NOW)
    handed_in(owed, place.secretary, at=at(5, 3))
    found = {
        (row["单位"], row["状态"], row["截止日期"].date(), row["首次报齐时间"], row["迟报"] == "是")
        for row in listed(owed, place.officer, at=at(5, 4))
    }
    assert found == {
        (one.unit.name, one.get_state_display(), date(2026, 4, 30), naive(one.completed_at), one.late)
        for one in Assignment.objects.select_related("unit")
    }


def naive(moment: datetime | None) -> datetime | None:
    return moment and timezone.localtime(moment).replace(tzinfo=None)


# The workbook -----------------------------------------------------------------------------------------


def sheet_with(path: Path, *rows: list, columns: Sequence[Column] = (Column("文字", 10),)) -> Worksheet:
    """A sheet with those rows, as it is read back."""
    with Book(path / "a.xlsx") as book:
        sheet = book.sheet("表", columns)
        for row in rows:
            sheet.add(row)
    assert [one.name for one in path.iterdir()] == ["a.xlsx"]
    return load_workbook(path / "a.xlsx")["表"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=40) | st.text("ab[]:*?/\\'\x01 \U00020000", max_size=40), max_size=4))
def test_a_sheet_may_be_named_after_anything(names):
    names = [*names, *names, "目录"]
    with TemporaryDirectory() as folder:
        with Book(Path(folder) / "a.xlsx") as book:
            for name in names:
                book.sheet(name, [Column("文字", 10)])
        found = load_workbook(Path(folder) / "a.xlsx").sheetnames
    assert (len(found), len({one.lower() for one in found})) == (len(names), len(names))
    assert [one for one in found if not 1 <= len(one.encode("utf-16-le")) // 2 <= 31] == []


@pytest.mark.parametrize(
    ("names", "sheets"),
    [
        (["报送任务", "报送任务", "报送任务"], ["报送任务", "报送任务（2）", "报送任务（3）"]),
        (["A校", "a校"], ["A校", "a校（2）"]),
        (["'东[镇]/\\:*?'", "a\x01b\tc"], ["＇东［镇］／＼：＊？＇", "ab c"]),
        (["", " ", "\x00"], ["表", "表（2）", "表（3）"]),
        (["长" * 32, "长" * 33], ["长" * 31, "长" * 28 + "（2）"]),
    ],
)
def test_what_a_sheet_may_not_be_called_is_written_wide(tmp_path, names, sheets):
    with Book(tmp_path / "a.xlsx") as book:
        for name in names:
            book.sheet(name, [Column("文字", 10)])
    assert load_workbook(tmp_path / "a.xlsx").sheetnames == sheets


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", "'a", '=HYPERLINK("http://a")']
)
def test_nothing_is_a_formula(tmp_path, text):
    cell = sheet_with(tmp_path, [text])["A2"]
    # A carriage return is spelled out: XML would read a line end.
    assert (cell.data_type, cell.value, cell.hyperlink) == ("s", "'" + text.replace("\r", "_x000D_"), None)


@pytest.mark.parametrize(
    "text", ["0012345678", "1e5", "https://example.org", "2026-03-01", "TRUE", "=", "a\x00\x1fb"]
)
def test_text_stays_text(tmp_path, text):
    cell = sheet_with(tmp_path, [text])["A2"]
    expected = {"=": "'=", "a\x00\x1fb": "ab"}.get(text, text)
    assert (cell.data_type, cell.value, cell.number_format) == ("s", expected, "@")


def test_days_and_moments_are_real_and_local(tmp_path):
    columns = (Column("日", 10, Cell.DAY), Column("时", 10, Cell.MOMENT), Column("数", 10, Cell.NUMBER))
    row = sheet_with(tmp_path, [date(2026, 4, 30), DUE, 0], columns=columns)[2]
    assert [cell.value for cell in row] == [datetime(2026, 4, 30), datetime(2026, 5, 1), 0]
    assert [cell.number_format for cell in row] == ["yyyy-mm-dd", "yyyy-mm-dd hh:mm", "0"]


def test_a_text_too_long_for_a_cell_is_cut(tmp_path):
    assert len(sheet_with(tmp_path, ["长" * 40_000])["A2"].value) == MAX_TEXT


def test_the_sheet_is_made_to_be_read_and_printed(tmp_path):
    sheet = sheet_with(tmp_path, ["甲"], ["乙"])
    page = sheet.page_setup
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A2", "A1:A3", "$1:$1")
    assert (page.orientation, page.paperSize, page.fitToWidth, page.fitToHeight) == ("landscape", 9, None, 0)
    assert (sheet.column_dimensions["A"].width, sheet.sheet_properties.pageSetUpPr.fitToPage) == (
        10.7109375,
        True,
    )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("note", "read"), [
    ("", None),
    ("A&G和B&Co", "A＆G和B＆Co"),
    ("12月&20号", "12月＆20号"),
    ("活" * 300, "活" * 253),
    ("😀" * 200, "😀" * 126),
])  # fmt: skip
def test_the_note_above_a_page_is_read_as_it_was_meant(tmp_path, note, read):
    with Book(tmp_path / "a.xlsx") as book:
        book.sheet("表", (Column("文字", 10),), note=note)
    assert load_workbook(tmp_path / "a.xlsx")["表"].oddHeader.left.text == read


def test_upright_headings_are_as_high_and_wide_as_they_must_be(tmp_path):
    columns = (
        Column("单位", 20),
        Column("月报\n截止4月30日", 5, upright=True),
        Column("长" * 60, 5, upright=True),
    )
    sheet = sheet_with(tmp_path, ["甲", 3, "逾"], columns=columns)
    widths = [round(sheet.column_dimensions[key].width) for key in "ABC"]
    assert (sheet.row_dimensions[1].height, widths) == (260.25, [21, 6, 8])
    assert (sheet["B2"].value, sheet["B2"].number_format) == (3, "0")


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_three_units_as_for_one(place, owed, count, django_assert_num_queries, tmp_path):
    for number in range(1, count + 1):
        handed_in(owed, place.secretary, number=number)
    UnitFactory.create_batch(count, parent=place.township)
    publishing.top_up(owed.requirement.campaign, at=NOW)
    officer = User.objects.get(pk=place.officer.pk)
    part = Part(owed.requirement.campaign)
    with django_assert_num_queries(6):
        listing.write(part, tmp_path / "a.xlsx", by=officer, at=NOW, report=lambda step, done, total: None)


def test_six_thousand_tasks_take_seconds_and_no_memory_to_speak_of(place, owed, tmp_path):
    """A tenth of what a province has in one campaign."""
    units = [
        Unit(name=f"示例小学{n}", kind=UnitKind.PRIMARY, parent=place.township, path=f"{n:08}", pinyin="slxx")
        for n in range(6000)
    ]
    Unit.objects.bulk_create(units, batch_size=2000)
    publishing.top_up(owed.requirement.campaign, at=NOW)
    with connection.cursor() as cursor:  # as autovacuum does within a minute
        cursor.execute("ANALYZE submissions_assignment, schools_unit")
    part, held = Part(owed.requirement.campaign), []

    def report(step: str, done: int, total: int) -> None:
        held.append(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize())

    began = time.process_time()
    assert listing.write(part, tmp_path / "a.xlsx", by=place.officer, at=NOW, report=report) == 6002
    assert (time.process_time() - began < 10, max(held) - held[0] < 20 * 2**20) == (True, True)
