"""Made-up reports of each kind: a template is tried with them, and the page of fields shows them."""

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from reports.enums import ReportKind
from reports.papers.field import Source
from reports.papers.paper import Annex, Column, Grid, Heading, Paper, Text
from reports.papers.wording import Words

UNITS = 300  # of a county that is large
AT = "2026-04-30T18:00:00+08:00"
HOST, CAMPAIGN = "示例县教育局", "教育大讨论活动"
_TITLES = {
    ReportKind.PHASE: f"《{CAMPAIGN}》学习讨论阶段情况报告",
    ReportKind.CAMPAIGN: f"《{CAMPAIGN}》情况总结报告",
    ReportKind.WEEK: f"{HOST}教育活动每周进展（4月27日至5月3日）",
    ReportKind.MONTH: f"{HOST}2026年4月教育活动汇总",
    ReportKind.NEWSLETTER: f"《{CAMPAIGN}》简报",
}
_GRID = Grid(
    "各镇街报送情况",
    (Column("镇街"), Column("应报", numeric=True), Column("已报", numeric=True)),
    (("示例镇", 60, 57), ("示范街道", 40, 38), ("合计", 100, 95)),
    total=True,
)


def source_of(kind: str) -> Source:
    """A full report of `kind`."""
    words = Words(
        _TITLES[ReportKind(kind)],
        opening="根据活动方案，现将有关情况报告如下。\n报告中的数字由系统统计。",
        ending="请各单位对照不足，抓紧补报。",
        number="示教〔2026〕12号",
        mark="草稿",
    )
    blocks = (
        Text(words.opening),
        Heading("总体情况"),
        Text("共有50个单位参加，应报100项，已报95项，报送率95%。"),
        Heading("分镇街情况", 2),
        _GRID,
        Text(words.ending),
    )
    paper = Paper(
        words.title,
        HOST,
        blocks,
        subtitle="统计截至2026年4月30日18时",
        addressees="各镇（街道）教育办、各学校",
        annexes=(Annex("未报单位名单", (_GRID,)),),
        number=words.number,
        head=f"{HOST}文件",
        mark=words.mark,
    )
    return Source(_FIGURES[ReportKind(kind)](kind), paper, words)


def empty() -> Source:
    """A report of any kind with nothing in it."""
    return Source({}, Paper("", "", ()), Words(""))


def large(kind: str) -> Source:
    """As long as those of a county: what its lists of units make of a template must be bearable."""
    full = source_of(kind)
    units = {
        name: full.figures[name] * UNITS for name in ("missing", "late", "behind") if name in full.figures
    }
    return replace(full, figures={**full.figures, **units})


def _numbers(owed: int, handed: int) -> dict[str, int]:
    missing = owed - handed
    return {
        "owed": owed, "handed": handed, "accepted": handed, "waiting": 0, "returned": 0, "missing": missing,
        "overdue": missing, "not_due": 0, "due": owed, "due_handed": handed, "in_time": handed - 1, "late": 1,
        "exempt": 0,
    }  # fmt: skip


def _line(name: str, owed: int, handed: int) -> dict[str, Any]:
    return {"key": name, "name": name, "numbers": _numbers(owed, handed)}


_BRANCHES = [_line("示例镇", 60, 57), _line("示范街道", 40, 38)]
_WORK = {
    "version": 1, "title": "让课堂慢下来", "unit": "示例中心小学", "branch": "示例镇", "authors": "张示例",
    "asked": "体会文章", "topic": "课堂教学", "abstract": "文章记录了一次听课后的思考。", "shown": True,
}  # fmt: skip
_ACTIVITY = {
    "campaign": 1, "title": "动员部署会", "kind": "动员会", "starts_on": "2026-03-05", "ends_on": None,
    "place": "县教育局会议室", "host": HOST, "standing": "held",
}  # fmt: skip
_LATE = {
    "unit": 1,
    "name": "示例第二小学",
    "branch": "示例镇",
    "kind": "小学",
    "n": 2,
    "tasks": ["体会文章", "调研报告"],
}
_SUGGESTION = {
    "campaign": 1, "text": "多开家长会", "unit": "示例中学", "state": "adopted", "answer": "已列入计划",
    "responsible": "基础教育科", "due_on": "2026-05-31", "outcome": "", "done": False, "overdue": False,
}  # fmt: skip
_INDICATOR = {
    "campaign": 1, "name": "家访覆盖率", "topic": "家校共育", "target": "不低于90%", "value": "93%",
    "how": "平均", "standing": "met", "reported": 48, "asked": 50, "due_on": None, "fresh": 3,
}  # fmt: skip
_PHASE = {
    "id": 1, "name": "学习讨论阶段", "aim": "统一思想", "starts_on": "2026-03-01", "ends_on": "2026-04-30",
    "closed_at": AT,
}  # fmt: skip
_ABOUT = {
    "id": 1, "title": CAMPAIGN, "kind": "大讨论活动", "theme": "办好人民满意的教育",
    "goals": "转变作风，提高质量", "host": HOST, "office": "办公室", "starts_on": "2026-03-01",
    "ends_on": "2026-07-31", "closed_at": None,
}  # fmt: skip


