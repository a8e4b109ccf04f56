"""docx, xlsx, pptx: bombs, tricks with the container, macros, objects, remote templates."""

import io
import time
import tracemalloc
import zipfile

import pytest

from portal.files.refusal import Problem, Reason
from portal.files.zips import Budget, Package
from tests.portal import hostile
from tests.portal.hostile import ooxml, parts_of, relations, verdict, zipped

AGAIN = "用 WPS 或 Office 打开，另存为 docx 格式"
MISMATCH = f"文件“x.docx”的内容不是 Word 文档（docx），请{AGAIN}后再上传。"
DAMAGED = "文件“x.docx”已损坏或没有传完整，请先在自己的设备上打开确认无误，再重新上传。"
STRUCTURE = f"文件“x.docx”的内部结构不合规范，无法检查，请{AGAIN}后再上传。"
BOMB = f"文件“x.docx”展开后的内容过大，请精简内容并{AGAIN}后再上传。"
PASSWORD = "文件“x.docx”设有密码，无法审阅，请取消密码保护后重新上传。"
MACRO = "文件“x.docx”含有宏，请用 WPS 或 Office 打开，另存为不含宏的 docx 格式后再上传。"
EMBEDDED = f"文件“x.docx”里嵌有程序、控件或其他文件，请删除这些嵌入的对象并{AGAIN}后再上传。"
REMOTE = f"文件“x.docx”引用了外部地址上的模板或对象，请断开这些链接并{AGAIN}后再上传。"


def judged(data: bytes) -> str:
    return verdict(data, "x.docx")


def without(part: str) -> bytes:
    return zipped({name: content for name, content in parts_of("docx").items() if name != part})


# The right parts


def test_a_plain_zip_is_no_document():
    assert judged(zipped({"心得.txt": b"x"})) == MISMATCH


@pytest.mark.parametrize("part", ["[Content_Types].xml", "_rels/.rels", "word/document.xml"])
def test_each_necessary_part_is_missed(part: str):
    assert judged(without(part)) == MISMATCH


def test_a_template_is_no_document():
    types = {"/word/document.xml": f"{hostile.OFFICE}wordprocessingml.template.main+xml"}
    assert judged(zipped(parts_of("docx", types))) == MISMATCH


@pytest.mark.parametrize("content", [b"<html/>", b"", b"MZ not a document"])
def test_the_main_part_must_be_what_it_is_declared_to_be(content: bytes):
    assert judged(ooxml("docx", {"word/document.xml": content})) in (MISMATCH, DAMAGED)


def test_the_main_type_may_be_a_default_as_the_open_xml_sdk_writes_it():
    parts = parts_of("docx")
    parts["[Content_Types].xml"] = (
        b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        b'<Default Extension="xml" ContentType="%s"/></Types>' % hostile.MAIN["docx"][1].encode()
    )
    assert judged(zipped(parts)) == "docx"


# The container


@pytest.mark.parametrize("name", ["../x.xml", "a/../../x.xml", "/x.xml", "a\\x.xml", "C:/x.xml", "a//x.xml"])
def test_path_tricks(name: str):
    assert judged(ooxml("docx", {name: b"<x/>"})) == STRUCTURE


def test_a_name_hidden_behind_a_nul():
    data = ooxml("docx", {"word/axb.xml": b"<x/>"})
    assert judged(data.replace(b"word/axb.xml", b"word/a\0b.xml")) == STRUCTURE


def test_two_parts_of_one_name():
    assert judged(ooxml("docx", {"Word/Document.xml": b"<x/>"})) == STRUCTURE


def test_the_two_headers_of_an_entry_must_agree():
    data = ooxml("docx", {"word/a.xml": b"<x/>"})
    assert judged(data.replace(b"word/a.xml", b"word/b.xml", 1)) == STRUCTURE


def test_unusual_compression():
    assert judged(zipped(parts_of("docx"), zipfile.ZIP_LZMA)) == STRUCTURE


def test_encrypted_entries():
    assert judged(hostile.with_flag(ooxml("docx"), 0x1)) == PASSWORD


def test_document_type_declarations_and_their_entities():
    entities = b'<!DOCTYPE x [<!ENTITY a "b">]>'
    parts = parts_of("docx")
    parts["_rels/.rels"] = entities + parts["_rels/.rels"]
    assert judged(zipped(parts)) == STRUCTURE


def test_xml_that_is_cut_off():
    assert judged(ooxml("docx", {"word/_rels/document.xml.rels": b"<Relationships><Rel"})) == DAMAGED


def test_markup_that_makes_the_parser_hoard():
    hoard = b'<Relationships a="' + bytes(range(97, 123)) * 40_000 + b'"/>'
    assert judged(ooxml("docx", {"word/_rels/document.xml.rels": hoard})) == STRUCTURE


def test_data_appended_to_the_zip():
    assert judged(ooxml("docx") + b"<script>alert(1)</script>") == DAMAGED
    assert judged(ooxml("docx") + b"\r\n") == "docx"


