"""Frozen figures to compose papers of: an example, and a strategy for any that may be counted.

Both are summed up from single tasks, so that every table of one snapshot adds up to its numbers.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from reports.counts.schema import SCHEMA, Activity, Line, Numbers, Stage, Straggler, Topic, Work
from reports.enums import ReportKind
from submissions.enums import SuggestionState
from submissions.figures import COUNTED

AT = "2026-05-08T09:00:00+00:00"  # 17:00 in Beijing
BRANCHES = ("东镇", "西镇", "南湖街道", "北山乡")
KINDS = ("小学", "初中", "幼儿园")
OWNERSHIPS = ("公办", "民办")
REQUIREMENTS = ("活动计划", "体会文章", "征文", "会议纪要")
PHASES = ("宣传发动", "学习讨论")
STATES = ("accepted", "waiting", "returned", "missing", "exempt")
CLEAN = st.text("春风化雨润物有声校园教研课堂质量", min_size=1, max_size=12)
#: What people may type, and what would break a document, a page or a sentence.
HOSTILE = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "</w:t></w:r><w:p/>",
            "=HYPERLINK(1)",
            "甲\n乙\r\n丙\u2028丁",
            "《书》“引”。；",
            "\u202e倒过来\u2066",
            "👨‍👩‍👧‍👦🎓",
            "\x00\x08\x1f",
            "长" * 10_000,
            "{{ title }}{% debug %}",
            "   ",
        ]
    ),
)


class Task(NamedTuple):
    """`late`: complete when it was too late; of what is missing it says nothing."""

    requirement: int
    unit: int
    state: str
    due: bool
    late: bool = False


def numbers_of(tasks: Iterable[Task]) -> Numbers:
    """By the keys of `COUNTED`, as submissions.figures defines them."""
    found = dict.fromkeys((one.key for one in COUNTED), 0)
    for one in tasks:
        if one.state == "exempt":
            found["exempt"] += 1
            continue
        handed = one.state in ("accepted", "waiting")
        complete = one.state != "missing"
        found[one.state] += 1
        found["owed"] += 1
        found["handed"] += handed
        found["due"] += one.due
        found["due_handed"] += handed and one.due
        found["overdue"] += one.state == "missing" and one.due
        found["not_due"] += one.state == "missing" and not one.due
        found["late"] += complete and one.late
        found["in_time"] += complete and not one.late
    return found


def _lines(tasks: Sequence[Task], names: Sequence[str], key: int, every: int) -> list[Line]:
    """Groups by requirement (`key` 0) or unit (1), folded to `every` names; those without tasks have none."""
    found = []
    for n in range(every):
        group = [one for one in tasks if one[key] % every == n]
        if group:
            found.append(Line(key=n, name=names[n], numbers=numbers_of(group)))
    return found


def _stragglers(tasks: Sequence[Task], names: Sequence[str], days: int) -> list[Straggler]:
    found = []
    for unit in sorted({one.unit for one in tasks}, key=lambda one: (one % len(BRANCHES), one)):
        mine = [names[one.requirement % len(names)] for one in tasks if one.unit == unit]
        found.append(
            Straggler(
                unit=unit,
                name=f"{BRANCHES[unit % len(BRANCHES)]}第{unit}学校",
                branch=BRANCHES[unit % len(BRANCHES)],
                kind=KINDS[unit % len(KINDS)],
                n=len(mine),
                tasks=mine[:10],
                days=days,
            )
        )
    return found


def stage(tasks: Sequence[Task], names: Sequence[str] = REQUIREMENTS, *, whole: bool = False) -> Stage:
    """The figures of a phase (`whole`: of a campaign) in which there are these tasks and nothing else."""
    owed = [one for one in tasks if one.state != "exempt"]
    due = [one for one in owed if one.due]
    lacking = {one.unit for one in due if one.state not in ("accepted", "waiting")}
    missing = _stragglers([one for one in due if one.state == "missing"], names, 8)
    late = _stragglers([one for one in owed if one.late and one.state != "missing"], names, 0)
    phase = {
        "id": 2,
        "name": "学习讨论",
        "aim": "围绕主题广泛开展讨论。",
        "starts_on": "2026-03-01",
        "ends_on": "2026-04-30",
        "closed_at": "2026-04-30T16:05:00+00:00",  # by the calendar
    }
    return {
        "schema": SCHEMA,
        "kind": ReportKind.CAMPAIGN if whole else ReportKind.PHASE,
        "at": AT,
        "campaign": {
            "id": 1,
            "title": "教育发展大讨论",
            "theme": "教育发展怎样走在前列",
            "goals": "凝聚共识。",
            "kind": "大讨论",
            "host": "示例县教育局",
            "office": "示例县教育局办公室",
            "starts_on": "2026-02-01",
            "ends_on": "2026-05-31",
            "closed_at": None,
        },
        "phase": None if whole else phase,
        "numbers": numbers_of(tasks),
        "nil": 0,
        "units": len({one.unit for one in owed}),
        "kind_units": {
            str(n): len({one.unit for one in owed if one.unit % len(KINDS) == n}) for n in range(len(KINDS))
        },
        "due_units": len({one.unit for one in due}),
        "whole": len({one.unit for one in due} - lacking),
        "phases": _lines(tasks, PHASES, 0, len(PHASES)) if whole else [],
        "requirements": _lines(tasks, names, 0, len(names)),
        "branches": _lines(tasks, BRANCHES, 1, len(BRANCHES)),
        "kinds": _lines(tasks, KINDS, 1, len(KINDS)),
        "ownerships": _lines(tasks, OWNERSHIPS, 1, len(OWNERSHIPS)),
        "course": [],
        "pieces": 0,
        "pieces_units": 0,
        "returns": 0,
        "topics": [],
        "untopical": 0,
        "activities": [],
        "meetings": {"meetings": 0, "present": 0, "units": 0, "branches": []},
        "suggestions": {
            "total": 0,
            "states": {},
            "settled": 0,
            "unsettled": 0,
            "adopted": 0,
            "taken": [],
        },
        "indicators": [],
        "recommended": 0,
        "shown": 0,
        "praised": 0,
        "works": [],
        "missing_units": len(missing),
        "missing": missing,
        "late_units": len(late),
        "late": late,
        "before": None,
        "next": None,
    }


# An example that has something to say everywhere --------------------------------------------------------


def example(*, whole: bool = False) -> Stage:
    """40 units with four tasks each; some late, returned, missing or exempt; no part is empty."""
    tasks = [Task(n, unit, *_fate(n, unit)) for unit in range(40) for n in range(len(REQUIREMENTS))]
    found = stage(tasks, whole=whole)
    done = found["numbers"]["in_time"] + found["numbers"]["late"]
    works = [_work(n) for n in range(6)]
    return found | {
        "nil": 2,
        "returns": 9,
        "course": [
            {
                "day": f"2026-04-{n:02d}",
                "done": done * n // 30,
                "due": found["numbers"]["due"] * (n // 15) // 2,
            }
            for n in range(1, 31)
        ],
        "pieces": 96,
        "pieces_units": 37,
        "topics": _topics(works),
        "untopical": 7,
        "activities": [
            _activity("专题辅导报告会", "专题讲座", "2026-03-06", None, "held"),
            _activity("校长论坛", "论坛", "2026-04-10", "2026-04-11", "held"),
            _activity("教师论坛", "论坛", "2026-05-20", None, "ahead"),
            _activity("征文评选", "竞赛评选", None, None, "missed"),
        ],
        "meetings": {
            "meetings": 38,
            "present": 1214,
            "units": 35,
            "branches": [
                {"name": "东镇", "meetings": 20, "present": 700},
                {"name": "西镇", "meetings": 18, "present": 514},
            ],
        },
        "suggestions": {
            "total": 23,
            "states": {"new": 4, "adopted": 9, "partly": 3, "declined": 5, "merged": 2},
            "settled": 5,
            "unsettled": 1,
            "adopted": 12,
            "taken": [_suggestion(n) for n in range(12)],
        },
        "indicators": [
            _indicator("义务教育教师交流比例", "不低于15%", "16.4%", "met", 38),
            _indicator("新建幼儿园", "达到5所", "3所", "short", 12),
            _indicator("校园安全隐患整改率", "达到100%", "", "silent", 0),
        ],
        "recommended": 5,
        "shown": 4,
        "praised": 6,
        "works": works,
        "before": None
        if whole
        else {
            "name": "宣传发动",
            "numbers": numbers_of(one for one in tasks if one.requirement < 2),
            "pieces": 40,
            "meetings": 0,
            "works": 0,
        },
        "next": None
        if whole
        else {
            "name": "成果转化",
            "aim": "梳理合理化建议，形成改进措施。",
            "starts_on": "2026-05-01",
            "ends_on": "2026-05-31",
            "asked": [
                _ahead("阶段总结", "阶段总结", "2026-05-29", 1, 40),
                _ahead("进度报表", "进度报表", "2026-05-08", 4, 0, 1),
            ],
            "activities": [_activity("总结交流会", "会议", "2026-05-30", None, "ahead")],
        },
    }


def _fate(n: int, unit: int) -> tuple[str, bool, bool]:
    """State, due, late: mostly well, worse in the last township, the last requirement not due yet."""
    weak = unit % len(BRANCHES) == len(BRANCHES) - 1
    if n == len(REQUIREMENTS) - 1:
        return ("accepted" if unit % 5 == 0 else "missing", False, False)
    if (unit + n) % 11 == 0 or (weak and n == 2):
        return "missing", True, False
    if (unit + 2 * n) % 13 == 0:
        return "returned", True, False
    if unit == 17 and n == 1:
        return "exempt", True, False
    return ("waiting" if (unit * n) % 7 == 3 else "accepted"), True, unit % 9 == 2


def _work(n: int) -> Work:
    return {
        "version": n,
        "title": f"让每一间教室都亮起来（之{n + 1}）",
        "unit": f"{BRANCHES[n % len(BRANCHES)]}中心小学",
        "branch": BRANCHES[n % len(BRANCHES)],
        "authors": "张示例" if n % 2 == 0 else "",
        "asked": "体会文章",
        "topic": "教师队伍" if n < 4 else "",
        "abstract": "文章从一节随堂课说起，提出把备课组搬进年级办公室，让研讨发生在上课之前。"
        if n % 3
        else "",
        "recommended": n > 0,
        "shown": n < 4,
    }


def _topics(works: list[Work]) -> list[Topic]:
    def topic(
        number: str, title: str, depth: int, pieces: int, units: int, mine: Sequence[Work] = ()
    ) -> Topic:
        return {
            "number": number,
            "title": title,
            "depth": depth,
            "pieces": pieces,
            "units": units,
            "measured": False,
            "works": list(mine),
        }

    return [
        topic("一", "促进均衡，建强队伍", 1, 62, 31),
        topic("1.1", "教师队伍", 2, 40, 25, works[:4]),
        topic("1.2", "校长队伍", 2, 22, 19),
        topic("二", "深化评价改革", 1, 27, 20),
        topic("三", "推进社区教育", 1, 0, 0),
        topic("3.1", "成人学校", 2, 0, 0),
    ]


def _activity(title: str, kind: str, first: str | None, last: str | None, standing: str) -> Activity:
    return {
        "title": title,
        "kind": kind,
        "starts_on": first,
        "ends_on": last,
        "place": "局三楼会议室" if kind == "会议" else "",
        "host": "示例县教育局办公室",
        "standing": standing,
    }


def _suggestion(n: int) -> dict:
    return {
        "text": f"建议把第{n + 1}周的集体备课时间固定下来，由年级组长统筹。",
        "unit": f"{BRANCHES[n % len(BRANCHES)]}中心小学",
        "state": "adopted" if n < 9 else "partly",
        "answer": "",
        "responsible": "基础教育科" if n % 4 else "",
        "due_on": "2026-06-30" if n % 3 else None,
        "outcome": "已写入新学期教研计划。" if n < 5 else "",
        "done": n < 5,
    }


def _indicator(title: str, target: str, value: str, standing: str, reported: int) -> dict:
    return {
        "name": title,
        "topic": "促进均衡，建强队伍",
        "target": target,
        "value": value,
        "how": "平均" if "%" in target else "合计",
        "standing": standing,
        "reported": reported,
        "asked": 40,
        "due_on": "2026-12-31" if reported else None,
    }


def _ahead(title: str, kind: str, due: str, times: int, owed: int, past: int = 0) -> dict:
    until = due if times == 1 else "2026-05-29"
    return {
        "name": title,
        "kind": kind,
        "due": due,
        "until": until,
        "times": times,
        "past": past,
        "owed": owed,
    }


# Any figures ----------------------------------------------------------------------------------------------

FEW = st.integers(0, 5)
#: Before, on and after the last day.
CLOSINGS = st.sampled_from(
    [None, *(f"{one}T04:00:00+00:00" for one in ("2026-03-20", "2026-04-30", "2026-05-07"))]
)
MAYBE_DAY = st.none() | st.sampled_from(["2025-12-30", "2026-04-30", "2026-06-01", "2027-01-08"])
TASKS = st.builds(
    Task, st.integers(0, 3), st.integers(0, 20), st.sampled_from(STATES), st.booleans(), st.booleans()
)


@st.composite
def stages(draw: st.DrawFn, typed: st.SearchStrategy[str] = CLEAN) -> Stage:
    """Any figures of a phase or a campaign; `typed` is what people have typed for names and texts."""
    names = draw(st.lists(typed, min_size=len(REQUIREMENTS), max_size=len(REQUIREMENTS)))
    # Few make the empty and odd cases, many the annexes.
    tasks = draw(st.lists(TASKS, max_size=draw(st.sampled_from([0, 3, 80]))))
    whole = draw(st.booleans())
    found = stage(tasks, names, whole=whole)
    works = draw(st.lists(_works(typed), max_size=3))
    more = draw(FEW) if works else 0
    ahead = None if whole else draw(st.none() | _next(typed))
    before = None if whole else draw(st.none() | _before(typed))
    campaign = {"title": draw(typed), "theme": draw(typed), "host": draw(typed)}
    found["campaign"]["closed_at"] = draw(CLOSINGS)
    if found["phase"]:
        found["phase"] |= {"name": draw(typed), "aim": draw(typed), "starts_on": draw(MAYBE_DAY)}
        found["phase"]["closed_at"] = draw(CLOSINGS)
    return found | {
        "campaign": found["campaign"] | campaign,
        "nil": draw(st.integers(0, found["numbers"]["accepted"])),
        "returns": draw(FEW) + found["numbers"]["returned"],
        "course": draw(_courses(found["numbers"])),
        **draw(_content(typed, works)),
        "activities": draw(st.lists(_activities(typed), max_size=3)),
        "suggestions": draw(_suggestions(typed)),
        "indicators": draw(st.lists(_indicators(typed), max_size=3)),
        "recommended": sum(one["recommended"] for one in works) + more,
        "shown": sum(one["shown"] for one in works),
        "praised": len(works) + more,
        "works": works,
        "before": before,
        "next": ahead,
    }


def _courses(numbers: Numbers) -> st.SearchStrategy:
    done = numbers["in_time"] + numbers["late"]
    days = [f"2026-{month:02d}-{n:02d}" for month in (3, 4) for n in range(1, 31)]
    whole = [{"day": one, "done": done * n // 60, "due": numbers["due"]} for n, one in enumerate(days, 1)]
    return st.sampled_from([[], whole[-2:], whole])


def _works(typed: st.SearchStrategy[str]) -> st.SearchStrategy:
    return st.fixed_dictionaries(
        {
            "version": st.integers(1, 9),
            "title": typed,
            "unit": typed,
            "branch": st.sampled_from(BRANCHES),
            "authors": typed | st.just(""),
            "asked": typed,
            "topic": typed | st.just(""),
            "abstract": typed | st.just(""),
            "recommended": st.booleans(),
            "shown": st.booleans(),
        }
    ).filter(lambda one: one["recommended"] or one["shown"])


@st.composite
def _content(draw: st.DrawFn, typed: st.SearchStrategy[str], works: list[Work]) -> dict:
    """Pieces, topics and meetings, that go together."""
    pieces = draw(st.sampled_from([0, 0, 7, 45]))
    untopical = draw(st.integers(0, pieces))
    depths = draw(st.sampled_from([(), (1,), (1, 2, 2, 1), (1, 2, 3, 1, 2)]))
    topics = [
        {
            "number": str(n),
            "title": draw(typed),
            "depth": depth,
            "pieces": (pieces - untopical) if n % 2 == 0 else 0,
            "units": min(pieces - untopical, 4) if n % 2 == 0 else 0,
            "measured": draw(st.booleans()),
            "works": works if n == 0 else [],
        }
        for n, depth in enumerate(depths)
    ]
    held = draw(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 200)), max_size=len(BRANCHES)))
    return {
        "pieces": pieces,
        "pieces_units": min(pieces, 5),
        "topics": topics,
        "untopical": untopical,
        "meetings": {
            "meetings": sum(n for n, _ in held),
            "present": sum(n for _, n in held),
            "units": len(held),
            "branches": [
                {"name": BRANCHES[n], "meetings": many, "present": present}
                for n, (many, present) in enumerate(held)
            ],
        },
    }


def _activities(typed: st.SearchStrategy[str]) -> st.SearchStrategy:
    return st.fixed_dictionaries(
        {
            "title": typed,
            "kind": st.just("论坛"),
            "starts_on": MAYBE_DAY,
            "ends_on": st.none() | st.just("2027-02-01"),
            "place": typed | st.just(""),
            "host": typed | st.just(""),
            "standing": st.sampled_from(["held", "ahead", "missed"]),
        }
    )


@st.composite
def _suggestions(draw: st.DrawFn, typed: st.SearchStrategy[str]) -> dict:
    states = Counter(draw(st.lists(st.sampled_from([one.value for one in SuggestionState]), max_size=8)))
    adopted = states["adopted"] + states["partly"]
    settled = draw(st.integers(0, adopted))
    taken = [
        {
            "text": draw(typed),
            "unit": draw(typed | st.just("")),
            "state": "adopted" if n < states["adopted"] else "partly",
            "answer": "",
            "responsible": draw(typed | st.just("")),
            "due_on": draw(MAYBE_DAY),
            "outcome": draw(typed | st.just("")),
            "done": n < settled,
        }
        for n in range(adopted)
    ]
    return {
        "total": sum(states.values()),
        "states": {key: n for key, n in states.items() if n},
        "settled": settled,
        "unsettled": draw(st.integers(0, adopted - settled)),
        "adopted": adopted,
        "taken": taken,
    }


def _indicators(typed: st.SearchStrategy[str]) -> st.SearchStrategy:
    return st.fixed_dictionaries(
        {
            "name": typed,
            "topic": typed,
            "target": st.just("不低于15%"),
            "value": st.sampled_from(["", "16.4%", "3所"]),
            "how": st.just("平均"),
            "standing": st.sampled_from(["met", "short", "silent"]),
            "reported": FEW,
            "asked": FEW,
            "due_on": MAYBE_DAY,
        }
    )


def _before(typed: st.SearchStrategy[str]) -> st.SearchStrategy:
    return st.fixed_dictionaries(
        {
            "name": typed,
            "numbers": st.lists(TASKS, max_size=9).map(numbers_of),
            "pieces": FEW,
            "meetings": FEW,
            "works": FEW,
        }
    )


def _next(typed: st.SearchStrategy[str]) -> st.SearchStrategy:
    asked = st.fixed_dictionaries(
        {
            "name": typed,
            "kind": st.just("征文"),
            "due": MAYBE_DAY,
            "until": st.just("2027-02-08"),
            "times": st.integers(1, 4),
            "past": FEW,
            "owed": FEW,
        }
    )
    return st.fixed_dictionaries(
        {
            "name": typed,
            "aim": typed | st.just(""),
            "starts_on": MAYBE_DAY,
            "ends_on": MAYBE_DAY,
            "asked": st.lists(asked, max_size=3),
            "activities": st.lists(_activities(typed), max_size=2),
        }
    )
