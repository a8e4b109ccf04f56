"""阶段报告 and 活动总结: topics and pieces, meetings, suggestions, indicators, excellent work."""

from collections import Counter
from datetime import date
from typing import Any

from reports.papers.paper import Block, Column, Grid, Text
from reports.papers.section import Section, grid_of, placed, section
from reports.papers.sentences import day, filled, listed, local, name, parts, said, span, stopped, titled
from reports.papers.stage_tasks import scope_of
from submissions.enums import SuggestionState

Figures = dict[str, Any]  # counts.schema.Stage
NAMED = 5
LONG_ROWS = 20  # of tables with long texts among the words
ACTIVITIES = {"held": "已举办", "ahead": "待举办", "missed": "逾期未办"}
UNDER_WAY, TO_REPORT = "正在举办", "待报纪要"  # both are 待举办 on the dashboard
INDICATORS = {"met": "已达目标", "short": "未达目标", "silent": "尚未填报", "part": "不作判断"}


# 专题和材料 -------------------------------------------------------------------------------------------


def topics(figures: Figures) -> Section:
    every, pieces = figures["topics"], figures["pieces"]
    if not pieces and not every:
        return Section("报送材料", ())
    return section(
        "专题和材料" if every else "报送材料",
        said(_pieces(figures), _blank(every)),
        placed(_topics(every)),
        _abstracts(figures),
    )


def _pieces(figures: Figures) -> str:
    if not figures["pieces"]:
        return f"{scope_of(figures)}尚未收到材料。"
    n = figures["untopical"] if figures["topics"] else 0
    untopical = f"，其中未选专题的{n}篇" if 0 < n < figures["pieces"] else ""
    return f"各单位报来材料{figures['pieces']}篇，涉及单位{figures['pieces_units']}个{untopical}。"


def _blank(every: list[dict[str, Any]]) -> str:
    """Topics without anything, named once where everything below them has nothing either."""
    if not any(one["pieces"] for one in every):
        return ""
    found, covered = [], None
    for one in every:
        if covered is not None and one["depth"] > covered:
            continue
        blank = not one["pieces"] and not one["measured"]
        covered = one["depth"] if blank else None
        if blank:
            found.append(f"“{name(one['title'])}”")
    return f"尚无材料的专题有{listed(found, NAMED, '个')}。" if found else ""


def _topics(every: list[dict[str, Any]]) -> Grid | None:
    """All of a short list; of a long one those that have any."""
    if len(every) > LONG_ROWS or not any(one["pieces"] for one in every):
        every = [one for one in every if one["pieces"]]
    measured = any(one["measured"] and not one["pieces"] for one in every)
    rows = [
        (
            f"{'　' * (one['depth'] - 1)}{one['number']} {one['title']}".rstrip(),
            one["pieces"],
            one["units"],
            "有" if measured and one["measured"] else "",
        )
        for one in every
    ]
    columns = (
        Column("专题", 5),
        Column("材料（篇）", numeric=True),
        Column("单位（个）", numeric=True),
        Column("指标数据"),
    )
    return grid_of("各专题材料", columns, rows, "材料数含下级专题，同一单位在一个专题只计一次。")


def _abstracts(figures: Figures) -> list[Block]:
    """Of excellent work: a paragraph for each, by topic; last those about none."""
    shelves = [(f"{one['number']} {name(one['title'])}".strip(), one["works"]) for one in figures["topics"]]
    rest = [one for one in figures["works"] if not one["topic"]]
    found = []
    for label, works in [*shelves, ("其他材料" if figures["topics"] else "", rest)]:
        lead = f"{label}。" if label else ""
        found += [Text(_abstract(one), lead) for one in works if one["abstract"].strip()]
    others = figures["praised"] - len(found)
    more = said(f"另有{others}篇优秀材料未附摘要。") if others > 0 else []
    return [*said("优秀材料摘要如下。"), *found, *more] if found else []


def _abstract(work: dict[str, Any]) -> str:
    by = "，".join(filter(None, (name(work["unit"]), name(work["authors"]))))
    return f"{titled(work['title'], 120)}（{by}）：{stopped(work['abstract'])}"


# 活动和会议 -------------------------------------------------------------------------------------------


def meetings(figures: Figures) -> Section:
    every, held = figures["activities"], figures["meetings"]
    today = local(figures["at"]).date()
    year = today.year
    return section(
        "活动和会议",
        said(_activities(every, today)),
        placed(activities_grid("活动举办情况", every, year, today), LONG_ROWS),
        said(_held(held)),
        placed(_meetings(held)),
    )


def _standing(one: dict[str, Any], today: date) -> str:
    """What is still ahead by its papers may have begun by its days, or even be over."""
    first, last = one["starts_on"], one["ends_on"] or one["starts_on"]
    if one["standing"] != "ahead" or not first or first > today.isoformat():
        return ACTIVITIES[one["standing"]]
    return UNDER_WAY if last >= today.isoformat() else TO_REPORT


def _activities(every: list[dict[str, Any]], today: date) -> str:
    if not every:
        return ""
    found = Counter(_standing(one, today) for one in every)
    labels = ("已举办", UNDER_WAY, TO_REPORT, "待举办", "逾期未办")
    counts = [(label, found[label]) for label in labels]
    return f"方案安排活动{len(every)}场{parts(len(every), counts, '场')}。"


