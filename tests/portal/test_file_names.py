"""Names of uploaded files are made harmless and stay readable."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.files.names import LENGTH, clean_name, named_after


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("关于开展大讨论的总结.docx", "关于开展大讨论的总结.docx"),
        ("C:\\Users\\王老师\\桌面\\心得.docx", "心得.docx"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x.pdf", "x.pdf"),
        ("主题：\t如何\n育人.pdf", "主题： 如何 育人.pdf"),
        ("主题:讨论?<1>.pdf", "主题_讨论__1_.pdf"),
        ("a\u202excod.exe", "axcod.exe"),
        ("a\u200b\ufeffb\x00.pdf", "ab.pdf"),
        ("...隐藏.pdf", "隐藏.pdf"),
        ("心得.pdf. . ", "心得.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("aux", "_aux"),
        ("com1 .x.pdf", "_com1 .x.pdf"),
        ("console.pdf", "console.pdf"),
        ("e\u0301t\u00e9.pdf", "\u00e9t\u00e9.pdf"),
        ("", "未命名"),
        ("/", "未命名"),
        (" .. ", "未命名"),
        ("\ue123生僻字.pdf", "\ue123生僻字.pdf"),
        ("x" * 200 + ".docx", "x" * 115 + ".docx"),
        ("字" * 200, "字" * 120),
        ("a." + "b" * 200, "a." + "b" * 118),
    ],
)
def test_examples(raw: str, clean: str):
    assert clean_name(raw) == clean


RESERVED = ["con", "NUL", "com1", "LPT9", "aux "]


@settings(deadline=None)
@given(st.text() | st.from_regex(r"[./\\ a\u202e\u0301<:]{0,300}(\.docx)?", fullmatch=True))
@example("<\u0338.pdf")
@example("con" + "." * 200 + "pdf")
@example("a" * 114 + " . b.docx")
def test_always_harmless_and_cleaning_twice_changes_nothing(raw: str):
    name = clean_name(raw)
    assert 1 <= len(name) <= LENGTH
    assert not set(name) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") for each in name)
    assert name == name.strip(" .")
    assert unicodedata.is_normalized("NFC", name)
    assert clean_name(name) == name


@settings(deadline=None)
@given(st.sampled_from(RESERVED), st.sampled_from(["", ".pdf", ".a.pdf", " .pdf"]))
def test_names_that_windows_reserves_are_marked(word: str, rest: str):
    assert clean_name(word + rest).startswith("_")


@settings(deadline=None)
@given(st.text(max_size=300), st.sampled_from([".docx", ".pdf", ".jpeg"]))
def test_the_extension_survives(stem: str, extension: str):
    assert clean_name(f"a{stem}b{extension}").endswith(extension)


def test_the_name_of_a_title_says_all_of_it():
    assert named_after("2025/2026学年：谁?“行动”.zip") == "2025／2026学年：谁？“行动”.zip"
