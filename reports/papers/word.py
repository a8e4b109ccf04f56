"""A paper as a Word file to GB/T 9704-2012: plain, or with a red head where the bureau gave it a number.

The same paper at the same instant makes the same bytes, in any process. What of the standard is met:
docs/official-papers.md.
"""

from collections.abc import Iterator
from datetime import datetime

from docx.document import Document
from docx.oxml import parse_xml
from docx.section import Section, _BaseHeaderFooter

from portal.word import fill, page, paragraph, printable, run, save
from portal.word_page import BYLINE, NAMESPACES
from reports.papers import word_ends as ends
from reports.papers.charts import picture
from reports.papers.paper import Annex, Chart, Grid, Heading, Paper, Text, annexed, numbered
from reports.papers.titles import SUBTITLE_WIDE, TITLE_WIDE, lines_of
from reports.papers.word_tables import table

KEPT = 28 * 12  # characters of a last paragraph that is not parted from the signature
PROPERTY = 255  # what Word takes as the title among a file's properties


def write(paper: Paper, at: datetime) -> bytes:
    """The .docx, dated `at` (aware)."""
    document = page()
    document.core_properties.title = printable(paper.title)[:PROPERTY]
    document.core_properties.author = printable(paper.sender)[:PROPERTY]
    if paper.mark:
        _mark(document.sections[0], paper.mark)
    fill(document, "".join(_parts(document, paper, at)))
    return save(document, at)


def _mark(section: Section, mark: str) -> None:
    """What it is a draft of stands in the corner of every page, odd and even."""
    for header in (section.header, section.even_page_header):
        _fill_header(header, paragraph(run(mark), "Header"))


def _fill_header(header: _BaseHeaderFooter, inside: str) -> None:
    header.is_linked_to_previous = False
    for old in list(header._element):
        header._element.remove(old)
    header._element.append(parse_xml(inside.replace("<w:p>", f"<w:p {NAMESPACES}>", 1)))


def _parts(document: Document, paper: Paper, at: datetime) -> Iterator[str]:
    red = bool(paper.number)
    if red:
        yield ends.red_head(paper)
    yield ends.titled(lines_of(printable(paper.title), TITLE_WIDE))
    if paper.subtitle:
        yield ends.titled(lines_of(printable(f"（{paper.subtitle}）"), SUBTITLE_WIDE), "Subtitle")
    yield paragraph("", "Flush")
    if paper.addressees:
        yield paragraph(run(f"{paper.addressees}："), "Flush")
    yield from _words(document, paper, at)
    if paper.annexes:
        yield ends.annexes_named(paper)
    yield ends.signed(paper.sender, paper.dated)
    for label, annex, inside in annexed(paper):
        yield _annex(label, annex, inside)
    if red:
        yield ends.imprint(paper) + paragraph(
            "", "TableTextTiny", '<w:spacing w:line="20" w:lineRule="exact"/>'
        )


def _words(document: Document, paper: Paper, at: datetime) -> Iterator[str]:
    charts = 0
    for place, (block, number) in enumerate(numbered(paper.blocks), start=1):
        last = place == len(paper.blocks) and not paper.annexes
        match block:
            case Heading(text=text, level=level):
                yield paragraph(run(f"{number}{text}"), f"Heading{level}")
            case Text():
                yield _text(block, last)
            case Grid(title=title):
                yield table(block, f"{number}　{title}")
            case Chart():
                charts += 1
                yield picture(document.part, block, charts, at)
                counted = f"（单位：{block.counted}）" if block.counted else ""
                yield paragraph(run(f"{number}　{block.title}{counted}"), "Caption")


def _text(text: Text, last: bool = False) -> str:
    """Each line a paragraph; the last of the paper stays with sender and date.

    Unless it is long: LibreOffice would move the whole of it.
    """
    lines = [line for line in text.text.splitlines() if line.strip()] or [""]
    kept = [""] * (len(lines) - 1) + ["<w:keepNext/>" if last and len(lines[-1]) < KEPT else ""]
    leads = [run(text.lead, BYLINE, bold=True) if text.lead else ""] + [""] * (len(lines) - 1)
    return "".join(
        paragraph(lead + run(line), "", keep) for lead, line, keep in zip(leads, lines, kept, strict=True)
    )


def _annex(label: str, annex: Annex, inside: list[tuple[Grid | Text, str]]) -> str:
    head = ends.annex_head(label, lines_of(printable(annex.title), TITLE_WIDE)) + paragraph("", "Flush")
    return head + "".join(
        _text(block) if isinstance(block, Text) else table(block, f"{name}　{block.title}" if name else "")
        for block, name in inside
    )
