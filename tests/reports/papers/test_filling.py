"""Bureaus' own templates: what may stand in them, what they are filled with, and what no template can do."""

import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import docx
import pytest
from docx.document import Document
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
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

PHASE = ReportKind.PHASE
UNKNOWN = "没有这个字段，请对照字段表改正。"
FORBIDDEN = "用了不支持的写法，模板只能填写字段、判断条件和循环，请对照字段表改正。"
SYNTAX = "写法有误，请对照字段表中的写法改正。"


def template(*lines: str, header: str = "") -> bytes:
    """A document with a paragraph for each line."""
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    return saved(document)


def with_table(*rows: tuple[str, ...]) -> bytes:
    document = docx.Document()
    table = document.add_table(len(rows), max(map(len, rows)))
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=False):
            cell.text = text
    return saved(document)


def saved(document: Document) -> bytes:
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def filled(form: bytes, kind: str = PHASE, source: Source | None = None) -> Document:
    source = source or examples.source_of(kind)
    return docx.Document(
        BytesIO(filling.fill(form, kind, dict(source.figures), source.paper, source.words, NOW))
    )


def lines(document: Document) -> list[str]:
    return [one.text for one in document.paragraphs]


def cells(document: Document) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in document.tables[0].rows]


def said(form: bytes, kind: str = PHASE) -> tuple[str, ...]:
    with pytest.raises(filling.Faulty) as fault:
        filling.check(form, kind)
    return fault.value.sentences


def titled(title: str, **words: str) -> Source:
    full = examples.source_of(PHASE)
    return replace(full, paper=replace(full.paper, title=title), words=replace(full.words, **words))


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


# What is wrong is named -------------------------------------------------------------------------------


def test_every_mistake_is_named_with_its_place() -> None:
    document = docx.Document()
    for line in ("第一段", "", "第二段", "{{ 总表.应报 }}项，{{ 活动.名字 }}", "{{ 活动 }}和{{ 各镇街 }}"):
        document.add_paragraph(line)
    document.add_table(2, 1).cell(1, 0).text = "{{ 应报 项 }}"
    document.sections[0].header.paragraphs[0].text = "{{ 页眉 }}"
    assert said(saved(document)) == (
        f"模板第3段的“{{{{ 总表.应报 }}}}”{UNKNOWN}",
        f"模板第3段的“{{{{ 活动.名字 }}}}”{UNKNOWN}",
        "模板第4段的“{{ 活动 }}”是一组字段，请写明其中哪一个，例如“{{ 活动.名称 }}”。",
        "模板第4段的“{{ 各镇街 }}”是列表，不能直接填写，请用循环逐项填写，写法见字段表。",
        f"模板第1个表格第2行的“{{{{ 应报 项 }}}}”{SYNTAX}",
        f"模板页眉的“{{{{ 页眉 }}}}”{UNKNOWN}",
    )


def test_fields_of_another_kind_are_unknown() -> None:
    form = template("{{ 阶段.名称 }}")
    filling.check(form, PHASE)
    assert said(form, ReportKind.MONTH) == (f"模板第1段的“{{{{ 阶段.名称 }}}}”{UNKNOWN}",)


@pytest.mark.parametrize(
    ("lines_", "wrong"),
    [
        (["{% if 应报 %}有"], "没有结尾，请在后面加上“{% endif %}”。"),
        (["{%p for 镇街 in 各镇街 %}"], "没有结尾，请在后面加上“{%p endfor %}”。"),
        (["{% endif %}"], "前面没有对应的“if”或“for”，请补上或删去。"),
        (["{%p if 应报 %}多写了字", "{%p endif %}"], "要单独占一段，这一段里不能有别的内容，请改正。"),
        (["{%tr if 应报 %}", "{%tr endif %}"], "不在表格里，“{%tr”只能用在表格里，请改正。"),
        (["{% for 镇街 in 应报 %}{% endfor %}"], "循环的不是列表，请对照字段表改正。"),
        (["{% for 应报 in 各镇街 %}{% endfor %}"], "给每一项取的名称与字段重名，请换一个名称。"),
        (["{% if 标题 > 3 %}{% endif %}"], "比较大小的两边必须都是数字，请改正。"),
        (["{{ " + "标题 or " * 90 + "标题 }}"], "太长，一处不能超过300字，请精简。"),
    ],
)  # fmt: skip
def test_structure_is_held_to(lines_: list[str], wrong: str) -> None:
    [sentence, *_] = said(template(*lines_))
    assert sentence.endswith(wrong)


