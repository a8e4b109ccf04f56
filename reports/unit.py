"""Everything about one unit that those above it may know: tables, people, work and what happened."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Count, Exists, OuterRef, QuerySet, Subquery, Value, When
from django.urls import reverse

from campaigns.enums import Aggregation, CampaignState
from reports import present, sums
from reports.content import readings
from reports.looking import Look, campaigns_of, overseen
from reports.present import Present
from reports.tables import FIGURE_COLUMNS, Cell, Column, Line, Table, figure_cells
from schools.enums import Role
from schools.models import Membership, Unit, User
from submissions import access, standing, worklist
from submissions.enums import EventKind, ExtensionState
from submissions.figures import OF_UNIT, UNFINISHED
from submissions.models import (
    Assignment,
    AssignmentEvent,
    ExtensionRequest,
    Reading,
    Standing,
    Version,
)
from submissions.services.books import Cell as Kind
from submissions.sheets import meets

AT_A_GLANCE = 10  # open tasks, and pieces, on the page itself
EVENTS = 20

COLUMNS = tuple(Column(one.name, one.key, one.meaning, counted=one.counted, bad=one.bad) for one in OF_UNIT)


def rows(unit: Unit, **narrowed: Any) -> str:
    """The address of the rows behind a number of the unit."""
    chosen = {key: value for key, value in narrowed.items() if value not in (None, "")}
    return f"{reverse('unit_rows', args=[unit.pk])}?{urlencode(chosen)}"


# Figures ----------------------------------------------------------------------------------------------


def now(unit: Unit, at: datetime) -> Present:
    """How the unit stands with what running campaigns ask of it."""
    tasks = Assignment.objects.filter(worklist.RUNNING, unit=unit)
    return present.together(one for _, one in present.read(tasks, at))


def cells(unit: Unit, numbers: dict[str, int], **narrowed: Any) -> tuple[Cell, ...]:
    """The cells below `COLUMNS`, each number with the address of its rows."""
    return tuple(Cell(numbers[one.key], rows(unit, figure=one.key, **narrowed)) for one in OF_UNIT)


def by_year(unit: Unit, lines: Iterable[standing.Line]) -> Table:
    """A line for each year in which campaigns began, the latest first."""
    of: dict[int, list[standing.Line]] = {}
    for line in lines:
        of.setdefault(line.year, []).append(line)
    listed = [
        Line(f"{year}年", cells(unit, standing.total(of[year]), year=year))
        for year in sorted(of, reverse=True)
    ]
    return Table("years", "历年", "年份", COLUMNS, listed, note="按活动开始的年份。")


def by_campaign(user: User, unit: Unit, lines: list[standing.Line]) -> Table:
    """A line for each campaign that asked something of the unit; where the person oversees nothing of it,
    because another bureau hosts it, the name leads to the plan."""
    asked = [line.campaign for line in lines]
    overseen_here = set(campaigns_of(user).filter(pk__in=asked).values_list("pk", flat=True))
    columns = (Column("年份", "year", kind=Kind.TEXT), *COLUMNS)
    listed = [
        Line(
            line.title,
            (Cell(str(line.year)), *cells(unit, line.numbers, campaign=line.campaign)),
            reverse("campaign" if line.campaign in overseen_here else "plan", args=[line.campaign]),
        )
        for line in lines
    ]
    return Table("campaigns", "各项活动", "活动", columns, listed)


def below(user: User, unit: Unit, at: datetime) -> Table:
    """How everything below a township or a bureau stands, by running campaign, from counters."""
    scope = overseen(user)
    campaigns = list(campaigns_of(user).filter(state=CampaignState.PUBLISHED))
    counters = Standing.objects.filter(
        scope.narrow("branch"),
        branch__path__startswith=unit.path,
        occurrence__requirement__campaign__in=campaigns,
    )
    numbers = sums.read(counters, at, {"campaign": sums.GROUPS["campaign"]}).of["campaign"]
    listed = []
    for one in campaigns:
        if one.pk in numbers:
            look = Look(one, scope, at, unit)
            listed.append(Line(one.title, figure_cells(numbers[one.pk], look), look.address("campaign")))
    return Table("below", f"{unit.name}各单位", "正在进行的活动", FIGURE_COLUMNS, listed)


def indicators(unit: Unit) -> Table:
    """What the unit reported last for each indicator, the latest campaign first."""
    campaign = "indicator__topic__campaign"
    found = Reading.objects.filter(unit=unit).select_related(campaign)
    found = found.order_by(f"-{campaign}__starts_on", campaign, "indicator__topic__position", "indicator")
    columns = (
        Column("目标", "target", kind=Kind.TEXT),
        Column("填报值", "value", kind=Kind.DECIMAL, counted=""),
        Column("完成情况", "standing", "合计的目标是对整个活动提出的，单看一个单位不作判断", Kind.TEXT),
        Column("活动", "campaign", kind=Kind.TEXT),
    )
    listed = [
        Line(
            one.indicator.name,
            (
                Cell(readings.target(one.indicator)),
                readings.value_cell(one.indicator, one.value, reverse("version", args=[one.version_id])),
                _judged(one),
                Cell(one.indicator.topic.campaign.title),
            ),
        )
        for one in found
    ]
    return Table("indicators", "填报的指标", "指标", columns, listed, cards=True)


def _judged(one: Reading) -> Cell:
    """Whether the unit's own value reaches the target, where that speaks of single units."""
    indicator = one.indicator
    if indicator.aggregation == Aggregation.SUM:
        return Cell("")
    key = "met" if meets(indicator.comparator, indicator.value, one.value) else "short"
    return Cell(readings.STANDINGS[key][2], mark=key)


