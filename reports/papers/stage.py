"""阶段报告 and 活动总结, put into words.

Sentences and tables are made out of the same figures, so they cannot differ. What has nothing to say is left
out; what must be said though there is nothing is said in a sentence, never in an empty table.
"""

from typing import Any

from reports.papers.paper import Block, Heading, Paper
from reports.papers.section import Section
from reports.papers.sentences import moment, passage, span
from reports.papers.stage_content import indicators, meetings, suggestions, topics, works
from reports.papers.stage_tasks import overall, phases, places, requirements
from reports.papers.stage_units import ahead, stragglers
from reports.papers.wording import Words

ADDRESSEES = "各有关单位"
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
    return Paper(
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


def _numbered(sections: list[Section]) -> list[Block]:
    return [block for one in sections for block in (Heading(one.heading), *one.blocks)]


def _holds(figures: dict[str, Any]) -> str:
    """The days it tells of, and the instant of its figures."""
    about = figures["phase"] or figures["campaign"]
    days = span(about["starts_on"], about["ends_on"], None)
    counted = moment(figures["at"])
    year = f"{about['ends_on'][:4]}年" if days else ""
    return f"{f'{days}，' if days else ''}统计截至{counted.removeprefix(year)}"
