"""A paper as a page: every block is shown, charts have their tables, hostile words are words."""

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

from django.template.loader import render_to_string
from hypothesis import given, settings

from reports.papers import page
from reports.papers.paper import Annex, Chart, ChartKind, Column, Grid, Heading, Paper, Series, Text
from reports.papers.stage import compose
from reports.papers.wording import Words
from tests.reports.papers.figures import HOSTILE, example, stage, stages

WORDS = Words("学习讨论阶段报告")
GRID = Grid("各地", (Column("地方"), Column("项", numeric=True)), (("东镇", 3), ("合计", 3)), total=True)


def shown(paper: Paper) -> str:
    return render_to_string("reports/paper/paper.html", {"paper": paper})


def of(*blocks, **more) -> Paper:
    return Paper("标题", "示例县教育局", blocks, **more)


class Read(HTMLParser):
    """The text of each element, by its tag, and all ids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.found, self.ids, self.figures = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.figures += [(attrs["data-chart"], attrs["data-table"])] if tag == "figure" else []
        if tag not in ("br", "wbr"):
            self.open.append(len(self.found))
            self.found.append([tag, ""])

    def handle_endtag(self, tag):
        self.open.pop()

    def handle_data(self, data):
        for place in self.open[-1:]:
            self.found[place][1] += data

    def texts(self, *tags: str) -> list[str]:
        return [text.strip() for tag, text in self.found if tag in tags]


def test_headings_are_numbered_at_their_level():
    blocks = (
        Heading("一件事"),
        Heading("里面", 2),
        Heading("更里面", 3),
        Heading("最里面", 4),
        Heading("又一件"),
    )
    read = Read(shown(of(*blocks)))
    assert [one for one in read.found if one[0].startswith("h")] == [
        ["h1", "标题"],
        ["h2", "一、一件事"],
        ["h3", "（一）里面"],
        ["h4", "1.更里面"],
        ["h5", "（1）最里面"],
        ["h2", "二、又一件"],
    ]


def test_each_line_of_a_text_is_a_paragraph_and_the_first_has_its_lead():
    read = Read(shown(of(Text("甲。\n\n　乙。", "专题一。"))))
    assert read.texts("p")[:2] == ["甲。", "乙。"]
    assert read.texts("strong") == ["专题一。"]


def test_a_table_has_its_caption_heads_rows_and_total():
    html = shown(of(replace(GRID, note="按月计。")))
    assert html.count('<tr class="total">') == 1
    read = Read(html)
    assert read.texts("th", "td") == ["地方", "项", "东镇", "3", "合计", "3"]
    assert read.texts("p")[:2] == ["表1　各地", "注：按月计。"]


def test_names_over_numbers_break_between_words_and_other_names_anywhere():
    names = ("未到期未报", "到期报送率", "应报单位（个）", "报送率", "逾期")
    columns = (Column("镇街或教育局"), *(Column(name, numeric=True) for name in names))
    [table] = page.parts_of(of(Grid("各地", columns, (("东镇", 1, 2, 3, 4, 5),))))
    assert table.heads == (
        (("镇街或教育局",), False),
        (("未到期", "未报"), True),
        (("到期", "报送率"), True),
        (("应报单位", "（个）"), True),
        (("报送率",), True),
        (("逾期",), True),
    )


def test_a_chart_is_drawn_from_a_table_of_its_own():
    lines = Chart(
        ChartKind.LINE, "进度", ("3月5日",), (Series("累计报齐", (4,)), Series("累计到期", (None,)))
    )
    stacks = Chart(
        ChartKind.STACK, "任务", ("征文",), (Series("通过", (1,), "accepted"), Series("别的", (0,)))
    )
    bars = Chart(ChartKind.BARS, "到期报送率", ("东镇",), (Series("到期报送率", (86,)),), "%")
    paper = of(lines, stacks, bars)
    read = Read(shown(paper))
    assert read.figures == [("line", "block-1"), ("stack", "block-2"), ("compare", "block-3")]
    assert {table for _, table in read.figures} <= set(read.ids)
    assert [one.heads for one in page.parts_of(paper)] == [
        (("actual", "累计报齐"), ("plan", "累计到期")),
        (("accepted", "通过"), ("waiting", "别的")),
        (("percent", "到期报送率"),),
    ]
    assert read.texts("td") == ["4", "", "1", "0", "86%"]


def test_a_red_head_comes_with_a_number_and_so_does_the_imprint():
    plain, red = (
        shown(of(Text("好。"))),
        shown(of(Text("好。"), number="示教发〔2026〕12号", head="示例县教育局文件")),
    )
    assert Read(plain).texts("header", "footer") == []
    assert Read(red).texts("p")[:2] == ["示例县教育局文件", "示教发〔2026〕12号"]
    assert len(Read(red).texts("footer")) == 1


def test_it_says_who_sends_it_to_whom_and_when():
    paper = of(Text("好。"), addressees="各有关单位", subtitle="3月", mark="草稿", dated=date(2026, 5, 12))
    assert Read(shown(paper)).texts("p", "span") == [
        "草稿",
        "（3月）",
        "各有关单位：",
        "好。",
        "",
        "示例县教育局2026年5月12日",
    ]
    assert "（签发之日）" in shown(replace(paper, dated=None))


def test_annexes_are_named_before_the_signature_and_stand_behind_it():
    paper = of(
        Text("好。"), annexes=(Annex("名单", (replace(GRID, title="名单"),)), Annex("说明", (Text("略。"),)))
    )
    read = Read(shown(paper))
    assert read.texts("a") == ["附件1：名单", "附件2：说明"]
    assert {"annex-1", "annex-2"} <= set(read.ids)
    html = shown(paper)
    assert html.index("附件1：名单") < html.index("（签发之日）") < html.index('id="annex-1"')
    assert Read(shown(replace(paper, annexes=paper.annexes[:1]))).texts("a") == ["附件：名单"]


def test_tables_of_annexes_have_numbers_of_their_own():
    many = Annex("各地情况", (GRID, replace(GRID, title="各校")))
    captions = [
        [part.caption for part in inside]
        for _, _, inside in page.annexes_of(
            of(GRID, annexes=(many, Annex("各地", (GRID,)), Annex("表", (GRID,))))
        )
    ]
    assert captions == [["附表1　各地", "附表2　各校"], ["各地"], ["附表3　各地"]]


def test_long_titles_break_where_the_word_file_breaks_them():
    paper = replace(
        of(Text("好。")),
        title="“办好家门口的每一所学校”大讨论宣传发动阶段情况通报",
        subtitle="2025年3月1日至2026年2月28日，统计截至3月9日10:05",
    )
    lines = [text for tag, text in Read(shown(paper)).found if tag == "span"]
    assert lines[:4] == [
        "“办好家门口的每一所学校”大讨论", "宣传发动阶段情况通报",
        "（2025年3月1日至2026年2月28日，", "统计截至3月9日10:05）",
    ]  # fmt: skip


@settings(max_examples=20)
@given(stages(HOSTILE))
def test_whatever_was_typed_stays_text(figures):
    html = shown(compose(figures, Words(figures["campaign"]["title"])))
    assert "<script" not in html
    read = Read(html)
    assert not read.open
    assert len(read.ids) == len(set(read.ids))


def test_the_shortest_and_the_longest_paper_are_shown_whole():
    for figures in (stage([]), example(), example(whole=True)):
        paper = compose(figures, WORDS)
        read = Read(shown(paper))
        assert len(read.figures) == sum(isinstance(one, Chart) for one in paper.blocks)
        assert len(read.texts("h2")) == sum(isinstance(one, Heading) for one in paper.blocks) + len(
            paper.annexes
        )
