"""Real Word, PDF and Excel files from a few paragraphs, the same bytes for the same words.

Fonts are named and never shipped: Word falls back on what the machine has, PDF readers on their
own Song face (STSong-Light is one of the Adobe CJK fonts every reader substitutes).
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate
from xlsxwriter import Workbook

from portal import word as words
from portal.word_page import BYLINE, HEADING, TEXT, TITLE

SONG = "STSong-Light"
#: Files carry this time, so that equal words make equal bytes.
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


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
    document = words.page()
    words.add_line(document, paper.title, TITLE, words.TITLE_SIZE, centred=True)
    words.add_line(document, paper.byline, BYLINE, words.SIZE, centred=True)
    for paragraph in paper.paragraphs:
        face = HEADING if is_heading(paragraph) else TEXT
        words.add_line(document, paragraph, face, words.SIZE)
    return words.save(document, EPOCH)


def sheet(rows: Sequence[Sequence[str | float]]) -> bytes:
    """An .xlsx with one page, the first row its heads."""
    saved = io.BytesIO()
    book = Workbook(saved, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": EPOCH.replace(tzinfo=None)})
    filled = book.add_worksheet()
    for number, row in enumerate(rows):
        filled.write_row(number, 0, row)
    filled.set_column(0, 0, 36)
    filled.set_column(1, 3, 16)
    book.close()
    return saved.getvalue()


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
