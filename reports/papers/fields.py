"""The fields of bureaus' own templates, described once: what may stand in a template, what it is filled with,
and the page that lists them all come from here.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from reports.enums import ReportKind
from reports.papers.field import Field, Source, filled, key, number, rows
from reports.papers.fields_periodic import NEWSLETTER, PERIODIC
from reports.papers.fields_stage import CAMPAIGN, PHASE
from reports.papers.paper import Block, Grid, Heading, Text, grids_of, numbered, said
from reports.papers.word_ends import UNSIGNED


def _counted_at(source: Source) -> str:
    if not (at := source.figures.get("at")):
        return ""
    moment = timezone.localtime(datetime.fromisoformat(at))
    return f"{said(moment.date())}{moment:%H:%M}"


def _blocks(blocks: Iterable[Block]) -> Iterator[dict[str, Any]]:
    """The words of `blocks` in their order, tables among them; what cannot be told in words is left out."""
    for block, place in numbered(blocks):
        match block:
            case Heading(text=text, level=level):
                yield {"sort": "标题", "level": level, "place": place, "text": text}
            case Text(text=text, lead=lead):
                yield {"sort": "段落", "text": f"{lead}{text}"}
            case Grid():
                yield {"sort": "表格", "place": place, "text": block.title, "grid": block}


def _columns(row: Mapping[str, Any]) -> list[str]:
    return [one.name for one in row["grid"].columns] if "grid" in row else []


def _lines(row: Mapping[str, Any]) -> list[list[str]]:
    return [[said(one) for one in line] for line in row["grid"].rows] if "grid" in row else []


def _grids(source: Source) -> list[dict[str, Any]]:
    return [{"text": grid.title, "note": grid.note, "grid": grid} for grid in grids_of(source.paper)]


_CELL = Field("文字", "单元格的文字", lambda cell: cell)
_TABLE = (
    rows("表头", "栏", "表格各栏的名称", _columns, _CELL, tag="tc"),
    rows(
        "各行",
        "行",
        "表格的各行",
        _lines,
        rows("各格", "格", "一行中的单元格", lambda line: line, _CELL, tag="tc"),
    ),
)
_BLOCK = (
    Field("类型", "“标题”、“段落”或“表格”", key("sort")),
    number("级别", "标题的级别，1至4；其他为0", key("level")),
    Field("编号", "“一、”“（一）”“表1”等，段落没有编号", key("place")),
    Field("文字", "标题、段落的文字或表格的名称", key("text")),
    *_TABLE,
)
COMMON = (
    Field("标题", "报告的标题", lambda source: source.paper.title),
    Field("副标题", "标题下方的时段或统计时间", lambda source: source.paper.subtitle),
    Field("编制单位", "编制报告的教育局", lambda source: source.paper.sender),
    Field("主送单位", "报告送给谁，没有的为空", lambda source: source.paper.addressees),
    Field("发文机关标志", "红头上的名称，没有发文字号的为空", lambda source: source.paper.head),
    Field("发文字号", "拟稿时填写的发文字号，没有的为空", lambda source: source.words.number),
    Field("日期", f"签发的日期，签发前为“{UNSIGNED}”", lambda source: said(source.words.dated) or UNSIGNED),
    Field("统计时间", "各项数字截至的时间", _counted_at),
    number("版次", "同一份报告的第几版", lambda source: source.words.edition),
    Field(
        "草稿标记",
        "签发前为“草稿”，签发后为空；模板没有用到的，签发前的页眉自动加上“草稿”",
        lambda source: source.words.mark,
    ),
    Field("开头语", "拟稿时填写的开头语，每行一段，没有的为空", lambda source: source.words.opening),
    Field("结束语", "拟稿时填写的结束语，每行一段，没有的为空", lambda source: source.words.ending),
    rows(
        "正文段落",
        "段",
        "系统写成的正文，含小标题、文字和表格，不含图",
        lambda source: list(_blocks(source.paper.blocks)),
        *_BLOCK,
        tag="p",
    ),
    rows(
        "全部表格",
        "表",
        "报告的全部表格，附件中的在最后",
        _grids,
        Field("名称", "表格的名称", key("text")),
        Field("附注", "表格下方的说明，没有的为空", key("note")),
        *_TABLE,
        tag="p",
    ),
    rows(
        "附件",
        "件",
        "报告的附件",
        lambda source: source.paper.annexes,
        Field("名称", "附件的名称", lambda annex: annex.title),
        rows("内容", "段", "附件中的文字和表格", lambda annex: list(_blocks(annex.blocks)), *_BLOCK, tag="p"),
        tag="p",
    ),
)


OWN = {
    ReportKind.PHASE: PHASE,
    ReportKind.CAMPAIGN: CAMPAIGN,
    ReportKind.WEEK: PERIODIC,
    ReportKind.MONTH: PERIODIC,
    ReportKind.NEWSLETTER: NEWSLETTER,
}


def fields_of(kind: str) -> tuple[Field, ...]:
    """What a template for reports of `kind` (ReportKind) may use."""
    return (*COMMON, *OWN[ReportKind(kind)])


def context_of(kind: str, source: Source) -> dict[str, Any]:
    """What each field of `kind` is filled with."""
    return filled(fields_of(kind), source)
