"""Of a week or a month: phases, meetings, indicators, suggestions and excellent work, put into words."""

from collections.abc import Iterable
from typing import Any

from reports.papers.paper import Block, Column, Text
from reports.papers.section import Annex, grid_of, placed
from reports.papers.sentences import day, filled, listed, local, name, span, stage_of, titled

Figures = dict[str, Any]  # counts.schema_periodic.Periodic

STANDINGS = {"met": "达到", "short": "未达到", "part": "部分单位"}
MOST = 10  # names in a sentence
FEW = 10  # rows of indicators among the words; more are an annex


def _year(figures: Figures) -> int:
    return local(figures["at"]).year


def _of(figures: Figures, campaign: int) -> str:
    """“《…》” before a name, where there are several campaigns."""
    if len(figures["campaigns"]) < 2:
        return ""
    return titled(next(one["title"] for one in figures["campaigns"] if one["id"] == campaign))


def _led(lead: str, *sentences: str) -> list[Block | Annex]:
    text = "".join(sentences)
    return [Text(text, lead)] if text else []


# 阶段, 会议 -------------------------------------------------------------------------------------------


def phases(figures: Figures, _: str) -> list[Block | Annex]:
    begun, ended = (_stages(figures, figures[key]) for key in ("begun", "ended"))
    return _led(
        "阶段推进。",
        f"{listed(begun, MOST, '个阶段')}开始。" if begun else "",
        f"{listed(ended, MOST, '个阶段')}结束。" if ended else "",
    )


def _stages(figures: Figures, found: list[dict[str, Any]]) -> list[str]:
    return [
        f"{_of(figures, one['campaign'])}{stage_of(one['name'])}（{day(one['day'], _year(figures))}）"
        for one in found
    ]


def meetings(figures: Figures, when: str) -> list[Block | Annex]:
    """The plan's activities, and the meetings of units by their minutes."""
    by_standing = {
        key: [_activity(figures, one) for one in figures["activities"] if one["standing"] == key]
        for key in ("held", "missed", "ahead")
    }
    flow = figures["flow"]
    held = f"各单位召开会议{flow['meetings']}场，参加{flow['present']}人次（以报来的会议纪要为准）。"
    return _led(
        "会议活动。",
        _activities(f"{when}举办方案安排的活动", by_standing["held"]),
        _activities("纪要到期未报的活动", by_standing["missed"]),
        _activities("正在举办或待报纪要的活动", by_standing["ahead"]),
        held if flow["meetings"] else "",
    )


def _activities(what: str, found: list[str]) -> str:
    return f"{what}{len(found)}场：{listed(found, MOST, '场')}。" if found else ""


def _activity(figures: Figures, one: dict[str, Any]) -> str:
    days = span(one["starts_on"], one["ends_on"] or one["starts_on"], _year(figures))
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
    told = f"{when}有单位填报的指标{every}项{beyond}{reached}。"
    return [*_led("指标进展。", told), *placed(grid_of(f"{when}填报的指标", columns, rows), FEW)]


def suggestions(figures: Figures, when: str) -> list[Block | Annex]:
    found = figures["suggestions"]
    parts = [
        f"收到{found['made']}条" if found["made"] else "",
        f"答复{found['answered']}条" if found["answered"] else "",
        f"办结{found['done']}条" if found["done"] else "",
    ]
    told = "，".join(one for one in parts if one)
    waiting = f"目前待答复{found['waiting']}条。" if found["waiting"] else ""
    return _led("合理化建议。", f"{when}{told}。" if told else "", waiting)


def unsettled(found: dict[str, Any]) -> str:
    """Of adopted suggestions that are not done in time, the problem."""
    number = found["unsettled"]
    return f"采纳的合理化建议中有{number}条过了办理期限还没有办结。" if number else ""


def works(figures: Figures, when: str) -> list[Block | Annex]:
    found = figures["works"]
    titles: Iterable[str] = [f"{name(one['unit'])}{titled(one['title'])}" for one in found["listed"]]
    more = "等" if found["shown"] > len(found["listed"]) else ""
    return _led(
        "优秀成果。",
        f"{when}审核推荐优秀材料{found['recommended']}篇。" if found["recommended"] else "",
        f"新展示优秀成果{found['shown']}篇：{'、'.join(titles)}{more}。" if found["shown"] else "",
    )


def bulletins(figures: Figures, when: str) -> list[Block | Annex]:
    found = figures["bulletins"]
    titles = listed((titled(one, 120) for one in found), MOST, "份")
    return _led("督查通报。", f"{when}印发通报{len(found)}份：{titles}。" if found else "")


PARTS = (phases, meetings, indicators, suggestions, works, bulletins)
