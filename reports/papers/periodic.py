"""每周进展 and 月度汇总, put into words for the joint meeting: how it stands, what was due, what comes next.

What has nothing to say is left out; that nothing was due or nobody is behind is said in a sentence.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from reports.enums import ReportKind
from reports.papers import periodic_work as work
from reports.papers.paper import Block, Column, Grid, Heading, Paper, Value
from reports.papers.periodic_ahead import ahead
from reports.papers.periodic_words import Figures, Spoken, as_of, dated, made_of, spoken_of, task
from reports.papers.section import (
    Annex,
    Section,
    bars,
    due_shares,
    grid_of,
    placed,
    section,
    stack,
    tasks_grid,
)
from reports.papers.sentences import extremes, listed, moment, name, parts, passage, said, share
from reports.papers.wording import Words
from submissions.figures import percent

ADDRESSEES = "局领导、机关各科室"
NAMED = 10  # campaigns in a sentence


def compose(figures: Figures, words: Words) -> Paper:
    """The paper out of frozen figures (`counts.schema_periodic.Periodic`)."""
    spoken = spoken_of(figures)
    sections = [one for tell in SECTIONS if (one := tell(figures, spoken)).blocks]
    return Paper(
        title=words.title,
        sender=figures["host"],
        blocks=(*passage(words.opening), *_numbered(sections), *passage(words.ending)),
        subtitle=f"统计截至{moment(figures['at'])}",  # the days are in the title
        addressees=ADDRESSEES,
        dated=words.dated,
        annexes=tuple(annex for one in sections for annex in one.annexes),
        number=words.number,
        head=f"{figures['host']}文件" if words.number else "",
        mark=words.mark,
    )


def _numbered(sections: list[Section]) -> list[Block]:
    return [block for one in sections for block in (Heading(one.heading), *one.blocks)]


# 总体情况 ---------------------------------------------------------------------------------------------


def overall(figures: Figures, spoken: Spoken) -> Section:
    campaigns = figures["campaigns"]
    if not campaigns:
        running = "" if figures["over"] else "正在"
        return section("总体情况", said(f"{spoken.now}没有{running}开展的活动。"))
    return section(
        "总体情况",
        said(_running(campaigns, spoken), _due_said(figures, spoken)),
        said(_moved(figures["flow"], spoken), _compared(figures, spoken)),
        said(_standing(figures)),
        placed(_campaigns(figures, spoken)),
        stack(f"各项活动报送情况{as_of(figures)}", campaigns_named(figures)),
    )


def _running(campaigns: list[dict[str, Any]], spoken: Spoken) -> str:
    names = [
        name(one["title"]) + (f"（{name(one['host'])}主办）" if one["host"] else "") for one in campaigns
    ]
    over = [name(one["title"]) for one in campaigns if one["ended"]]
    ended = f"其中{listed(over, NAMED, '项')}已结束。" if over else ""
    return f"{spoken.now}开展的活动有{len(names)}项：{listed(names, NAMED, '项')}。{ended}"


def due_sum(figures: Figures) -> dict[str, int]:
    """Of what was due in the days, all lines together."""
    keys = ("owed", "handed", "returned", "overdue", "not_due")
    return {key: sum(one["numbers"][key] for one in figures["due"]) for key in keys}


def _due_said(figures: Figures, spoken: Spoken) -> str:
    if not figures["due"]:
        return f"{spoken.now}无到期任务。"
    numbers = due_sum(figures)
    return dated(
        figures,
        f"{spoken.now}到期的任务应报{numbers['owed']}项{parts(numbers['owed'], made_of(numbers), '项')}，"
        f"报送率{share(numbers['handed'], numbers['owed'])}。",
    )


def _moved(flow: dict[str, int], spoken: Spoken) -> str:
    late = f"（含迟报{flow['late']}项）" if flow["late"] else ""
    parts = [
        f"首次报齐任务{flow['complete']}项{late}" if flow["complete"] else "",
        f"审核通过{flow['accepted']}项" if flow["accepted"] else "",
        f"退回修改{flow['returned']}次" if flow["returned"] else "",
    ]
    told = "，".join(one for one in parts if one)
    return f"{spoken.now}{told}。" if told else f"{spoken.now}没有新报齐和审核通过的任务。"


def _compared(figures: Figures, spoken: Spoken) -> str:
    """With the whole stretch before, once the days are over and something happened in both."""
    now, before = figures["flow"], figures["before"]
    if not figures["over"] or not any(before.values()) or not any(now.values()):
        return ""
    parts = [
        _changed("报齐任务", now["complete"], before["complete"], "项"),
        _changed("审核通过", now["accepted"], before["accepted"], "项"),
        _changed("退回修改", now["returned"], before["returned"], "次"),
        _changed("召开会议", now["meetings"], before["meetings"], "场"),
    ]
    told = "，".join(one for one in parts if one)
    shares = [percent(one["in_time"], one["due"]) for one in (now, before)]
    timely = "" if None in shares else f"到期任务按时报齐的占{shares[0]}%，{spoken.before}为{shares[1]}%。"
    return (f"与{spoken.before}相比，{told}。" if told else "") + timely


def _changed(what: str, now: int, before: int, counted: str) -> str:
    if not now and not before:
        return ""
    if now == before:
        return f"{what}持平"
    return f"{what}{'增加' if now > before else '减少'}{abs(now - before)}{counted}"


def _standing(figures: Figures) -> str:
    numbers = figures["numbers"]
    if not numbers["owed"]:
        return f"截至{moment(figures['at'])}，各项活动没有应报的任务。"
    whole = parts(numbers["owed"], made_of(numbers), "项")
    waiting = f"已报的任务中待审{numbers['waiting']}项。" if numbers["waiting"] else ""
    return (
        f"截至{moment(figures['at'])}，各项活动累计应报{numbers['owed']}项{whole}，"
        f"报送率{share(numbers['handed'], numbers['owed'])}。{_due_of(numbers)}{waiting}"
    )


def _due_of(numbers: dict[str, int]) -> str:
    """Of all that has come due by the count."""
    due, handed, overdue = numbers["due"], numbers["due_handed"], numbers["overdue"]
    if not due:
        return ""
    of_due = {"handed": handed, "returned": due - handed - overdue, "overdue": overdue, "not_due": 0}
    return f"已到期的{due}项{parts(due, made_of(of_due), '项')}，到期报送率{share(handed, due)}。"


def campaigns_named(figures: Figures) -> list[dict[str, Any]]:
    return [{"name": one["title"], "numbers": one["numbers"]} for one in figures["campaigns"]]


#: Of the table of campaigns: name, where it is found, whether it stands only where it is not zero.
_OF_CAMPAIGN: tuple[tuple[str, Callable[[dict[str, int], dict[str, int]], Value], bool], ...] = (
    ("应报", lambda numbers, _: numbers["owed"], False),
    ("已报", lambda numbers, _: numbers["handed"], False),
    ("报送率", lambda numbers, _: share(numbers["handed"], numbers["owed"]), False),
    ("退回", lambda numbers, _: numbers["returned"], True),
    ("逾期", lambda numbers, _: numbers["overdue"], True),
    ("未到期未报", lambda numbers, _: numbers["not_due"], True),
    ("{}报齐", lambda _, flow: flow["complete"], True),
    ("{}通过", lambda _, flow: flow["accepted"], True),
)


def _campaigns(figures: Figures, spoken: Spoken) -> Grid:
    lines = [(one["title"], one["numbers"], one["flow"]) for one in figures["campaigns"]]
    whole = ("合计", figures["numbers"], figures["flow"])
    shown = [(label, tell) for label, tell, only in _OF_CAMPAIGN if not only or tell(whole[1], whole[2])]
    total = len(lines) > 1
    rows = [(who, *(tell(numbers, flow) for _, tell in shown)) for who, numbers, flow in
            (*lines, *((whole,) if total else ()))]  # fmt: skip
    columns = (Column("活动", 3), *(Column(_label(one, spoken), 1.2, numeric=True) for one, _ in shown))
    return Grid(f"各项活动进展{as_of(figures)}", tuple(columns), tuple(rows), total)


def _label(label: str, spoken: Spoken) -> str:
    return label.format(spoken.now)


# 到期任务, 各镇街 -------------------------------------------------------------------------------------


#: Of the table of what was due: name, where it is found, whether it stands only where it is not zero.
_OF_DUE: tuple[tuple[str, Callable[[dict[str, int]], Value], bool], ...] = (
    ("应报", lambda numbers: numbers["owed"], False),
    ("已报", lambda numbers: numbers["handed"], False),
    ("报送率", lambda numbers: share(numbers["handed"], numbers["owed"]), False),
    ("退回", lambda numbers: numbers["returned"], True),
    ("逾期", lambda numbers: numbers["overdue"], False),
    ("未到期未报", lambda numbers: numbers["not_due"], True),
)


def due(figures: Figures, spoken: Spoken) -> Section:
    """A line for each task that was due; none where there was none, which has been said."""
    heading = f"{spoken.now}到期任务"
    lines, whole = figures["due"], due_sum(figures)
    kept = [(label, tell) for label, tell, only in _OF_DUE if not only or tell(whole)]
    rows = [(*task(figures, one), *(tell(one["numbers"]) for _, tell in kept)) for one in lines]
    if total := len(rows) > 1:
        rows.append(("合计", "", "", *(tell(whole) for _, tell in kept)))
    extended = "“（延期）”指期限延至这段时间的单位。" if any(one["extended"] for one in lines) else ""
    columns = (
        Column("任务", 2.6), Column("活动", 2.4), Column("截止日", 1.5),
        *(Column(label, 1.1, numeric=True) for label, _ in kept),
    )  # fmt: skip
    grid = grid_of(f"{heading}报送情况{as_of(figures)}", columns, rows, extended)
    return section(heading, placed(grid and replace(grid, total=total)))


def places(figures: Figures, _: Spoken) -> Section:
    """Townships beside each other; a month draws them as well."""
    lines = figures["branches"]
    if len(lines) < 2:
        return section("各镇街情况")
    return section(
        "各镇街情况",
        said(dated(figures, extremes(due_shares(lines), "个"))),
        placed(tasks_grid(f"各镇街报送情况{as_of(figures)}", "镇街或教育局", lines, figures["numbers"])),
        bars(f"各镇街到期报送率{as_of(figures)}", lines) if figures["kind"] == ReportKind.MONTH else [],
    )


# 存在的问题, 下一步 -----------------------------------------------------------------------------------


def problems(figures: Figures, _: Spoken) -> Section:
    if not figures["campaigns"]:
        return section("存在的问题")
    numbers = figures["numbers"]
    return section(
        "存在的问题",
        said(
            f"截至{moment(figures['at'])}，",
            _overdue(figures),
            _returned(figures),
            work.unsettled(figures["suggestions"]),
        ),
        _behind(figures) if numbers["overdue"] else [],
    )


def _overdue(figures: Figures) -> str:
    tasks, units = figures["numbers"]["overdue"], figures["behind_units"]
    if not tasks:
        return "无逾期任务。"
    first = "逾期较多的单位见下表。" if units > len(figures["behind"]) else "具体单位见下表。"
    return f"{units}个单位共有{tasks}项任务逾期，{first}"


def _returned(figures: Figures) -> str:
    returned, over = figures["numbers"]["returned"], figures["uncorrected"]
    if not returned:
        return "无退回待修改的材料。"
    return f"有{returned}项任务退回待修改{f'，其中{over}项已过修改期限' if over else ''}。"


def _behind(figures: Figures) -> list[Block | Annex]:
    rows = [(one["name"], one["branch"], one["tasks"], one["days"]) for one in figures["behind"]]
    columns = (
        Column("单位", 3), Column("镇街或教育局", 2),
        Column("逾期任务（项）", 1.6, numeric=True), Column("最长逾期（天）", 1.6, numeric=True),
    )  # fmt: skip
    return placed(grid_of(f"逾期单位{as_of(figures)}", columns, rows))


def done(figures: Figures, spoken: Spoken) -> Section:
    """What was done in the days besides handing in."""
    parts: Iterable[list[Block | Annex]] = (tell(figures, spoken.now) for tell in work.PARTS)
    return section("工作开展情况", *parts)


SECTIONS = (overall, due, places, done, problems, ahead)
