"""A piece as a Word file that an office can print: who wrote what for which requirement, and the text."""

from collections.abc import Iterable, Sequence
from functools import cache
from io import BytesIO

import docx
from django.utils import timezone
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.run import Run

from campaigns.enums import Comparator
from portal.lines import legible
from submissions.models import Version
from submissions.sheets import ITEMS, Sheet, in_words

TEXT, HEADING, BYLINE = "仿宋", "黑体", "楷体"
SIZE = Pt(16)
UNUSED_PARTS = ("/stylesWithEffects", "/thumbnail", RELATIONSHIP_TYPE.CUSTOM_XML)
KEPT_STYLES = {"Normal", "Table Grid", "Default Paragraph Font", "Normal Table", "No List"}


def word(version: Version, attached: Iterable[str]) -> bytes:
    """The .docx of a version that comes with plan, unit and topic; `attached` names the files beside it."""
    document = page()
    document.core_properties.title = legible(version.title)
    document.core_properties.created = timezone.localtime(version.submitted_at).replace(tzinfo=None)
    add_line(document, version.title, HEADING, Pt(22), centred=True)
    for text in _bylines(version):
        add_line(document, text, BYLINE, SIZE, centred=True)
    if version.abstract:
        add_line(document, "摘要", HEADING, SIZE)
        _lines(document, version.abstract)
    _sheet(document, version.sheet)
    _lines(document, version.body)
    for number, name in enumerate(attached, start=1):
        add_line(document, f"附件{number}：{name}", TEXT, SIZE)
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


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
            _dress(paragraph.add_run(legible(text)), TEXT, Pt(14))
    document.add_paragraph()


def _lines(document: Document, text: str) -> None:
    for line in text.splitlines():
        if line.strip():
            add_line(document, line.strip(), TEXT, SIZE)


def page() -> Document:
    """A new document on an empty A4 page with the margins and the line spacing of an official paper."""
    return docx.Document(BytesIO(_blank()))


def add_line(document: Document, text: str, face: str, size: Pt, *, centred: bool = False) -> None:
    """A paragraph in one face; Chinese characters take `face`, the others Times New Roman."""
    paragraph = document.add_paragraph()
    _dress(paragraph.add_run(legible(text)), face, size)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.first_line_indent = 0


def _dress(run: Run, face: str, size: Pt) -> None:
    run.font.size = size
    run.font.name = "Times New Roman"
    run._element.rPr.rFonts.set(qn("w:eastAsia"), face)


@cache
def _blank() -> bytes:
    """python-docx's own template without the styles and parts that nobody uses here."""
    document = docx.Document()
    for rels in (document.part.rels, document.part.package.rels):
        for key in [key for key, relation in rels.items() if relation.reltype.endswith(UNUSED_PARTS)]:
            del rels[key]
    for style in list(document.styles.element.style_lst):
        if style.name_val not in KEPT_STYLES:
            document.styles.element.remove(style)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    layout = document.styles["Normal"].paragraph_format
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.AT_LEAST, Pt(28)
    layout.space_after, layout.first_line_indent = Pt(0), 2 * SIZE
    document.core_properties.author = document.core_properties.comments = ""
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()
