"""Bureaus' own templates: what they are filled with, and what goes on with it."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.word_page import MM
from reports.enums import ReportKind
from reports.papers import examples, filling
from reports.papers.field import PARAGRAPH, Field, Sort, Source
from reports.papers.fields import context_of, fields_of
from reports.papers.paper import Column, Grid
from reports.papers.sample import sample
from reports.services import shapes
from tests.factories import NOW
from tests.reports.papers.figures import HOSTILE as HOSTILE_WORDS
from tests.reports.papers.figures import stages
from tests.reports.papers.figures_periodic import NEWSLETTERS, PERIODICS
from tests.reports.papers.forms import (
    PHASE,
    cells,
    filled,
    lines,
    saved,
    template,
    titled,
    with_table,
)

# What is filled ---------------------------------------------------------------------------------------


def test_fields_are_filled_where_they_stand_and_the_rest_stays() -> None:
    form = template("致：{{ 主送单位 }}", "{{活动.名称}}应报{{ 应报 }}项，报送率{{ 报送率 }}。", "照旧")
    assert lines(filled(form)) == [
        "致：各镇（街道）教育办、各学校",
        "教育大讨论活动应报100项，报送率95%。",
        "照旧",
    ]


def test_what_word_has_split_into_runs_is_one_field() -> None:
    document = docx.Document()
    line = document.add_paragraph("标题：")
    for piece in ("{", "{ 活", "动.", "名称 }", "}", "。"):
        line.add_run(piece).bold = piece == "动."
    assert lines(filled(saved(document))) == ["标题：教育大讨论活动。"]


def test_quotation_marks_that_word_has_made_curly_are_meant_straight() -> None:
    form = template("{% if 活动.名称 == “教育大讨论活动” %}是{% else %}否{% endif %}")
    assert lines(filled(form)) == ["是"]


def test_a_list_becomes_rows_of_a_table() -> None:
    form = with_table(
        ("序号", "镇街", "应报"),
        ("{%tr for 镇街 in 各镇街 %}",),
        ("{{ 镇街.序号 }}", "{{ 镇街.名称 }}", "{{ 镇街.应报 }}"),
        ("{%tr endfor %}",),
    )
    filling.check(form, PHASE)
    assert cells(filled(form)) == [["序号", "镇街", "应报"], ["1", "示例镇", "60"], ["2", "示范街道", "40"]]


def test_a_list_becomes_cells_of_a_row() -> None:
    form = with_table(("{%tc for 镇街 in 各镇街 %}", "{{ 镇街.名称 }}", "{%tc endfor %}"))
    assert cells(filled(form)) == [["示例镇", "示范街道"]]


def test_a_list_becomes_paragraphs_and_an_enumeration() -> None:
    form = template(
        "{%p for 段 in 正文段落 %}",
        "{{ 段.编号 }}{{ 段.文字 }}",
        "{%p endfor %}",
        "有{% for 镇街 in 各镇街 %}{{ 镇街.名称 }}{{ 镇街.顿号 }}{% endfor %}共{{ 各镇街|个数 }}个。",
    )
    assert lines(filled(form)) == [
        "根据活动方案，现将有关情况报告如下。",
        "报告中的数字由系统统计。",
        "一、总体情况",
        "共有50个单位参加，应报100项，已报95项，报送率95%。",
        "（一）分镇街情况",
        "表1各镇街报送情况",
        "请各单位对照不足，抓紧补报。",
        "有示例镇、示范街道共2个。",
    ]


def test_conditions_choose_paragraphs() -> None:
    form = template(
        "{%p if 逾期 > 10 %}",
        "很多",
        "{%p elif 逾期 %}",
        "有{{ 逾期|汉字 }}项",
        "{%p else %}",
        "无",
        "{%p endif %}",
    )
    assert lines(filled(form)) == ["有五项"]
    assert lines(filled(form, source=examples.empty())) == ["无"]


def test_each_line_of_a_passage_is_a_paragraph_laid_out_like_its_field() -> None:
    document = docx.Document()
    document.add_paragraph("{{ 开头语 }}", style="Quote")
    made = filled(saved(document))
    assert [(one.text, one.style.name) for one in made.paragraphs] == [
        ("根据活动方案，现将有关情况报告如下。", "Quote"),
        ("报告中的数字由系统统计。", "Quote"),
    ]


def test_headers_and_footers_are_filled() -> None:
    made = filled(template("正文", header="{{ 草稿标记 }}　{{ 标题 }}"))
    assert [one.text for one in made.sections[0].header.paragraphs] == [
        "草稿　《教育大讨论活动》学习讨论阶段情况报告"
    ]


# Every field ------------------------------------------------------------------------------------------


def written(fields: tuple[Field, ...], inside: str = "", depth: int = 0) -> Iterator[str]:
    """A line for every field, loops around those of lists."""
    for one in fields:
        name = f"{inside}{one.name}"
        if one.sort == Sort.GROUP:
            yield from written(one.inside, f"{name}.", depth)
        elif one.sort == Sort.ROWS:
            each = f"项{depth}{one.each}"
            yield f"{{%p for {each} in {name} %}}"
            yield from written(one.inside, f"{each}.", depth + 1)
            yield "{%p endfor %}"
        else:
            yield f"{{{{ {name} }}}}"


def values(fields: tuple[Field, ...], found: dict) -> Iterator[str]:
    """What these lines are filled with."""
    for one in fields:
        value = found[one.name]
        if one.sort == Sort.GROUP:
            yield from values(one.inside, value)
        elif one.sort == Sort.ROWS:
            for row in value:
                yield from values(one.inside, row)
        else:
            yield from str(value).split(PARAGRAPH)


@pytest.mark.parametrize("kind", ReportKind)
def test_every_field_is_filled_in_reports_of_every_kind(kind: str) -> None:
    form = template(*written(fields_of(kind)))
    filling.check(form, kind)
    assert lines(filled(form, kind)) == list(
        values(fields_of(kind), context_of(kind, examples.source_of(kind)))
    )


@pytest.mark.parametrize("kind", ReportKind)
def test_the_example_gives_every_field_something(kind: str) -> None:
    """Else the page of fields shows nothing, and a trial tries nothing."""
    assert list(_unfilled(fields_of(kind), context_of(kind, examples.source_of(kind)))) == []


def _unfilled(fields: tuple[Field, ...], found: dict, inside: str = "") -> Iterator[str]:
    for one in fields:
        value, name = found[one.name], f"{inside}{one.name}"
        if one.sort == Sort.GROUP:
            yield from _unfilled(one.inside, value, f"{name}.")
        elif value in ([], None):
            yield name


class Exact(dict):
    """Figures that know what is asked of them."""

    def get(self, name: str, default: object = None) -> object:
        return self[name] if self else default


def exact(found: object) -> object:
    if isinstance(found, dict):
        return Exact({name: exact(one) for name, one in found.items()})
    return [exact(one) for one in found] if isinstance(found, list) else found


ANY = {
    ReportKind.PHASE: stages(HOSTILE_WORDS).filter(lambda found: found["phase"] is not None),
    ReportKind.CAMPAIGN: stages(HOSTILE_WORDS).filter(lambda found: found["phase"] is None),
    ReportKind.WEEK: PERIODICS,
    ReportKind.NEWSLETTER: NEWSLETTERS,
}


@pytest.mark.parametrize("kind", ANY)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_whatever_is_counted_can_be_filled(kind: str, data: st.DataObject) -> None:
    """Every field asks for what the figures do have, and its value comes out whole."""
    figures = data.draw(ANY[kind]) | {"kind": kind}
    words = examples.source_of(kind).words
    source = Source(exact(figures), shapes.COMPOSERS[kind](figures, words), words)
    form = template(*written(fields_of(kind)))
    made = docx.Document(BytesIO(filling.fill(form, kind, source.figures, source.paper, words, NOW)))
    assert lines(made) == list(values(fields_of(kind), context_of(kind, source)))


@pytest.mark.parametrize("kind", ReportKind)
def test_the_sample_passes_and_is_the_same_every_time(kind: str) -> None:
    assert sample(kind) == sample(kind)
    filling.check(sample(kind), kind)
    assert "示例县教育局" in lines(filled(sample(kind), kind))


def test_the_sample_has_what_a_paper_has() -> None:
    made = filled(sample(PHASE))
    found = lines(made)
    assert found[:2] == ["示例县教育局文件", "示教〔2026〕12号"]
    assert str(made.paragraphs[0].runs[0].font.color.rgb) == "FF0000"
    assert "各镇（街道）教育办、各学校：" in found
    assert [line for line in found if line.startswith("附件")] == ["附件1：未报单位名单", "附件1"]
    assert "各镇街（共2个）" in found
    assert [cell.text for cell in made.tables[-1].rows[0].cells] == ["示例县教育局", "（签发之日）印发"]
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in made.tables)
    plain = filled(sample(PHASE), source=examples.empty())
    assert (plain.tables, [line for line in lines(plain) if line.strip()]) == ([], ["（签发之日）"])


def test_columns_of_a_loop_are_as_wide_as_what_they_say() -> None:
    full = examples.source_of(PHASE)
    names = tuple(Column(f"栏{n}") for n in range(10))
    grid = Grid("宽表", names, (("示例县教育局直属", *range(9)),))
    made = filled(sample(PHASE), source=replace(full, paper=replace(full.paper, blocks=(grid,))))
    widths = [int(one.get(qn("w:w"))) for one in made.tables[0]._tbl.tblGrid]
    assert (len(widths), widths[0] > 2 * widths[1]) == (10, True)
    assert [cell.width.twips for cell in made.tables[0].rows[1].cells] == widths


@pytest.mark.parametrize("kind", ReportKind)
def test_names_of_fields_are_unique_and_can_be_written(kind: str) -> None:
    def names(fields: tuple[Field, ...]) -> Iterator[list[str]]:
        yield [one.name for one in fields]
        for one in fields:
            yield from names(one.inside)

    for found in names(fields_of(kind)):
        assert len(set(found)) == len(found)
        assert all(name.isidentifier() for name in found)


# What goes on with it ---------------------------------------------------------------------------------


def test_the_same_makes_the_same_bytes_in_another_process_too(tmp_path) -> None:
    form = tmp_path / "form.docx"
    form.write_bytes(sample(PHASE))
    source = examples.source_of(PHASE)
    made = filling.fill(form.read_bytes(), PHASE, dict(source.figures), source.paper, source.words, NOW)
    again = (
        "import sys, django; django.setup()\n"
        "from datetime import datetime\n"
        "from reports.papers import examples, filling\n"
        "source = examples.source_of('phase')\n"
        f"at = datetime.fromisoformat('{NOW.isoformat()}')\n"
        "form = open(sys.argv[1], 'rb').read()\n"
        "made = filling.fill(form, 'phase', dict(source.figures), source.paper, source.words, at)\n"
        "sys.stdout.buffer.write(made)\n"
    )
    other = subprocess.run([sys.executable, "-c", again, form], capture_output=True, check=True)
    assert other.stdout == made


def test_drafts_say_so_on_every_page_unless_the_template_does() -> None:
    document = docx.Document()
    document.settings.odd_and_even_pages_header_footer = True
    document.sections[0].different_first_page_header_footer = True
    document.sections[0].header.paragraphs[0].text = "本局文件"
    document.add_section()
    form = saved(document)
    for made in filled(form).sections:
        assert [one.text for one in made.header.paragraphs] == ["草稿", "本局文件"]
        assert made.even_page_header.paragraphs[0].text == "草稿"
    assert filled(form).sections[0].first_page_header.paragraphs[0].text == "草稿"
    signed = filled(form, source=titled("标题", mark=""))
    assert [one.text for one in signed.sections[0].header.paragraphs] == ["本局文件"]
    own = filled(template("{{ 草稿标记 }}", header="本局文件"))
    assert [one.text for one in own.sections[0].header.paragraphs] == ["本局文件"]


@pytest.mark.parametrize(
    "hidden", ["{{ '草稿标记' }}", "{% if 版次 > 90 %}{{ 草稿标记 }}{% endif %}", "请修改草稿后报送"]
)
def test_a_template_cannot_leave_out_that_it_is_a_draft(hidden: str) -> None:
    header = filled(template(hidden)).sections[0].header
    assert header.paragraphs[0].text == "草稿"


def test_a_table_whose_list_is_empty_leaves_a_document_that_opens() -> None:
    form = with_table(("{%tr for 单位 in 未报单位 %}",), ("{{ 单位.名称 }}",), ("{%tr endfor %}",))
    assert filled(form, source=examples.empty()).tables == []


def test_the_page_stays_as_the_bureau_made_it() -> None:
    section = filled(sample(PHASE)).sections[0]
    assert round(section.top_margin.twips) == round(37 * MM)
