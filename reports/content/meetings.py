"""会议活动: what the plan has arranged and whether it was held; the meetings of schools, by their minutes."""

from datetime import date, datetime

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from campaigns.enums import RequirementKind
from campaigns.models import Activity
from notices.templatetags.days import day_of
from reports.content.common import branches, pieces, sees_all
from reports.looking import Look
from reports.sums import below
from reports.tables import Cell, Column, Kind, Line, Table
from submissions.enums import AssignmentState
from submissions.figures import OVERDUE
from submissions.models import Assignment, Output, Submission

HELD, AHEAD, MISSED = "held", "ahead", "missed"
#: Key → name, meaning, and the words of the mark.
STANDINGS = {
    HELD: ("已举办", "纪要已报到教育局；不要求纪要的，日期已过", "已举办"),
    AHEAD: ("待举办", "日期未到，或纪要还没有报来、未到期限", "待举办"),
    MISSED: ("逾期未办", "纪要到期还没有报来", "逾期"),
}


def activities(look: Look) -> QuerySet[Activity]:
    """Those of the plan, each with how it stands (`held`, `ahead`, `missed`).

    Of a part of the tree only what its own units host: whether others have held theirs is not to be seen.
    """
    found = with_standing(look.campaign.activities.select_related("host"), look.at)
    return found if sees_all(look) else found.filter(look.narrow("host"))


def with_standing(activities: QuerySet[Activity], at: datetime) -> QuerySet[Activity]:
    """Each with how it stands at `at` (`standing`) and its `last_day`."""
    mine = Assignment.objects.filter(occurrence__requirement__activity=OuterRef("pk"))
    owed = mine.filter(state__in=AssignmentState.owed())
    came = Submission.objects.filter(
        current__isnull=False, assignment__occurrence__requirement__activity=OuterRef("pk")
    ).exclude(assignment__state=AssignmentState.CANCELLED)
    over = Q(last_day__lt=timezone.localdate(at)) & ~Exists(owed)
    return activities.annotate(
        last_day=Coalesce("ends_on", "starts_on"),
        standing=Case(
            When(Exists(came) | over, then=Value(HELD)),
            When(Exists(owed.filter(OVERDUE.condition(at))), then=Value(MISSED)),
            default=Value(AHEAD),
        ),
    )


def activity_tiles(look: Look, found: list[Activity]) -> list[tuple[Column, Cell]]:
    counts = {key: sum(one.standing == key for one in found) for key in STANDINGS}
    planned = Column("安排活动", "planned", "方案安排的活动", counted="场")
    return [
        (planned, Cell(len(found), look.address("activities"))),
        *(
            (Column(name, key, meaning, counted="场", bad=key == MISSED),
             Cell(counts[key], look.address("activities", figure=key)))
            for key, (name, meaning, _) in STANDINGS.items()
        ),
    ]  # fmt: skip


ACTIVITY_COLUMNS = (
    Column("情况", "standing", kind=Kind.TEXT),
    *(Column(name, key, kind=Kind.TEXT) for name, key in (("形式", "kind"), ("日期", "day"))),
    *(Column(name, key, kind=Kind.TEXT) for name, key in (("地点", "place"), ("承办单位", "host"))),
    Column("主持人", "chair", kind=Kind.TEXT),
)


def activity_table(look: Look, found: list[Activity]) -> Table:
    lines = [
        Line(
            one.title,
            (
                Cell(STANDINGS[one.standing][2], mark=one.standing),
                Cell(one.get_kind_display()),
                Cell(_days(one.starts_on, one.ends_on)),
                Cell(one.place),
                Cell(one.host.name if one.host else ""),
                Cell(one.chair),
            ),
        )
        for one in found
    ]
    who = look.below.name if look.below else "您管辖的单位"
    empty = "方案没有安排活动" if sees_all(look) else f"{who}没有承办活动"
    return Table("activities", "活动安排", "活动", ACTIVITY_COLUMNS, lines, empty=empty, cards=True)


def _days(first: date | None, last: date | None) -> str:
    if first is None:
        return "日期待定"
    return f"{day_of(first)}至{day_of(last)}" if last and last != first else day_of(first)


#: What a list of activities can be narrowed to: key → its name and condition.
FIGURES = {"all": ("安排活动", lambda one: True)} | {
    key: (name, lambda one, key=key: one.standing == key) for key, (name, _, _) in STANDINGS.items()
}


# The meetings of units ------------------------------------------------------------------------------

MEETINGS = Column("会议", "meetings", "会议纪要已报到教育局的会议", counted="场")
PRESENT = Column("参加人次", "present", "各份会议纪要填写的参加人数相加", counted="人次")


#: How many people minutes say were present.
PEOPLE = Cast(KeyTextTransform("present", "current__sheet"), IntegerField())


def minutes(look: Look, narrowed: Q | None = None) -> QuerySet[Submission]:
    """Minutes that are with the bureau: what the meetings are counted by."""
    return pieces(look, narrowed).filter(assignment__occurrence__requirement__kind=RequirementKind.MINUTES)


def meeting_table(look: Look) -> Table:
    """By what lies one level below; all of them in the last line."""
    held = Output.objects.filter(look.narrow(), campaign=look.campaign).order_by()
    sums = held.values(part=below(look.depth)).annotate(m=Sum("meetings"), p=Sum("present"))
    counted = {one["part"]: (one["m"], one["p"]) for one in sums if one["m"]}
    lines = [
        Line(
            one.name,
            _meeting_cells(look, *counted[one.path], **one.narrowed),
            look.address("campaign", **one.narrowed) if one.further else "",
        )
        for one in branches(look, counted)
    ]
    if lines:
        total = [sum(column) for column in zip(*counted.values(), strict=True)]
        lines.append(Line("合计", _meeting_cells(look, *total)))
    empty = "还没有报来会议纪要"
    return Table("meetings", "各单位会议", "镇街或教育局", (MEETINGS, PRESENT), lines, empty=empty)


def _meeting_cells(look: Look, meetings: int, present: int, **narrowed: int) -> tuple[Cell, Cell]:
    url = look.address("meetings", **narrowed)
    return Cell(meetings, url), Cell(present, url)


def meeting_tiles(look: Look, table: Table) -> list[tuple[Column, Cell]]:
    nothing = _meeting_cells(look, 0, 0)
    return list(zip(table.columns, table.lines[-1].cells if table.lines else nothing, strict=True))
