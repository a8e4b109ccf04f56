"""Who is behind: units ranked by how long and how much they are overdue, with what it takes to reach them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from campaigns.models import Campaign
from notices.workdays import last_day
from reports import unit as about
from reports.looking import Look, overseen
from reports.matrix import branch_name
from reports.narrowing import Narrowed
from reports.tables import Cell, Column, Line, Table
from schools.access import Scope
from schools.enums import Role
from schools.models import Membership, Unit, User
from schools.responsibility import answering_for_each
from submissions.enums import EventKind
from submissions.figures import OVERDUE, UNCORRECTED
from submissions.models import Assignment, AssignmentEvent, AssignmentQuerySet, Reminder
from submissions.services.books import Cell as Kind
from submissions.worklist import RUNNING

COLUMNS = (
    Column("镇街", "branch", kind=Kind.TEXT),
    Column("逾期项数", OVERDUE.key, OVERDUE.meaning, bad=True),
    Column("最久逾期", "days", "最早一项的截止日期到今天的天数，按自然日", counted="天", bad=True),
    Column("联系人", "contact", "信息员和电话", kind=Kind.TEXT),
    Column("修改逾期", UNCORRECTED.key, UNCORRECTED.meaning, bad=True),
    Column("最近动态", "active", "本单位人员最近一次办理，或信息员最近一次登录", kind=Kind.TEXT),
    Column("最近催办", "nudged", "本单位人员最近一次收到提醒或催办", kind=Kind.TEXT),
    Column("责任领导、科室", "answers", kind=Kind.TEXT),
)


class Late(NamedTuple):
    """A unit that is behind. `since`: when the oldest overdue task was due (exclusive), None if only
    corrections are. `branch`: where its tasks were given; `path` is where the unit stands now."""

    unit: int
    path: str
    branch: int
    overdue: int
    since: datetime | None
    uncorrected: int


@dataclass(frozen=True)
class Behind:
    """Those behind in what is looked at. `rows(unit, figure)` is the address of a unit's tasks."""

    tasks: AssignmentQuerySet
    scope: Scope
    at: datetime
    rows: Callable[[Unit, str], str]
    campaign: Campaign | None = None

    def ranked(self) -> list[Late]:
        """Longest overdue first, then most; those with overdue corrections alone come last. One query."""
        overdue, uncorrected = OVERDUE.condition(self.at), UNCORRECTED.condition(self.at)
        found = (
            self.tasks.filter(overdue | uncorrected)
            .order_by()
            .values("unit", "unit__path")
            .annotate(
                place=Max("branch"),
                overdue=Count("pk", filter=overdue),
                since=Min("due_at", filter=overdue),
                uncorrected=Count("pk", filter=uncorrected),
            )
            .order_by(F("since").asc(nulls_last=True), "-overdue", "-uncorrected", "unit__path")
        )
        names = ("unit", "unit__path", "place", "overdue", "since", "uncorrected")
        return [Late(*row) for row in found.values_list(*names)]

    def within_reach(self, late: Sequence[Late]) -> list[int]:
        """The ids of those that have not moved out of the scope: whom a nudge may tell."""
        return [one.unit for one in late if one.path.startswith(self.scope.overseen)]

    def lines(self, late: Sequence[Late]) -> list[Line]:
        """The lines of those units: six queries, however many they are."""
        units = Unit.objects.in_bulk({pk for one in late for pk in (one.unit, one.branch)})
        mine = [units[one.unit] for one in late if self.scope.covers(units[one.unit])]
        people, acts, answers = secretaries(mine), last_acts(mine), answering_for_each(mine)
        reminded = last_reminders(mine)
        return [
            self._line(
                one,
                units[one.unit],
                units[one.branch],
                people.get(one.unit, []),
                acts.get(one.unit),
                reminded.get(one.unit, ""),
                "、".join(dict.fromkeys(str(found.who) for found in answers.get(one.unit, ()))),
            )
            for one in late
        ]

    def _line(
        self,
        one: Late,
        unit: Unit,
        branch: Unit,
        people: list[User],
        act: tuple | None,
        reminded: str,
        answers: str,
    ) -> Line:
        """A unit that has moved away keeps its figures; who to reach there is no longer told."""
        here = self.scope.covers(unit)
        unknown = "未登记" if here else ""
        latest = _latest(people, act)
        cells = (
            Cell(branch_name(branch)),
            Cell(one.overdue, self.rows(unit, OVERDUE.key)),
            _days(one.since, self.at),
            _contact(people, unknown),
            Cell(one.uncorrected, self.rows(unit, UNCORRECTED.key)),
            Cell(latest, shown="" if latest or not here else "无"),
            Cell(reminded, shown="" if reminded or not here else "无"),
            Cell(answers, shown="" if answers else unknown),
        )
        name = unit.name if here else f"{unit.name}（已划转）"
        page, tick = (reverse("unit", args=[unit.pk]), str(unit.pk)) if here else ("", "")
        return Line(name, cells, page, tick=tick)


