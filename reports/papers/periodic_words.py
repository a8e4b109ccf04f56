"""Of a week or a month: how its days are called, when it was counted, which task and campaign is meant."""

from typing import Any, NamedTuple

from reports.enums import ReportKind
from reports.papers.sentences import day, local, name

Figures = dict[str, Any]  # counts.schema_periodic.Periodic

#: Of tasks that are owed, besides those handed in; together they are all.
NOT_IN = (("退回待修改", "returned"), ("逾期", "overdue"), ("未到期未报", "not_due"))


class Spoken(NamedTuple):
    """How a stretch of days, the one before and the one after are called."""

    now: str
    before: str
    after: str


def spoken_of(figures: Figures) -> Spoken:
    """Of days that are over what comes next has begun, and is no 下周 any more."""
    month = figures["kind"] == ReportKind.MONTH
    now, before, after = ("本月", "上月", "下月") if month else ("本周", "上周", "下周")
    return Spoken(now, before, "后续" if figures["over"] else after)


def year(figures: Figures) -> int:
    return local(figures["at"]).year


def as_of(figures: Figures) -> str:
    """“（截至11月22日）” behind a title, for what stood so at the count when the days were over; else ""."""
    return f"（截至{_counted(figures)}）" if figures["over"] else ""


def dated(figures: Figures, sentence: str) -> str:
    """“截至11月22日，” before a sentence, likewise."""
    return f"截至{_counted(figures)}，{sentence}" if figures["over"] and sentence else sentence


def _counted(figures: Figures) -> str:
    return day(local(figures["at"]).date().isoformat(), year(figures))


def made_of(numbers: dict[str, int]) -> list[tuple[str, int]]:
    """What a number of owed tasks is made of, for `sentences.parts`."""
    return [("已报", numbers["handed"]), *((label, numbers[key]) for label, key in NOT_IN)]


def campaign_of(figures: Figures, campaign: int) -> str:
    """Its name before that of a phase, where there are several campaigns."""
    if len(figures["campaigns"]) < 2:
        return ""
    return name(next(one["title"] for one in figures["campaigns"] if one["id"] == campaign))


def task(figures: Figures, one: dict[str, Any]) -> tuple[str, str, str]:
    """Name, campaign and day of what is due; the campaign only where there are several."""
    title = one["name"] + ("（延期）" if one["extended"] else "")
    campaigns = {line["id"]: line["title"] for line in figures["campaigns"]}
    campaign = campaigns[one["campaign"]] if len(campaigns) > 1 else ""
    return title, campaign, day(one["due"], year(figures))
