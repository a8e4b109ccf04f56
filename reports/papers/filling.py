"""A bureau's own .docx with fields, filled in a sandbox.

A template is a stranger's program. Before anything of it runs, its tags are read one by one (`structure.py`)
and then the very text that is to run is held against an allow-list (`sandbox.py`); size, number of tags and
what comes out of them are bounded. The same template, figures and words make the same bytes.
"""

import logging
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import docx
from docx.opc.part import Part
from docx.oxml import parse_xml
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from lxml import etree

from portal.word import printable, save
from reports.papers import examples, mending
from reports.papers.field import Source
from reports.papers.fields import context_of, fields_of
from reports.papers.package import comments, fetches, is_filled, is_footnotes, outside, speaks, xml_parts
from reports.papers.paper import Paper
from reports.papers.sandbox import Wrong, check_all, environment, scope_of
from reports.papers.structure import problems_of
from reports.papers.tags import Tag, tags_of
from reports.papers.wording import Words

logger = logging.getLogger(__name__)

MOST_TAGS = 2000
MOST_UNPACKED = 30_000_000  # bytes of all parts
MOST_MARKUP = 1_500_000  # characters of the parts that have tags
MOST_ELEMENTS = 20_000  # of the parts that have tags
MOST_SIGNS = 200_000  # “<” in the whole package, which nothing takes apart before
MOST_PARTS = 12
MOST_FILLED = 20_000_000  # characters of all that has been filled
MOST_PROBLEMS = 20
PROPERTY = 255  # characters that Word takes in a file's properties

NOT_WORD = "模板不是可以打开的Word文档（docx），请用WPS或Word打开后另存为docx再上传。"
TOO_LONG = "模板太大或字段太多，无法检查，请精简后再上传。"
TOO_MUCH = "按模板填写的内容太多，无法生成，请减少模板中的循环或循环里的内容。"
UNSOUND = (
    "模板中的条件、循环或有几段文字的字段与表格、文本框、超链接等交错，填写后文档不完整，请对照示例模板调整。"
)
TOO_MANY = f"模板的页眉、页脚等超过{MOST_PARTS - 1}个，请减少分节，或让各节使用同一个页眉和页脚后再上传。"
COMMENTED = "模板中有批注，会带进签发的文件，请删除全部批注后再上传。"
ASIDE = "模板的尾注、文档部件等处含有字段，字段只能写在正文、页眉、页脚和脚注里，请删去。"
UNFIT = "模板中有无法识别的写法，请对照示例模板改正。"
REMOTE = "模板链接了外部的图片、对象或文件，请断开链接或改为嵌入后再上传。"
ACTIVE = "模板中有引用其他文件或网址的域（如INCLUDETEXT、INCLUDEPICTURE、DDE、LINK），请删去后再上传。"

