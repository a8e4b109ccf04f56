"""JPEG and PNG: walked to the end, sane sizes, nothing foreign behind it."""

import struct

import pytest

from portal.files import images
from tests.portal.hostile import PROGRAM, chunk, jpeg, pdf, png, segment, verdict, zipped


def damaged(name: str) -> str:
    return f"文件“{name}”已损坏或没有传完整，请先在自己的设备上打开确认无误，再重新上传。"


def tail(name: str) -> str:
    return f"图片“{name}”的末尾附有别的内容，请用看图或画图软件打开，另存为 {name[2:]} 格式后再上传。"


def size(name: str) -> str:
    return f"图片“{name}”的尺寸过大，宽和高都不能超过 20000 像素，请缩小后再上传。"


def structure(name: str) -> str:
    again = f"请用看图或画图软件打开，另存为 {name[2:]} 格式后再上传。"
    return f"文件“{name}”的内部结构不合规范，无法检查，{again}"


PAGES = [
    b"<html><script>alert(1)</script></html>",
    b"\n<!DOCTYPE html>",
    b"\0<ScRiPt src=x></script>",
    b"<svg onload=alert(1)>",
    b"<?php system($_GET[0]);",
]
FOREIGN = [*PAGES, zipped({"a.class": b"x"}), PROGRAM, pdf(), b"Rar!\x1a\x07\x00"]


@pytest.mark.parametrize("content", FOREIGN)
def test_anything_foreign_behind_the_end(content: bytes):
    assert verdict(jpeg(tail=content), "x.jpg") == tail("x.jpg")
    assert verdict(png(tail=content), "x.png") == tail("x.png")


@pytest.mark.parametrize("content", PAGES)
def test_far_behind_the_end(content: bytes):
    assert verdict(jpeg(tail=bytes(200_000) + content), "x.jpg") == tail("x.jpg")


@pytest.mark.parametrize(
    "content",
    [
        bytes(500),
        jpeg(),  # several pictures, as phones write depth and brightness maps
        b"\0\0\0\x18ftypmp42" + bytes(100),  # a short film
        b"maker notes \x00\x01SEFT",
    ],
)
def test_what_phones_append_to_photos_is_fine(content: bytes):
    assert verdict(jpeg(tail=content), "x.jpg") == "jpg"


def test_padding_behind_a_png_is_fine():
    assert verdict(png(tail=bytes(20)), "x.png") == "png"


@pytest.mark.parametrize(("width", "height"), [(20_001, 10), (10, 20_001), (65_535, 65_535)])
def test_too_many_pixels(width: int, height: int):
    assert verdict(jpeg(width, height), "x.jpg") == size("x.jpg")
    assert verdict(png(width, height), "x.png") == size("x.png")


def test_as_many_pixels_as_allowed():
    assert verdict(jpeg(20_000, 20_000), "x.jpg") == "jpg"
    assert verdict(png(20_000, 20_000), "x.png") == "png"


def test_no_pixels():
    assert verdict(jpeg(0, 10), "x.jpg") == damaged("x.jpg")
    assert verdict(png(10, 0), "x.png") == damaged("x.png")


# PNG


@pytest.mark.parametrize(
    "header",
    [
        struct.pack(">2L5B", 2, 2, 3, 0, 0, 0, 0),  # depth
        struct.pack(">2L5B", 2, 2, 8, 5, 0, 0, 0),  # colour
        struct.pack(">2L5B", 2, 2, 8, 0, 1, 0, 0),  # compression
        struct.pack(">2L5B", 2, 2, 8, 0, 0, 0, 2),  # interlace
        struct.pack(">2L5B", 2, 2, 8, 0, 0, 0, 0) + b"x",  # length
    ],
)
def test_png_headers_that_cannot_be(header: bytes):
    assert verdict(png(header=header), "x.png") == damaged("x.png")


def test_png_chunks_out_of_order_or_missing():
    whole = png()
    signature, head, end = whole[:8], whole[8:33], whole[-12:]
    data = whole[33:-12]
    for broken in (
        signature + data + end,
        signature + head + end,
        signature + head + head + data + end,
        signature + head + data,
        signature + head + data + chunk(b"I3ND", b""),
        signature + head + data + chunk(b"IEND", b"x"),
    ):
        assert verdict(broken, "x.png") == damaged("x.png")


def test_png_checksums():
    broken = bytearray(png())
    broken[45] ^= 1
    assert verdict(bytes(broken), "x.png") == damaged("x.png")


def test_png_of_endless_chunks():
    many = chunk(b"tEXt", b"") * images.MAX_CHUNKS
    assert verdict(png()[:33] + many, "x.png") == structure("x.png")


# JPEG


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xd9",  # nothing between start and end
        jpeg().replace(segment(0xC0, b"")[:2], b"\xff\xe1"),  # no frame
        b"\xff\xd8" + segment(0xC0, b"\x08\0") + b"\xff\xd9",  # a frame cut short
        b"\xff\xd8\xff\xe0\x00\x01\xff\xd9",  # a segment shorter than its own length
        b"\xff\xd8\xff\xe0\xff\xff\xff\xd9",  # a segment longer than the file
        b"\xff\xd8\xff" + bytes(50),
        jpeg()[:-2],  # no end
        b"\xff\xd8" + b"\xff" * 100,
    ],
)
def test_jpegs_that_break_off_or_make_no_sense(data: bytes):
    assert verdict(data, "x.jpg") == damaged("x.jpg")


def test_jpeg_restart_markers_stuffing_and_filling():
    scan = b"\x3f\xff\x00\x11\xff\xd0\x22\xff\xff\xd9"
    assert verdict(jpeg()[:-3] + scan, "x.jpg") == "jpg"


def test_jpeg_of_endless_segments():
    many = segment(0xFE, b"") * images.MAX_SEGMENTS
    assert verdict(b"\xff\xd8" + many + jpeg()[2:], "x.jpg") == structure("x.jpg")


def test_jpeg_scans_full_of_marker_bytes_cost_one_pass():
    for filling in (b"\xff\x00", b"\xff\xff"):
        assert verdict(jpeg()[:-2] + filling * 5_000_000, "x.jpg") == damaged("x.jpg")
