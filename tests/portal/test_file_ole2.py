"""doc, wps, xls, et, ppt: the right streams, no macros, no objects, no passwords, bounded reading."""

import struct

import pytest

from tests.portal import hostile
from tests.portal.hostile import doc, ole2, ppt, slide_record, verdict, xls

KINDS = ["doc", "wps", "xls", "et", "ppt"]
LABELS = {
    "doc": "Word 97-2003 文档（doc）",
    "wps": "WPS 文字文档（wps）",
    "xls": "Excel 97-2003 表格（xls）",
    "et": "WPS 表格（et）",
    "ppt": "PowerPoint 97-2003 演示文稿（ppt）",
}
PLAIN = {"doc": "docx", "wps": "docx", "xls": "xlsx", "et": "xlsx", "ppt": "pptx"}


def again(kind: str) -> str:
    return f"用 WPS 或 Office 打开，另存为 {kind} 格式"


def mismatch(kind: str) -> str:
    return f"文件“x.{kind}”的内容不是 {LABELS[kind]}，请{again(kind)}后再上传。"


def damaged(kind: str) -> str:
    return f"文件“x.{kind}”已损坏或没有传完整，请先在自己的设备上打开确认无误，再重新上传。"


def password(kind: str) -> str:
    return f"文件“x.{kind}”设有密码，无法审阅，请取消密码保护后重新上传。"


def macro(kind: str) -> str:
    return f"文件“x.{kind}”含有宏，请用 WPS 或 Office 打开，另存为不含宏的 {PLAIN[kind]} 格式后再上传。"


def embedded(kind: str) -> str:
    return f"文件“x.{kind}”里嵌有程序、控件或其他文件，请删除这些嵌入的对象并{again(kind)}后再上传。"


def structure(kind: str) -> str:
    return f"文件“x.{kind}”的内部结构不合规范，无法检查，请{again(kind)}后再上传。"


