"""Real Word, PDF and Excel files from a few paragraphs, the same bytes for the same words.

Fonts are named and never shipped: Word falls back on what the machine has, PDF readers on their
own Song face (STSong-Light is one of the Adobe CJK fonts every reader substitutes).
"""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from xml.sax.saxutils import escape

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from openpyxl import Workbook
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate

BODY, HEADING, BYLINE, HEAVY = "仿宋", "黑体", "楷体", "小标宋体"
SONG = "STSong-Light"
#: Zip entries carry this time, so that equal words make equal bytes.
EPOCH = (2020, 1, 1, 0, 0, 0)
SAVED_AT = re.compile(rb"(?<=W3CDTF\">)[^<]+(?=<)")
KEPT_STYLES = {"Normal", "Default Paragraph Font", "Table Normal", "Normal Table", "No List"}
UNUSED_PARTS = ("/stylesWithEffects", "/thumbnail", RT.CUSTOM_XML)


@dataclass(frozen=True)
class Paper:
    """What is printed: a centred title, a centred line under it, paragraphs (一、 opens a heading)."""

    title: str
    byline: str
    paragraphs: Sequence[str]


def is_heading(paragraph: str) -> bool:
    return len(paragraph) < 30 and paragraph[1:2] == "、"


def word(paper: Paper) -> bytes:
    """A .docx on A4 in the usual faces: title 22 pt centred, text 16 pt, first line indented."""
    document = _blank()
    body = document.element.body
    for element in list(body)[:-1]:  # the last one holds the page's measures
        body.remove(element)
    _write(document, paper.title, HEAVY, 22, centred=True)
    _write(document, paper.byline, BYLINE, 16, centred=True)
    for paragraph in paper.paragraphs:
        _write(document, paragraph, HEADING if is_heading(paragraph) else BODY, 16)
    saved = io.BytesIO()
    document.save(saved)
    return _timeless(saved)


def _write(document: Document, text: str, face: str, size: int, *, centred: bool = False) -> None:
    paragraph = document.add_paragraph()
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.font.name = "Times New Roman"
    run._element.rPr.rFonts.set(qn("w:eastAsia"), face)
    layout = paragraph.paragraph_format
    layout.space_after, layout.line_spacing = Pt(0), Pt(size * 1.8)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    else:
        layout.first_line_indent = Pt(2 * size)


@cache
def _blank() -> Document:
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
    document.core_properties.author = document.core_properties.comments = ""
    return document


def _timeless(saved: io.BytesIO) -> bytes:
    """The same package with the same time on every entry, and on the whole."""
    plain = io.BytesIO()
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(plain, "w") as target:
        for entry in source.infolist():
            again = zipfile.ZipInfo(entry.filename, EPOCH)
            again.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(again, SAVED_AT.sub(b"2020-01-01T00:00:00Z", source.read(entry)))
    return plain.getvalue()


def sheet(rows: Sequence[Sequence[str | float]]) -> bytes:
    """An .xlsx with one page, the first row its heads."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    for column, wide in zip("ABCD", (36, 16, 16, 16), strict=True):
        book.active.column_dimensions[column].width = wide
    saved = io.BytesIO()
    book.save(saved)
    return _timeless(saved)


def pdf(paper: Paper) -> bytes:
    """A PDF on A4 with the reader's own Song face."""
    _register()
    saved = io.BytesIO()
    document = SimpleDocTemplate(
        saved, pagesize=A4, title=paper.title, author=paper.byline, invariant=1, pageCompression=1
    )
    title = ParagraphStyle(
        "title", fontName=SONG, fontSize=20, leading=32, alignment=TA_CENTER, wordWrap="CJK"
    )
    byline = ParagraphStyle("byline", title, fontSize=13, leading=28, spaceAfter=10)
    body = ParagraphStyle("body", title, fontSize=14, leading=25, alignment=0, firstLineIndent=28)
    flow = [Paragraph(escape(paper.title), title), Paragraph(escape(paper.byline), byline)]
    document.build([*flow, *(Paragraph(escape(text), body) for text in paper.paragraphs)])
    return saved.getvalue()


@cache
def _register() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(SONG))
