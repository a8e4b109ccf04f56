"""阶段报告 and 活动总结: how the tasks stand, altogether and by phase, requirement, place and kind."""

from datetime import date
from typing import Any

from notices.workdays import DAY
from reports.papers.paper import Block, Chart, ChartKind, Column, Grid, Series, Value
from reports.papers.section import (
    ONCE_COMPLETE,
    Section,
    bars,
    due_shares,
    once_complete,
    placed,
    section,
    stack,
    tasks_grid,
)
from reports.papers.sentences import (
    RANKED,
    day,
    extremes,
    listed,
    local,
    parts,
    said,
    share,
    span,
    stage_of,
    stopped,
)
from reports.papers.sentences import name as named
from schools.enums import UnitKind
from submissions.figures import percent

Figures = dict[str, Any]  # counts.schema.Stage
MOST_DAYS = 60  # points of a line
NAMED = 5


def scope_of(figures: Figures) -> str:
    return "本阶段" if figures["phase"] else "本次活动"


# 总体情况 ---------------------------------------------------------------------------------------------


def overall(figures: Figures) -> Section:
    numbers = figures["numbers"]
    if not numbers["owed"]:
        exempt = f"已下达的{numbers['exempt']}项任务均已免报。" if numbers["exempt"] else ""
        nothing = exempt or f"{scope_of(figures)}没有下达报送任务。"
        return section("总体情况", said(_subject(figures), nothing), _compared(figures))
    return section(
        "总体情况",
        said(_subject(figures), _owed(figures)),
        said(_due(figures), _timely(numbers)),
        said(_returned(figures), _open(numbers), _early(figures), _exempt(numbers)),
        _course(figures),
        _compared(figures),
    )


def closed_by_hand(figures: Figures) -> date | None:
    """The day on which what had begun was closed before its last day, a phase also long after it; None where
    it followed its days: the calendar closes a phase on the day after the last, and a campaign that is over
    is closed when all has been read."""
    about = figures["phase"] or figures["campaign"]
    if not (about.get("closed_at") and about["starts_on"] and about["ends_on"]):
        return None
    closed = local(about["closed_at"]).date()
    first, last = date.fromisoformat(about["starts_on"]), date.fromisoformat(about["ends_on"])
    followed = last <= closed <= last + DAY if figures["phase"] else last <= closed
    return None if closed < first or followed else closed


def _closed_early(figures: Figures) -> bool:
    closed = closed_by_hand(figures)
    return closed is not None and closed.isoformat() < (figures["phase"] or figures["campaign"])["ends_on"]


def _subject(figures: Figures) -> str:
    """What the paper is about, with its days and what it was for."""
    campaign, phase, year = figures["campaign"], figures["phase"], local(figures["at"]).year
    about = phase or campaign
    days = span(about["starts_on"], about["ends_on"], year) if about["starts_on"] else ""
    subject = named(campaign["title"]) + (stage_of(phase["name"]) if phase else "")
    begun_on = f"自{days}" if "至" in days else days if days.endswith("起") else f"于{days}" if days else ""
    theme = f"，主题为“{named(campaign['theme'])}”" if campaign["theme"].strip() and not phase else ""
    aim = stopped(phase["aim"]) if phase else ""
    begun = f"{subject}{begun_on}开展{theme}。" if begun_on or theme else ""
    if closed := closed_by_hand(figures):
        early = _closed_early(figures)
        ended = f"{day(closed.isoformat(), year)}{'提前' if early else ''}结束"
        begun = f"{subject}原定{days}开展{theme}，{'' if early else '延后至'}{ended}。"
    return begun + (f"{scope_of(figures)}的主要任务是：{aim}" if aim else "")


def _owed(figures: Figures) -> str:
    numbers = figures["numbers"]
    all_due = "（均已到期）" if numbers["due"] == numbers["owed"] else ""
    standing = (
        f"{scope_of(figures)}共有{figures['units']}个单位承担报送任务，应报{numbers['owed']}项{all_due}，"
        f"已报{numbers['handed']}项，报送率{share(numbers['handed'], numbers['owed'])}"
    )
    if not numbers["handed"]:
        return f"{standing}。"
    nil = f"（含零报告{figures['nil']}项）" if figures["nil"] else ""
    if not numbers["waiting"]:
        return f"{standing}；已报的均已审核通过{nil}。"
    passed = f"通过{numbers['accepted']}项{nil}，" if numbers["accepted"] else ""
    return f"{standing}；已报的任务中，{passed}待审{numbers['waiting']}项。"