def test_a_zip_comment_may_hide_a_second_directory():
    out = io.BytesIO(ooxml("docx"))
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = b"x"
    assert judged(out.getvalue()) == DAMAGED


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_flipped_bit(method: int):
    data = bytearray(zipped({**parts_of("docx"), "word/a.bin": bytes(range(256)) * 9}, method))
    start = data.index(b"word/a.bin") + 200
    data[start] ^= 1
    assert judged(bytes(data)) == DAMAGED


# Bombs


def test_a_bomb_by_ratio():
    assert judged(ooxml("docx", {"word/a.xml": bytes(25 * 1024 * 1024)})) == BOMB


def test_a_bomb_that_lies_about_its_size():
    assert judged(hostile.with_size(ooxml("docx", {"word/a.bin": bytes(100_000)}), 10)) == BOMB


def test_a_bomb_of_shared_bytes():
    parts = {**parts_of("docx"), "word/a.bin": b"x" * 99, "word/b.bin": b"x" * 99}
    assert judged(hostile.overlapping(parts)) == BOMB


def test_too_many_entries():
    assert judged(ooxml("docx", {f"a/{number}": b"" for number in range(10_001)})) == BOMB


def test_the_budget_is_shared_by_everything_unpacked():
    budget = Budget(content=5_000)
    Package(io.BytesIO(zipped({"a": b"x" * 3000})), budget)
    with pytest.raises(Problem) as raised:
        Package(io.BytesIO(zipped({"a": b"x" * 3000})), budget)
    assert raised.value.reason is Reason.BOMB


def test_too_much_markup_is_a_bomb():
    with pytest.raises(Problem) as raised:
        Budget(markup=10).spend(markup=11)
    assert raised.value.reason is Reason.BOMB


def test_zip_64_is_read(tmp_path):
    """Writers that stream use its records even for small files."""
    data = ooxml("docx")
    end = len(data) - 22
    count, length, offset = len(parts_of("docx")), *_directory(data)
    record = b"PK\x06\x06" + (44).to_bytes(8, "little") + b"\x2d\0\x2d\0" + bytes(8)
    record += b"".join(each.to_bytes(8, "little") for each in (count, count, length, offset))
    locator = b"PK\x06\x07" + bytes(4) + end.to_bytes(8, "little") + b"\x01\0\0\0"
    last = b"PK\x05\x06" + bytes(4) + b"\xff" * 12 + b"\0\0"
    assert judged(data[:end] + record + locator + last) == "docx"
    assert judged(data[:end] + record[:-8] + bytes(8) + locator + last) == DAMAGED


def _directory(data: bytes) -> tuple[int, int]:
    return int.from_bytes(data[-10:-6], "little"), int.from_bytes(data[-6:-2], "little")


# Macros, objects, remote things


@pytest.mark.parametrize(
    "data",
    [
        ooxml("docx", {"word/vbaProject.bin": hostile.ole2({"VBA/dir": b""})}),
        ooxml("docx", {"word/innocent.bin": hostile.ole2({"VBA/dir": b""})}),
        ooxml("docx", {"word/vbaData.xml": b"<x/>"}),
        ooxml("docx", {"xl/macrosheets/sheet1.xml": b"<x/>"}),
        ooxml("docx", {"a.bin": b"x"}, **{"/a.bin": "application/vnd.ms-office.vbaProject"}),
        ooxml("docx", {"word/_rels/document.xml.rels": relations([("vbaProject", "a.bin", "")])}),
        zipped(
            parts_of("docx", {"/word/document.xml": "application/vnd.ms-word.document.macroEnabled.main+xml"})
        ),
        ooxml("docx", {"word/embeddings/a.xlsm": ooxml("xlsx", {"xl/vbaProject.bin": b"x"})}),
    ],
    ids=["project", "renamed", "data", "sheet", "type", "relation", "docm", "inside"],
)
def test_macros(data: bytes):
    assert judged(data) == MACRO


def native(clsid: str) -> bytes:
    return hostile.ole2({"o/\x01Ole10Native": b"x"}, {"o": clsid})


@pytest.mark.parametrize(
    "parts",
    [
        {"word/embeddings/oleObject1.bin": native(hostile.PACKAGE_CLASS)},
        {"word/embeddings/oleObject1.bin": native("")},
        {"word/media/image1.png": hostile.PROGRAM},
        {"word/media/image1.png": b"\x7fELF\x02\x01"},
        {"word/activeX/activeX1.xml": b"<x/>"},
        {"word/embeddings/archive.bin": zipped({"x.js": b"x"})},
    ],
    ids=["package", "no class", "program", "linux program", "control", "archive"],
)
def test_embedded_programs_and_files(parts: dict[str, bytes]):
    assert judged(ooxml("docx", parts)) == EMBEDDED


def test_packages_in_packages_end_somewhere():
    inner = ooxml("xlsx")
    for _ in range(2):
        inner = ooxml("docx", {"word/embeddings/a.docx": inner})
    assert judged(inner) == "docx"
    assert judged(ooxml("docx", {"word/embeddings/a.docx": inner})) == EMBEDDED


