"""Units × what they were asked for: one mark for each task, as a page shows it and a workbook writes it.

A row is a unit in the branch that its tasks were given in: one that has moved stands in both, each with
the tasks of that time, so that rows, branches and columns add up to the same figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet, Value

from campaigns.models import Occurrence, Requirement
from notices.workdays import last_day
from reports import sums
from reports.looking import Look
from reports.narrowing import Narrowed, directly_below
from reports.sums import Numbers, Sums
from schools.enums import UnitKind
from schools.models import Unit
from submissions.enums import AssignmentState as State
from submissions.models import Assignment, AssignmentQuerySet


class Mark(NamedTuple):
    """`key` is the figure that counts the tasks with this mark; `ground` and `ink` are its colours on paper
    and in workbooks, the ones of .m-KEY in portal.css."""

    key: str
    sign: str
    name: str
    ground: str
    ink: str


ACCEPTED = Mark("accepted", "通", "通过", "#CFEBD9", "#14492B")
WAITING = Mark("waiting", "审", "待审", "#CFE3F7", "#123F6D")
RETURNED = Mark("returned", "退", "退回", "#FFD9A0", "#5C3300")
NOT_DUE = Mark("not_due", "未", "未报，未到期", "#FFFFFF", "#4A5561")
OVERDUE = Mark("overdue", "逾", "逾期", "#B3261E", "#FFFFFF")
EXEMPT = Mark("exempt", "免", "免报", "#E3E7EC", "#3D4853")
MARKS = (ACCEPTED, WAITING, RETURNED, NOT_DUE, OVERDUE, EXEMPT)
#: A sign in the corner beside the mark, of what was late when it first came.
LATE = Mark("late", "迟", "迟报", "", "")

_SETTLED = {State.ACCEPTED: ACCEPTED, State.RETURNED: RETURNED, State.EXEMPT: EXEMPT} | dict.fromkeys(
    State.under_review(), WAITING
)


def mark_of(state: str, due_at: datetime, at: datetime) -> Mark:
    """The mark of a task that is not 撤销."""
    return _SETTLED.get(state) or (OVERDUE if due_at <= at else NOT_DUE)


class Cell(NamedTuple):
    """One task."""

    pk: int
    mark: Mark
    late: bool
    due_at: datetime
    state: str

    @property
    def said(self) -> str:
        """“通过，迟报”; of what has not come, its state as the task itself says it: “待报，逾期”."""
        if self.state in State.not_handed_in():
            return f"{State(self.state).label}，{'逾期' if self.mark is OVERDUE else '未到期'}"
        return f"{self.mark.name}，{LATE.name}" if self.late else self.mark.name


@dataclass(frozen=True)
class Row:
    """A unit in `branch`; `cells` in the order of the columns, None for what is not asked.

    `readable`: the unit is in the viewer's scope now, and so is its work.
    """

    branch: Unit
    unit: Unit
    cells: list[Cell | None]
    owed: int
    handed: int
    readable: bool

    @property
    def name(self) -> str:
        return self.unit.name if self.readable else f"{self.unit.name}（已划转）"


@dataclass(frozen=True)
class Matrix:
    """What is seen, as far as it is narrowed. Four queries and, for each list of places, two."""

    look: Look
    narrowed: Narrowed

    @cached_property
    def _issued(self) -> list[int]:
        issued = self.look.campaign.requirements.issued()
        return list(Occurrence.objects.filter(requirement__in=issued).order_by().values_list("pk", flat=True))

    def asked(self) -> AssignmentQuerySet:
        """All tasks that have a mark."""
        # By the ids of the occurrences: how many tasks these have, the database knows; of a campaign it
        # guesses a handful, and walks through a million one by one.
        found = Assignment.objects.filter(self.look.narrow(), occurrence__in=self._issued)
        return found.filter(self.narrowed.condition).exclude(state=State.CANCELLED).order_by()

    @cached_property
    def sums(self) -> Sums:
        """Figures in all, by column and by branch; read from counters wherever these know what is asked."""
        if self.narrowed.counted:
            counters: QuerySet = self.look.counters().filter(self.narrowed.condition)
        else:
            counters = self.asked().annotate(n=Value(1))
        return sums.read(counters, self.look.at, {"occurrence": "occurrence", "branch": "branch"})

    @cached_property
    def columns(self) -> list[Occurrence]:
        """What was asked of anybody, in the order of the plan."""
        used = [pk for pk, numbers in self.sums.of["occurrence"].items() if asked_at_all(numbers)]
        plan = "requirement__phase"
        return list(
            Occurrence.objects.filter(pk__in=used)
            .select_related("requirement")
            .order_by(f"{plan}__track", f"{plan}__order", "requirement__order", "requirement", "number")
        )

    @property
    def requirements(self) -> list[tuple[Requirement, int]]:
        """The requirements of the columns, each with how many columns it has."""
        grouped = groupby(self.columns, key=lambda one: one.requirement)
        return [(requirement, len(list(found))) for requirement, found in grouped]

    @cached_property
    def places(self) -> list[tuple[int, int]]:
        """(branch, unit) of every row, in the order of the tree."""
        try:
            inner, params = self.asked().values("branch_id", "unit_id").distinct().query.sql_with_params()
        except EmptyResultSet:  # an empty scope
            return []
        # A million tasks are made unlike first, and only then put in order.
        statement = (
            f"SELECT found.branch_id, found.unit_id FROM ({inner}) AS found "  # noqa: S608 - ours
            "JOIN schools_unit AS branch ON branch.id = found.branch_id "
            "JOIN schools_unit AS unit ON unit.id = found.unit_id ORDER BY branch.path, unit.path"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall()

    def rows(self, places: Sequence[tuple[int, int]]) -> list[Row]:
        """The rows at `places`, with all their cells: two queries."""
        units = Unit.objects.in_bulk({pk for place in places for pk in place})
        column = {occurrence.pk: n for n, occurrence in enumerate(self.columns)}
        cells: dict[tuple[int, int], list[Cell | None]] = {place: [None] * len(column) for place in places}
        states: dict[tuple[int, int], list[str]] = {place: [] for place in places}
        found = self.asked().filter(unit__in={unit for _, unit in places})
        names = ("branch_id", "unit_id", "occurrence_id", "pk", "state", "due_at", "late")
        for branch, unit, occurrence, pk, state, due_at, late in found.values_list(*names).iterator():
            # What came in after the columns and the places were read is shown the next time.
            if (branch, unit) in cells and occurrence in column:
                mark = mark_of(state, due_at, self.look.at)
                late = late and mark is not EXEMPT
                cells[branch, unit][column[occurrence]] = Cell(pk, mark, late, due_at, state)
                states[branch, unit].append(state)
        return [
            Row(
                units[place[0]],
                units[place[1]],
                cells[place],
                owed=sum(state in State.owed() for state in states[place]),
                handed=sum(state in State.handed_in() for state in states[place]),
                readable=self.look.scope.covers(units[place[1]]),
            )
            for place in places
            if place[0] in units and place[1] in units
        ]

    def grouped(self, places: Sequence[tuple[int, int]]) -> list[tuple[Unit, list[Row]]]:
        """`rows`, branch by branch."""
        grouped = groupby(self.rows(places), key=lambda row: row.branch)
        return [(branch, list(rows)) for branch, rows in grouped]

    @property
    def legend(self) -> list[tuple[Mark, int]]:
        """Each mark with the number of tasks that bear it."""
        numbers = self.sums.total | {"not_due": self.sums.total["missing"] - self.sums.total["overdue"]}
        return [(mark, numbers[mark.key]) for mark in (*MARKS, LATE)]


def asked_at_all(numbers: Numbers) -> bool:
    return bool(numbers["owed"] or numbers["exempt"])


def branch_name(branch: Unit) -> str:
    """“东镇”, or “示例县教育局直属”."""
    return directly_below(branch.name) if branch.kind in UnitKind.bureaus() else branch.name


def label_of(occurrence: Occurrence) -> str:
    """What stands below the requirement: the period, or the last day."""
    day = last_day(occurrence.due_at)
    return occurrence.label or f"{day.month}/{day.day}"