_STRICT = etree.XMLParser(resolve_entities=False, no_network=True)
_EMPTY = re.compile(r"<w:(p|r|t)( [^>]*)?/>")
_PLACE = "body"
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Faulty(Exception):
    """A template that cannot be filled: `sentences` name the places; as text it is the first of them."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(sentences[0])
        self.sentences = sentences


def check(template: bytes, kind: str) -> None:
    """Raise Faulty unless the .docx can be filled for reports of `kind`, full ones and empty ones."""
    try:
        for source in (examples.source_of(kind), examples.empty(), examples.large(kind)):
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
        mending.mend(document)
    except Faulty:
        raise
    except Exception:
        # A foreign library and a foreign file: whatever they make of each other, the file is at fault.
        logger.warning("A template for %s could not be filled", kind, exc_info=True)
        raise Faulty(UNSOUND) from None
    if source.words.mark:
        mending.mark(document, source.words.mark)
    mending.forget(document)
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
        self.room = MOST_FILLED
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
        for part in self._footnotes():
            yield "模板脚注", self.get_part_xml(part)

    def _footnotes(self) -> list[Part]:
        return [one for one in self.docx.part.package.iter_parts() if is_footnotes(one)]

    def require_sound(self) -> None:
        """Raise Faulty with a sentence for each tag that is wrong."""
        whole = [xml for _, xml in self.parts]
        elements = sum(xml.count("</") + xml.count("/>") for xml in whole)
        if sum(map(len, whole)) > MOST_MARKUP or elements > MOST_ELEMENTS:
            raise Faulty(TOO_LONG)
        if len(self.parts) > MOST_PARTS:
            raise Faulty(TOO_MANY)
        problems = [*self._brought()]
        self.tags: list[Tag] = []
        for where, xml in self.parts:
            # By lxml alone: what python-docx parses calls other things its text.
            root = etree.fromstring(xml, _STRICT)
            tags, broken = tags_of(root, where)
            self.tags += tags
            if len(self.tags) > MOST_TAGS:
                raise Faulty(TOO_LONG)
            problems += broken + problems_of(tags, self.scope)
        if problems:
            raise Faulty(*problems)

    def _brought(self) -> Iterator[str]:
        """Sentences on what the package must not bring along, in whatever part it lies."""
        if outside(self.docx):
            yield REMOTE
        for part in xml_parts(self.docx):
            try:
                root = etree.fromstring(part.blob, _STRICT)
            except etree.XMLSyntaxError:
                raise Faulty(NOT_WORD) from None
            if fetches(root):
                yield ACTIVE
            if comments(root):
                yield COMMENTED
            elif not is_filled(part) and speaks(root):
                yield ASIDE

    def render_xml_part(self, src_xml: str, part: Any, context: dict[str, Any], jinja_env: Any = None) -> str:
        """Fill one part; what docxtpl has made of it is looked through once more."""
        try:
            check_all(src_xml, self.scope)
        except Wrong:
            raise Faulty(UNFIT) from None
        # docxtpl takes an empty paragraph for the beginning of the next one.
        src_xml = _EMPTY.sub(r"<w:\1\2></w:\1>", src_xml)
        pieces = []
        try:
            for piece in jinja_env.from_string(src_xml).generate(context):
                pieces.append(piece)
                self.room -= len(piece)
                if self.room < 0:
                    raise Faulty(TOO_MUCH)
        except TemplateError:
            raise Faulty(UNFIT) from None
        filled = self.resolve_listing("".join(pieces))
        root = etree.fromstring(filled.encode(), _STRICT)
        if fetches(root):
            raise Faulty(ACTIVE)
        return filled

    def map_tree(self, tree: Any) -> None:
        """Put the filled body into the document, parsed as a whole: moving it would take lxml very long."""
        root = self.docx.element
        root.replace(root.body, etree.Comment(_PLACE))
        shell = self.xml_to_string(root)
        self.docx.part._element = parse_xml(shell.replace(f"<!--{_PLACE}-->", self.xml_to_string(tree), 1))

    def render_footnotes(self, context: dict[str, Any], jinja_env: Any = None) -> None:
        """Once, and not once for each section."""
        for part in self._footnotes():
            source = self.patch_xml(self.get_part_xml(part))
            part._blob = self.render_xml_part(source, part, context, jinja_env).encode()

    def render_properties(self, context: dict[str, Any], jinja_env: Any = None) -> None:
        """Nothing is filled there: `_filled` sets them."""


def _require_modest(template: bytes) -> None:
    """Raise Faulty for what would take much memory when it is opened, and for what is no zip."""
    try:
        with zipfile.ZipFile(BytesIO(template)) as package:
            if sum(one.file_size for one in package.infolist()) > MOST_UNPACKED:
                raise Faulty(TOO_LONG)
            signs = sum(package.read(one).count(b"<") for one in package.infolist())
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise Faulty(NOT_WORD) from None
    if signs > MOST_SIGNS:
        raise Faulty(TOO_LONG)