# Work -------------------------------------------------------------------------------------------------


def owing(unit: Unit, at: datetime) -> list[Assignment]:
    """What the unit has to do first, as lists of tasks show it; without what only the unit may know
    (drafts, and why its head did not sign)."""
    asked = ExtensionRequest.objects.filter(assignment=OuterRef("pk"), state=ExtensionState.OPEN)
    tasks = worklist.dated(standing.rows(UNFINISHED, unit, at, running=True)).with_plan()
    first = list(tasks.annotate(extension_asked=Exists(asked)).order_by("act_by", "pk")[:AT_A_GLANCE])
    for one in first:
        one.overdue = worklist.overdue(one, at)
    return first


def pieces(user: User, unit: Unit) -> QuerySet[Version]:
    """Of each piece that has reached the bureau its newest version there, the latest first."""
    reached = access.received(user)
    newer = reached.filter(submission=OuterRef("submission"), number__gt=OuterRef("number"))
    plan = "submission__assignment__occurrence__requirement__campaign"
    return (
        reached.filter(~Exists(newer), submission__assignment__unit=unit)
        .select_related(plan, "submitted_by")
        .prefetch_related("reviews")
        .order_by("-submitted_at", "-pk")
    )


def events(unit: Unit) -> list[AssignmentEvent]:
    """The latest that happened to what the unit owes; of what stays inside the unit no words.

    Tasks given at one moment are one event, the last of them; `together` says how many they are."""
    given = AssignmentEvent.objects.filter(assignment__unit=unit, kind=EventKind.ASSIGNED, at=OuterRef("at"))
    counted = given.order_by().values("at").values(n=Count("pk"))
    reached = AssignmentEvent.objects.filter(version=OuterRef("version"), kind__in=EventKind.handing_in())
    found = (
        AssignmentEvent.objects.filter(assignment__unit=unit)
        .exclude(kind=EventKind.DRAFTED)
        .exclude(Exists(given.filter(pk__gt=OuterRef("pk"))), kind=EventKind.ASSIGNED)
        .annotate(
            reached=Exists(reached),
            together=Case(When(kind=EventKind.ASSIGNED, then=Subquery(counted)), default=Value(1)),
        )
        .select_related("by", "version", "assignment__occurrence__requirement")
        .order_by("-at", "-pk")
    )
    latest = list(found[:EVENTS])
    for one in latest:
        if one.kind in EventKind.inside():
            one.note = ""
        if not one.reached:
            one.version = None
    return latest


# People and places ------------------------------------------------------------------------------------


def people(user: User, unit: Unit) -> QuerySet[Membership]:
    """Who works for the unit, heads first, with `handed_in`: the latest that reached the bureau."""
    reached = access.received(user).filter(
        submission__assignment__unit=OuterRef("unit"), submitted_by=OuterRef("user")
    )
    newest = reached.order_by("-submitted_at").values("submitted_at")[:1]
    return (
        Membership.objects.in_post(*Role.own_unit(), *Role.overseeing())
        .filter(unit=unit)
        .select_related("user")
        .annotate(handed_in=Subquery(newest))
        .order_by("role", "pk")
    )
