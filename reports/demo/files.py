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

from docx.shared import Pt
from openpyxl import Workbook
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate

from submissions.services import papers

HEAVY = "小标宋体"
SONG = "STSong-Light"
#: Zip entries carry this time, so that equal words make equal bytes.
EPOCH = (2020, 1, 1, 0, 0, 0)
SAVED_AT = re.compile(rb"(?<=W3CDTF\">)[^<]+(?=<)")


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
    document = papers.page()
    papers.add_line(document, paper.title, HEAVY, Pt(22), centred=True)
    papers.add_line(document, paper.byline, papers.BYLINE, papers.SIZE, centred=True)
    for paragraph in paper.paragraphs:
        face = papers.HEADING if is_heading(paragraph) else papers.TEXT
        papers.add_line(document, paragraph, face, papers.SIZE)
    saved = io.BytesIO()
    document.save(saved)
    return _timeless(saved)


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
