"""Papers of every block, made up."""

from datetime import UTC, date, datetime
from typing import Any

from reports.papers.paper import Annex, Chart, ChartKind, Column, Grid, Heading, Paper, Series, Text

AT = datetime(2026, 5, 8, 1, 30, 17, tzinfo=UTC)
TOWNS = ("城关镇", "东镇", "西河乡")
GRID = Grid(
    "各类材料完成情况",
    (Column("材料类别", 2), Column("应报", numeric=True), Column("完成率", numeric=True)),
    (("学习研讨", 120, "80.5%"), ("主题征文", 110, "81.5%"), ("合计", 230, "81.0%")),
    total=True,
    note="完成率为审核通过数与应报数之比。",
)
NAMED = Grid(
    "未报送单位名单",
    (Column("单位", 2), Column("应报日期")),
    tuple((f"示例第{n}小学", date(2026, 4, 20)) for n in range(1, 61)),
)
STACK = Chart(
    ChartKind.STACK, "各乡镇材料状态", TOWNS, (Series("已通过", (9, 8, 7)), Series("未报送", (0, 1, None)))
)
BARS = Chart(ChartKind.BARS, "各乡镇完成率", TOWNS, (Series("完成率", (98, 90, 64)),), "%")
LINE = Chart(
    ChartKind.LINE,
    "逐日累计报送",
    tuple(f"3月{day}日" for day in range(1, 31)),
    (Series("应报", tuple(range(30))), Series("已报", (*range(29), None))),
)


def paper(**changed: Any) -> Paper:
    """A paper of every block with two annexes; `changed` are its fields that are to be others."""
    plain = {
        "title": "示例县弘扬教育家精神主题教育活动第二阶段工作情况报告",
        "subtitle": "2026年3月1日至4月30日",
        "addressees": "县教育局领导，各科室",
        "sender": "示例县教育局",
        "dated": date(2026, 5, 8),
        "blocks": (
            Heading("总体情况"), Text("共报送材料230项。"), GRID,
            Heading("分乡镇情况", 2), STACK, BARS,
            Heading("征文", 3), Text("推进有序。", "专题一。"),
            Heading("优秀作品", 4), LINE,
            Heading("下一阶段要求"), Text("请按时报送。"),
        ),
        "annexes": (Annex("未报送单位名单", (NAMED,)), Annex("优秀作品", (Text("共2篇。"),))),
    }  # fmt: skip
    return Paper(**plain | changed)


def red(**changed: Any) -> Paper:
    fields = {"number": "示教发〔2026〕12号", "head": "示例县教育局文件", "sent_to": "县委办公室，县总工会"}
    return paper(**fields | changed)
