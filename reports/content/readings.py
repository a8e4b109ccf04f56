"""指标: what units reported, summed or averaged as each indicator says, against its target."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Count, Q, QuerySet, Sum

from campaigns.enums import Aggregation, RequirementKind
from campaigns.models import Indicator, Requirement, Topic
from notices.templatetags.days import day_of
from reports.content.common import branches, sees_all
from reports.looking import Look
from reports.sums import below
from reports.tables import Cell, Column, Kind, Line, Table
from schools.models import Unit
from submissions.enums import AssignmentState
from submissions.models import AssignmentQuerySet, Reading
from submissions.sheets import meets, shown

CENT = Decimal("0.01")


def aggregated(indicator: Indicator, total: Decimal | None, units: int) -> Decimal | None:
    """One value of what `units` have reported, `total` together: the sum, or the average to two places."""
    if not units or total is None:
        return None
    if indicator.aggregation == Aggregation.SUM:
        return total
    return (total / units).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Measured:
    """An indicator as far as it is looked at. `judged`: whether the target speaks of just these units."""

    indicator: Indicator
    topic: Topic
    asked: int
    reported: int
    value: Decimal | None
    judged: bool

    @property
    def met(self) -> bool | None:
        """Whether the shown value reaches the target; None where nothing is to be said."""
        if self.value is None or not self.judged:
            return None
        return meets(self.indicator.comparator, self.indicator.value, self.value)

    @property
    def standing(self) -> str:
        if self.value is None:
            return "silent"
        return {True: "met", False: "short", None: "part"}[self.met]


@dataclass(frozen=True)
class Asking:
    """Which units are asked for which indicators, by the progress tables that they owe."""

    look: Look
    topics: Sequence[Topic]  # with their duties

    @cached_property
    def requirements(self) -> list[Requirement]:
        issued = self.look.campaign.requirements.issued().filter(kind=RequirementKind.PROGRESS)
        return list(issued.select_related("topic"))

    @cached_property
    def bound(self) -> dict[int, Unit]:
        """Units that lead or support topics, and so report on some only."""
        return {
            unit.pk: unit
            for topic in self.topics
            for unit in (topic.lead, *topic.supporting.all())
            if unit is not None
        }

    def tables(self) -> AssignmentQuerySet:
        owed = self.look.assignments().filter(state__in=AssignmentState.owed())
        return owed.filter(occurrence__requirement__in=self.requirements).order_by()

    def about(self, topic: Topic) -> frozenset[int]:
        """The requirements whose tables have lines for a topic."""
        return frozenset(
            one.pk
            for one in self.requirements
            if one.topic is None or topic.position[: one.topic.depth] == one.topic.position
        )

    @cached_property
    def _tasks(self) -> dict[tuple[int, int], set[int]]:
        """(requirement, bound unit) → the topics on which that unit reports."""
        pairs = [(one, unit) for one in self.requirements for unit in self.bound.values()]
        return {
            (one.pk, unit.pk): {topic.pk for topic in one.topics_for(unit, self.topics)}
            for one, unit in pairs
        }

    def asked(self, topic: Topic) -> Q:
        """The tables, among `tables`, that have lines for a topic."""
        asking = self.about(topic)
        condition = Q(occurrence__requirement__in=asking) & ~Q(unit__in=self.bound)
        for requirement in asking:
            units = [unit for unit in self.bound if topic.pk in self._tasks[requirement, unit]]
            if units:
                condition |= Q(occurrence__requirement=requirement, unit__in=units)
        return condition

    def counts(self, topics: Iterable[Topic]) -> dict[int, int]:
        """Topic id → units asked; two statements, however many units and topics there are."""
        about = {one.pk: asking for one in topics if (asking := self.about(one))}
        if not about:
            return {}
        kinds = {asking: f"n{number}" for number, asking in enumerate(set(about.values()))}
        free = self.tables().exclude(unit__in=self.bound)
        # By unit first: to count distinct units among all tables, PostgreSQL would sort a province's.
        by_unit = free.values("unit").annotate(**{
            name: BoolOr(Q(occurrence__requirement__in=asking)) for asking, name in kinds.items()
        })  # fmt: skip
        counted = by_unit.aggregate(**{
            f"units_{name}": Count("unit", filter=Q(**{name: True})) for name in kinds.values()
        })  # fmt: skip
        owing = self.tables().filter(unit__in=self.bound)
        pairs = set(owing.values_list("occurrence__requirement", "unit").distinct())
        return {
            topic: counted[f"units_{kinds[asking]}"]
            + len({one[1] for one in pairs if one[0] in asking and topic in self._tasks[one]})
            for topic, asking in about.items()
        }


def read(look: Look, topics: Sequence[Topic]) -> list[Measured]:
    """The indicators of all topics (with duties), in their order."""
    values = Reading.objects.filter(look.narrow(), indicator__topic__campaign=look.campaign).order_by()
    sums = {
        one["indicator"]: (one["n"], one["total"])
        for one in values.values("indicator").annotate(n=Count("pk"), total=Sum("value"))
    }
    measuring = [(topic, topic.indicators.all()) for topic in topics]
    counts = Asking(look, topics).counts(topic for topic, indicators in measuring if indicators)
    whole = sees_all(look)
    return [
        Measured(
            one,
            topic,
            counts.get(topic.pk, 0),
            reported := sums.get(one.pk, (0, None))[0],
            aggregated(one, sums.get(one.pk, (0, None))[1], reported),
            whole or one.aggregation == Aggregation.AVERAGE,
        )
        for topic, indicators in measuring
        for one in indicators
    ]


#: How an indicator stands: key → name, meaning and mark. `part`: a sum of some of the units.
STANDINGS = {
    "met": ("已达目标", "现值达到目标", "达到"),
    "short": ("未达目标", "现值未达到目标", "未达到"),
    "silent": ("未填报", "还没有单位填报", "未填报"),
    "part": ("不作判断", "合计的目标是对整个活动提出的，只看一部分单位时不作判断", "部分"),
}
FIGURES = {"all": ("指标", lambda one: True)} | {
    key: (name, lambda one, key=key: one.standing == key) for key, (name, _, _) in STANDINGS.items()
}

REPORTED = Column("填报单位", "reported", "已填报的单位", counted="个")
ASKED = Column("应填报", "asked", "须在进度报表中填报这项指标的单位，不含免报和撤销", counted="个")
COLUMNS = (
    Column("目标", "target", kind=Kind.TEXT),
    Column("现值", "value", "各单位最近一期填报值的合计或平均", Kind.DECIMAL, counted=""),
    Column("汇总", "how", kind=Kind.TEXT),
    Column("完成情况", "standing", kind=Kind.TEXT),
    REPORTED,
    ASKED,
    Column("完成时限", "due_on", kind=Kind.DAY),
    Column("专题", "topic", kind=Kind.TEXT),
)


def tiles(look: Look, found: list[Measured]) -> list[tuple[Column, Cell]]:
    counts = {key: sum(one.standing == key for one in found) for key in STANDINGS}
    whole = Column("指标", "indicators", "方案中的指标", counted="项")
    return [
        (whole, Cell(len(found), look.address("indicators"))),
        *(
            (
                Column(name, key, meaning, counted="项"),
                Cell(counts[key], look.address("indicators", figure=key)),
            )
            for key, (name, meaning, _) in STANDINGS.items()
            if key != "part" or counts[key]
        ),
    ]  # fmt: skip


def table(look: Look, found: list[Measured]) -> Table:
    lines = [_line(look, one) for one in found]
    empty = "方案没有列出指标"
    return Table("indicators", "指标", "指标", COLUMNS, lines, empty=empty, cards=True)


def _line(look: Look, one: Measured) -> Line:
    indicator = one.indicator
    due = indicator.due_on
    cells = (
        Cell(target(indicator)),
        value_cell(indicator, one.value, address(look, indicator)),
        Cell(indicator.get_aggregation_display()),
        Cell(STANDINGS[one.standing][2], mark=one.standing),
        Cell(one.reported, address(look, indicator)),
        Cell(one.asked, address(look, indicator, figure="asked")),
        Cell(due, shown=day_of(due) if due else "不限"),
        Cell(str(one.topic)),
    )
    return Line(indicator.name, cells, address(look, indicator))


def target(indicator: Indicator) -> str:
    """“不低于15%”."""
    return f"{indicator.get_comparator_display()}{shown(indicator.value)}{indicator.unit}"


def value_cell(indicator: Indicator, value: Decimal | None, url: str = "") -> Cell:
    if value is None:
        return Cell(None, shown="—")
    return Cell(value, url, f"{shown(value)}{indicator.unit}")


def address(look: Look, indicator: Indicator, **narrowed: object) -> str:
    return look.address("readings", indicator=indicator.pk, **narrowed)


def of_indicator(look: Look, indicator: Indicator) -> QuerySet[Reading]:
    return Reading.objects.filter(look.narrow(), indicator=indicator)


def value_of(indicator: Indicator, values: QuerySet[Reading]) -> Decimal | None:
    """What these values make together."""
    found = values.order_by().aggregate(n=Count("pk"), total=Sum("value"))
    return aggregated(indicator, found["total"], found["n"])


def levels(look: Look, indicator: Indicator) -> Table:
    """The values of one indicator by what lies one level below."""
    values = of_indicator(look, indicator).order_by().values(part=below(look.depth))
    counted = {one["part"]: one for one in values.annotate(n=Count("pk"), total=Sum("value"))}
    lines = []
    for one in branches(look, counted):
        n, total = counted[one.path]["n"], counted[one.path]["total"]
        url = address(look, indicator, **one.narrowed)
        cells = (value_cell(indicator, aggregated(indicator, total, n), url), Cell(n, url))
        lines.append(Line(one.name, cells))
    columns = (Column("现值", "value", kind=Kind.DECIMAL, counted=""), REPORTED)
    return Table("levels", "按镇街", "镇街或教育局", columns, lines, empty="还没有单位填报")
