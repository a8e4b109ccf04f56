"""Bureaus' own templates: what is wrong is named with its place, and what no template can do."""

import time
import zipfile
from dataclasses import replace
from io import BytesIO

import docx
import pytest
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from reports.enums import ReportKind
from reports.papers import examples, filling
from reports.papers.sample import sample
from tests.factories import NOW
from tests.reports.papers.forms import (
    PHASE,
    SYNTAX,
    UNKNOWN,
    filled,
    lines,
    said,
    saved,
    template,
    titled,
    with_table,
)

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
