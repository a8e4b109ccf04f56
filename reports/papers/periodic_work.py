"""Of a week or a month: phases, meetings, indicators, suggestions and excellent work, put into words."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from reports.papers.paper import Block, Column, Text
from reports.papers.periodic_words import Figures, as_of, campaign_of, dated, year
from reports.papers.section import Annex, grid_of, placed
from reports.papers.sentences import day, listed, local, name, span, stage_of, titled

STANDINGS = {"met": "达到", "short": "未达到", "part": "部分单位"}
_STEPS = {"结束": "ended", "开始": "begun"}
MOST = 10  # names in a sentence
FEW = 10  # rows of indicators among the words; more are an annex


def led(lead: str, *sentences: str) -> list[Block | Annex]:
    """A paragraph that begins with what it is about; none without sentences."""
    text = "".join(sentences)
    return [Text(text, lead)] if text else []


# 阶段, 会议 -------------------------------------------------------------------------------------------


def phases(figures: Figures, _: str) -> list[Block | Annex]:
    """What ended and what began, by the day; on one day what ended first."""
    steps = [(one["day"], word, one) for word in ("结束", "开始") for one in figures[_STEPS[word]]]
    steps.sort(key=lambda step: step[0])
    told = [
        f"{listed((stage(figures, one) for *_, one in some), MOST, '个阶段')}{day(when, year(figures))}{word}"
        for (when, word), some in groupby(steps, key=lambda step: step[:2])
    ]
    return led("阶段推进。", f"{'，'.join(told)}。" if told else "")


def stage(figures: Figures, one: dict[str, Any]) -> str:
    return f"{campaign_of(figures, one['campaign'])}{stage_of(one['name'])}"


def meetings(figures: Figures, when: str) -> list[Block | Annex]:
    """The plan's activities, and the meetings of units by their minutes."""
    found = figures["activities"]
    by_standing = {key: [one for one in found if one["standing"] == key] for key in ("held", "missed")}
    ahead = [one for one in found if one["standing"] == "ahead"]
    today = local(figures["at"]).date().isoformat()
    over = [one for one in ahead if (one["ends_on"] or one["starts_on"]) < today]
    begun = [one for one in ahead if one not in over and one["starts_on"] <= today]
    to_come = [one for one in ahead if one not in over and one["starts_on"] > today]
    flow = figures["flow"]
    told = f"各单位召开会议{flow['meetings']}场，参加{flow['present']}人次（以报来的会议纪要为准）。"
    return led(
        "会议活动。",
        activities(figures, f"{when}举办方案安排的活动", by_standing["held"]),
        activities(figures, f"纪要到期未报的活动{as_of(figures)}", by_standing["missed"]),
        activities(figures, f"已举办待报纪要的活动{as_of(figures)}", over),
        activities(figures, f"正在举办的活动{as_of(figures)}", begun),
        activities(figures, "将举办的活动", to_come),
        told if flow["meetings"] else "",
    )


def activities(figures: Figures, what: str, found: list[dict[str, Any]]) -> str:
    """“校长论坛（3月11日，一楼会议室，党办承办）”, one after the other; "" of none."""
    told = listed((_activity(figures, one) for one in found), MOST, "场")
    return f"{what}有{len(found)}场：{told}。" if found else ""


def _activity(figures: Figures, one: dict[str, Any]) -> str:
    days = span(one["starts_on"], one["ends_on"] or one["starts_on"], year(figures))
    facts = [days, name(one["place"]), f"{name(one['host'])}承办" if one["host"] else ""]
    return f"{name(one['title'])}（{'，'.join(fact for fact in facts if fact)}）"


# 指标, 建议, 成果 -------------------------------------------------------------------------------------


def indicators(figures: Figures, when: str) -> list[Block | Annex]:
    found = figures["indicators"]
    if not found:
        return []
    every = len(found) + figures["indicators_beyond"]
    met = sum(one["standing"] == "met" for one in found)
    beyond = f"，列出{len(found)}项" if figures["indicators_beyond"] else ""
    reached = f"，其中{met}项已达到目标" if met else ""
    rows = [
        (
            one["name"],
            one["target"],
            one["value"],
            one["how"],
            STANDINGS[one["standing"]],
            one["fresh"],
            one["reported"],
        )
        for one in found
    ]
    columns = (
        Column("指标", 3), Column("目标", 2), Column("现值", 1.4), Column("汇总方式", 1.2),
        Column("对照", 1.3), Column(f"{when}填报单位", 1.3, numeric=True),
        Column("已填报单位", 1.3, numeric=True),
    )  # fmt: skip
    told = dated(figures, f"{when}有单位填报的指标{every}项{beyond}{reached}。")
    title = f"{when}填报的指标{as_of(figures)}"
    return [*led("指标进展。", told), *placed(grid_of(title, columns, rows), FEW)]


def suggestions(figures: Figures, when: str) -> list[Block | Annex]:
    found = figures["suggestions"]
    parts = [
        f"收到{found['made']}条" if found["made"] else "",
        f"答复{found['answered']}条" if found["answered"] else "",
        f"办结{found['done']}条" if found["done"] else "",
    ]
    told = "，".join(one for one in parts if one)
    left = f"{'' if figures['over'] else '目前'}待答复{found['waiting']}条。" if found["waiting"] else ""
    return led("合理化建议。", f"{when}{told}。" if told else "", dated(figures, left))


def unsettled(found: dict[str, Any]) -> str:
    """Of adopted suggestions that are not done in time, the problem."""
    number = found["unsettled"]
    return f"采纳的合理化建议逾期未办结{number}条。" if number else ""


def works(figures: Figures, when: str) -> list[Block | Annex]:
    found = figures["works"]
    titles: Iterable[str] = [f"{name(one['unit'])}{titled(one['title'])}" for one in found["listed"]]
    more = "等" if found["shown"] > len(found["listed"]) else ""
    return led(
        "优秀成果。",
        f"{when}审核推荐优秀材料{found['recommended']}篇。" if found["recommended"] else "",
        f"新展示优秀成果{found['shown']}篇：{'、'.join(titles)}{more}。" if found["shown"] else "",
    )


def bulletins(figures: Figures, when: str) -> list[Block | Annex]:
    found = figures["bulletins"]
    titles = listed((titled(one, 120) for one in found), MOST, "份")
    return led("督查通报。", f"{when}印发通报{len(found)}份：{titles}。" if found else "")


PARTS = (phases, meetings, indicators, suggestions, works, bulletins)
