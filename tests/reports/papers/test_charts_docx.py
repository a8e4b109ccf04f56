"""Charts in a Word file: drawn by Word, with the figures in them and the workbook behind them."""

import zipfile
from io import BytesIO

import docx
import openpyxl
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from lxml import etree

from reports.papers import word
from reports.papers.charts import in_words
from reports.papers.paper import Chart, ChartKind, Series
from tests.reports.papers.samples import AT, BARS, LINE, STACK, paper

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def charts_of(*charts: Chart) -> list[tuple[etree._Element, openpyxl.Workbook]]:
    """Each chart's XML and the workbook behind it, as their relations lead to them."""
    document = docx.Document(BytesIO(word.write(paper(blocks=charts, annexes=()), AT)))
    found = []
    for drawn in document.element.iter(f"{C}chart"):
        part = document.part.related_parts[drawn.get(qn("r:id"))]
        root = etree.fromstring(part.blob)
        [source] = root.iter(f"{C}externalData")
        book = part.related_parts[source.get(qn("r:id"))]
        assert [one.reltype for one in part.rels.values()] == [RELATIONSHIP_TYPE.PACKAGE]
        found.append((root, openpyxl.load_workbook(BytesIO(book.blob))))
    return found


def cached(series: etree._Element, kind: str) -> list[str | None]:
    cache = next(one for one in series.find(f"{C}{kind}").iter() if one.tag.endswith("Cache"))
    values = {int(one.get("idx")): one.find(f"{C}v").text for one in cache.iter(f"{C}pt")}
    return [values.get(place) for place in range(int(cache.find(f"{C}ptCount").get("val")))]


@pytest.mark.parametrize("chart", [BARS, STACK, LINE], ids=lambda chart: chart.kind.value)
def test_figures_stand_in_the_chart_and_in_its_workbook(chart: Chart) -> None:
    [(root, book)] = charts_of(chart)
    drawn = [(cached(one, "tx"), cached(one, "cat"), cached(one, "val")) for one in root.iter(f"{C}ser")]
    assert drawn == [
        ([one.name], list(chart.names), [None if value is None else str(value) for value in one.values])
        for one in chart.series
    ]
    head, *rows = book.active.iter_rows(values_only=True)
    assert head == (None, *(one.name for one in chart.series))
    assert rows == list(zip(chart.names, *(one.values for one in chart.series), strict=True))


def test_formulas_lead_to_the_cells_of_the_workbook() -> None:
    [(root, book)] = charts_of(STACK)
    told = [one.text for one in root.iter(f"{C}f")]
    assert told == [
        "数据!$B$1", "数据!$A$2:$A$4", "数据!$B$2:$B$4", "数据!$C$1", "数据!$A$2:$A$4", "数据!$C$2:$C$4",
    ]  # fmt: skip
    assert book.sheetnames == ["数据"]


def test_each_kind_is_drawn_as_what_it_is() -> None:
    kinds = [
        [(one.getparent().tag.removeprefix(C), one.get("val")) for one in root.iter(f"{C}grouping")]
        for root, _ in charts_of(BARS, STACK, LINE)
    ]
    assert kinds == [[("barChart", "clustered")], [("barChart", "stacked")], [("lineChart", "standard")]]


def test_series_stay_apart_in_black_and_white() -> None:
    many = Chart(ChartKind.STACK, "六类", ("甲",), tuple(Series(f"第{n}类", (n,)) for n in range(6)))
    [(root, _)] = charts_of(many)
    looks = [etree.tostring(one.find(f"{C}spPr")) for one in root.iter(f"{C}ser")]
    assert len(set(looks)) == 6
    [(root, _)] = charts_of(LINE)
    lines = [
        (one.find(f".//{A}prstDash").get("val"), one.find(f".//{C}symbol").get("val"))
        for one in root.iter(f"{C}ser")
    ]
    assert lines == [("solid", "circle"), ("dash", "square")]


def test_what_became_of_tasks_looks_the_same_in_every_chart() -> None:
    few = Chart(
        ChartKind.STACK, "两类", ("甲",), (Series("通过", (5,), "accepted"), Series("逾期", (4,), "overdue"))
    )
    more = Chart(
        ChartKind.STACK, "两类", ("甲",), (Series("退回", (5,), "returned"), Series("逾期", (4,), "overdue"))
    )
    looks = [
        etree.tostring(list(root.iter(f"{C}ser"))[1].find(f"{C}spPr")) for root, _ in charts_of(few, more)
    ]
    assert looks[0] == looks[1]


def test_segments_too_short_for_their_figures_have_none() -> None:
    chart = Chart(ChartKind.STACK, "状态", ("甲", "乙"), (Series("通过", (200, 9)), Series("退回", (8, 60))))
    [(root, _)] = charts_of(chart)
    without = [
        [
            one.find(f"{C}idx").get("val")
            for one in series.iter(f"{C}dLbl")
            if one.find(f"{C}delete") is not None
        ]
        for series in root.iter(f"{C}ser")
    ]
    assert without == [[], ["0"]]


def test_the_last_figures_of_two_lines_stand_apart() -> None:
    [(root, _)] = charts_of(LINE)
    assert [one.get("val") for one in root.iter(f"{C}dLblPos")] == ["t", "b"]


def test_letters_are_of_the_faces_of_the_paper() -> None:
    [(root, _)] = charts_of(STACK)
    assert {one.get("typeface") for one in root.iter(f"{A}ea")} == {"宋体"}
    assert {one.get("typeface") for one in root.iter(f"{A}latin")} == {"Times New Roman"}


def test_one_series_needs_no_legend() -> None:
    legends = [root.find(f".//{C}legendPos") for root, _ in charts_of(BARS, STACK)]
    assert [one is None or one.get("val") for one in legends] == [True, "b"]


def test_who_cannot_see_it_is_told_what_it_shows() -> None:
    assert in_words(BARS) == "条形图：各乡镇完成率。城关镇：完成率98%；东镇：完成率90%；西河乡：完成率64%。"
    assert in_words(STACK).endswith("西河乡：已通过7项。")
    assert in_words(LINE) == (
        "折线图：逐日累计报送（共30项，此处列首末两项）。3月1日：应报0项，已报0项；3月30日：应报29项。"
    )
    content = word.write(paper(), AT)
    root = etree.fromstring(zipfile.ZipFile(BytesIO(content)).read("word/document.xml"))
    told = [(one.get("id"), one.get("descr")) for one in root.iter(qn("wp:docPr"))]
    assert told == [("1", in_words(STACK)), ("2", in_words(BARS)), ("3", in_words(LINE))]


def test_long_names_are_cut_in_the_chart_alone() -> None:
    long = Chart(ChartKind.BARS, "长", ("长" * 400,), (Series("<&\x00", (1,)),))
    [(root, book)] = charts_of(long)
    [series] = root.iter(f"{C}ser")
    assert (cached(series, "cat"), cached(series, "tx")) == ([f"{'长' * 8}…{'长' * 7}"], ["<&"])
    assert book.active["A2"].value == "长" * 400
