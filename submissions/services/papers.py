"""A piece as a Word file that an office can print: who wrote what for which requirement, and the text."""

from collections.abc import Iterable, Sequence

from django.utils import timezone
from docx.document import Document
from docx.shared import Mm, Pt

from campaigns.enums import Comparator
from portal.lines import legible
from portal.word import SIZE, TITLE_SIZE, add_line, dress, page, printable, save
from portal.word_page import BYLINE, HEADING, TEXT
from submissions.models import Version
from submissions.sheets import ITEMS, Sheet, in_words


def word(version: Version, attached: Iterable[str]) -> bytes:
    """The .docx of a version that comes with plan, unit and topic; `attached` names the files beside it."""
    document = page()
    document.core_properties.title = legible(version.title)
    add_line(document, version.title, HEADING, TITLE_SIZE, centred=True)
    for text in _bylines(version):
        add_line(document, text, BYLINE, SIZE, centred=True)
    if version.abstract:
        add_line(document, "摘要", HEADING, SIZE)
        _lines(document, version.abstract)
    _sheet(document, version.sheet)
    _lines(document, version.body)
    for number, name in enumerate(attached, start=1):
        add_line(document, f"附件{number}：{name}", TEXT, SIZE)
    return save(document, timezone.localtime(version.submitted_at))


def _bylines(version: Version) -> list[str]:
    owed = version.submission.assignment
    handed_in = timezone.localtime(version.submitted_at)
    facts = [
        owed.name,
        f"专题：{version.topic.title}" if version.topic else "",
        f"第{version.number}版",
        f"{handed_in:%Y}年{handed_in.month}月{handed_in.day}日提交",
    ]
    said = [owed.unit.name + (f"　{version.authors}" if version.authors else "")]
    return [*said, "　".join(fact for fact in facts if fact)]


def _sheet(document: Document, sheet: Sheet) -> None:
    """What the kind of material asks for besides the text, in whichever of its three shapes."""
    if facts := in_words(sheet):
        _table(document, list(facts.values()), (Mm(32), Mm(124)))
    for number, item in enumerate(sheet.get(ITEMS, []), start=1):
        _lines(document, f"{number}. {item}")
    if values := sheet.get("values"):
        rows = [(line["name"], _target(line), f"{line['value']}{line['unit']}") for line in values]
        _table(document, [("指标", "目标", "填报值"), *rows], (Mm(80), Mm(42), Mm(34)))


def _target(line: dict[str, str]) -> str:
    return f"{Comparator(line['comparator']).label}{line['target']}{line['unit']}"


def _table(document: Document, rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    table = document.add_table(len(rows), len(widths), "Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width  # LibreOffice and WPS go by the columns, Word by the cells
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = width
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.first_line_indent = 0
            dress(paragraph.add_run(printable(text)), TEXT, Pt(14))
    document.add_paragraph()


def _lines(document: Document, text: str) -> None:
    for line in text.splitlines():
        if line.strip():
            add_line(document, line.strip(), TEXT, SIZE)
