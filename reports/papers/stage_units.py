"""阶段报告 and 活动总结: who is late or missing, and what the next phase asks for."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from reports.papers.paper import Annex, Block, Column, Text
from reports.papers.section import Section, grid_of, placed, section
from reports.papers.sentences import day, listed, local, name, said, span, stage_of, stopped
from reports.papers.stage_content import LONG_ROWS, activities_grid

Figures = dict[str, Any]  # counts.schema.Stage
Straggler = dict[str, Any]
FEW = 8  # units that need no table behind the paper
NAMED = 40  # units that sentences name
NAMED_TASKS = 3


def stragglers(figures: Figures) -> Section:
    """迟报和未报单位. Nothing is said before anything is due."""
    numbers, many = figures["numbers"], figures["missing_units"]
    if not numbers["due"] and not many and not figures["late_units"]:
        return Section("迟报和未报单位", ())
    if not many:
        missing = said("到期任务没有未报的单位。")
    else:
        urged = "，请抓紧补报" if figures["phase"] else ""
        one, days = _alone(figures["missing"], many), {unit["days"] for unit in figures["missing"]}
        same = f"，均逾期{min(days)}天" if one and len(days) == 1 and min(days) else ""
        tasks = f"{numbers['overdue']}项{f'，均为{one}' if one else ''}{same}"
        missing = said(f"到期未报的单位{many}个，涉及任务{tasks}{urged}。")
        tell = (_plain if same else _delay) if one else _missing
        missing += (
            _spread(figures["missing"]) if one and many > FEW else _named(figures["missing"], many, tell)
        )
    late: list[Block] = []
    if figures["late_units"]:
        one = _alone(figures["late"], figures["late_units"])
        tasks = f"{numbers['late']}项{f'，均为{one}' if one else ''}"
        late = said(f"报送时已过截止时间的单位{figures['late_units']}个，涉及任务{tasks}。")
        if one and figures["late_units"] > FEW:
            late += _spread(figures["late"])
        else:
            late += _named(figures["late"], figures["late_units"], _plain if one else _late)
    return section(
        "迟报和未报单位",
        missing,
        _behind("到期未报单位", figures["missing"], many),
        late,
        _behind("迟报单位", figures["late"], figures["late_units"]),
    )


def _named(units: list[Straggler], many: int, tell: Callable[[Straggler], str]) -> list[Block]:
    """By township, as far as NAMED goes; of the others how many they are."""
    groups: dict[str, list[Straggler]] = {}
    for one in units:
        groups.setdefault(one["branch"], []).append(one)
    lines, named = [], 0
    for branch, group in groups.items():
        if named >= NAMED:
            break
        told = listed([tell(one) for one in group], NAMED - named, "个单位")
        lines.append(f"{name(branch)}{len(group)}个：{told}。")
        named += len(group)
    if named < many:
        lines.append(f"其余单位{many - named}个。")
    return [Text("\n".join(lines))] if units else []


def _spread(units: list[Straggler]) -> list[Block]:
    """How many by township, where nothing is to be told of each that the annex does not tell."""
    counts = Counter(name(one["branch"]) for one in units)
    if len(counts) == 1:
        return said(f"均属{next(iter(counts))}。")
    return said(f"其中{'，'.join(f'{branch}{n}个' for branch, n in counts.items())}。")


def _alone(units: list[Straggler], many: int) -> str:
    """The one task that all of them are named for; "" where they differ, and each is told its own."""
    asked = {(one["n"], *one["tasks"]) for one in units}
    alike = len(asked) == 1 and units[0]["n"] == 1 and 1 < len(units) == many
    return name(units[0]["tasks"][0]) if alike else ""


def _plain(unit: Straggler) -> str:
    return name(unit["name"])


def _delay(unit: Straggler) -> str:
    return f"{name(unit['name'])}（逾期{unit['days']}天）" if unit["days"] else name(unit["name"])


def _missing(unit: Straggler) -> str:
    longest = "最长" if unit["n"] > 1 else ""
    late = f"，{longest}逾期{unit['days']}天" if unit["days"] else ""
    return f"{name(unit['name'])}（{_tasks(unit)}{late}）"


def _late(unit: Straggler) -> str:
    return f"{name(unit['name'])}（{_tasks(unit)}）"


def _tasks(unit: Straggler) -> str:
    names = [name(one, 24) for one in unit["tasks"][:NAMED_TASKS]]
    more = f"等{unit['n']}项" if unit["n"] > len(names) else ""
    return f"{'、'.join(names)}{more}" if names else f"{unit['n']}项"


def _behind(title: str, units: list[Straggler], many: int) -> list[Block | Annex]:
    """All of them behind the paper, unless they are few and have been named."""
    if many <= FEW:
        return []
    rows = [
        (
            one["name"],
            one["branch"],
            one["kind"],
            "、".join(one["tasks"]) + (f"等{one['n']}项" if one["n"] > len(one["tasks"]) else ""),
            one["n"],
            one["days"] or None,
        )
        for one in units
    ]
    columns = (
        Column("单位", 2.4),
        Column("镇街或教育局", 1.6),
        Column("类型", 1.2),
        Column("任务", 3.4),
        Column("项数", 0.8, numeric=True),
        Column("最长逾期（天）", 1, numeric=True),
    )
    few = f"共{many}个单位，列出{len(rows)}个。" if len(rows) < many else ""
    grid = grid_of(title, columns, rows, few)
    return [Text(f"名单见附件“{title}”。"), Annex(title, (grid,))] if grid else []


# 下一阶段安排 -----------------------------------------------------------------------------------------


def ahead(figures: Figures) -> Section:
    after, year = figures["next"], local(figures["at"]).year
    if after is None:
        return Section("下一阶段安排", ())
    days, aim = span(after["starts_on"], after["ends_on"], year), stopped(after["aim"])
    return section(
        "下一阶段安排",
        said(
            f"下一阶段为{stage_of(after['name'])}{f'（{days}）' if days else ''}。",
            f"主要任务是：{aim}" if aim else "",
        ),
        said(f"需要报送{len(after['asked'])}项，请各单位提前准备，按时报送。" if after["asked"] else ""),
        placed(_asked(after["asked"], year)),
        said(f"安排活动{len(after['activities'])}场。" if after["activities"] else ""),
        placed(activities_grid("下一阶段活动", after["activities"], year), LONG_ROWS),
    )


def _asked(every: list[dict[str, Any]], year: int) -> Any:
    rows = [(one["name"], one["kind"], _days(one, year), one["owed"] or "—") for one in every]
    columns = (
        Column("报送要求", 3),
        Column("类型", 1.4),
        Column("截止日期", 3),
        Column("应报单位（个）", 1.2, numeric=True),
    )
    return grid_of("下一阶段报送要求", columns, rows)


def _days(one: dict[str, Any], year: int) -> str:
    if not one["due"]:
        return "待定"
    if one["times"] == 1:
        return f"{day(one['due'], year)}{'（最后1期）' if one['past'] else ''}"
    days = span(one["due"], one["until"], year)
    if one["past"]:
        return f"自{days.replace('至', '起至', 1)}，还有{one['times']}期"
    return f"{days}，共{one['times']}期"
