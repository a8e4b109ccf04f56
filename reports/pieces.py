"""Lists of what was handed in: pieces, the units they came from, minutes of meetings, excellent work."""

from datetime import date
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.fields.json import KeyTextTransform
from django.http import Http404, QueryDict
from django.urls import reverse

from campaigns.models import Topic
from notices.templatetags.days import day_of
from portal.ids import as_id
from reports import narrowing
from reports.content import common, meetings, works
from reports.lists import BRANCH, UNIT, Listed, each, words
from reports.looking import Look
from reports.tables import Cell, Column, Kind, Line, Table
from schools.models import Unit
from submissions.models import Output, Submission, Version

TASK = "assignment__occurrence__requirement"
UNREAD = "—"  # the title of what is not read from here
ORDER = ("assignment__branch__path", "assignment__unit__path", "assignment__due_at", "assignment", "number")
JOINED = ("current", "assignment__unit", "assignment__branch", TASK)


def pieces(seen: Look, asked: QueryDict) -> Listed:
    """Pieces that are with the bureau: all, about a topic and those below it, or about none."""
    topic, told = topic_of(asked, seen)
    narrowed = narrowing.read(asked, seen)
    topics = {one.pk: one for one in seen.campaign.topics.all()}
    found = common.pieces(seen, narrowed.condition)
    if topic == common.NO_TOPIC:
        found = found.filter(about=None)
    elif topic:
        below = [one.pk for one in topics.values() if one.position[: topic.depth] == topic.position]
        found = found.filter(about__in=below)

    def line(one: Submission) -> Line:
        owed = one.assignment
        cells = (
            Cell(seen.name_of(owed.unit)),
            Cell(owed.branch.name),
            Cell(str(topics[one.about]) if one.about else "未选专题"),
            Cell(owed.name),
            Cell(one.get_state_display(), mark=one.state),
        )
        return of_version(seen, owed.unit, one.current, cells)

    columns = (UNIT, BRANCH, *words(("专题", "topic"), ("报送要求", "requirement"), ("状态", "state")))
    table = Table("pieces", "材料", "标题", columns, (), empty="没有符合条件的材料", cards=True)
    rows = found.select_related(*JOINED).order_by(*ORDER)
    n, names = found.count(), (*told, *narrowed.names)
    return Listed(f"材料{n}篇", rows, each(line), table, names, count=n)


def topic_units(seen: Look, asked: QueryDict) -> Listed:
    """The units that pieces about a topic came from; their numbers add up to the pieces."""
    topic, told = topic_of(asked, seen)
    found = Output.objects.filter(seen.narrow(), campaign=seen.campaign)
    if topic == common.NO_TOPIC:
        found = found.filter(topic=None)
    elif topic:
        found = found.filter(common.below_topic(topic, "topic"))
    grouped = found.order_by("unit__path").values("unit", "unit__name", "unit__path")
    rows = grouped.annotate(pieces=Sum("n")).filter(pieces__gt=0)
    total = rows.aggregate(units=Count("unit"), together=Sum("pieces"))
    chosen = topic.pk if isinstance(topic, Topic) else topic

    def line(one: dict[str, Any]) -> Line:
        url = seen.address("pieces", topic=chosen, unit=one["unit"])
        unit = Unit(pk=one["unit"], name=one["unit__name"], path=one["unit__path"])
        return Line(seen.name_of(unit), (Cell(one["pieces"], url),))

    columns = (Column("材料", "pieces", counted="篇"),)
    table = Table("units", "单位", "单位", columns, (), empty="还没有单位报来材料")
    heading = f"{total['units']}个单位，材料{total['together'] or 0}篇"
    return Listed(heading, rows, each(line), table, told, count=total["units"])


def meetings_held(seen: Look, asked: QueryDict) -> Listed:
    """The minutes that are with the bureau, with day, place and people present, the latest first."""
    narrowed = narrowing.read(asked, seen)
    found = meetings.minutes(seen, narrowed.condition)
    sheet = {key: KeyTextTransform(key, "current__sheet") for key in ("held_on", "place", "chair")}
    found = found.annotate(**sheet, present=meetings.PEOPLE)
    together = found.aggregate(n=Count("pk"), present_=Sum("present"))

    def line(one: Submission) -> Line:
        unit = one.assignment.unit
        day, place, chair = Cell(None), Cell(""), Cell("")
        if seen.scope.covers(unit):
            held_on = date.fromisoformat(one.held_on)
            day, place, chair = Cell(held_on, shown=day_of(held_on)), Cell(one.place), Cell(one.chair)
        cells = (day, Cell(seen.name_of(unit)), place, chair, Cell(one.present))
        return of_version(seen, unit, one.current, cells)

    columns = (
        Column("日期", "day", kind=Kind.DAY),
        UNIT,
        *words(("地点", "place"), ("主持人", "chair")),
        Column("参加人数", "present", counted="人"),
    )
    table = Table("meetings", "会议", "纪要", columns, (), empty="还没有报来会议纪要", cards=True)
    rows = found.select_related(*JOINED).order_by("-held_on", "pk")
    n, names = together["n"], tuple(narrowed.names)
    heading = f"会议{n}场，参加{together['present_'] or 0}人次"
    return Listed(heading, rows, each(line), table, names, count=n)


def excellent(seen: Look, asked: QueryDict) -> Listed:
    """Work recommended as excellent, or shown on the shelf."""
    column, find = works.KINDS.get(asked.get("figure", "recommended"), (None, None))
    if find is None:
        raise Http404
    branch = narrowing.read({"branch": asked.get("branch", "")}, seen)
    place = Q(**{f"submission__assignment__{key}": value for key, value in branch.condition.children})
    found = find(seen).filter(place)

    def line(one: Version) -> Line:
        owed = one.submission.assignment
        unit, authors = owed.unit, one.authors if seen.scope.covers(owed.unit) else ""
        cells = (Cell(seen.name_of(unit)), Cell(owed.branch.name), Cell(authors), Cell(owed.name))
        return of_version(seen, unit, one, cells)

    columns = (UNIT, BRANCH, *words(("作者", "authors"), ("报送要求", "requirement")))
    table = Table("works", column.name, "标题", columns, (), empty="没有符合条件的材料", cards=True)
    rows = found.select_related(*(f"submission__{path}" for path in JOINED[1:]))
    rows = rows.order_by("submission__assignment__branch__path", "submission__assignment__unit__path", "pk")
    heading = f"{column.name}{found.count()}篇"
    return Listed(heading, rows, each(line), table, tuple(branch.names))


def topic_of(asked: QueryDict, seen: Look) -> tuple[Topic | str | None, tuple[str, ...]]:
    """The topic that `?topic=` names, NO_TOPIC for what is about none, None for all; and its name.

    Raises Http404.
    """
    typed = asked.get("topic", "")
    if not typed:
        return None, ()
    if typed == common.NO_TOPIC:
        return typed, ("未选专题",)
    topic = seen.campaign.topics.filter(pk=as_id(typed)).first()
    if topic is None:
        raise Http404
    return topic, (str(topic),)


def of_version(seen: Look, unit: Unit, version: Version, cells: tuple[Cell, ...]) -> Line:
    """The line of a version, by its title, that leads to it.

    Of a unit that has moved away the row counts; its work is no longer to be read from here, nor its title.
    """
    if not seen.scope.covers(unit):
        return Line(UNREAD, cells)
    return Line(version.title, cells, reverse("version", args=[version.pk]))
