"""The fields of 每周进展, 月度汇总 and 简报 (reports/counts/schema_periodic.py)."""

from typing import Any

from reports.papers.field import NUMBERS, Field, Read, below, day, figure, group, key, label, number, rows
from reports.papers.fields_stage import ACTIVITY_STANDINGS, INDICATOR_STANDINGS, part, table

_FLOW = (
    number("报齐数", "首次报齐的任务", key("complete")),
    number("迟报数", "其中迟报的", key("late")),
    number("通过数", "审核通过的任务", key("accepted")),
    number("退回次数", "退回修改的次数", key("returned")),
    number("到期数", "到期的任务", key("due")),
    number("按期数", "到期的任务中按时报送的", key("in_time")),
    number("会议场数", "各单位召开的会议", key("meetings")),
    number("会议人次", "参加人数合计", key("present")),
)


def _with_titles(read: Read) -> Read:
    """Rows that name their campaign by its id get its title."""

    def found(source: Any) -> list[dict[str, Any]]:
        titles = {one["id"]: one["title"] for one in source.figures.get("campaigns") or ()}
        return [row | {"of": titles.get(row.get("campaign"), "")} for row in read(source) or ()]

    return found


_OF = Field("活动", "活动的名称", key("of"))
_DUE = (
    _OF,
    Field("名称", "任务的名称", key("name")),
    Field("类型", "报送要求的类型", key("kind")),
    Field("截止日期", "如2026年3月5日", day("due")),
    *below(key("numbers"), NUMBERS),
)
_HELD = (
    _OF,
    Field("名称", "活动安排的名称", key("title")),
    Field("类型", "动员会、报告会等", key("kind")),
    Field("开始日期", "如2026年3月5日", day("starts_on")),
    Field("结束日期", "只有一天的为空", day("ends_on")),
    Field("地点", "没有的为空", key("place")),
    Field("主办单位", "没有的为空", key("host")),
    Field("情况", "、".join(ACTIVITY_STANDINGS.values()), label("standing", ACTIVITY_STANDINGS)),
)
_STEP = (_OF, Field("名称", "阶段的名称", key("name")), Field("日期", "如2026年3月5日", day("day")))

PERIODIC = (
    Field("起始日期", "统计时段的第一天", lambda source: day("starts_on")(source.figures)),
    Field("截止日期", "统计时段的最后一天", lambda source: day("ends_on")(source.figures)),
    *below(figure("numbers"), NUMBERS),
    group("本期", "统计时段内的工作", figure("flow"), *_FLOW),
    group("上期", "上一时段的工作", figure("before"), *_FLOW),
    number("逾期单位数", "有逾期任务的单位", figure("behind_units")),
    number("修改逾期数", "退回后过了修改期限的任务", figure("uncorrected")),
    number("推荐篇数", "时段内推荐为优秀的材料", part("works", "recommended")),
    number("展示篇数", "时段内展示的优秀成果", part("works", "shown")),
    number("建议条数", "时段内提出的建议", part("suggestions", "made")),
    number("答复条数", "时段内答复的建议", part("suggestions", "answered")),
    number("办结条数", "时段内办结的建议", part("suggestions", "done")),
    rows(
        "各项活动",
        "活动",
        "时段内进行的活动",
        figure("campaigns"),
        Field("名称", "活动的名称", key("title")),
        Field("主办单位", "本单位主办的为空", key("host")),
        Field("阶段", "正在进行的阶段，用“、”隔开", lambda row: "、".join(row.get("phases") or ())),
        *below(key("numbers"), NUMBERS),
        group("本期", "统计时段内的工作", key("flow"), *_FLOW),
    ),
    table("各镇街", "镇街", "各镇街（教育局直属的为教育局）的情况", figure("branches")),
    rows("到期任务", "任务", "时段内到期的任务", _with_titles(figure("due")), *_DUE),
    rows("开始的阶段", "阶段", "时段内开始的阶段", _with_titles(figure("begun")), *_STEP),
    rows("结束的阶段", "阶段", "时段内结束的阶段", _with_titles(figure("ended")), *_STEP),
    rows("活动安排", "安排", "时段内的会议和活动", _with_titles(figure("activities")), *_HELD),
    rows(
        "逾期单位",
        "单位",
        "有逾期任务的单位",
        figure("behind"),
        Field("名称", "单位名称", key("name")),
        Field("镇街", "单位所属的镇街或教育局", key("branch")),
        number("项数", "逾期的任务数", key("tasks")),
        number("天数", "最长的逾期天数", key("days")),
    ),
    rows(
        "各项指标",
        "指标",
        "时段内有新数据的指标",
        _with_titles(figure("indicators")),
        _OF,
        Field("名称", "指标的名称", key("name")),
        Field("目标", "没有的为空", key("target")),
        Field("现值", "没有的为空", key("value")),
        Field("情况", "、".join(INDICATOR_STANDINGS.values()), label("standing", INDICATOR_STANDINGS)),
        number("填报单位数", "已填报的单位", key("reported")),
    ),
    rows(
        "待办建议",
        "建议",
        "逾期未办结和即将到期的建议",
        _with_titles(part("suggestions", "listed")),
        _OF,
        Field("内容", "建议的内容", key("text")),
        Field("责任单位", "没有的为空", key("responsible")),
        Field("办理期限", "如2026年3月5日", day("due_on")),
    ),
    rows(
        "优秀成果",
        "成果",
        "时段内展示的优秀成果",
        _with_titles(part("works", "listed")),
        _OF,
        Field("题目", "材料的题目", key("title")),
        Field("单位", "报送单位", key("unit")),
    ),
    rows(
        "督查通报",
        "通报",
        "时段内印发的督查通报",
        figure("bulletins"),
        Field("标题", "通报的标题", lambda title: title),
    ),
    rows("下期任务", "任务", "下一时段到期的任务", _with_titles(part("ahead", "due")), *_DUE),
    rows("下期安排", "安排", "下一时段的会议和活动", _with_titles(part("ahead", "activities")), *_HELD),
)

NEWSLETTER = (
    Field("活动", "活动的名称", figure("campaign")),
    rows(
        "选用材料",
        "材料",
        "本期简报选用的材料",
        figure("articles"),
        Field("题目", "材料的题目", key("title")),
        Field("单位", "报送单位", key("unit")),
        Field("作者", "没有的为空", key("authors")),
        Field("类型", "报送要求的类型", key("kind")),
        Field("任务", "报送要求的名称", key("asked")),
        Field("专题", "没有的为空", key("topic")),
        Field("点评", "推荐时的评语，没有的为空", key("comment")),
        Field("摘要", "没有的为空", key("abstract")),
        Field("正文", "材料的全文，每段一行", key("text")),
    ),
)
