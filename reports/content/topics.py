"""专题: how many pieces and units each topic has, and which have nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.db import connection, models
from django.db.models import F, Q, QuerySet, Sum

from campaigns.models import Topic
from reports.content.common import NO_TOPIC, pieces
from reports.looking import Look
from reports.tables import Cell, Column, Kind, Line, Table
from submissions.models import Output


class Count(NamedTuple):
    pieces: int = 0
    units: int = 0


@dataclass(frozen=True)
class Entry:
    """A topic with what lies below it. `measured`: units have reported values for its indicators."""

    topic: Topic
    count: Count
    measured: bool

    @property
    def blank(self) -> bool:
        return not self.count.pieces and not self.measured


@dataclass(frozen=True)
class Topics:
    entries: Sequence[Entry]
    everything: Count
    without: Count

    @property
    def blank(self) -> int:
        return sum(one.blank for one in self.entries)


def read(look: Look, topics: Sequence[Topic], measured: Iterable[Topic], narrowed: Q | None = None) -> Topics:
    """Every topic of `topics`, of which units have reported values on `measured`.

    A topic counts its own pieces and those of all topics below it; a unit counts once in each. Counters know
    all pieces of the campaign; those of assignments that meet `narrowed` are counted one by one.
    """
    counts = _counted(look, _held(look) if narrowed is None else _one_by_one(look, narrowed))
    beneath = [one.position for one in measured]
    entries = [
        Entry(
            one,
            counts.get(one.pk, Count()),
            any(position[: one.depth] == one.position for position in beneath),
        )
        for one in topics
    ]
    return Topics(entries, counts.get(ALL, Count()), counts.get(None, Count()))


ALL = 0  # stands where a topic's id would


def _held(look: Look) -> QuerySet:
    """Rows of a topic (`part`, None: none), a unit (`who`) and the number of its `pieces`."""
    held = Output.objects.filter(look.narrow(), campaign=look.campaign).order_by()
    return held.values(part=F("topic_id"), who=F("unit")).annotate(pieces=Sum("n")).filter(pieces__gt=0)


def _one_by_one(look: Look, narrowed: Q) -> QuerySet:
    """The same rows."""
    held = pieces(look, narrowed).order_by()
    return held.values(part=F("about"), who=F("assignment__unit")).annotate(pieces=models.Count("pk"))


def _counted(look: Look, held: QuerySet) -> dict[int | None, Count]:
    """Topic id → count, None: pieces about no topic, ALL: all of them; in one statement."""
    inner, params = held.query.sql_with_params()
    # The names are ours, the values are parameters.
    statement = f"""
        WITH held AS ({inner}), beneath AS (
            SELECT t.id AS topic, b.id AS part FROM campaigns_topic t JOIN campaigns_topic b
                ON b.campaign_id = t.campaign_id AND b.position[1:cardinality(t.position)] = t.position
            WHERE t.campaign_id = %s
        ), by_unit AS (
            SELECT topic, who, sum(pieces) AS pieces FROM held JOIN beneath USING (part) GROUP BY topic, who
        )
        SELECT topic, sum(pieces), count(*) FROM by_unit GROUP BY topic
        UNION ALL SELECT NULL, coalesce(sum(pieces), 0), count(*) FROM held WHERE part IS NULL
        UNION ALL SELECT {ALL}, coalesce(sum(pieces), 0), count(*)
            FROM (SELECT who, sum(pieces) AS pieces FROM held GROUP BY who) AS everybody
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, look.campaign.pk])
        return {topic: Count(int(pieces), units) for topic, pieces, units in cursor.fetchall()}


PIECES = Column("材料", "pieces", "已报到教育局、没有退回的材料，含下级专题", counted="篇")
UNITS = Column("单位", "units", "报了材料的单位，每个只计一次", counted="个")
COLUMNS = (
    PIECES,
    UNITS,
    Column("情况", "blank", "空白：没有材料，也没有填报的指标数据", Kind.TEXT),
    Column("牵头单位", "lead", kind=Kind.TEXT),
    Column("配合单位", "support", kind=Kind.TEXT),
)


def tiles(look: Look, found: Topics) -> list[tuple[Column, Cell]]:
    blank = Column("空白专题", "blank", "没有材料，也没有填报的指标数据", counted="个", bad=True)
    topics = Column("专题", "topics", "方案中的专题，含下级", counted="个")
    return [
        (topics, Cell(len(found.entries), look.address("topics"))),
        (blank, Cell(found.blank, look.address("topics", figure="blank"))),
        (PIECES, Cell(found.everything.pieces, look.address("pieces"))),
        (UNITS, Cell(found.everything.units, look.address("topic_units"))),
    ]


def table(look: Look, found: Topics) -> Table:
    """The tree of topics, last what was handed in about none of them; who leads only where anybody does."""
    whole = table_of(look, found.entries)
    if found.without.pieces and found.entries:
        cells = (*_counts(look, found.without, NO_TOPIC), Cell(""), Cell(""), Cell(""))
        whole = replace(whole, lines=[*whole.lines, Line("未选专题", cells)])
    return whole.without_empty("lead", "support")


def table_of(look: Look, entries: Iterable[Entry]) -> Table:
    """Some topics."""
    lines = [_line(look, one) for one in entries]
    return Table("topics", "各专题", "专题", COLUMNS, lines, empty="方案没有列出专题", cards=True)


def _line(look: Look, one: Entry) -> Line:
    topic = one.topic
    mark = Cell("空白", mark="blank") if one.blank else Cell("" if one.count.pieces else "只有指标数据")
    lead = Cell(topic.lead.name if topic.lead else "")
    support = Cell("、".join(unit.name for unit in topic.supporting.all()))
    cells = (*_counts(look, one.count, topic.pk), mark, lead, support)
    return Line(f"{topic.number} {topic.title}", cells, depth=topic.depth - 1)


def _counts(look: Look, count: Count, topic: int | str) -> tuple[Cell, Cell]:
    return (
        Cell(count.pieces, look.address("pieces", topic=topic)),
        Cell(count.units, look.address("topic_units", topic=topic)),
    )


#: What a list of topics can be narrowed to: key → its name and condition.
FIGURES = {
    "all": ("专题", lambda one: True),
    "blank": ("空白专题", lambda one: one.blank),
}
