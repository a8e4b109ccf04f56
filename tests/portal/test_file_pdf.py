"""PDF: passwords, scripts, programs, attachments; also in object streams and in odd spelling."""

import os
import zlib

import pytest

from portal.files import pdf as checks
from tests.portal import hostile
from tests.portal.hostile import object_stream, pdf, pdf_stream, verdict

AGAIN = "用“打印为 PDF”或“导出为 PDF”重新生成"
MISMATCH = f"文件“x.pdf”的内容不是 PDF 文档，请{AGAIN}后再上传。"
DAMAGED = "文件“x.pdf”已损坏或没有传完整，请先在自己的设备上打开确认无误，再重新上传。"
STRUCTURE = f"文件“x.pdf”的内部结构不合规范，无法检查，请{AGAIN}后再上传。"
BOMB = f"文件“x.pdf”展开后的内容过大，请精简内容并{AGAIN}后再上传。"
PASSWORD = "文件“x.pdf”设有密码，无法审阅，请取消密码保护后重新上传。"
ACTIVE = f"文件“x.pdf”含有脚本或会启动程序的动作，请{AGAIN}后再上传。"
ATTACHMENT = f"文件“x.pdf”里带有附件，请取出附件单独上传，本文{AGAIN}后再上传。"

SCRIPTS = [
    b"<</S/JavaScript/JS(app.alert\\(1\\))>>",
    b"<</S /JavaScript /JS 7 0 R>>",
    b"<</S/Java#53cript>>",
    b"<</S/#4aavaScript>>",
    b"<</S/Rendition/JS(app.alert\\(1\\))>>",
    b"<</S/Rendition/J#53 % a comment\n 7 0 R>>",
    b"<</S/Rendition/JS<6170702e>>>",
    b"<</S/Rendition/JS(\xfe\xff\0a)>>",
    b"<</S/Launch/F(cmd.exe)>>",
    b"<</Names<</JavaScript 3 0 R>>>>",
]
ATTACHMENTS = [
    b"<</Type/EmbeddedFile>>",
    b"<</Names<</EmbeddedFiles 3 0 R>>>>",
    b"<</Type/Embedded#46ile>>",
]


def judged(data: bytes) -> str:
    return verdict(data, "x.pdf")


@pytest.mark.parametrize("body", SCRIPTS)
def test_scripts_and_programs(body: bytes):
    assert judged(pdf(body)) == ACTIVE
    assert judged(pdf(object_stream(body))) == ACTIVE


@pytest.mark.parametrize("body", ATTACHMENTS)
def test_attachments(body: bytes):
    assert judged(pdf(body)) == ATTACHMENT
    assert judged(pdf(object_stream(body))) == ATTACHMENT


@pytest.mark.parametrize(
    "body",
    [
        b"<</S/JavaScripture>>",
        b"<</JSX(hello world)>>",
        b"<</Launcher 1>>",
        b"(\\(JS\\))",
        b"<</S/GoTo/D[3 0 R/Fit]>>",
        b"<</Type/Filespec/F(a.txt)>>",
    ],
)
def test_what_only_looks_similar_is_fine(body: bytes):
    assert judged(pdf(body)) == "pdf"
    assert judged(pdf(object_stream(body))) == "pdf"


def test_short_names_in_compressed_data_are_chance():
    noise = b"\x00\x91/JS(\x81\x00\xfe/JS<\xf0/JS 1\x99"
    assert judged(pdf(pdf_stream(noise, b"/Filter/DCTDecode"))) == "pdf"


@pytest.mark.parametrize("entry", [b"/Encrypt 9 0 R", b"/Encrypt<</Filter/Standard>>", b"/Encry#70t 9 0 R"])
def test_passwords(entry: bytes):
    assert judged(pdf(trailer=entry)) == PASSWORD
    # Whatever else it holds, the password is what the sender has to remove first.
    assert judged(pdf(SCRIPTS[0], trailer=entry)) == PASSWORD


def test_encryption_of_metadata_is_only_a_setting():
    assert judged(pdf(b"<</EncryptMetadata true>>")) == "pdf"


# Object streams


@pytest.mark.parametrize(
    "dictionary",
    [
        b"/Filter/FlateDecode",  # no type: a reader follows the cross-references
        b"/Type/ObjStm/Filter/FlateDecode/Pad(" + b" " * 4000 + b")",
    ],
)
def test_object_streams_are_found_whatever_they_say(dictionary: bytes):
    assert judged(pdf(object_stream(SCRIPTS[0], dictionary=dictionary))) == ACTIVE


