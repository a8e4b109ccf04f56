"""A bureau's own .docx with fields, filled in a sandbox.

A template is a stranger's program. Before anything of it runs, its tags are read one by one (`structure.py`)
and then the very text that is to run is held against an allow-list (`sandbox.py`); size, number of tags and
what comes out of them are bounded. The same template, figures and words make the same bytes.
"""

import logging
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.oxml.ns import qn
from docx.section import _BaseHeaderFooter
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from lxml import etree

from portal.word import printable, save
from reports.papers import examples
from reports.papers.field import Source
from reports.papers.fields import context_of, fields_of
from reports.papers.paper import Paper
from reports.papers.sandbox import Wrong, check_all, environment, scope_of
from reports.papers.structure import problems_of
from reports.papers.tags import TAG, Tag, tags_of
from reports.papers.wording import Words

logger = logging.getLogger(__name__)

MOST_TAGS = 2000
MOST_UNPACKED = 30_000_000  # bytes of all parts
MOST_MARKUP = 1_500_000  # characters of the parts that have tags
MOST_FILLED = 20_000_000  # characters of a part that has been filled
MOST_PROBLEMS = 20
PROPERTY = 255  # characters that Word takes in a file's properties
MARK = "草稿标记"

NOT_WORD = "模板不是可以打开的Word文档（docx），请用WPS或Word打开后另存为docx再上传。"
TOO_LONG = "模板太大或字段太多，无法检查，请精简后再上传。"
TOO_MUCH = "按模板填写的内容太多，无法生成，请减少模板中的循环或循环里的内容。"
UNSOUND = (
    "模板中的条件、循环或有几段文字的字段与表格、文本框、超链接等交错，填写后文档不完整，请对照示例模板调整。"
)
UNFIT = "模板中有无法识别的写法，请对照示例模板改正。"
REMOTE = "模板链接了外部的图片、对象或文件，请断开链接或改为嵌入后再上传。"
ACTIVE = "模板中有引用其他文件或网址的域（如INCLUDETEXT、INCLUDEPICTURE、DDE、LINK），请删去后再上传。"

