"""督查通报 as a paper, out of the words that were edited and the figures that they came from."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from reports.papers.paper import Annex, Block, Column, Grid, Heading, Paper, Text, in_chinese

HEADING = re.compile(r"([一二三四五六七八九十]+)、(.*)")
ANNEX = "各镇街报送情况"
#: As submissions/figures.py names them.
FIGURES = {"owed": "应报", "handed": "已报", "returned": "退回", "not_due": "未到期", "overdue": "逾期"}


def compose(
    *,
    title: str,
    body: str,
    figures: dict[str, Any],
    sender: str,
    counted: datetime,
    dated: date | None,
    mark: str,
) -> Paper:
    """`body`: a paragraph a line, the first perhaps whom it goes to; `counted` in local time, `dated` the day
    of signature, `mark` what stands in the corner of a draft."""
    lines = [one.strip() for one in body.splitlines() if one.strip()]
    addressees = lines.pop(0).rstrip("：:") if lines and lines[0].endswith(("：", ":")) else ""
    return Paper(
        title=title,
        sender=sender,
        blocks=tuple(_blocks(lines)),
        addressees=addressees,
        dated=dated,
        annexes=(_annex(figures, counted),) if len(figures["branches"]) > 1 else (),
        mark=mark,
    )


def _blocks(lines: list[str]) -> Iterator[Block]:
    """Headings as long as they are numbered as a paper numbers them; others stand as they were written."""
    headings = 0
    for line in lines:
        found = HEADING.fullmatch(line)
        if found and found[2] and found[1] == in_chinese(headings + 1):
            headings += 1
            yield Heading(found[2])
        elif found:
            yield Text("", lead=line)
        else:
            yield Text(line)


def _annex(figures: dict[str, Any], counted: datetime) -> Annex:
    rows = [(one["branch"], *(one[key] for key in FIGURES)) for one in figures["branches"]]
    total = ("合计", *(figures["numbers"][key] for key in FIGURES))
    columns = (Column("镇街或教育局", 2), *(Column(name, numeric=True) for name in FIGURES.values()))
    note = f"统计截至{counted.year}年{counted.month}月{counted.day}日{counted:%H:%M}。"
    return Annex(ANNEX, (Grid(ANNEX, columns, (*rows, total), total=True, note=note),))
