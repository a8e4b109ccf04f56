"""Templates of a bureau made up for tests, and what becomes of them."""

from dataclasses import replace
from io import BytesIO

import docx
import pytest
from docx.document import Document

from reports.enums import ReportKind
from reports.papers import examples, filling
from reports.papers.field import Source
from tests.factories import NOW

PHASE = ReportKind.PHASE
UNKNOWN = "没有这个字段，请对照字段表改正。"
SYNTAX = "写法有误，请对照字段表中的写法改正。"


def template(*lines: str, header: str = "") -> bytes:
    """A document with a paragraph for each line."""
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    return saved(document)


def with_table(*rows: tuple[str, ...]) -> bytes:
    document = docx.Document()
    table = document.add_table(len(rows), max(map(len, rows)))
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=False):
            cell.text = text
    return saved(document)


def saved(document: Document) -> bytes:
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def filled(form: bytes, kind: str = PHASE, source: Source | None = None) -> Document:
    source = source or examples.source_of(kind)
    return docx.Document(
        BytesIO(filling.fill(form, kind, dict(source.figures), source.paper, source.words, NOW))
    )


def lines(document: Document) -> list[str]:
    return [one.text for one in document.paragraphs]


def cells(document: Document) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in document.tables[0].rows]


def said(form: bytes, kind: str = PHASE) -> tuple[str, ...]:
    with pytest.raises(filling.Faulty) as fault:
        filling.check(form, kind)
    return fault.value.sentences


def titled(title: str, **words: str) -> Source:
    full = examples.source_of(PHASE)
    return replace(full, paper=replace(full.paper, title=title), words=replace(full.words, **words))