def test_a_condition_begins_and_ends_in_one_place() -> None:
    across = "开头和结尾必须写法相同、在同一段里；跨段的用“{%p”，跨表格行的用“{%tr”，请改正。"
    assert said(template("{% if 应报 %}", "{% endif %}")) == (f"模板第2段的“{{% endif %}}”{across}",)
    assert said(template("{%p if 应报 %}", "{% endif %}")) == (f"模板第2段的“{{% endif %}}”{across}",)


def test_a_loop_over_nothing_known_is_one_mistake_and_not_many() -> None:
    form = template("{%p for 事 in 各事 %}", "{{ 事.名称 }}{{ 事.应报 }}", "{%p endfor %}")
    assert said(form) == (f"模板第1段的“{{%p for 事 in 各事 %}}”{UNKNOWN}",)


def test_a_field_that_is_not_closed_is_shown() -> None:
    assert said(template("共{{ 应报 项")) == (
        "模板第1段的“{{ 应报 项”不完整，字段要用“{{”开头、“}}”结尾，请补全。",
    )


def test_a_missing_brace_is_shown_where_it_is_missing() -> None:
    form = template("{{ 已报 }项，{% if 应报 %}应报{{ 应报 }}项{% endif %}")
    assert said(form) == ("模板第1段的“{{ 已报 }”不完整，字段要用“{{”开头、“}}”结尾，请补全。",)


@pytest.mark.parametrize("field", ["｛｛标题｝｝", "｛{标题}｝", "｛%p if 标题 %｝"])
def test_braces_of_a_chinese_keyboard_are_refused(field: str) -> None:
    [sentence] = said(template(f"关于{field}"))
    assert sentence == f"模板第1段的“{field}”用了全角大括号，请用半角大括号“{{{{”和“}}}}”。"
    filling.check(template("集合｛一、二｝"), PHASE)


def test_very_many_mistakes_are_cut() -> None:
    found = said(template(*(f"{{{{ 错{n} }}}}" for n in range(50))))
    assert (len(found), found[-1]) == (21, "另有30处问题，请先改正以上各处。")


# What no template can do ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "{{ ''.__class__ }}",
        "{{ 标题.__class__.__mro__ }}",
        "{{ 活动['__class__'] }}",
        "{{ 标题|attr('__class__') }}",
        "{{ 标题.join(各镇街) }}",
        "{{ range(10**9) }}",
        "{{ 标题 * 1000000000 }}",
        "{{ 9**9**9 }}",
        "{{ 标题 ~ 标题 }}",
        "{{ [1, 2] }}",
        "{{ {'a': 1} }}",
        "{{ 标题[0] }}",
        "{{ 标题[:2] }}",
        "{{ 标题|safe }}",
        "{{ 标题|replace('a', 'b') }}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ 标题 is defined }}",
        "{{ '件' in 标题 }}",
        "{{ lipsum() }}",
        "{{ self }}",
        "{{r 标题 }}",
        "{{p 标题 }}",
        "{%r if 标题 %}{%r endif %}",
        "{% set 甲 = 标题 %}",
        "{% set 甲 %}{% endset %}",
        "{% macro 甲() %}{% endmacro %}",
        "{% call 标题() %}{% endcall %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 标题 %}",
        "{% block 甲 %}{% endblock %}",
        "{% filter safe %}{% endfilter %}",
        "{% autoescape false %}{% endautoescape %}",
        "{% with 甲 = 1 %}{% endwith %}",
        "{% raw %}{% endraw %}",
        "{% colspan 应报 %}",
        "{% cellbg 标题 %}",
        "{% hm %}",
        "{% vm %}",
        "{%- if 标题 %}{% endif %}",
        "{% for 甲 in range(10) %}{% endfor %}",
        "{% for 甲, 乙 in 各镇街 %}{% endfor %}",
        "{% for 甲 in 各镇街 recursive %}{% endfor %}",
        "{% for 甲 in 各镇街 + 各镇街 %}{% endfor %}",
        "{% for _甲 in 各镇街 %}{% endfor %}",
        "{% for 甲 in 各镇街 %}{% for 乙 in 各镇街 %}{% endfor %}{% endfor %}",
        "{{ " + "(" * 140 + "标题" + ")" * 140 + " }}",
        "{{ " + "not " * 70 + "标题" + " }}{{ 无 }}",
        "{% if 1 %}" * 12 + "{% endif %}" * 12,
    ],
)  # fmt: skip
def test_nothing_is_called_computed_or_kept(line: str) -> None:
    begun = time.monotonic()
    assert said(template("前言", line))[0].startswith("模板第2段的“")
    assert time.monotonic() - begun < 2