def _due(figures: Figures) -> str:
    numbers, units, whole = figures["numbers"], figures["due_units"], figures["whole"]
    if not numbers["due"]:
        return "各项任务均未到截止时间。"
    tasks = "" if numbers["due"] == numbers["owed"] else _due_tasks(numbers)
    if not units:
        return tasks
    if whole == units:
        return f"{tasks}有到期任务的{units}个单位均已报齐。"
    left = "或".join(label for label, _ in _due_left(numbers))
    return (
        f"{tasks}有到期任务的单位{units}个，其中已全部报齐的{whole}个，其余{units - whole}个有{left}的任务。"
    )


def _due_left(numbers: dict[str, int]) -> list[tuple[str, int]]:
    """What is due and not handed in, in its parts."""
    returned = numbers["due"] - numbers["due_handed"] - numbers["overdue"]
    return [(label, n) for label, n in (("退回待修改", returned), ("逾期未报", numbers["overdue"])) if n]


def _due_tasks(numbers: dict[str, int]) -> str:
    """What is due, and what it is made of."""
    left = "".join(f"，{label}{n}项" for label, n in _due_left(numbers))
    rate = share(numbers["due_handed"], numbers["due"])
    return f"已到期的任务{numbers['due']}项，已报{numbers['due_handed']}项{left}，到期报送率{rate}。"


def _timely(numbers: dict[str, int]) -> str:
    """Of all that has ever been complete, which may be more than what is handed in now."""
    complete, back = once_complete(numbers)
    if not complete:
        return ""
    since = (
        f"首次报齐{complete}项（含其后退回或撤回、尚未重新报齐的{back}项）" if back else "以首次报齐的时间计"
    )
    in_time = f"按时{numbers['in_time']}项，" if numbers["in_time"] else ""
    late = f"迟报{numbers['late']}项" if numbers["late"] else "无迟报"
    return f"{since}，{in_time}{late}。"


def _returned(figures: Figures) -> str:
    if figures["returns"]:
        return f"审核中退回材料{figures['returns']}次。"
    return "" if figures["numbers"]["returned"] else f"{scope_of(figures)}无退回材料。"


def _open(numbers: dict[str, int]) -> str:
    """What is owed and not handed in, in its parts."""
    left = numbers["owed"] - numbers["handed"]
    counts = (
        ("退回待修改", numbers["returned"]),
        ("逾期未报", numbers["overdue"]),
        ("未到期", numbers["not_due"]),
    )
    lacking = f"尚未报齐{left}项{parts(left, counts, '项')}。" if left else ""
    return lacking + ("" if numbers["overdue"] else "无逾期未报任务。")


def _early(figures: Figures) -> str:
    ahead = figures["numbers"]["not_due"]
    if not ahead or not figures["phase"] or not _closed_early(figures):
        return ""
    return f"阶段提前结束，未到期的{ahead}项仍按原期限报送。"


def _exempt(numbers: dict[str, int]) -> str:
    return f"经同意免报{numbers['exempt']}项，不计入应报。" if numbers["exempt"] else ""


