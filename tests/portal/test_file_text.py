"""The words in Word and PDF files; nothing, and no error, for all that cannot be read."""

import io
import struct
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from portal.files import markup, pdf_text
from portal.files import text as reading
from portal.files.kinds import FileKind
from portal.files.text import text_of
from tests.portal import hostile

FIB = 0x1AA
WORDS = 0x600  # where the characters begin


def text_in(tmp_path: Path, content: bytes, kind: FileKind) -> str:
    path = tmp_path / "x"
    path.write_bytes(content)
    return text_of(path, kind)


# docx


def docx(*paragraphs: str, rows: tuple[tuple[str, ...], ...] = ()) -> bytes:
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for row, texts in zip(table.rows, rows, strict=True):
            for cell, words in zip(row.cells, texts, strict=True):
                cell.text = words
        document.add_paragraph("表后")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def with_body(markup: str) -> bytes:
    """A docx whose body is `markup`."""
    package = zipfile.ZipFile(io.BytesIO(docx("")))
    parts = {name: package.read(name) for name in package.namelist()}
    main = parts["word/document.xml"].decode()
    start, end = main.index("<w:body>") + 8, main.index("</w:body>")
    parts["word/document.xml"] = (main[:start] + markup + main[end:]).encode()
    return hostile.zipped(parts | {"word/media/i.jpg": hostile.NOISE})


def test_word_paragraphs(tmp_path):
    assert text_in(tmp_path, docx("第一段，", "第二段。"), FileKind.DOCX) == "第一段，\n第二段。"


def test_word_tables_stand_where_they_are(tmp_path):
    content = docx("表前", rows=(("甲", "乙"), ("丙", "丁")))
    assert text_in(tmp_path, content, FileKind.DOCX) == "表前\n甲\t乙\n丙\t丁\n表后"


def test_word_tabs_and_line_breaks(tmp_path):
    content = with_body("<w:p><w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/><w:t>丙</w:t></w:r></w:p>")
    assert text_in(tmp_path, content, FileKind.DOCX) == "甲\t乙\n丙"


def test_word_content_controls_are_read_and_deletions_are_not(tmp_path):
    content = with_body(
        "<w:p><w:sdt><w:sdtContent><w:r><w:t>留</w:t></w:r></w:sdtContent></w:sdt>"
        "<w:del><w:r><w:delText>删</w:delText></w:r></w:del></w:p>"
    )
    assert text_in(tmp_path, content, FileKind.DOCX) == "留"


def test_a_word_document_with_a_document_type_has_no_text(tmp_path):
    parts = dict(hostile.parts_of("docx", {}))
    parts["word/document.xml"] = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    assert text_in(tmp_path, hostile.zipped(parts), FileKind.DOCX) == ""


def test_a_long_word_document_is_read_up_to_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "LIMIT", 1000)
    assert text_in(tmp_path, docx(*["字" * 400] * 5), FileKind.DOCX) == "\n".join(["字" * 400] * 5)[:1000]


def test_markup_that_unpacks_to_much_is_not_read_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(markup, "MAX_BYTES", 100_000)
    content = with_body(
        "<w:p><w:r><w:t>前</w:t></w:r></w:p>" + "<w:p/>" * 50_000 + "<w:r><w:t>后</w:t></w:r>"
    )
    assert text_in(tmp_path, content, FileKind.DOCX) == "前"


SAID = "<w:p><w:r><w:t>前</w:t></w:r></w:p>"


@pytest.mark.parametrize(
    "dear",
    [
        "<a>" * 10_000_000,
        "<a/>" * 20_000_000,
        "<w:tc>" + "<w:p/>" * 12_000_000,
        "".join(f"<a{number}/>" for number in range(1_000_000)),
    ],
    ids=["nested", "flat", "empty paragraphs", "names"],
)
@pytest.mark.parametrize("where", ["{}", "<Fallback>{}"])
def test_dear_markup_gives_what_was_read_soon_and_with_little_memory(tmp_path, dear, where):
    path = tmp_path / "x"
    path.write_bytes(with_body(SAID + where.format(dear)))
    tracemalloc.start()
    try:
        before = time.monotonic()
        found = text_of(path, FileKind.DOCX)
        took, (_, peak) = time.monotonic() - before, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (found, took < reading.PATIENCE + 2, peak < 40_000_000) == ("前", True, True)


def test_markup_that_takes_too_long_gives_what_was_read_until_then(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "PATIENCE", -1)
    content = with_body(SAID + "<w:p/>" * 50_000 + "<w:p><w:r><w:t>后</w:t></w:r></w:p>")
    assert text_in(tmp_path, content, FileKind.DOCX) == "前"


# PDF


def pdf(*pages: str) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    file = io.BytesIO()
    canvas = Canvas(file)
    for page in pages:
        canvas.setFont("STSong-Light", 12)
        for number, line in enumerate(page.split("\n")):
            canvas.drawString(72, 700 - 20 * number, line)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def test_pdf_pages(tmp_path):
    content = pdf("座谈会上\n大家谈", "第二页")
    assert text_in(tmp_path, content, FileKind.PDF).split() == ["座谈会上", "大家谈", "第二页"]


def test_pages_beyond_the_last_one_looked_at_are_left_out(tmp_path):
    content = pdf(*map(str, range(pdf_text.MAX_PAGES + 1)))
    assert text_in(tmp_path, content, FileKind.PDF).split() == [str(n) for n in range(pdf_text.MAX_PAGES)]