def test_an_object_stream_that_is_not_compressed():
    assert judged(pdf(pdf_stream(b"9 0 " + SCRIPTS[0], b"/Type/ObjStm"))) == ACTIVE
    assert judged(pdf(pdf_stream(b"9 0 <</A 1>>", b"/Type/ObjStm"))) == "pdf"


@pytest.mark.parametrize(
    "dictionary",
    [
        b"/Type/ObjStm/Filter[/FlateDecode/ASCII85Decode]",
        b"/Type/ObjStm/Filter/LZWDecode",
        b"/Type/ObjStm/Filter/FlateDecode/DecodeParms<</Predictor 12>>",
        b"/Type/ObjStm/Filter/#46lateDecode",
        b"/Type/Obj#53tm/Filter/FlateDecode",
    ],
)
def test_object_streams_in_other_wrappings_cannot_be_checked(dictionary: bytes):
    assert judged(pdf(object_stream(b"<</A 1>>", dictionary=dictionary))) == STRUCTURE


def test_an_object_stream_that_does_not_unpack():
    assert judged(pdf(pdf_stream(b"not zlib", b"/Type/ObjStm/Filter/FlateDecode"))) == STRUCTURE


def test_a_script_across_two_blocks():
    for gap in range(16 * 64 * 1024 - 40, 16 * 64 * 1024 + 8, 7):
        body = b"<<" + b" " * gap + SCRIPTS[0] + b">>"
        assert judged(pdf(object_stream(body))) == ACTIVE


def test_a_script_before_the_damage_counts():
    packed = zlib.compress(b"9 0 " + SCRIPTS[0] + os.urandom(50_000))
    for cut in (200, 40_000):
        damaged = packed[:cut] + bytes(reversed(packed[cut:]))
        for dictionary in (b"/Type/ObjStm/Filter/FlateDecode", b"/Filter/FlateDecode"):
            assert judged(pdf(pdf_stream(damaged, dictionary))) == ACTIVE


def test_many_damaged_streams_run_out_of_budget():
    empty_blocks = b"\x78\x9c" + b"\0\0\0\xff\xff" * 800 + b"\x07"
    assert judged(pdf(*[pdf_stream(empty_blocks, b"")] * 600)) == BOMB


def test_a_bomb():
    assert judged(pdf(object_stream(b"<<" + b" " * checks.MAX_UNPACKED))) == BOMB


def test_page_contents_are_not_unpacked_whole():
    """A drawing of many strokes begins with numbers too, but not with an object."""
    strokes = zlib.compress(b"0 0 m 10 10 l S " * 5_000_000)
    assert judged(pdf(pdf_stream(strokes, b"/Filter/FlateDecode"))) == "pdf"


def test_too_many_streams(monkeypatch):
    monkeypatch.setattr(checks, "MAX_STREAMS", 3)
    assert judged(pdf(*[pdf_stream(b"x", b"")] * 2)) == "pdf"
    assert judged(pdf(*[pdf_stream(b"x", b"")] * 3)) == STRUCTURE


@pytest.mark.parametrize(
    "run",
    [
        b"/JS" + b" " * 3_000_000,
        b"/JS " * 500_000,
        b"/JS" + b"%\n" * 1_000_000,
        b"/Encrypt " + b"1" * 3_000_000,
    ],
)
def test_hostile_runs_cost_one_pass(run: bytes):
    assert judged(pdf(run)) == "pdf"


# The frame


def test_a_page_before_the_paper():
    assert judged(b"<html><script>alert(1)</script>" + pdf()) == MISMATCH


def test_a_little_rubbish_before_the_header_is_common():
    assert judged(b"\xef\xbb\xbf\r\n" + pdf()) == "pdf"
    assert judged(b"\n" * 1020 + pdf()) == MISMATCH


@pytest.mark.parametrize("lost", [b"%%EOF", b"startxref"])
def test_a_lost_end(lost: bytes):
    assert judged(pdf().replace(lost, b"")) == DAMAGED


def test_a_start_that_lies_outside_the_file():
    assert judged(b"%PDF-1.4\n1 0 obj\nstartxref\n999999\n%%EOF") == DAMAGED
    assert judged(b"%PDF-1.4\nstartxref\n1\n%%EOF") == DAMAGED


def test_much_appended_data_hides_the_end():
    assert judged(pdf() + b"x" * 2000) == DAMAGED
    assert judged(pdf() + b"\r\n" * 20) == "pdf"


def test_the_builder_is_honest():
    assert hostile.pdf().count(b"endobj") == 1