def _course(figures: Figures) -> list[Chart]:
    """The course of the days, thinned to what can be drawn; the last day stays."""
    every = figures["course"]
    if len(every) < 3 or not every[-1]["done"]:
        return []
    years = {one["day"][:4] for one in every}
    year = int(years.pop()) if len(years) == 1 else local(figures["at"]).year
    days = every[:: -max(-(-len(every) // MOST_DAYS), 1)][::-1]
    series = (
        Series("累计首次报齐", tuple(one["done"] for one in days)),
        Series("累计到期", tuple(one["due"] for one in days)),
    )
    return [Chart(ChartKind.LINE, "报送进度", tuple(day(one["day"], year) for one in days), series)]


def _compared(figures: Figures) -> list[Block]:
    before = figures["before"]
    if before is None or not figures["numbers"]["owed"]:
        return []
    if not before["numbers"]["owed"]:
        return said(f"{stage_of(before['name'])}没有应报任务，不作比较。")
    rows = [row for row in _both(before, figures) if row[1] not in (0, "—") or row[2] not in (0, "—")]
    earlier, now = stage_of(before["name"]), stage_of(figures["phase"]["name"])
    columns = (Column("项目", 1.6), Column(earlier, numeric=True), Column(now, numeric=True))
    numbers, old = figures["numbers"], before["numbers"]
    back = any(once_complete(one)[1] for one in (numbers, old))
    note = f"两个阶段均按本报告的统计时间计算。{ONCE_COMPLETE if back else ''}"
    return [*said(_moved(earlier, old, numbers)), Grid("与上一阶段比较", columns, tuple(rows), note=note)]


def _both(before: dict[str, Any], figures: Figures) -> list[tuple[Value, ...]]:
    old, new = before["numbers"], figures["numbers"]
    labels = {"owed": "应报", "handed": "已报", "in_time": "按时", "late": "迟报"}
    labels |= {"returned": "退回", "overdue": "逾期"}
    rows: list[tuple[Value, ...]] = [(f"{label}（项）", old[key], new[key]) for key, label in labels.items()]
    rows[2:2] = [
        ("报送率", share(old["handed"], old["owed"]), share(new["handed"], new["owed"])),
        ("到期报送率", share(old["due_handed"], old["due"]), share(new["due_handed"], new["due"])),
    ]
    rows.append(("报送材料（篇）", before["pieces"], figures["pieces"]))
    rows.append(("各单位会议（场）", before["meetings"], figures["meetings"]["meetings"]))
    rows.append(("优秀推荐（篇）", before["works"], figures["recommended"]))
    return rows


def _moved(earlier: str, old: dict[str, int], new: dict[str, int]) -> str:
    was, now = percent(old["due_handed"], old["due"]), percent(new["due_handed"], new["due"])
    if was is None or now is None:
        return f"与{earlier}的比较见下表。"
    if was == now:
        return f"与{earlier}相比，到期报送率同为{now}%。"
    return f"与{earlier}相比，到期报送率由{was}%{'升' if now > was else '降'}至{now}%。"


# By phase, requirement, place and kind ------------------------------------------------------------------


def phases(figures: Figures) -> Section:
    """Of a whole campaign."""
    lines = [one | {"name": stage_of(one["name"])} for one in figures["phases"]]
    if not lines:
        return Section("各阶段情况", ())
    best = extremes(due_shares(lines), "个阶段")
    return section(
        "各阶段情况",
        said(f"活动分{len(lines)}个阶段推进。" if len(lines) > 1 else "", best),
        placed(tasks_grid("各阶段报送情况", "阶段", lines, figures["numbers"])),
        stack("各阶段报送情况", lines),
    )


def requirements(figures: Figures) -> Section:
    lines = figures["requirements"]
    if not lines:
        return Section("各项任务报送情况", ())
    many = f"{scope_of(figures)}提出报送要求{len(lines)}项。"
    return section(
        "各项任务报送情况",
        said(many, extremes(due_shares(lines), "项")),
        placed(tasks_grid("各项任务报送情况", "报送要求", lines, figures["numbers"])),
        stack("各项任务报送情况", lines),
    )


def places(figures: Figures) -> Section:
    """By township (or bureau) and by kind, where there is anything to compare."""
    branches, kinds, numbers = figures["branches"], figures["kinds"], figures["numbers"]
    told: list[list[Any]] = []
    if len(branches) > 1:
        told.append(said(_leaders(branches, numbers)))
        told.append(placed(tasks_grid("各地报送情况", "镇街或教育局", branches, numbers)))
        told.append(bars("各地到期报送率", branches))
    if len(kinds) > 1:
        best = extremes(due_shares([_of_kind(one, figures["kind_units"]) for one in kinds]), "类单位")
        told.append(said(f"从单位类型看，{best}" if best else "", _owners(figures["ownerships"])))
        told.append(placed(tasks_grid("各类单位报送情况", "单位类型", kinds, numbers)))
    heading = "各地和各类单位情况" if len(branches) > 1 else "各类单位情况"
    return section(heading, *told)


def _of_kind(line: dict[str, Any], units: dict[str, int]) -> dict[str, Any]:
    """A kind of one unit says so: its share is that unit's."""
    if units.get(str(line["key"])) != 1:
        return line
    return line | {"name": f"{line['name']}1{'所' if line['key'] in UnitKind.schools() else '个'}"}


def _leaders(branches: list[dict[str, Any]], numbers: dict[str, int]) -> str:
    """Where everything due has come, and who stands lowest of those below all together."""
    shares, average = due_shares(branches), percent(numbers["due_handed"], numbers["due"])
    if average is None or len({n for _, n in shares}) == 1:
        return extremes(shares, "")
    whole = [who for who, n in shares if n == 100]
    ahead = f"到期任务全部报齐的有{listed(whole, NAMED, '个镇街或教育局')}。" if whole else ""
    behind = sorted((one for one in shares if one[1] < average), key=lambda one: one[1])[:NAMED]
    low = (
        f"到期报送率较低的有{'、'.join(f'{who}（{n}%）' for who, n in behind)}。"
        if behind and len(shares) >= RANKED
        else ""
    )
    return ahead + low


def _owners(lines: list[dict[str, Any]]) -> str:
    owing = [one for one in lines if one["numbers"]["owed"]]
    if len(owing) < 2:
        return ""
    each = (
        f"{named(one['name'])}单位应报{one['numbers']['owed']}项，"
        f"报送率{share(one['numbers']['handed'], one['numbers']['owed'])}"
        for one in owing
    )
    return f"从办学性质看，{'；'.join(each)}。"
