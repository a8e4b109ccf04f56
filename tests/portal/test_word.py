"""Word files as offices print them: the page of GB/T 9704-2012, faces, the same bytes for the same words."""

import zipfile
from datetime import UTC, datetime
from io import BytesIO

import docx
from docx.enum.section import WD_HEADER_FOOTER
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from portal import word
from portal.word_page import BYLINE, HEADING, SONG, TEXT, TITLE, blank

AT = datetime(2026, 5, 8, 1, 30, 17, tzinfo=UTC)


def opened(content: bytes) -> docx.document.Document:
    return docx.Document(BytesIO(content))


def part(content: bytes, name: str) -> etree._Element:
    return etree.fromstring(zipfile.ZipFile(BytesIO(content)).read(f"word/{name}.xml"))


def near(length: int, wanted: int) -> bool:
    """Word counts in twentieths of a point."""
    return abs(length - wanted) <= Pt(0.05)


def test_the_page_is_a4_with_the_margins_of_the_standard() -> None:
    [section] = word.page().sections
    assert near(section.page_width, Mm(210))
    assert near(section.page_height, Mm(297))
    margins = (section.top_margin, section.left_margin, section.right_margin, section.bottom_margin)
    assert all(map(near, margins, (Mm(37), Mm(28), Mm(26), Mm(35))))


def test_the_grid_holds_22_lines_of_28_characters() -> None:
    [grid] = part(blank(), "document").iter(qn("w:docGrid"))
    told = {name.rpartition("}")[2]: value for name, value in grid.attrib.items()}
    assert told == {"type": "linesAndChars", "linePitch": "579", "charSpace": "-849"}
    assert 22 * 579 <= Mm(225).pt * 20 < 23 * 579
    assert 28 * (16 - 849 / 4096) <= Mm(156).pt + 0.05 < 29 * (16 - 849 / 4096)


def test_text_is_of_16_points_and_its_lines_are_those_of_the_grid() -> None:
    normal = word.page().styles["Normal"]
    assert normal.font.size == Pt(16)
    assert normal.paragraph_format.line_spacing == Pt(28.95)
    assert near(normal.paragraph_format.first_line_indent, 2 * Pt(15.79))


def test_chinese_and_other_characters_have_faces_of_their_own() -> None:
    defaults = part(blank(), "styles").find(f"{qn('w:docDefaults')}/*/*/{qn('w:rFonts')}")
    assert (defaults.get(qn("w:eastAsia")), defaults.get(qn("w:ascii"))) == (TEXT, "Times New Roman")
    document = word.page()
    word.add_line(document, "题目 2026", TITLE, word.TITLE_SIZE, centred=True)
    [line] = document.paragraphs
    [letters] = line.runs
    assert letters._element.rPr.rFonts.get(qn("w:eastAsia")) == TITLE
    assert (letters.font.name, letters.font.size, line.alignment) == ("Times New Roman", Pt(22), 1)


def test_every_face_has_one_to_fall_back_on() -> None:
    fonts = {one.get(qn("w:name")): one.find(qn("w:altName")) for one in part(blank(), "fontTable")}
    assert set(fonts) == {TITLE, TEXT, BYLINE, HEADING, SONG, "Times New Roman"}
    assert fonts[TITLE].get(qn("w:val")).split(",")[-2:] == ["宋体", "SimSun"]
    assert [name for name, other in fonts.items() if other is None] == ["Times New Roman"]


def test_page_numbers_stand_outside_odd_right_even_left() -> None:
    document = word.page()
    assert document.settings.odd_and_even_pages_header_footer
    sides = {}
    for kind in (WD_HEADER_FOOTER.PRIMARY, WD_HEADER_FOOTER.EVEN_PAGE):
        [reference] = [one for one in document.element.iter(qn("w:footerReference")) if one.type_ == kind]
        [line] = document.part.related_parts[reference.rId].element.iter(qn("w:p"))
        words = "".join(one.text for one in line.iter(qn("w:t"), qn("w:instrText")))
        place = line.pPr.find(qn("w:ind"))
        sides[line.pPr.jc.get(qn("w:val"))] = (kind, words, place.right or place.left)
        assert {one.get(qn("w:eastAsia")) for one in line.iter(qn("w:rFonts"))} == {SONG}
    assert sides == {
        "right": (WD_HEADER_FOOTER.PRIMARY, "—  PAGE 1 —", Pt(14)),
        "left": (WD_HEADER_FOOTER.EVEN_PAGE, "—  PAGE 1 —", Pt(14)),
    }


def test_the_same_words_make_the_same_bytes_and_tell_only_the_time_they_were_given() -> None:
    def made(at: datetime) -> bytes:
        document = word.page()
        word.add_line(document, "正文", TEXT, word.SIZE)
        return word.save(document, at)

    assert made(AT) == made(AT)
    assert made(AT) != made(AT.replace(day=9))
    properties = opened(made(AT)).core_properties
    assert (properties.created, properties.modified, properties.author) == (AT, AT, "")
    times = {entry.date_time for entry in zipfile.ZipFile(BytesIO(made(AT))).infolist()}
    assert times == {(2026, 5, 8, 1, 30, 16)}  # zips count every other second
    assert b"rsid" not in b"".join(map(zipfile.ZipFile(BytesIO(made(AT))).read, ["word/document.xml"]))


@given(st.text(st.characters()), st.text(st.characters(), max_size=20))
def test_any_text_comes_out_as_a_line(text: str, other: str) -> None:
    document = word.page()
    word.fill(
        document, word.paragraph(word.run(text)) + word.paragraph(word.run(other, HEADING, 12, bold=True))
    )
    said = [line.text for line in opened(word.save(document, AT)).paragraphs]
    assert said == [word.printable(text), word.printable(other)]


def test_what_nobody_sees_is_left_out_and_what_people_typed_stays() -> None:
    assert word.printable("甲\u202e乙\u2066丙\x00丁\u200f") == "甲乙丙丁"
    assert word.printable("一\r\n二\u2028三\t四　五") == "一 二 三 四　五"
    assert word.printable("<b>&😀👩\u200d🏫 שלום") == "<b>&😀👩\u200d🏫 שלום"