def test_formulas_and_chart_data_are_fine():
    parts = {
        "word/embeddings/oleObject1.bin": native(hostile.FORMULA_CLASS),
        "word/embeddings/Microsoft_Excel_Worksheet.xlsx": ooxml("xlsx"),
    }
    assert judged(ooxml("docx", parts)) == "docx"


@pytest.mark.parametrize(
    "target",
    [
        "http://evil.example/a.dotm",
        "HTTPS://evil.example/a.dotm",
        "\\\\evil.example\\share\\a.dotm",
        "//evil.example/a.dotm",
        "file://evil.example/a.dotm",
        "file:////evil.example/a.dotm",
        "file:///\\\\evil.example\\a.dotm",
        "mhtml:http://evil.example/a!x-usc:a",
        "%68ttp://evil.example/a.dotm",
        " http://evil.example/a.dotm",
    ],
)
@pytest.mark.parametrize("kind", ["attachedTemplate", "oleObject", "frame", "subDocument"])
def test_templates_and_objects_from_elsewhere(kind: str, target: str):
    part = {"word/_rels/settings.xml.rels": relations([(kind, target, "External")])}
    assert judged(ooxml("docx", part)) == REMOTE


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("attachedTemplate", "file:///C:/Users/wang/Normal.dotm"),
        ("attachedTemplate", "C:\\Users\\wang\\Normal.dotm"),
        ("attachedTemplate", "file:///Users/wang/Normal.dotm"),
        ("attachedTemplate", "Normal.dotm"),
        ("oleObject", "embeddings/oleObject1.bin"),
        ("hyperlink", "https://example.org/"),
        ("image", "https://example.org/a.png"),
    ],
)
def test_links_and_local_templates_are_fine(kind: str, target: str):
    part = {"word/_rels/document.xml.rels": relations([(kind, target, "External")])}
    assert judged(ooxml("docx", part)) == "docx"


@pytest.mark.parametrize("extension", ["docx", "xlsx", "pptx"])
def test_an_encrypted_document_is_an_ole2_container(extension: str):
    data = hostile.ole2({"EncryptedPackage": b"x", "EncryptionInfo": b"x"})
    assert verdict(data, f"x.{extension}") == (
        f"文件“x.{extension}”设有密码，无法审阅，请取消密码保护后重新上传。"
    )


# Markup that is dear to read

MAIN_PART, RELATIONS = "word/document.xml", "word/_rels/document.xml.rels"


DEAR = {
    "nested": (b"<a>" * 10_000_000, STRUCTURE),
    "too deep": (b"<a>" * 300 + b"</a>" * 300, STRUCTURE),
    "flat": (b"<a/>" * 7_500_000, BOMB),
    "long": (b"<t>" + b" " * 40_000_000 + b"</t>", BOMB),
    "many names": (b"".join(b"<a%x/>" % number for number in range(100_000)), STRUCTURE),
    "many attributes": (b"<a " + b" ".join(b'a%x=""' % n for n in range(300_000)) + b"/>", STRUCTURE),
    "unfinished": (b"<a>" * 3, DAMAGED),
}


@pytest.mark.parametrize("part", [MAIN_PART, RELATIONS])
@pytest.mark.parametrize("dear", DEAR)
def test_markup_that_is_dear_to_read_is_refused_soon(part: str, dear: str):
    body, said = DEAR[dear]
    data = hostile.swollen(body, part)
    began = time.process_time()
    assert judged(data) == said
    assert time.process_time() - began < 4  # seconds of this process's own work


@pytest.mark.parametrize("part", [MAIN_PART, RELATIONS])
@pytest.mark.parametrize("dear", ["nested", "many names", "many attributes"])
def test_markup_that_a_parser_would_hoard_takes_little_memory(part: str, dear: str):
    data = hostile.swollen(DEAR[dear][0], part)
    tracemalloc.start()
    try:
        judged(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 60_000_000  # bytes


def test_the_elements_of_all_parts_are_counted_together():
    many = b"<Relationships>" + b"<a/>" * 800_000 + b"</Relationships>"
    large = hostile.swollen(b"<a/>" * 800_000)
    with zipfile.ZipFile(io.BytesIO(large)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    assert [judged(large), judged(zipped(parts | {RELATIONS: many}))] == ["docx", BOMB]


def test_a_report_of_three_hundred_pages_is_far_from_all_bounds():
    cell = b"<w:tc><w:tcPr><w:tcW/></w:tcPr><w:p><w:pPr/><w:r><w:rPr/><w:t>%s</w:t></w:r></w:p></w:tc>"
    page = (b"<w:tbl>" + b"<w:tr>" + cell % ("家访记" * 4).encode() * 5 + b"</w:tr></w:tbl>") * 18
    assert judged(hostile.swollen(page * 300)) == "docx"


def test_a_drawing_within_an_attribute_is_no_reason_to_refuse():
    drawing = b'<v:shape xmlns:v="urn:v" gfxdata="%s"/>' % (b"QUJD" * 300_000)
    assert judged(hostile.swollen(drawing)) == "docx"
