"""A template to begin from: it has a head of its own and shows every way of writing fields."""

from collections.abc import Sequence
from datetime import UTC, datetime

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt
from docx.table import Table

from portal.word import SIZE, TITLE_SIZE, add_line, dress, page, save
from portal.word_page import BYLINE, HEADING, TEXT, TITLE
from reports.enums import ReportKind

_MADE = datetime(2026, 1, 1, tzinfo=UTC)
_TASKS = ("各镇街", "镇街", ("名称", "应报", "已报", "报送率"))
_TABLES = {
    ReportKind.PHASE: (_TASKS, ("未报单位", "单位", ("名称", "镇街", "任务", "天数"))),
    ReportKind.CAMPAIGN: (_TASKS, ("各阶段", "阶段", ("名称", "应报", "已报", "报送率"))),
    ReportKind.WEEK: (_TASKS, ("到期任务", "任务", ("活动", "名称", "截止日期", "报送率"))),
    ReportKind.MONTH: (_TASKS, ("到期任务", "任务", ("活动", "名称", "截止日期", "报送率"))),
    ReportKind.NEWSLETTER: (("选用材料", "材料", ("序号", "题目", "单位", "作者")),),
}


def sample(kind: str) -> bytes:
    """The .docx for reports of `kind`; the same bytes every time."""
    document = page()
    mark = document.sections[0].header.paragraphs[0]
    dress(mark.add_run("{{ 草稿标记 }}"), HEADING, SIZE)
    even = document.sections[0].even_page_header.paragraphs[0]
    dress(even.add_run("{{ 草稿标记 }}"), HEADING, SIZE)
    add_line(document, "{{ 编制单位 }}", TITLE, Pt(36), centred=True)
    add_line(document, "{{ 发文字号 }}", TEXT, SIZE, centred=True)
    add_line(document, "", TEXT, SIZE)
    add_line(document, "{{ 标题 }}", TITLE, TITLE_SIZE, centred=True)
    for line in ("{%p if 副标题 %}", "（{{ 副标题 }}）", "{%p endif %}"):
        add_line(document, line, BYLINE, SIZE, centred=True)
    add_line(document, "", TEXT, SIZE)
    _words(document)
    for name, each, columns in _TABLES[ReportKind(kind)]:
        _table(document, name, each, columns)
    add_line(document, "", TEXT, SIZE)
    for line in ("{{ 编制单位 }}", "{{ 日期 }}"):
        add_line(document, line, TEXT, SIZE)
        signed = document.paragraphs[-1]
        signed.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        signed.paragraph_format.keep_with_next = line != "{{ 日期 }}"
    return save(document, _MADE)


def _words(document: Document) -> None:
    """The text that the portal has written, with its tables, whatever their columns."""
    for line, face in (
        ("{%p for 段 in 正文段落 %}", TEXT),
        ('{%p if 段.类型 == "标题" %}', TEXT),
        ("{{ 段.编号 }}{{ 段.文字 }}", HEADING),
        ('{%p elif 段.类型 == "段落" %}', TEXT),
        ("{{ 段.文字 }}", TEXT),
        ("{%p else %}", TEXT),
    ):
        add_line(document, line, face, SIZE)
    add_line(document, "{{ 段.编号 }}　{{ 段.文字 }}", HEADING, Pt(12), centred=True)
    table = document.add_table(rows=4, cols=3, style="Table Grid")
    every = ("{%tc for 栏 in 段.表头 %}", "{{ 栏.文字 }}", "{%tc endfor %}")
    each = ("{%tc for 格 in 行.各格 %}", "{{ 格.文字 }}", "{%tc endfor %}")
    _write(table, (every, ("{%tr for 行 in 段.各行 %}",), each, ("{%tr endfor %}",)))
    for line in ("{%p endif %}", "{%p endfor %}"):
        add_line(document, line, TEXT, SIZE)


def _write(table: Table, lines: Sequence[Sequence[str]]) -> None:
    """Each line into a row, the first as its head."""
    for row, cells in zip(table.rows, lines, strict=True):
        for cell, words in zip(row.cells, cells, strict=False):
            cell.paragraphs[0].style = "Table Text"
            dress(cell.paragraphs[0].add_run(words), HEADING if cells is lines[0] else TEXT, Pt(12))


def _table(document: Document, name: str, each: str, columns: tuple[str, ...]) -> None:
    """A table with a row for each one of the list, and a sentence instead where the list is empty."""
    add_line(document, f"{{%p if {name} %}}", TEXT, SIZE)
    add_line(document, f"{name}（共{{{{ {name}|个数 }}}}项）", HEADING, SIZE, centred=True)
    table = document.add_table(rows=4, cols=len(columns), style="Table Grid")
    lines = (
        columns,
        (f"{{%tr for {each} in {name} %}}",),
        tuple(f"{{{{ {each}.{column} }}}}" for column in columns),
        ("{%tr endfor %}",),
    )
    _write(table, lines)
    add_line(document, "{%p else %}", TEXT, SIZE)
    add_line(document, f"本期没有{name}。", TEXT, SIZE)
    add_line(document, "{%p endif %}", TEXT, SIZE)