def test_a_pdf_that_takes_too_long_gives_what_it_gave_until_then(tmp_path, monkeypatch):
    slow = tmp_path / "slow.py"
    slow.write_text("import sys, time\nprint('一页', flush=True)\ntime.sleep(60)\n", encoding="utf-8")
    monkeypatch.setattr(pdf_text, "__file__", str(slow))
    monkeypatch.setattr(pdf_text, "WALL_TIME", 2)
    began = time.monotonic()
    assert (text_in(tmp_path, pdf("甲"), FileKind.PDF), time.monotonic() - began < 10) == ("一页", True)


def test_a_picture_in_a_pdf_has_no_text(tmp_path):
    assert text_in(tmp_path, hostile.pdf(b"<</Type/Pages/Kids[]/Count 0>>"), FileKind.PDF) == ""


# doc and wps


def word97(*pieces: str, characters: int | None = None, before: bytes = b"") -> bytes:
    """A document whose text stands in `pieces`, one byte a character where that does."""
    body, positions, where, count = b"", [0], [], 0
    for piece in pieces:
        narrow = piece.isascii()
        place = WORDS + len(body)
        where.append(struct.pack("<HLH", 0, place * 2 | 0x40000000 if narrow else place, 0))
        body += piece.encode("cp1252" if narrow else "utf-16-le")
        body += bytes(len(body) % 2)
        count += len(piece)
        positions.append(count)
    table = struct.pack(f"<{len(positions)}L", *positions) + b"".join(where)
    clx = before + b"\x02" + struct.pack("<L", len(table)) + table
    fib = bytearray(WORDS)
    struct.pack_into("<2H", fib, 0, 0xA5EC, 0x00C1)
    struct.pack_into("<H", fib, 10, 0x0200)
    struct.pack_into("<L", fib, 0x4C, count if characters is None else characters)
    struct.pack_into("<2L", fib, 0x1A2, 16, len(clx))
    return hostile.ole2({"WordDocument": bytes(fib) + body, "1Table": bytes(16) + clx})


@pytest.mark.parametrize("kind", [FileKind.DOC, FileKind.WPS])
def test_old_word_documents(tmp_path, kind):
    assert text_in(tmp_path, word97("家访记\r", "Word 97\r", "第二段\r"), kind) == "家访记\nWord 97\n第二段"


def test_notes_behind_the_main_text_are_left_out(tmp_path):
    assert text_in(tmp_path, word97("正文", "脚注", characters=2), FileKind.DOC) == "正文"


def test_formatting_before_the_piece_table_is_passed_over(tmp_path):
    assert text_in(tmp_path, word97("正文", before=b"\x01\x03\x00abc"), FileKind.DOC) == "正文"


def test_of_a_field_its_result_is_read(tmp_path):
    content = word97("见\x13 HYPERLINK \x13 x \x14 y \x15 \x14首页\x15，甲\x07乙\x07")
    assert text_in(tmp_path, content, FileKind.DOC) == "见首页，甲\t乙"


def test_an_encrypted_document_and_one_of_word_95_have_no_text(tmp_path):
    found = []
    for place, value in ((10, 0x0300), (0, 0xA5DC)):
        content = bytearray(word97("正文"))
        struct.pack_into("<H", content, content.index(struct.pack("<2H", 0xA5EC, 0x00C1)) + place, value)
        found.append(text_in(tmp_path, bytes(content), FileKind.DOC))
    assert found == ["", ""]


PLAIN = st.text(st.characters(codec="utf-16-le", exclude_categories=["Cc", "Cs", "Zs", "Cn"]), min_size=1)


@given(st.lists(PLAIN, min_size=1, max_size=5))
def test_what_word_wrote_is_what_is_read(tmp_path_factory, pieces):
    pieces = [piece.replace("\ufeff", "x").replace("\u2028", "x") for piece in pieces]
    pieces = ["".join(letter for letter in piece if letter < "\U00010000") or "字" for piece in pieces]
    assert text_in(tmp_path_factory.getbasetemp(), word97(*pieces), FileKind.DOC) == "".join(pieces).strip()


# What cannot be read

SOUND = {FileKind.DOCX: docx("甲" * 50), FileKind.PDF: pdf("甲" * 20), FileKind.DOC: word97("甲" * 50)}


@given(st.sampled_from([FileKind.DOC, FileKind.DOCX]), st.data())
def test_damaged_files_raise_nothing(tmp_path_factory, kind, data):
    content = bytearray(SOUND[kind])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=20)):
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    assert isinstance(text_in(tmp_path_factory.getbasetemp(), bytes(content[:cut]), kind), str)


@pytest.mark.parametrize("kind", [FileKind.DOCX, FileKind.PDF, FileKind.DOC, FileKind.WPS])
@pytest.mark.parametrize("content", [b"", b"x" * 5000, hostile.png()], ids=["empty", "noise", "picture"])
def test_files_of_another_kind_have_no_text(tmp_path, kind, content):
    assert text_in(tmp_path, content, kind) == ""


def test_a_file_that_is_gone_has_no_text(tmp_path):
    assert text_of(tmp_path / "gone", FileKind.DOCX) == ""


def test_other_kinds_are_not_opened(tmp_path):
    assert [text_of(tmp_path, kind) for kind in (FileKind.XLSX, FileKind.JPEG, FileKind.PPT)] == ["", "", ""]


def test_what_no_database_takes_is_left_out(tmp_path):
    assert text_in(tmp_path, word97("甲\x01乙\x00丙\ufffe丁"), FileKind.DOC) == "甲乙丙丁"
