"""Word files as offices print them: lines in their faces on an official page; same words, same bytes.

`page` is a blank paper for python-docx to fill; `run` and `paragraph` are its XML as text, for papers whose
tables are too long for python-docx (its cells cost the square of their number). Nothing reads a clock.
"""

import re
import zipfile
from datetime import UTC, datetime
from io import BytesIO

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Length, Pt
from docx.text.run import Run
from lxml import etree

from portal.lines import legible
from portal.word_page import LATIN, NAMESPACES, blank, faces

SIZE, TITLE_SIZE = Pt(16), Pt(22)  # 3号, 2号

#: Marks that turn the direction of what follows them, seen by nobody.
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ENDS = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")


def printable(text: str) -> str:
    """`text` as a line of a paper: nothing that XML refuses, no line ends, nothing that turns it round."""
    return _TURNS.sub("", legible(_ENDS.sub(" ", text)))


def page() -> Document:
    """A new document on an empty A4 page with the margins, grid and page numbers of an official paper."""
    return docx.Document(BytesIO(blank()))


def add_line(document: Document, text: str, face: str, size: Length, *, centred: bool = False) -> None:
    """A paragraph in one face; Chinese characters take `face`, the others Times New Roman."""
    line = document.add_paragraph()
    dress(line.add_run(printable(text)), face, size)
    if centred:
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        line.paragraph_format.first_line_indent = 0
    if size > SIZE:
        line.paragraph_format.line_spacing = Pt(35)


def dress(letters: Run, face: str, size: Length) -> None:
    letters.font.size = size
    letters.font.name = LATIN
    letters._element.rPr.rFonts.set(qn("w:eastAsia"), face)


def escaped(text: str) -> str:
    """`printable`, and safe between tags and inside attributes."""
    plain = printable(text)
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        plain = plain.replace(sign, name)
    return plain


def run(text: str, face: str = "", size: float = 0, *, bold: bool = False, colour: str = "") -> str:
    """Words as XML; `size` in points and `face` where they differ from the style of the paragraph."""
    layout = faces(face) if face else ""
    layout += "<w:b/>" if bold else ""
    layout += f'<w:color w:val="{colour}"/>' if colour else ""
    layout += f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>' if size else ""
    layout = f"<w:rPr>{layout}</w:rPr>" if layout else ""
    return f'<w:r>{layout}<w:t xml:space="preserve">{escaped(text)}</w:t></w:r>'


def paragraph(inside: str, style: str = "", layout: str = "") -> str:
    """A paragraph as XML around runs; `layout` is what its pPr holds besides the style, in Word's order."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{layout}</w:pPr>{inside}</w:p>"


def fill(document: Document, inside: str) -> None:
    """Put paragraphs and tables, as XML, in the place of all that the document says.

    Parsed as a whole: moving thousands of rows from one tree into another takes lxml seconds.
    """
    section = etree.tostring(document.element.body.sectPr, encoding="unicode")
    whole = f"<w:document {NAMESPACES}><w:body>{inside}{section}</w:body></w:document>"
    document.part._element = parse_xml(whole)


def save(document: Document, at: datetime) -> bytes:
    """The .docx, dated `at` (aware) inside and out: equal documents make equal bytes."""
    at = at.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    document.core_properties.created = document.core_properties.modified = at
    saved = BytesIO()
    document.save(saved)
    return repacked(saved.getvalue(), at)


def repacked(package: bytes, at: datetime) -> bytes:
    """The same zip with the time `at` on every entry."""
    plain = BytesIO()
    with zipfile.ZipFile(BytesIO(package)) as source, zipfile.ZipFile(plain, "w") as target:
        for name in source.namelist():
            again = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
            again.compress_type = zipfile.ZIP_DEFLATED
            again.create_system = 0  # the same on every machine
            target.writestr(again, source.read(name))
    return plain.getvalue()