#: Fields of Word that fetch something when the document is opened.
_FETCHING = re.compile(r"\b(DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE|INCLUDE|LINK|IMPORT|RD|DATABASE)\b", re.I)
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#: Parts that Word takes in as text of its own.
_FOREIGN = (RELATION.A_F_CHUNK, f"{_RELATION}/subDocument")
_LOCAL_TEMPLATE = f"{_RELATION}/attachedTemplate"
_SAFE_OUTSIDE = (RELATION.HYPERLINK, _LOCAL_TEMPLATE)
_STRICT = etree.XMLParser(resolve_entities=False, no_network=True)
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Faulty(Exception):
    """A template that cannot be filled: `sentences` name the places; as text it is the first of them."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(sentences[0])
        self.sentences = sentences


def check(template: bytes, kind: str) -> None:
    """Raise Faulty unless the .docx can be filled for reports of `kind`, full ones and empty ones."""
    try:
        for source in (examples.source_of(kind), examples.empty()):
            _filled(template, kind, source, _ANY_DAY)
    except Faulty as fault:
        raise Faulty(*_bounded(fault.sentences)) from None


def fill(
    template: bytes, kind: str, figures: dict[str, Any], paper: Paper, words: Words, at: datetime
) -> bytes:
    """The .docx of `template` with its fields filled, dated `at` (aware). Raises Faulty."""
    return _filled(template, kind, Source(figures, paper, words), at)


def _filled(template: bytes, kind: str, source: Source, at: datetime) -> bytes:
    form = _Form(template, kind)
    form.require_sound()
    try:
        form.render(context_of(kind, source), environment(), autoescape=True)
        raw = BytesIO()
        form.save(raw)
        document = docx.Document(raw)
        _mend(document)
    except Faulty:
        raise
    except Exception:
        # A foreign library and a foreign file: whatever they make of each other, the file is at fault.
        logger.warning("A template for %s could not be filled", kind, exc_info=True)
        raise Faulty(UNSOUND) from None
    if source.words.mark and not form.marks:
        _mark(document, source.words.mark)
    _forget(document)
    document.core_properties.title = printable(source.paper.title)[:PROPERTY]
    document.core_properties.author = printable(source.paper.sender)[:PROPERTY]
    return save(document, at)


def _bounded(sentences: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(sentences))
    more = len(found) - MOST_PROBLEMS
    return found if more <= 0 else [*found[:MOST_PROBLEMS], f"另有{more}处问题，请先改正以上各处。"]


class _Form(DocxTemplate):
    """The template, opened, that runs nothing before it has been looked through."""

    def __init__(self, template: bytes, kind: str) -> None:
        super().__init__(BytesIO(template))
        self.scope = scope_of(fields_of(kind))
        _require_modest(template)
        try:
            self.init_docx()
            self.parts = list(self._parts())
        except Exception:
            raise Faulty(NOT_WORD) from None

    def _parts(self) -> Iterator[tuple[str, str]]:
        """What is filled: its name and its XML."""
        yield "模板", self.get_xml()
        for uri, name in ((self.HEADER_URI, "模板页眉"), (self.FOOTER_URI, "模板页脚")):
            for _, part in self.get_headers_footers(uri):
                yield name, self.get_part_xml(part)
        for part in self.docx.part.package.iter_parts():
            if part.content_type.endswith(".footnotes+xml"):
                yield "模板脚注", self.get_part_xml(part)

    def require_sound(self) -> None:
        """Raise Faulty with a sentence for each tag that is wrong."""
        if sum(len(xml) for _, xml in self.parts) > MOST_MARKUP:
            raise Faulty(TOO_LONG)
        problems = [*_outside(self.docx)]
        self.tags: list[Tag] = []
        for where, xml in self.parts:
            # By lxml alone: what python-docx parses calls other things its text.
            root = etree.fromstring(xml, _STRICT)
            if _fetches(root):
                problems.append(ACTIVE)
            tags, broken = tags_of(root, where)
            self.tags += tags
            if len(self.tags) > MOST_TAGS:
                raise Faulty(TOO_LONG)
            problems += broken + problems_of(tags, self.scope)
        if problems:
            raise Faulty(*problems)

    @property
    def marks(self) -> bool:
        """Does the template itself say that it is a draft?"""
        return any(tag.is_output and MARK in tag.text for tag in self.tags)

    def render_xml_part(self, src_xml: str, part: Any, context: dict[str, Any], jinja_env: Any = None) -> str:
        """Fill one part; what docxtpl has made of it is looked through once more."""
        try:
            check_all(src_xml, self.scope)
        except Wrong:
            raise Faulty(UNFIT) from None
        pieces, size = [], 0
        try:
            for piece in jinja_env.from_string(src_xml).generate(context):
                pieces.append(piece)
                size += len(piece)
                if size > MOST_FILLED:
                    raise Faulty(TOO_MUCH)
        except TemplateError:
            raise Faulty(UNFIT) from None
        filled = self.resolve_listing("".join(pieces))
        root = etree.fromstring(filled.encode(), _STRICT)
        if _fetches(root):
            raise Faulty(ACTIVE)
        return filled

    def render_properties(self, context: dict[str, Any], jinja_env: Any = None) -> None:
        """Nothing is filled there: `_filled` sets them."""


def _require_modest(template: bytes) -> None:
    """Raise Faulty for what would take much memory when it is opened, and for what is no zip."""
    try:
        with zipfile.ZipFile(BytesIO(template)) as package:
            sizes = [one.file_size for one in package.infolist()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise Faulty(NOT_WORD) from None
    if sum(sizes) > MOST_UNPACKED:
        raise Faulty(TOO_LONG)


# What a template may not bring along ------------------------------------------------------------------


def _outside(document: Document) -> Iterator[str]:
    """A sentence if anything but links and the name of a local template lies outside the file."""
    package = document.part.package
    relations = [package.rels, *(part.rels for part in package.iter_parts())]
    for relation in (one for rels in relations for one in rels.values()):
        outside = relation.is_external and relation.reltype not in _SAFE_OUTSIDE
        if outside or relation.reltype in _FOREIGN:
            yield REMOTE
            return


def _fetches(root: Any) -> bool:
    """Is there a field of Word that would fetch something? Its words may lie in several runs."""
    said = "".join(one.text or "" for one in root.iter(qn("w:instrText")))
    simple = " ".join(one.get(qn("w:instr"), "") for one in root.iter(qn("w:fldSimple")))
    return bool(_FETCHING.search(f"{said} {simple}") or TAG.search(f"{said}{simple}"))


# After filling ----------------------------------------------------------------------------------------


def _mend(document: Document) -> None:
    """Word opens no cell without a paragraph, and no table without rows."""
    for root in _roots(document):
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


def _mark(document: Document, mark: str) -> None:
    """Say in the header of every page that it is a draft; a header that sections share says it once."""
    marked: set[str] = set()
    even = document.settings.odd_and_even_pages_header_footer
    for section in document.sections:
        headers: list[_BaseHeaderFooter] = [section.header]
        headers += [section.first_page_header] if section.different_first_page_header_footer else []
        headers += [section.even_page_header] if even else []
        for header in headers:
            first = header.paragraphs[0] if header.paragraphs else header.add_paragraph()
            if header.part.partname not in marked:
                first.insert_paragraph_before(mark)
                marked.add(header.part.partname)


def _forget(document: Document) -> None:
    """Who last had it, and where on their machine Word's own template lies, is nobody's business."""
    settings = document.part._settings_part
    for element in list(settings.element.iter(qn("w:attachedTemplate"))):
        element.getparent().remove(element)
    for key in [key for key, one in settings.rels.items() if one.reltype == _LOCAL_TEMPLATE]:
        del settings.rels[key]
    properties = document.core_properties
    properties.last_modified_by, properties.revision = "", 1
    properties.comments = properties.keywords = properties.category = properties.subject = ""