@cache
def _stage(kind: str) -> dict[str, Any]:
    of_phase = kind == ReportKind.PHASE
    topic = {"number": "一", "title": "课堂教学", "depth": 1, "pieces": 46, "units": 45, "measured": True}
    ahead = {
        "name": "整改方案",
        "kind": "文字材料",
        "due": "2026-05-20",
        "until": "2026-05-20",
        "times": 1,
        "owed": 0,
    }
    meetings = {"meetings": 52, "present": 1860, "units": 50}
    suggestions = {"total": 31, "states": {"adopted": 9}, "settled": 4, "unsettled": 1, "adopted": 9}
    return {
        "at": AT,
        "campaign": _ABOUT,
        "phase": _PHASE if of_phase else None,
        "numbers": _numbers(100, 95),
        "nil": 2,
        "units": 50,
        "due_units": 50,
        "whole": 46,
        "phases": [] if of_phase else [_line("学习讨论阶段", 100, 95)],
        "requirements": [_line("体会文章", 50, 48), _line("调研报告", 50, 47)],
        "branches": _BRANCHES,
        "kinds": [_line("小学", 70, 66), _line("初中", 30, 29)],
        "ownerships": [_line("公办", 90, 86), _line("民办", 10, 9)],
        "pieces": 95,
        "pieces_units": 49,
        "returns": 7,
        "topics": [topic | {"works": [_WORK]}],
        "activities": [_ACTIVITY],
        "meetings": meetings | {"branches": [{"name": "示例镇", "meetings": 30, "present": 1100}]},
        "suggestions": suggestions | {"taken": [_SUGGESTION]},
        "indicators": [_INDICATOR],
        "recommended": 12,
        "shown": 8,
        "works": [_WORK],
        "missing_units": 4,
        "missing": [_LATE | {"days": 6}],
        "late_units": 1,
        "late": [_LATE | {"days": 0}],
        "before": {
            "name": "动员部署阶段",
            "numbers": _numbers(50, 50),
            "pieces": 50,
            "meetings": 50,
            "works": 5,
        },
        "next": _PHASE
        | {"name": "整改提高阶段", "aim": "解决问题", "starts_on": "2026-05-01", "ends_on": "2026-06-30"}
        | {"asked": [ahead], "activities": [_ACTIVITY | {"starts_on": "2026-05-08", "standing": "ahead"}]},
    }


@cache
def _periodic(kind: str) -> dict[str, Any]:
    flow = {
        "complete": 20, "late": 1, "accepted": 18, "returned": 3, "due": 22, "in_time": 19, "meetings": 8,
        "present": 240,
    }  # fmt: skip
    running = {"id": 1, "title": CAMPAIGN, "host": "", "ended": False, "phases": ["学习讨论阶段"]}
    due = {
        "campaign": 1,
        "name": "体会文章",
        "kind": "文字材料",
        "due": "2026-04-30",
        "numbers": _numbers(50, 48),
    }
    step = {"campaign": 1, "name": "学习讨论阶段", "day": "2026-04-30"}
    return {
        "at": AT,
        "host": HOST,
        "starts_on": str(date(2026, 4, 27) if kind == ReportKind.WEEK else date(2026, 4, 1)),
        "ends_on": str(date(2026, 5, 3) if kind == ReportKind.WEEK else date(2026, 4, 30)),
        "numbers": _numbers(100, 95),
        "flow": flow,
        "before": flow | {"complete": 15},
        "campaigns": [running | {"numbers": _numbers(100, 95), "flow": flow}],
        "branches": _BRANCHES,
        "due": [due],
        "begun": [step],
        "ended": [step],
        "activities": [_ACTIVITY],
        "behind": [{"unit": 1, "name": "示例第二小学", "branch": "示例镇", "tasks": 2, "days": 6}],
        "behind_units": 4,
        "uncorrected": 1,
        "indicators": [_INDICATOR],
        "suggestions": {"made": 6, "answered": 5, "done": 2, "listed": [_SUGGESTION]},
        "works": {"recommended": 4, "shown": 3, "listed": [_WORK | {"campaign": 1}]},
        "bulletins": ["关于体会文章报送情况的通报"],
        "ahead": {"due": [due], "activities": [_ACTIVITY]},
    }


@cache
def _newsletter(kind: str) -> dict[str, Any]:
    article = _WORK | {"kind": "文字材料", "comment": "立意好，语言朴实。", "text": "走进教室。\n坐下来听。"}
    return {"at": AT, "campaign": CAMPAIGN, "host": HOST, "edition": 1, "articles": [article]}


_FIGURES = {
    ReportKind.PHASE: _stage,
    ReportKind.CAMPAIGN: _stage,
    ReportKind.WEEK: _periodic,
    ReportKind.MONTH: _periodic,
    ReportKind.NEWSLETTER: _newsletter,
}
