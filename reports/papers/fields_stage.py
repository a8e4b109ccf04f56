"""The fields of 阶段报告 and 活动总结 (reports/counts/schema.py, `Stage`)."""

from reports.papers.field import (
    NUMBERS,
    Field,
    Read,
    below,
    day,
    figure,
    group,
    key,
    label,
    number,
    rows,
)
from submissions.enums import SuggestionState

ACTIVITY_STANDINGS = {"held": "已举行", "ahead": "未到日期", "missed": "到期未报"}
INDICATOR_STANDINGS = {"met": "已达目标", "short": "未达目标", "silent": "未填报", "part": "不作判断"}


def part(name: str, inner: str) -> Read:
    """`inner` of the part `name` of the figures."""
    return lambda source: (source.figures.get(name) or {}).get(inner)


def table(name: str, each: str, meaning: str, read: Read) -> Field:
    """A table of tasks."""
    return rows(
        name, each, meaning, read, Field("名称", "名称", key("name")), *below(key("numbers"), NUMBERS)
    )


_ACTIVITY = (
    Field("名称", "活动安排的名称", key("title")),
    Field("类型", "动员会、报告会等", key("kind")),
    Field("开始日期", "如2026年3月5日，未定的为空", day("starts_on")),
    Field("结束日期", "只有一天的为空", day("ends_on")),
    Field("地点", "没有的为空", key("place")),
    Field("主办单位", "没有的为空", key("host")),
    Field("情况", "、".join(ACTIVITY_STANDINGS.values()), label("standing", ACTIVITY_STANDINGS)),
)
_WORK = (
    Field("题目", "材料的题目", key("title")),
    Field("单位", "报送单位", key("unit")),
    Field("镇街", "单位所属的镇街或教育局", key("branch")),
    Field("作者", "没有的为空", key("authors")),
    Field("任务", "报送要求的名称", key("asked")),
    Field("专题", "没有的为空", key("topic")),
    Field("摘要", "没有的为空", key("abstract")),
)
_STRAGGLER = (
    Field("名称", "单位名称", key("name")),
    Field("镇街", "单位所属的镇街或教育局", key("branch")),
    Field("类型", "单位类型", key("kind")),
    number("项数", "任务数", key("n")),
    Field("任务", "前几项任务的名称，用“、”隔开", lambda row: "、".join(row.get("tasks") or ())),
    number("天数", "最长的逾期天数，迟报单位为0", key("days")),
)
_AHEAD = (
    Field("名称", "任务的名称", key("name")),
    Field("类型", "报送要求的类型", key("kind")),
    Field("截止日期", "尚未到期的第一期的截止日期，未定的为空", day("due")),
    Field("最后截止日期", "最后一期的截止日期，只有一期的与截止日期相同", day("until")),
    number("期数", "尚未到期的期数，只报一次的为1", key("times")),
    number("单位数", "需报送的单位数，尚未下达的为0", key("owed")),
)
_SUGGESTION = (
    Field("内容", "建议的内容", key("text")),
    Field("单位", "提出建议的单位", key("unit")),
    Field("答复结果", "采纳、部分采纳", label("state", dict(SuggestionState.choices))),
    Field("答复", "答复的内容，没有的为空", key("answer")),
    Field("责任单位", "没有的为空", key("responsible")),
    Field("办理期限", "没有的为空", day("due_on")),
    Field("办理结果", "没有的为空", key("outcome")),
)
_NEXT = (
    Field("名称", "下一阶段的名称，没有下一阶段的为空", key("name")),
    Field("目标", "没有的为空", key("aim")),
    Field("开始日期", "没有的为空", day("starts_on")),
    Field("结束日期", "没有的为空", day("ends_on")),
)
_BEFORE = (
    Field("名称", "上一阶段的名称，没有上一阶段的为空", key("name")),
    *below(key("numbers"), NUMBERS),
    number("材料篇数", "报送的材料", key("pieces")),
    number("会议场数", "各单位召开的会议", key("meetings")),
    number("推荐篇数", "推荐为优秀的材料", key("works")),
)
_OWN = (
    group(
        "活动",
        "报告所说的活动",
        figure("campaign"),
        Field("名称", "活动的名称", key("title")),
        Field("类型", "活动的类型", key("kind")),
        Field("主题", "没有的为空", key("theme")),
        Field("目标", "没有的为空", key("goals")),
        Field("主办单位", "主办活动的教育局", key("host")),
        Field("承办科室", "没有的为空", key("office")),
        Field("开始日期", "如2026年3月1日", day("starts_on")),
        Field("结束日期", "如2026年7月31日", day("ends_on")),
    ),
    *below(figure("numbers"), NUMBERS),
    number("单位数", "有报送任务的单位", figure("units")),
    number("报齐单位数", "到期任务全部报齐的单位", figure("whole")),
    number("零报告数", "通过的任务中作零报告的", figure("nil")),
    number("退回次数", "教育局退回修改的次数", figure("returns")),
    number("材料篇数", "报送的材料", figure("pieces")),
    number("材料单位数", "报送材料的单位", figure("pieces_units")),
    number("推荐篇数", "推荐为优秀的材料", figure("recommended")),
    number("展示篇数", "正在优秀成果中展示的材料", figure("shown")),
    number("会议场数", "各单位召开的会议", part("meetings", "meetings")),
    number("会议人次", "各单位会议的参加人数合计", part("meetings", "present")),
    number("建议条数", "收到的合理化建议", part("suggestions", "total")),
    number("采纳条数", "采纳和部分采纳的建议", part("suggestions", "adopted")),
    number("办结条数", "采纳的建议中已办结的", part("suggestions", "settled")),
    number("未报单位数", "有逾期任务的单位", figure("missing_units")),
    number("迟报单位数", "有迟报任务的单位", figure("late_units")),
    table("各项任务", "任务", "各项报送要求的情况", figure("requirements")),
    table("各镇街", "镇街", "各镇街（教育局直属的为教育局）的情况", figure("branches")),
    table("各类单位", "类", "按单位类型的情况", figure("kinds")),
    table("各办学性质", "类", "按办学性质的情况", figure("ownerships")),
    rows(
        "各专题",
        "专题",
        "活动的专题",
        figure("topics"),
        Field("编号", "专题的编号", key("number")),
        Field("名称", "专题的名称", key("title")),
        number("材料篇数", "含下级专题", key("pieces")),
        number("单位数", "报送材料的单位，含下级专题", key("units")),
        rows("成果", "成果", "本专题推荐为优秀的和正在展示的材料", key("works"), *_WORK),
    ),
    rows("活动安排", "安排", "计划中的会议和活动", figure("activities"), *_ACTIVITY),
    rows(
        "各镇街会议",
        "镇街",
        "各镇街单位召开的会议",
        part("meetings", "branches"),
        Field("名称", "镇街或教育局的名称", key("name")),
        number("会议场数", "召开的会议", key("meetings")),
        number("会议人次", "参加人数合计", key("present")),
    ),
    rows("采纳的建议", "建议", "采纳和部分采纳的建议", part("suggestions", "taken"), *_SUGGESTION),
    rows(
        "各项指标",
        "指标",
        "活动的各项指标",
        figure("indicators"),
        Field("名称", "指标的名称", key("name")),
        Field("专题", "指标所属的专题", key("topic")),
        Field("目标", "如“不低于15%”，没有的为空", key("target")),
        Field("现值", "没有单位填报的为空", key("value")),
        Field("情况", "、".join(INDICATOR_STANDINGS.values()), label("standing", INDICATOR_STANDINGS)),
        number("填报单位数", "已填报的单位", key("reported")),
    ),
    rows("优秀成果", "成果", "推荐为优秀的和正在展示的材料", figure("works"), *_WORK),
    rows("未报单位", "单位", "有逾期任务的单位", figure("missing"), *_STRAGGLER),
    rows("迟报单位", "单位", "有迟报任务的单位", figure("late"), *_STRAGGLER),
)
PHASE = (
    group(
        "阶段",
        "报告所说的阶段",
        figure("phase"),
        Field("名称", "阶段的名称", key("name")),
        Field("目标", "没有的为空", key("aim")),
        Field("开始日期", "如2026年3月1日", day("starts_on")),
        Field("结束日期", "如2026年4月30日", day("ends_on")),
    ),
    *_OWN,
    group("上一阶段", "上一阶段的情况，没有上一阶段的都是空", figure("before"), *_BEFORE),
    group("下一阶段", "下一阶段，没有下一阶段的都是空", figure("next"), *_NEXT),
    rows("下一阶段任务", "任务", "下一阶段的报送要求", part("next", "asked"), *_AHEAD),
    rows("下一阶段安排", "安排", "下一阶段的会议和活动", part("next", "activities"), *_ACTIVITY),
)
CAMPAIGN = (*_OWN, table("各阶段", "阶段", "各阶段的情况", figure("phases")))
