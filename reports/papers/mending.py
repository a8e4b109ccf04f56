"""What is done to a bureau's template after it has been filled: it opens, drafts say what they are, tables
are as wide as they were, and nobody's machine is named."""

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.oxml.ns import qn
from docx.section import Section, _BaseHeaderFooter

from reports.papers.package import LOCAL_TEMPLATE
from reports.papers.tags import P, own_text, text_of
from reports.papers.titles import em

MEASURED = 50  # rows that say how wide a column is wanted
NARROWEST, WIDEST = 3, 9  # characters of a column, beside the others


def mend(document: Document) -> None:
    """Word opens no cell without a paragraph, and no table without rows."""
    for root in _roots(document):
        for table in root.iter(qn("w:tbl")):
            _fit(table)
        for cell in list(root.iter(qn("w:tc"))):
            if len(cell) == 0 or cell[-1].tag != qn("w:p"):
                cell.append(cell.makeelement(qn("w:p")))
        for row in [one for one in root.iter(qn("w:tr")) if one.find(qn("w:tc")) is None]:
            row.getparent().remove(row)
        for table in [one for one in root.iter(qn("w:tbl")) if one.find(qn("w:tr")) is None]:
            table.getparent().remove(table)
        if root.tag in (qn("w:hdr"), qn("w:ftr")) and len(root) == 0:
            root.append(root.makeelement(qn("w:p")))


def _roots(document: Document) -> Iterator[Any]:
    yield document.element.body
    for relation in document.part.rels.values():
        if relation.reltype in (RELATION.HEADER, RELATION.FOOTER):
            yield relation.target_part.element


def _fit(table: Any) -> None:
    """A loop over cells gives each of them the width of the one in the template: share it out by what they
    say. Other tables stay as the bureau made them."""
    rows = [row.findall(qn("w:tc")) for row in table.findall(qn("w:tr"))]
    grid = table.findall(f"{qn('w:tblGrid')}/{qn('w:gridCol')}")
    if (
        not rows
        or len(rows[0]) != len(grid)
        or any(row.find(f".//{qn('w:gridSpan')}") is not None for row in table.findall(qn("w:tr")))
    ):
        return
    total = sum(map(_width, grid))
    if abs(sum(_width(cell.find(f"{qn('w:tcPr')}/{qn('w:tcW')}")) for cell in rows[0]) - total) <= total / 20:
        return
    columns = zip_longest(*rows[:MEASURED])
    wanted = [
        min(max([NARROWEST, *(em(text_of(cell)) for cell in column if cell is not None)]), WIDEST)
        for column in columns
    ][: len(grid)]
    widths = [round(total * one / sum(wanted)) for one in wanted]
    for column, width in zip(grid, widths, strict=True):
        column.set(qn("w:w"), str(width))
    for row in rows:
        for cell, width in zip(row, widths, strict=False):
            cell.width = width * 635  # English metric units of a twip


def _width(element: Any) -> int:
    return int(float(element.get(qn("w:w"), "0"))) if element is not None else 0


def mark(document: Document, mark: str) -> None:
    """Say in the header of every page that it is a draft, unless the filled text says so; a header that
    sections share says it once."""
    if _says(document.element.body, mark):
        return
    even = document.settings.odd_and_even_pages_header_footer
    for section in document.sections:
        for header in _headers(section, even):
            if not _says(header._element, mark):
                first = header.paragraphs[0] if header.paragraphs else header.add_paragraph()
                first.insert_paragraph_before(mark)


def _headers(section: Section, even: bool) -> list[_BaseHeaderFooter]:
    first = section.different_first_page_header_footer
    return [
        section.header,
        *([section.first_page_header] if first else []),
        *([section.even_page_header] if even else []),
    ]


def _says(root: Any, mark: str) -> bool:
    """By itself, as “（草稿）”, and not as a word of a sentence."""
    alone = re.compile(rf"(?<!\w){re.escape(mark)}(?!\w)")
    return any(alone.search(own_text(paragraph)) for paragraph in root.iter(P))


def forget(document: Document) -> None:
    """Who last had it, and where on their machine Word's own template lies, is nobody's business."""
    settings = document.part._settings_part
    for element in list(settings.element.iter(qn("w:attachedTemplate"))):
        element.getparent().remove(element)
    for key in [key for key, one in settings.rels.items() if one.reltype == LOCAL_TEMPLATE]:
        del settings.rels[key]
    properties = document.core_properties
    properties.last_modified_by, properties.revision = "", 1
    properties.comments = properties.keywords = properties.category = properties.subject = ""