@pytest.mark.parametrize("kind", KINDS)
def test_a_container_without_the_right_streams(kind: str):
    assert verdict(ole2({"CONTENTS": b"x", "MatOST": b"x"}), f"x.{kind}") == mismatch(kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "path",
    ["Macros/VBA/dir", "_VBA_PROJECT_CUR/VBA/dir", "VBA/dir", "a/_VBA_PROJECT", "ObjectPool/_1/Macros/x"],
)
def test_macro_storages(kind: str, path: str):
    whole = {"WordDocument": b"", "Workbook": b"", "PowerPoint Document": b"", "Current User": b""}
    assert verdict(ole2({**whole, path: b""}), f"x.{kind}") == macro(kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", ["EncryptedPackage", "EncryptedSummary", "\x06DataSpaces/\x09DRMContent"])
def test_encrypted_containers(kind: str, path: str):
    assert verdict(ole2({path: b""}), f"x.{kind}") == password(kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["\x01Ole10Native", "\x03OCXNAME", "Ctls"])
def test_packaged_files_and_controls(kind: str, name: str):
    data = ole2({f"ObjectPool/_1/{name}": b"x"}, {"ObjectPool/_1": hostile.PACKAGE_CLASS})
    assert verdict(data, f"x.{kind}") == embedded(kind)


def test_formulas_are_fine():
    data = doc({"ObjectPool/_1/\x01Ole10Native": b"x"}, classes={"ObjectPool/_1": hostile.FORMULA_CLASS})
    assert verdict(data, "x.doc") == "doc"


# Word


@pytest.mark.parametrize("kind", ["doc", "wps"])
def test_word_with_a_password(kind: str):
    assert verdict(doc(flags=0x0300), f"x.{kind}") == password(kind)


def test_word_with_a_wrong_start_or_without_its_table():
    assert verdict(ole2({"WordDocument": b"hello", "1Table": b""}), "x.doc") == mismatch("doc")
    assert verdict(ole2({"WordDocument": struct.pack("<2H", 0xA5EC, 0xC1)}), "x.doc") == damaged("doc")


def test_word_95_has_no_table_stream():
    assert verdict(ole2({"WordDocument": struct.pack("<2H", 0xA5DC, 0x68)}), "x.doc") == "doc"


# Excel


@pytest.mark.parametrize("kind", ["xls", "et"])
def test_excel_with_a_password(kind: str):
    assert verdict(xls((0x002F, bytes(6))), f"x.{kind}") == password(kind)


@pytest.mark.parametrize("kind", ["xls", "et"])
@pytest.mark.parametrize("sheet", [1, 6])
def test_excel_4_macro_sheets(kind: str, sheet: int):
    assert verdict(xls(hostile.sheet(0), hostile.sheet(sheet)), f"x.{kind}") == macro(kind)


def test_excel_records_that_lead_nowhere():
    assert verdict(ole2({"Workbook": b"\x01\0\0\0"}), "x.xls") == mismatch("xls")
    start = struct.pack("<2H", 0x0809, 0)
    assert verdict(ole2({"Workbook": start + b"\x01\0\xff\xff"}), "x.xls") == damaged("xls")
    assert verdict(ole2({"Workbook": start + b"\x01\0\0\0" * 2000}), "x.xls") == damaged("xls")
    assert verdict(ole2({"Workbook": start + b"\x01\0\0\0" * 500_000}), "x.xls") == structure("xls")


def test_excel_5_calls_its_stream_book():
    assert verdict(ole2({"Book": hostile.biff()}), "x.xls") == "xls"


# PowerPoint


def test_slides_with_a_password():
    assert verdict(ppt(token=0xF3D1C4DF), "x.ppt") == password("ppt")


def test_slides_with_macros():
    assert verdict(ppt(inside=hostile.vba_info(1)), "x.ppt") == macro("ppt")
    assert verdict(ppt(inside=hostile.vba_info(0)), "x.ppt") == "ppt"


def test_objects_packed_into_slides():
    project = ole2({"VBA/dir": b""})
    package = ole2({"\x01Ole10Native": b"x"}, {"": hostile.PACKAGE_CLASS})
    formula = ole2({"\x01Ole10Native": b"x"}, {"": hostile.FORMULA_CLASS})
    assert verdict(ppt(hostile.packed_storage(project)), "x.ppt") == macro("ppt")
    assert verdict(ppt(slide_record(0x1011, project)), "x.ppt") == macro("ppt")
    assert verdict(ppt(hostile.packed_storage(package)), "x.ppt") == embedded("ppt")
    assert verdict(ppt(hostile.packed_storage(formula)), "x.ppt") == "ppt"
    assert verdict(ppt(slide_record(0x1011, b"1234not zlib", instance=1)), "x.ppt") == damaged("ppt")


def test_a_bomb_packed_into_slides():
    bomb = hostile.packed_storage(bytes(33 * 1024 * 1024))
    assert verdict(ppt(bomb), "x.ppt") == (
        f"文件“x.ppt”展开后的内容过大，请精简内容并{again('ppt')}后再上传。"
    )


def test_slides_whose_records_lead_nowhere():
    user = slide_record(0x0FF6, struct.pack("<2L", 20, 0) + bytes(12))
    streams = {"Current User": user, "PowerPoint Document": slide_record(0x03E8, b"")[:4] + b"\xff" * 4}
    assert verdict(ole2(streams), "x.ppt") == damaged("ppt")
    streams["PowerPoint Document"] = slide_record(0x0FF5, bytes(4088))
    assert verdict(ole2(streams), "x.ppt") == mismatch("ppt")
    streams["PowerPoint Document"] = bytes(8 * 500_001)
    assert verdict(ole2(streams), "x.ppt") == structure("ppt")


# Small streams, as real files have them


def test_small_streams_are_read_from_the_mini_stream():
    fib = struct.pack("<2H6xH", 0xA5EC, 0x00C1, 0x0200) + bytes(100)
    streams = {"\x05SummaryInformation": b"x" * 100, "WordDocument": fib, "1Table": b"y" * 3000}
    assert verdict(ole2(streams, small=True), "x.doc") == "doc"
    book = {"Workbook": hostile.biff((0x002F, bytes(6)))}
    assert verdict(ole2(book, small=True), "x.xls") == password("xls")


def test_small_streams_without_the_mini_stream():
    data = ole2({"Workbook": hostile.biff()}, small=True)
    assert verdict(changed(data, 60, 0xFFFFFFFE), "x.xls") == damaged("xls")
    directory = 512 * (1 + int.from_bytes(data[48:52], "little"))
    assert verdict(changed(data, directory + 116, 5000), "x.xls") == damaged("xls")
    assert verdict(changed(data, directory + 120, 1 << 31), "x.xls") == damaged("xls")


# The container itself: what a parser must not follow


def changed(data: bytes, place: int, value: int, size: int = 4) -> bytes:
    return data[:place] + value.to_bytes(size, "little") + data[place + size :]


@pytest.mark.parametrize(
    ("place", "value", "size"),
    [
        (28, 0xFEFF, 2),  # byte order
        (30, 30, 2),  # sectors of a gigabyte
        (32, 20, 2),  # mini sectors of a megabyte
        (44, 0x7FFFFFFF, 4),  # FAT sectors
        (56, 1 << 31, 4),  # mini stream cut-off
        (64, 0x7FFFFFFF, 4),  # mini FAT sectors
        (48, 0x00FFFFFF, 4),  # directory outside the file
    ],
)
def test_headers_that_ask_for_too_much(place: int, value: int, size: int):
    assert verdict(changed(doc(), place, value, size), "x.doc") == damaged("doc")


def test_a_directory_that_runs_in_a_circle():
    data = doc()
    directory = int.from_bytes(data[48:52], "little")
    fat = len(data) - 512
    assert verdict(changed(data, fat + 4 * directory, directory), "x.doc") == damaged("doc")


def test_a_root_that_is_its_own_child():
    data = doc()
    directory = 512 * (1 + int.from_bytes(data[48:52], "little"))
    assert verdict(changed(data, directory + 76, 0), "x.doc") == mismatch("doc")


def test_a_stream_longer_than_the_file():
    data = doc()
    directory = 512 * (1 + int.from_bytes(data[48:52], "little"))
    assert verdict(changed(data, directory + 128 + 120, 1 << 30), "x.doc") == damaged("doc")


def test_a_directory_of_thousands_of_entries():
    data = doc({"Data": bytes(4097 * 128)})
    start_of_data = 2 * 4096 // 512
    assert verdict(changed(data, 48, start_of_data), "x.doc") == structure("doc")


def test_a_directory_too_deep_to_walk():
    """Entries that hang one below the other by the thousand end the parser's recursion."""
    deep = {"/".join(["a"] * 1500): b"x", "WordDocument": b"x"}
    assert verdict(ole2(deep), "x.doc") == damaged("doc")
