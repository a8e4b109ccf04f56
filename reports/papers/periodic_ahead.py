"""What a week or a month looks ahead to: tasks, phases and activities with their dates, suggestions."""

from typing import Any

from reports.papers.paper import Block, Column, Value
from reports.papers.periodic_words import Figures, Spoken, as_of, dated, task, year
from reports.papers.periodic_work import MOST, activities, led, stage
from reports.papers.section import Annex, Section, grid_of, placed, section
from reports.papers.sentences import day, filled, listed, said, span


def ahead(figures: Figures, spoken: Spoken) -> Section:
    """What comes, with its dates. Of days that are over what was still to come at the count."""
    coming, when = figures["ahead"], spoken.after
    return section(
        f"{when}工作安排",
        _due(figures, coming, when),
        _steps(figures, coming, when),
        led("会议活动。", activities(figures, f"{when}安排的活动", coming["activities"])),
        _to_do(figures, when),
    )


def _due(figures: Figures, coming: dict[str, Any], when: str) -> list[Block | Annex]:
    if not figures["campaigns"] or coming["starts_on"] > coming["ends_on"]:
        return []
    days = f"{when}（{span(coming['starts_on'], coming['ends_on'], year(figures))}）"
    if not coming["due"]:
        return [*said(f"{days}无到期任务。")]
    rows = [
        (*task(figures, one), one["numbers"]["owed"] if one["numbers"] else "尚未下达", _handed(one))
        for one in coming["due"]
    ]
    columns = (
        Column("任务", 2.6), Column("活动", 2.4), Column("截止日", 1.5),
        Column("应报", 1.2, numeric=True), Column("已报", 1.1, numeric=True),
    )  # fmt: skip
    grid = grid_of(f"{when}到期任务{as_of(figures)}", columns, rows)
    return [*said(f"{days}到期的报送任务有{len(rows)}期。"), *placed(grid)]


def _handed(one: dict[str, Any]) -> Value:
    return one["numbers"]["handed"] if one["numbers"] else filled("")


def _steps(figures: Figures, coming: dict[str, Any], when: str) -> list[Block | Annex]:
    begins, ends = (
        [f"{stage(figures, one)}（{day(one['day'], year(figures))}）" for one in coming[key]]
        for key in ("begins", "ends")
    )
    return led(
        "阶段安排。",
        f"{when}将进入{listed(begins, MOST, '个阶段')}。" if begins else "",
        f"{when}到期结束的有{listed(ends, MOST, '个阶段')}。" if ends else "",
    )


def _to_do(figures: Figures, when: str) -> list[Block | Annex]:
    """Adopted suggestions that are overdue or fall due, by their day."""
    found = figures["suggestions"]
    if not found["listed"]:
        return []
    parts = [
        f"{when}到办理期限的有{found['due']}条" if found["due"] else "",
        f"逾期未办结的有{found['unsettled']}条" if found["unsettled"] else "",
    ]
    some = f"，列出期限较早的{len(found['listed'])}条" if _many(found) else ""
    rows = [
        (
            one["text"],
            filled(one["responsible"]),
            day(one["due_on"], year(figures)),
            "逾期" if one["overdue"] else "未到期",
        )
        for one in found["listed"]
    ]
    columns = (Column("建议", 4), Column("责任单位", 2), Column("办理期限", 1.5), Column("情况", 1))
    told = f"采纳的建议中，{'，'.join(one for one in parts if one)}{some}。"
    grid = grid_of(f"待办理的合理化建议{as_of(figures)}", columns, rows)
    return [*led("合理化建议。", dated(figures, told)), *placed(grid)]


def _many(found: dict[str, Any]) -> bool:
    return found["due"] + found["unsettled"] > len(found["listed"])