def test_loops_go_through_the_figures_and_not_through_their_powers() -> None:
    deep = template(
        "{%p for 段 in 正文段落 %}", "{%p for 行 in 段.各行 %}", "{%p for 格 in 行.各格 %}", "{{ 格.文字 }}",
        "{%p endfor %}", "{%p endfor %}", "{%p endfor %}",
    )  # fmt: skip
    filling.check(deep, PHASE)
    powers = template("{%p for 段 in 正文段落 %}", "{% for 镇街 in 各镇街 %}{% endfor %}", "{%p endfor %}")
    assert said(powers) == (
        "模板第2段的“{% for 镇街 in 各镇街 %}”循环里只能再循环本项自己的列表，请对照字段表改正。",
        "模板第2段的“{% endfor %}”前面没有对应的“if”或“for”，请补上或删去。",
    )[:1]  # fmt: skip


def test_too_many_tags_and_too_much_text_are_refused_quickly() -> None:
    begun = time.monotonic()
    assert said(template("{{ 应报 }}" * 3000)) == (filling.TOO_LONG,)
    assert said(template("字" * 2_000_000)) == (filling.TOO_LONG,)
    assert said(template("{{ " * 20_000))[0].startswith("模板第1段的“")
    assert time.monotonic() - begun < 5


def test_a_document_that_unpacks_to_very_much_is_not_even_opened() -> None:
    bomb = BytesIO(template("{{ 标题 }}"))
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/footnotes.xml", b" " * 40_000_000)
    assert said(bomb.getvalue()) == (filling.TOO_LONG,)


def test_what_comes_out_is_bounded() -> None:
    """A long text once for each unit of a province."""
    full = examples.source_of(PHASE)
    many = replace(full, figures={**full.figures, "missing": [{"name": "甲"}] * 3000})
    form = template("{%p for 单位 in 未报单位 %}", "长" * 20_000, "{%p endfor %}")
    filling.check(form, PHASE)
    begun = time.monotonic()
    with pytest.raises(filling.Faulty, match=filling.TOO_MUCH):
        filled(form, source=many)
    assert time.monotonic() - begun < 5


def test_a_list_of_three_thousand_units_is_filled_in_seconds() -> None:
    full = examples.source_of(PHASE)
    many = replace(full, figures={**full.figures, "missing": [{"name": f"单位{n}"} for n in range(3000)]})
    form = with_table(
        ("{%tr for 单位 in 未报单位 %}",), ("{{ 单位.序号 }}", "{{ 单位.名称 }}"), ("{%tr endfor %}",)
    )
    begun = time.monotonic()
    made = filled(form, source=many)
    assert len(made.tables[0]._tbl.tr_lst) == 3000
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"{{ }}", template("x")[:500]])
def test_what_is_no_document_is_said_to_be_none(content: bytes) -> None:
    assert said(content) == (filling.NOT_WORD,)


def test_links_out_of_the_file_are_refused_but_for_hyperlinks() -> None:
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

    def linking(kind: str, target: str = "https://example.invalid/x") -> bytes:
        document = docx.Document()
        document.part.relate_to(target, f"{kinds}{kind}", is_external=True)
        return saved(document)

    filling.check(linking("hyperlink"), PHASE)
    for kind in ("image", "oleObject", "subDocument", "aFChunk", "frame"):
        assert said(linking(kind)) == (filling.REMOTE,)


def test_the_local_template_of_a_machine_is_left_out() -> None:
    document = docx.Document()
    settings = document.part._settings_part
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
    key = settings.relate_to(r"file:///C:\Users\zhang\Normal.dotm", kind, is_external=True)
    settings.element.append(parse_xml(f'<w:attachedTemplate {nsdecls("w", "r")} r:id="{key}"/>'))
    document.core_properties.last_modified_by = "zhang"
    source = examples.source_of(PHASE)
    made = filling.fill(saved(document), PHASE, {}, source.paper, source.words, NOW)
    with zipfile.ZipFile(BytesIO(made)) as package:
        assert [name for name in package.namelist() if b"zhang" in package.read(name)] == []