def activities_grid(
    title: str, every: list[dict[str, Any]], year: int, today: date | None = None
) -> Grid | None:
    """With `today` it is said as well whether they have been held."""
    rows = [
        (
            one["title"],
            one["kind"],
            span(one["starts_on"], one["ends_on"] or one["starts_on"], year) or "待定",
            filled(one["place"]),
            filled(one["host"]),
            _standing(one, today) if today else "",
        )
        for one in every
    ]
    columns = (
        Column("活动", 3),
        Column("形式", 1.4),
        Column("日期", 1.8),
        Column("地点", 1.8),
        Column("承办单位", 1.8),
        Column("情况", 1.2),
    )
    begun = [label for label in (UNDER_WAY, TO_REPORT) if any(row[-1] == label for row in rows)]
    note = f"{'和'.join(begun)}的，活动进展页面计入待举办。" if begun else ""
    return grid_of(title, columns, rows, note)


def _held(held: dict[str, Any]) -> str:
    if not held["meetings"]:
        return ""
    present = f"，参加{held['present']}人次" if held["present"] else ""
    return f"据报来的会议纪要，{held['units']}个单位召开会议{held['meetings']}场{present}。"


def _meetings(held: dict[str, Any]) -> Grid | None:
    rows = [(one["name"], one["meetings"], one["present"]) for one in held["branches"]]
    if len(rows) < 2:
        return None
    columns = (
        Column("镇街或教育局", 2),
        Column("会议（场）", numeric=True),
        Column("参加（人次）", numeric=True),
    )
    return Grid("各地会议情况", columns, (*rows, ("合计", held["meetings"], held["present"])), total=True)


# 合理化建议 -------------------------------------------------------------------------------------------


def suggestions(figures: Figures) -> Section:
    found = figures["suggestions"]
    if not found["total"]:
        return Section("合理化建议", ())
    counts = [(one.label, found["states"].get(one, 0)) for one in SuggestionState.in_order()]
    whole = f"共征集合理化建议{found['total']}条{parts(found['total'], counts, '条')}。"
    return section(
        "合理化建议",
        said(whole, _carried_out(found)),
        placed(_taken(found, local(figures["at"]).date()), LONG_ROWS),
    )


def _carried_out(found: dict[str, Any]) -> str:
    if not found["adopted"]:
        return ""
    late = f"，逾期未办结{found['unsettled']}条" if found["unsettled"] else ""
    settled = f"已办结{found['settled']}条" if found["settled"] else "尚无办结"
    rest = found["adopted"] - found["settled"] - found["unsettled"]
    others = f"，其余{rest}条正在办理" if rest and rest < found["adopted"] else ""
    return f"采纳和部分采纳的{found['adopted']}条建议中，{settled}{late}{others}。"


def _taken(found: dict[str, Any], today: date) -> Grid | None:
    rows = [
        (
            one["text"],
            filled(one["unit"]),
            SuggestionState(one["state"]).label,
            filled(one["responsible"]),
            _outcome(one, today),
        )
        for one in found["taken"]
    ]
    columns = (
        Column("建议", 4),
        Column("提出单位", 1.8),
        Column("答复", 1.2),
        Column("责任单位", 1.8),
        Column("办理情况", 2.6),
    )
    few = f"列出前{len(rows)}条。" if len(rows) < found["adopted"] else ""
    return grid_of("采纳的建议和办理情况", columns, rows, few)


def _outcome(one: dict[str, Any], today: date) -> str:
    if one["done"]:
        return one["outcome"].strip() or "已办结"
    if not one["due_on"]:
        return "办理中"
    late = "（已逾期）" if one["due_on"] < today.isoformat() else ""
    return f"{day(one['due_on'], today.year)}前办结{late}"


# 指标 and 优秀成果 ------------------------------------------------------------------------------------


def indicators(figures: Figures) -> Section:
    every, year = figures["indicators"], local(figures["at"]).year
    if not every:
        return Section("指标完成情况", ())
    counts = [(label, sum(one["standing"] == key for one in every)) for key, label in INDICATORS.items()]
    rows = [
        (
            one["name"],
            one["target"],
            filled(one["value"]),
            INDICATORS.get(one["standing"], INDICATORS["part"]),
            one["reported"],
            one["asked"],
            day(one["due_on"], year) if one["due_on"] else "—",
        )
        for one in every
    ]
    columns = (
        Column("指标", 4),
        Column("目标", 1.6),
        Column("现值", 1.4),
        Column("完成情况", 1.5),
        Column("填报单位", numeric=True),
        Column("应填报", numeric=True),
        Column("完成时限", 1.6),
    )
    note = "现值为活动开展以来各单位最近一期填报值的合计或平均。"
    return section(
        "指标完成情况",
        said(f"方案列出指标{len(every)}项{parts(len(every), counts, '项')}。"),
        placed(grid_of("指标完成情况", columns, rows, note)),
    )


def works(figures: Figures) -> Section:
    """What was recommended, and what is shown; most of it is both."""
    many = figures["praised"]
    if not many:
        return Section("优秀成果", ())
    counts = (("审核时推荐优秀材料", figures["recommended"]), ("优秀成果中展示材料", figures["shown"]))
    alike = len({(one["recommended"], one["shown"]) for one in figures["works"]}) == 1
    rows = [
        (
            one["title"],
            one["unit"],
            filled(one["authors"]),
            filled(one["asked"]),
            filled(one["topic"]),
            "" if alike else _praise(one),
        )
        for one in figures["works"]
    ]
    columns = (
        Column("题目", 3.6),
        Column("单位", 2),
        Column("作者", 1.4),
        Column("报送要求", 1.6),
        Column("专题", 2),
        Column("推荐展示", 1),
    )
    few = f"共{many}篇，列出前{len(rows)}篇。" if len(rows) < many else ""
    return section(
        "优秀成果",
        said("，".join(f"{label}{n}篇" for label, n in counts if n) + "。"),
        placed(grid_of("优秀材料", columns, rows, few), LONG_ROWS),
    )


def _praise(work: dict[str, Any]) -> str:
    return "、".join(label for label, key in (("推荐", "recommended"), ("展示", "shown")) if work[key])
