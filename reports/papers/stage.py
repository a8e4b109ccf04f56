"""阶段报告 and 活动总结, put into words.

Sentences and tables are made out of the same figures, so they cannot differ. What has nothing to say is left
out; what must be said though there is nothing is said in a sentence, never in an empty table.
"""

from dataclasses import replace
from typing import Any

from reports.papers.paper import Block, Grid, Heading, Paper, grids_of
from reports.papers.section import Section
from reports.papers.sentences import moment, passage, span
from reports.papers.stage_content import indicators, meetings, suggestions, topics, works
from reports.papers.stage_tasks import closed_by_hand, overall, phases, places, requirements
from reports.papers.stage_units import ahead, stragglers
from reports.papers.wording import Words

ADDRESSEES = "各有关单位"
ROUNDED = "百分比不足1%的部分舍去。"
#: In their order. Of a phase there are no `phases`, of a campaign there is nothing ahead.
SECTIONS = (
    overall,
    phases,
    requirements,
    places,
    topics,
    meetings,
    suggestions,
    indicators,
    works,
    stragglers,
    ahead,
)


def compose(figures: dict[str, Any], words: Words) -> Paper:
    """The paper out of frozen figures (`counts.schema.Stage`)."""
    sections = [one for tell in SECTIONS if (one := tell(figures)).blocks]
    host = figures["campaign"]["host"]
    paper = Paper(
        words.title,
        host,
        (*passage(words.opening), *_numbered(sections), *passage(words.ending)),
        _holds(figures),
        ADDRESSEES,
        words.dated,
        tuple(annex for one in sections for annex in one.annexes),
        words.number,
        f"{host}文件" if words.number else "",
        words.mark,
    )
    return _rounded(paper)


def _numbered(sections: list[Section]) -> list[Block]:
    return [block for one in sections for block in (Heading(one.heading), *one.blocks)]


def _rounded(paper: Paper) -> Paper:
    """The first table with shares says how they are rounded."""
    first = next(filter(_has_shares, grids_of(paper)), None)

    def noted(one: Any) -> Any:
        return replace(one, note=f"{one.note}{ROUNDED}") if one is first else one

    annexes = (replace(one, blocks=tuple(map(noted, one.blocks))) for one in paper.annexes)
    return replace(paper, blocks=tuple(map(noted, paper.blocks)), annexes=tuple(annexes))


def _has_shares(grid: Grid) -> bool:
    heads = [one.name for one in grid.columns] + [row[0] for row in grid.rows]
    return any(isinstance(one, str) and one.endswith("报送率") for one in heads)


def _holds(figures: dict[str, Any]) -> str:
    """The days it tells of, and the instant of its figures."""
    about = figures["phase"] or figures["campaign"]
    closed = closed_by_hand(figures)
    last = closed.isoformat() if closed else about["ends_on"]
    days = span(about["starts_on"], last, None)
    counted = moment(figures["at"])
    year = f"{last[:4]}年" if days else ""
    return f"{f'{days}，' if days else ''}统计截至{counted.removeprefix(year)}"