@pytest.mark.parametrize(
    "fetching", ['INCLUDEPICTURE "https://example.invalid/x.png"', "DDEAUTO c:\\x", "{{ 标题 }}"]
)
def test_fields_of_word_that_fetch_something_are_refused(fetching: str) -> None:
    document = docx.Document()
    for piece in (fetching[:4], fetching[4:]):
        run = document.add_paragraph().add_run()
        instruction = run._r.makeelement(qn("w:instrText"))
        instruction.text = piece
        run._r.append(instruction)
    assert filling.ACTIVE in said(saved(document))


def with_part(name: str, kind: str, inside: str) -> bytes:
    """A document with one more part of the package."""
    document = docx.Document()
    document.add_paragraph("正文")
    content = f"<w:{name} {nsdecls('w')}>{inside}</w:{name}>".encode()
    office = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    package = document.part.package
    part = Part(PackURI(f"/word/{kind}9.xml"), f"{office}.{kind}+xml", content, package)
    document.part.relate_to(part, f"{RELATIONS}/{kind}")
    return saved(document)


RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
FETCHING = "<w:p><w:r><w:instrText>DDEAUTO c:</w:instrText></w:r></w:p>"
ASIDE = (("endnotes", "endnotes"), ("comments", "comments"), ("glossaryDocument", "document.glossary"))


@pytest.mark.parametrize(("name", "kind"), ASIDE)
def test_such_fields_are_found_in_every_part(name: str, kind: str) -> None:
    assert said(with_part(name, kind, FETCHING)) == (filling.ACTIVE,)
    assert said(with_part(name, kind, "<w:p><w:r><w:t>{{ 标题 }}</w:t></w:r></w:p>")) == (filling.ASIDE,)
    filling.check(with_part(name, kind, "<w:p><w:r><w:t>照旧</w:t></w:r></w:p>"), PHASE)


def test_comments_are_not_taken_into_what_is_signed() -> None:
    form = with_part("comments", "comments", '<w:comment w:id="1"><w:p/></w:comment>')
    assert said(form) == (filling.COMMENTED,)


def test_very_many_empty_paragraphs_are_refused_quickly() -> None:
    begun = time.monotonic()
    for many in (25_000, 230_000):
        document = docx.Document()
        body = f"<w:body {nsdecls('w')}>{'<w:p/>' * many}<w:sectPr/></w:body>"
        document.part._element = parse_xml(f"<w:document {nsdecls('w')}>{body}</w:document>")
        assert said(saved(document)) == (filling.TOO_LONG,)
    assert time.monotonic() - begun < 5


def test_headers_are_counted_and_share_what_may_come_out(monkeypatch) -> None:
    def headed(many: int) -> bytes:
        document = docx.Document()
        for _ in range(many):
            header = document.add_section().header
            header.is_linked_to_previous = False
            header.paragraphs[0].text = "{% for 单位 in 未报单位 %}" + "长" * 2000 + "{% endfor %}"
        return saved(document)

    assert said(headed(60)) == (filling.TOO_MANY,)
    filling.check(headed(3), PHASE)
    monkeypatch.setattr(filling, "MOST_FILLED", 1_500_000)
    assert said(headed(3)) == (filling.TOO_MUCH,)


def test_page_numbers_are_no_such_fields() -> None:
    filling.check(sample(PHASE), PHASE)


HOSTILE = [
    "<w:p>&amp;</w:t>",
    "{{ 应报 }}{% endif %}{_{ 应报 }_}",
    "甲\x00\x08乙\x0b",
    "🙂" * 50,
    "\u202eright\u2066",
    "']]>--><!--",
    "长" * 10_000,
]


@pytest.mark.parametrize("title", HOSTILE)
def test_values_come_out_whole_and_do_nothing(title: str) -> None:
    [line] = lines(filled(template("{{ 标题 }}"), source=titled(title)))
    unseen = "\x00\x08\u202e\u2066"
    assert line == "".join(one for one in title.rstrip("\x0b") if one not in unseen)


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
