"""A zip of anything: whatever people called their things, it unpacks inside its folder, all distinct."""

import hashlib
import shutil
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submissions.archive import LONGEST, LONGEST_FILE, SUMS, Archive, Names, told_apart

AT = datetime(2026, 3, 2, 9, 0)

NASTY = [
    "", " ", ".", "..", "../../etc/passwd", "C:\\Windows\\win.ini", "CON", "con.txt", "LPT¹.docx",
    "aux .pdf", "正文.docx", "正文.DOCX", "a" * 10_000, "标" * 10_000 + ".docx", "😀" * 200, "\u202e文档.pdf",
    "a/b", "a?b", "名称.", "名称 ", "e\u0301", "\u00e9", "x\x00y\nz", "\ud800", SUMS, "目录.xlsx", "\ufeff",
    "👩\u200d🏫.jpg", "~$x",
]  # fmt: skip
texts = st.sampled_from(NASTY) | st.text(st.characters(), max_size=60)
files = st.lists(st.tuples(texts, st.binary(max_size=50)), max_size=5)
pieces = st.lists(st.tuples(texts, texts, texts, files), max_size=6)


def written(folder: Path, content: list) -> Path:
    """A zip of unit / kind / title / files, each level with names of its own."""
    path = folder / "all.zip"
    root = Names([SUMS])
    with Archive(path, AT) as archive:
        for unit, kind, title, inside in content:
            place = "/".join([root.folder(unit), Names().folder(kind), Names().folder(title)])
            names = Names()
            for raw, data in inside:
                archive.add(f"{place}/{names.file(raw)}", [data], at=AT, squeeze=False)
    return path


@given(pieces)
def test_any_names_unpack_inside_their_folder_all_distinct_with_their_sums(content: list) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), content)
        into = Path(folder) / "unpacked"
        with ZipFile(path) as zipped:
            listed = zipped.namelist()
            zipped.extractall(into)
            assert zipped.testzip() is None
        unpacked = sorted(str(one.relative_to(into)) for one in into.rglob("*") if one.is_file())
        assert unpacked == sorted(listed)
        assert len({name.casefold() for name in listed}) == 1 + sum(len(inside) for *_, inside in content)
        sums = dict(reversed(line.split("  ", 1)) for line in (into / SUMS).read_text().splitlines())
        assert sums == {
            name: hashlib.sha256((into / name).read_bytes()).hexdigest() for name in listed if name != SUMS
        }
        assert sorted(one.name for one in Path(folder).iterdir()) == sorted([SUMS, "all.zip", "unpacked"])


@given(st.lists(texts, max_size=30))
def test_every_name_is_one_that_windows_takes(raw: list[str]) -> None:
    folder = Names()
    for name in [*map(folder.file, raw), *map(folder.folder, raw)]:
        assert not set('<>:"/\\|?*') & set(name)
        assert not any(ord(character) < 32 for character in name)
        assert not {name[0], name[-1]} & {" ", "."}
        assert name.split(".")[0].rstrip().casefold() not in {"con", "prn", "aux", "nul", "lpt¹"}
        assert len(name.encode("utf-16-le")) // 2 <= LONGEST_FILE
        assert len(name.encode()) < 250
    # unit / kind / title / file
    assert 3 * (LONGEST + 1) + LONGEST_FILE < 240


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("关于A/B两校的报告", "关于A／B两校的报告"),
        ("为什么?", "为什么？"),
        ("标" * 60, "标" * 40),
        ("nul", "_nul"),
        ("", "未命名"),
    ],
)
def test_a_title_stays_readable(raw: str, name: str) -> None:
    assert Names().folder(raw) == name


def test_a_long_file_name_keeps_its_extension_and_its_number() -> None:
    names = Names()
    long = "记" * 100 + ".docx"
    assert [names.file(long) for _ in range(2)] == ["记" * 75 + ".docx", "记" * 72 + "（2）.docx"]


def test_names_that_a_file_system_takes_for_one_are_numbered() -> None:
    names = Names(["正文.docx"])
    given = ["照片.jpg", "照片.JPG", "照片.jpg", "正文.DOCX", "e\u0301", "É"]
    assert [names.file(name) for name in given] == [
        "照片.jpg", "照片（2）.JPG", "照片（3）.jpg", "正文（2）.DOCX", "é", "É（2）",
    ]  # fmt: skip


def test_units_of_one_name_are_told_apart_by_what_stands_above_them() -> None:
    city, east, west = "示例市教育局", "东县教育局", "西县教育局"
    places = [
        (city, east, "城关镇", "中心小学"),
        (city, east, "东镇", "中心小学"),
        (city, west, "城关镇", "中心小学"),
        (city, west, "第一中学"),
        ("第一中学",),
        ("甲", "乙"),
    ]
    assert told_apart(places) == [
        "中心小学（东县教育局·城关镇）",
        "中心小学（东镇）",
        "中心小学（西县教育局·城关镇）",
        "第一中学（西县教育局）",
        "第一中学",
        "乙",
    ]


def test_no_units_need_no_names() -> None:
    assert told_apart([]) == []


def test_what_is_squeezed_is_the_same_and_smaller(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.zip", AT) as archive:
        archive.add("a.doc", [b"x" * 9000] * 2, at=AT, squeeze=True)
        archive.add("b.jpg", [b"x" * 9000], at=AT, squeeze=False)
    with ZipFile(tmp_path / "a.zip") as zipped:
        sizes = [(one.file_size, one.compress_size < one.file_size) for one in zipped.infolist()[:2]]
        assert (sizes, zipped.read("a.doc")) == ([(18000, True), (9000, False)], b"x" * 18000)
        assert {one.date_time for one in zipped.infolist()} == {(2026, 3, 2, 9, 0, 0)}


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum on this machine")
def test_sha256sum_itself_agrees(tmp_path: Path) -> None:
    path = written(tmp_path, [("东镇 中心小学", "征文", "一次“家访”", [("a b.pdf", b"1"), ("*.pdf", b"2")])])
    into = tmp_path / "unpacked"
    ZipFile(path).extractall(into)
    told = subprocess.run(["sha256sum", "-c", SUMS], cwd=into, capture_output=True, text=True, check=True)
    assert [line.rpartition(": ")[2] for line in told.stdout.splitlines()] == ["OK", "OK"]


def test_a_failure_leaves_no_sums_in_the_zip(tmp_path: Path) -> None:
    def broken():
        yield b"1"
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"), Archive(tmp_path / "a.zip", AT) as archive:
        archive.add("a.pdf", broken(), at=AT, squeeze=False)
    assert SUMS not in ZipFile(tmp_path / "a.zip").namelist()