def table(lines: Sequence[Line]) -> Table:
    empty = "没有逾期的单位，也没有超过修改期限的"
    return Table("behind", "落后单位", "单位", COLUMNS, lines, empty=empty, cards=True)


def of_campaign(look: Look, narrowed: Narrowed, kept: dict[str, Any]) -> Behind:
    """Behind in one campaign, as the address narrows it; `kept` are its parameters that narrow."""
    of_tasks = {key: value for key, value in kept.items() if key not in ("q", "having")}

    def rows(unit: Unit, figure: str) -> str:
        return look.rows(**(of_tasks | {"unit": unit.pk, "figure": figure}))

    tasks = look.assignments().filter(narrowed.condition)
    return Behind(tasks, look.scope, look.at, rows, look.campaign)


def of_all(user: User, at: datetime, narrowed: Narrowed, below: Unit | None) -> Behind:
    """Behind in what running campaigns ask of the units that the person oversees now."""
    scope = overseen(user)
    tasks = Assignment.objects.in_scope(scope).filter(RUNNING, narrowed.condition)
    if below:
        tasks = tasks.filter(unit__path__startswith=below.path)

    def rows(unit: Unit, figure: str) -> str:
        return about.rows(unit, figure=figure, running=1)

    return Behind(tasks, scope, at, rows)


# Reaching them ----------------------------------------------------------------------------------------


def secretaries(units: Sequence[Unit]) -> dict[int, list[User]]:
    """The secretaries in office by unit, the longest in office first."""
    posts = Membership.objects.in_post(Role.SECRETARY).filter(unit__in=units)
    found: dict[int, list[User]] = {}
    for post in posts.select_related("user").order_by("started_at", "pk"):
        found.setdefault(post.unit_id, []).append(post.user)
    return found


def last_acts(units: Sequence[Unit]) -> dict[int, tuple[datetime, str]]:
    """When people of each unit last did something for its tasks, and what; drafts are the unit's own."""
    events = AssignmentEvent.objects.filter(
        assignment__unit__in=units,
        by__memberships__unit=F("assignment__unit"),
        by__memberships__role__in=Role.own_unit(),
    ).exclude(kind=EventKind.DRAFTED)
    latest = events.order_by("assignment__unit", "-at", "-pk").distinct("assignment__unit")
    return {unit: (at, kind) for unit, at, kind in latest.values_list("assignment__unit", "at", "kind")}


def last_reminders(units: Sequence[Unit]) -> dict[int, str]:
    """When people of each unit were last reminded of its tasks: “2026-05-02 催办”, or “自动提醒”."""
    rows = Reminder.objects.filter(
        assignment__unit__in=units,
        person__memberships__unit=F("assignment__unit"),
        person__memberships__role__in=Role.own_unit(),
    )
    by_hand = Max("at", filter=Q(nudge__isnull=False))
    latest = rows.order_by().values_list("assignment__unit").annotate(last=Max("at"), by_hand=by_hand)
    return {unit: f"{_day(last)} {'催办' if nudged == last else '自动提醒'}" for unit, last, nudged in latest}


def _latest(people: list[User], act: tuple[datetime, str] | None) -> str:
    """“2026-04-30 提交材料”, or “登录”, whichever came last; "" where nothing is known."""
    login = max((one.last_login for one in people if one.last_login), default=None)
    if act and (login is None or act[0] >= login):
        return f"{_day(act[0])} {EventKind(act[1]).label}"
    return f"{_day(login)} 登录" if login else ""


def _contact(people: list[User], unknown: str) -> Cell:
    """The first secretary, to be called where a phone is known; the others by name; `unknown` for nobody."""
    if not people:
        return Cell("", shown=unknown)
    first, *others = people
    more = "".join(f"、{one.name}" for one in others)
    value = f"{first.name} {first.phone}".strip() + more
    number = re.sub(r"[^\d+]", "", first.phone)
    if not number:
        return Cell(value)
    shown = format_html('{} <span class="text-nowrap">{}</span>{}', first.name, first.phone, more)
    return Cell(value, f"tel:{number}", shown)


def _days(since: datetime | None, at: datetime) -> Cell:
    if since is None:
        return Cell(None)
    days = (timezone.localtime(at).date() - last_day(since)).days
    return Cell(days, shown=f"逾期{days}天")


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()
