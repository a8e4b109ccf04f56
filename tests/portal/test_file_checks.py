"""The entry to the checks: good files of every kind pass, disguises and broken files do not."""

import io
import os
import tracemalloc
import zlib

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from portal.files.checks import Refused, check
from portal.files.kinds import FileKind
from tests.portal import hostile
from tests.portal.hostile import verdict


def word() -> bytes:
    document = docx.Document()
    document.add_heading("关于“如何育人”大讨论的总结", 1)
    document.add_paragraph("我校于九月组织全体教师开展讨论。")
    document.add_table(2, 2).cell(0, 0).text = "指标"
    document.add_picture(io.BytesIO(hostile.png()))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def paper(compressed: int = 1) -> bytes:
    out = io.BytesIO()
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(out, pageCompression=compressed)
    canvas.setFont("STSong-Light", 16)
    canvas.drawString(72, 720, "会议纪要")
    canvas.bookmarkPage("top")
    canvas.linkURL("https://example.org/", (72, 700, 200, 720))
    canvas.save()
    return out.getvalue()


GOOD = {
    "总结.docx": word(),
    "minimal.docx": hostile.ooxml("docx"),
    "进度.xlsx": hostile.ooxml("xlsx"),
    "汇报.pptx": hostile.ooxml("pptx"),
    "总结.doc": hostile.doc(),
    "总结.wps": hostile.doc(small=True),
    "进度.xls": hostile.xls(hostile.sheet(0)),
    "进度.et": hostile.xls(hostile.sheet(0), hostile.sheet(2)),
    "汇报.ppt": hostile.ppt(),
    "纪要.pdf": paper(),
    "plain.pdf": paper(compressed=0),
    "照片.jpg": hostile.jpeg(),
    "照片.JPEG": hostile.jpeg(4000, 3000),
    "截图.png": hostile.png(),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_files_of_every_kind_pass(name: str):
    assert verdict(GOOD[name], name) == FileKind.of_name(name).value


def test_every_kind_has_a_good_file():
    assert {FileKind.of_name(name) for name in GOOD} == FileKind.ALL


def test_empty():
    assert verdict(b"", "心得.docx") == "文件“心得.docx”是空的，请确认内容已经保存，再重新选择文件上传。"


@pytest.mark.parametrize("name", ["木马.exe", "页面.html", "图.svg", "宏.docm", "说明.txt", "没有扩展名"])
def test_a_type_nobody_takes(name: str):
    assert verdict(b"x", name) == (
        f"此处不能上传“{name}”这类文件，请改用以下格式之一："
        "pdf、docx、doc、wps、xlsx、xls、et、pptx、ppt、jpg、jpeg、png。"
    )


def test_a_good_file_of_a_kind_not_asked_for_here():
    assert verdict(hostile.png(), "截图.png", {FileKind.DOCX, FileKind.PDF}) == (
        "此处不能上传“截图.png”这类文件，请改用以下格式之一：pdf、docx。"
    )


DISGUISES = {
    "program": hostile.PROGRAM,
    "page": b"<!DOCTYPE html><script>alert(1)</script>",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "script": b"#!/bin/sh\nrm -rf /\n",
    "text": "心得体会".encode("gb18030"),
    "rar": b"Rar!\x1a\x07\x01\x00" + bytes(100),
    "gif": b"GIF89a" + bytes(100),
}
AGAIN = {
    "pdf": "用“打印为 PDF”或“导出为 PDF”重新生成",
    "jpg": "用看图或画图软件打开，另存为 jpg 格式",
    "png": "用看图或画图软件打开，另存为 png 格式",
}


@pytest.mark.parametrize("content", DISGUISES)
@pytest.mark.parametrize("kind", [kind for kind in FileKind if kind in FileKind.ALL])
def test_disguises_are_told_apart_from_every_kind(content: str, kind: FileKind):
    name = f"心得.{kind.value}"
    again = AGAIN.get(kind.value, f"用 WPS 或 Office 打开，另存为 {kind.value} 格式")
    assert verdict(DISGUISES[content], name) == f"文件“{name}”的内容不是 {kind.label}，请{again}后再上传。"


@pytest.mark.parametrize(
    ("real", "claimed"),
    [
        ("总结.docx", "x.xlsx"),
        ("总结.docx", "x.doc"),
        ("总结.docx", "x.png"),
        ("进度.xlsx", "x.docx"),
        ("总结.doc", "x.xls"),
        ("总结.doc", "x.docx"),
        ("总结.doc", "x.ppt"),
        ("进度.xls", "x.doc"),
        ("汇报.ppt", "x.et"),
        ("照片.jpg", "x.png"),
        ("截图.png", "x.jpg"),
        ("纪要.pdf", "x.docx"),
    ],
)
def test_the_extension_must_agree_with_the_content(real: str, claimed: str):
    kind = FileKind.of_name(claimed)
    assert verdict(GOOD[real], claimed).startswith(f"文件“{claimed}”的内容不是 {kind.label}，请")


def test_the_sentence_shows_the_cleaned_name_and_the_type_is_judged_by_it():
    # Shown right to left, the first would read as 心得exe.docx.
    assert verdict(b"x", "心得\u202excod.exe").startswith("此处不能上传“心得xcod.exe”这类文件")
    assert verdict(b"", "../../心得.docx").startswith("文件“心得.docx”是空的")
    assert verdict(GOOD["照片.jpg"], "照片.jpg. ") == "jpg"


def test_a_failing_disk_is_not_blamed_on_the_sender(tmp_path):
    with pytest.raises(FileNotFoundError):
        check(tmp_path / "gone", "心得.docx")


SIGNATURES = [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-1.7\n", b"\xff\xd8\xff"]


@settings(deadline=None)
@given(
    st.sampled_from([*SIGNATURES, b"\x89PNG\r\n\x1a\n"]),
    st.binary(max_size=4096),
    st.sampled_from([each for kind in FileKind if kind in FileKind.ALL for each in kind.extensions]),
)
def test_random_bytes_are_refused_and_nothing_else_happens(start: bytes, rest: bytes, extension: str):
    assert verdict(start + rest, f"x.{extension}").endswith("。")


@pytest.mark.parametrize("name", GOOD)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_truncated_file_never_crashes_the_checks(name: str, data):
    whole = GOOD[name]
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert verdict(whole[:cut], name)


@pytest.mark.parametrize("name", GOOD)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_file_never_crashes_the_checks(name: str, data):
    broken = bytearray(GOOD[name])
    for _ in range(data.draw(st.integers(1, 4))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    assert verdict(bytes(broken), name)


@pytest.mark.parametrize("name", ["总结.docx", "纪要.pdf", "照片.jpg", "截图.png", "总结.doc"])
def test_half_a_file_is_called_damaged(name: str):
    assert verdict(GOOD[name][: len(GOOD[name]) // 2], name) == (
        f"文件“{name}”已损坏或没有传完整，请先在自己的设备上打开确认无误，再重新上传。"
    )


def test_large_files_are_checked_in_little_memory(tmp_path):
    """A picture and a paper of 48 MB each: what the checks allocate does not grow with them."""
    noise = os.urandom(16 * 1024 * 1024)
    stream = b"3 0 obj\n" + hostile.pdf_stream(noise * 3, b"") + b"\nendobj\n"
    large = {
        "x.png": hostile.png()[:33] + hostile.chunk(b"IDAT", noise * 3) + hostile.chunk(b"IEND", b""),
        "x.pdf": b"%PDF-1.7\n" + stream + b"trailer<<>>\nstartxref\n9\n%%EOF\n",
        "x.docx": hostile.ooxml("docx", {"word/media/a.bin": noise}),
        "x.doc": hostile.doc({"Data": noise[: 6 * 1024 * 1024]}),
    }
    for name, content in large.items():
        path = tmp_path / name
        path.write_bytes(content)
        tracemalloc.start()
        try:
            check(path, name)
            assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024, name
        except Refused as refused:
            pytest.fail(f"{name}: {refused}")
        finally:
            tracemalloc.stop()


def test_the_png_builder_is_honest():
    assert zlib.decompress(hostile.png()[41:-16])
