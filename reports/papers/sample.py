"""A template to begin from: it has a head of its own and shows every way of writing fields."""

from collections.abc import Sequence
from datetime import UTC, datetime

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.shared import Pt, RGBColor
from docx.table import Table

from portal.word import SIZE, TITLE_SIZE, add_line, dress, page, save
from portal.word_page import BYLINE, HEADING, NAMESPACES, TEXT, TITLE
from reports.enums import ReportKind
from reports.papers.word_ends import RED

_MADE = datetime(2026, 1, 1, tzinfo=UTC)
_TASKS = ("各镇街", "镇街", "个", ("名称", "应报", "已报", "报送率"))
_DUE = ("到期任务", "任务", "项", ("活动", "名称", "截止日期", "报送率"))
_TABLES = {
    ReportKind.PHASE: (_TASKS, ("未报单位", "单位", "个", ("名称", "镇街", "任务", "天数"))),
    ReportKind.CAMPAIGN: (_TASKS, ("各阶段", "阶段", "个", ("名称", "应报", "已报", "报送率"))),
    ReportKind.WEEK: (_TASKS, _DUE),
    ReportKind.MONTH: (_TASKS, _DUE),
    ReportKind.NEWSLETTER: (("选用材料", "材料", "篇", ("序号", "题目", "单位", "作者")),),
}


def sample(kind: str) -> bytes:
    """The .docx for reports of `kind`; the same bytes every time."""
    document = page()
    mark = document.sections[0].header.paragraphs[0]
    dress(mark.add_run("{{ 草稿标记 }}"), HEADING, SIZE)
    even = document.sections[0].even_page_header.paragraphs[0]
    dress(even.add_run("{{ 草稿标记 }}"), HEADING, SIZE)
    _red_head(document)
    add_line(document, "{{ 标题 }}", TITLE, TITLE_SIZE, centred=True)
    for line in ("{%p if 副标题 %}", "（{{ 副标题 }}）", "{%p endif %}"):
        add_line(document, line, BYLINE, SIZE, centred=True)
    add_line(document, "", TEXT, SIZE)
    for line in ("{%p if 主送单位 %}", "{{ 主送单位 }}：", "{%p endif %}"):
        add_line(document, line, TEXT, SIZE)
        document.paragraphs[-1].paragraph_format.first_line_indent = 0
    _words(document, "正文段落")
    for name, each, counted, columns in _TABLES[ReportKind(kind)]:
        _table(document, name, each, counted, columns)
    for line in ("{%p for 件 in 附件 %}", "附件{{ 件.序号 }}：{{ 件.名称 }}", "{%p endfor %}"):
        add_line(document, line, TEXT, SIZE)
    add_line(document, "", TEXT, SIZE)
    for line in ("{{ 编制单位 }}", "{{ 日期 }}"):
        add_line(document, line, TEXT, SIZE)
        signed = document.paragraphs[-1]
        signed.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        signed.paragraph_format.keep_with_next = line != "{{ 日期 }}"
    _annexes(document)
    _imprint(document)
    return save(document, _MADE)


def _red_head(document: Document) -> None:
    """发文机关标志 and 发文字号 over a red rule, where the bureau supplies a number."""
    add_line(document, "{%p if 发文字号 %}", TEXT, SIZE)
    add_line(document, "{{ 发文机关标志 }}", TITLE, Pt(36), centred=True)
    document.paragraphs[-1].runs[0].font.color.rgb = RGBColor.from_string(RED)
    document.paragraphs[-1].paragraph_format.line_spacing = Pt(50)
    add_line(document, "{{ 发文字号 }}", TEXT, SIZE, centred=True)
    rule = f'<w:bottom w:val="single" w:sz="12" w:space="11" w:color="{RED}"/>'
    layout = document.paragraphs[-1]._p.get_or_add_pPr()
    layout.insert_element_before(
        parse_xml(f"<w:pBdr {NAMESPACES}>{rule}</w:pBdr>"), "w:spacing", "w:ind", "w:jc"
    )
    add_line(document, "", TEXT, SIZE)
    add_line(document, "{%p endif %}", TEXT, SIZE)


def _annexes(document: Document) -> None:
    """Each on a page of its own."""
    add_line(document, "{%p for 件 in 附件 %}", TEXT, SIZE)
    add_line(document, "附件{{ 件.序号 }}", HEADING, SIZE)
    document.paragraphs[-1].paragraph_format.first_line_indent = 0
    document.paragraphs[-1].paragraph_format.page_break_before = True
    add_line(document, "{{ 件.名称 }}", TITLE, TITLE_SIZE, centred=True)
    _words(document, "件.内容")
    add_line(document, "{%p endfor %}", TEXT, SIZE)


def _imprint(document: Document) -> None:
    """版记: who prints it and when."""
    add_line(document, "{%p if 发文字号 %}", TEXT, SIZE)
    add_line(document, "", TEXT, SIZE)  # else Word makes one table of this and the last before it
    _write(document.add_table(rows=1, cols=2, style="Table Grid"), (("{{ 编制单位 }}", "{{ 日期 }}印发"),))
    add_line(document, "{%p endif %}", TEXT, SIZE)


def _words(document: Document, listed: str) -> None:
    """What the portal has written in the list `listed`, with its tables, whatever their columns."""
    for line, face in (
        (f"{{%p for 段 in {listed} %}}", TEXT),
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
    """Each line into a row, the first as its head: on every page, and never alone."""
    for row in table.rows:
        row._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {NAMESPACES}/>"))
    table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {NAMESPACES}/>"))
    for row, cells in zip(table.rows, lines, strict=True):
        for cell, words in zip(row.cells, cells, strict=False):
            cell.paragraphs[0].style = "Table Text"
            cell.paragraphs[0].paragraph_format.keep_with_next = (
                cells is lines[0] and len(lines) > 1
            ) or None
            dress(cell.paragraphs[0].add_run(words), HEADING if cells is lines[0] else TEXT, Pt(12))


def _table(document: Document, name: str, each: str, counted: str, columns: tuple[str, ...]) -> None:
    """A table with a row for each one of the list, and nothing where the list is empty."""
    add_line(document, f"{{%p if {name} %}}", TEXT, SIZE)
    add_line(document, f"{name}（共{{{{ {name}|个数 }}}}{counted}）", HEADING, SIZE, centred=True)
    table = document.add_table(rows=4, cols=len(columns), style="Table Grid")
    lines = (
        columns,
        (f"{{%tr for {each} in {name} %}}",),
        tuple(f"{{{{ {each}.{column} }}}}" for column in columns),
        ("{%tr endfor %}",),
    )
    _write(table, lines)
    add_line(document, "{%p endif %}", TEXT, SIZE)
