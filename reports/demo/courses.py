"""What every unit will have done by when: a pure plan of the story, before anything is written."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, auto

from campaigns.enums import RequirementKind
from notices.workdays import DAY, add_workdays
from portal.files.kinds import FileKind
from reports.demo.dates import office_hour, workdays, workdays_ago
from reports.demo.texts import dice
from schools.models import Unit
from submissions.enums import Verdict

R = RequirementKind


class Pace(Enum):
    """How a unit goes about its duties."""

    EARLY = auto()
    STEADY = auto()  # in time, in the last days
    TARDY = auto()  # late, or not at all
    SILENT = auto()  # no plan and nothing to sign, little else


#: Of a hundred units: how many are silent, tardy, early; the others are steady.
SILENT, TARDY, EARLY = 10, 11, 45
#: How often a first version comes back, and how often there is nothing to report.
RETURNED = {R.PLAN: 0.15, R.MINUTES: 0.16, R.EXPERIENCE: 0.25, R.ESSAY: 0.2}
RETURNED_ELSE = 0.08
NIL = {R.RESEARCH: 0.55, R.BRIEFING: 0.5, R.EXEMPLAR: 0.5, R.RECTIFICATION: 0.4, R.PROGRESS: 0.12}


@dataclass(frozen=True)
class Task:
    """An assignment, as far as the way of its pieces depends on it; days in Asia/Shanghai."""

    pk: int
    unit: Unit
    kind: RequirementKind
    name: str  # of requirement and period: “2026年第45周每周工作进展”
    opens: date
    due: date
    at_length: bool  # written out as an article, essay or paper; else a few sentences
    sign_off: bool
    nil_allowed: bool
    is_article: bool
    by_click: bool
    file_kinds: tuple[FileKind, ...]  # empty: any


@dataclass
class Course:
    """The way of one piece: written, handed in, decided on (`verdicts` in turn), corrected."""

    task: Task
    number: int
    drafted_at: datetime
    handed_at: datetime
    verdicts: list[Verdict] = field(default_factory=list)
    patience: int = 1  # working days until a returned piece is corrected
    review_on: date | None = None  # reviewed on this very day, whatever the queue looks like
    nil: bool = False  # 零报告 instead of a piece
    signed: bool = True  # else the head has not got round to it
    withdrawn: bool = False
    again: bool = True  # handed in again after a withdrawal
    reopened: bool = False
    typed: bool = False  # into the portal, and its corrections are worth comparing
    copied_from: "Course | None" = None
    version: int = 1  # the one being written

    @property
    def unit(self) -> Unit:
        return self.task.unit

    @property
    def kind(self) -> RequirementKind:
        return self.task.kind


def paces(units: list[Unit], seed: str) -> dict[int, Pace]:
    """The pace of each unit (by id); the first one is steady, since it is the one most people look at."""
    order = units[1:]
    dice(seed, "paces").shuffle(order)
    silent, tardy, early = (round(len(units) * share / 100) for share in (SILENT, TARDY, EARLY))
    found = {unit.pk: Pace.STEADY for unit in units}
    found |= {unit.pk: Pace.SILENT for unit in order[:silent]}
    found |= {unit.pk: Pace.TARDY for unit in order[silent : silent + tardy]}
    return found | {unit.pk: Pace.EARLY for unit in order[silent + tardy : silent + tardy + early]}


def signing_day(task: Task, pace: Pace, throw: random.Random) -> date | None:
    """When a unit signs for the plan."""
    if pace == Pace.SILENT:
        return None
    sign_by = min(add_workdays(task.opens, 5), task.due)
    if pace == Pace.TARDY:
        return None if throw.random() < 0.25 else add_workdays(sign_by, throw.randint(1, 6))
    days = workdays(task.opens, sign_by)
    return days[min(int(throw.expovariate(0.7)), len(days) - 1)] if pace == Pace.EARLY else throw.choice(days)


def courses(task: Task, pace: Pace, seed: str) -> Iterator[Course]:
    """The pieces of one unit for one task; those of the future too."""
    throw = dice(seed, task.unit.name, task.name, "course")
    days = workdays(task.opens, task.due) or [workdays_ago(task.due + DAY, 1)]
    if task.sign_off and len(days) > 1:
        days.pop()  # the head signs the day after, and that is what counts
    day = handing_day(pace, task, days, throw)
    if day is None:
        return
    yield _course(task, 1, day, throw)
    if task.is_article and pace == Pace.EARLY and throw.random() < 0.16:
        yield _course(task, 2, add_workdays(day, throw.randint(3, 9)), throw)


def handing_day(pace: Pace, task: Task, days: list[date], throw: random.Random) -> date | None:
    """The working day on which a unit hands in, in time on one of `days`; None if it never does."""
    if pace == Pace.SILENT:
        if task.kind == R.PLAN or throw.random() < 0.65:
            return None
        return add_workdays(task.due, throw.randint(1, 6))
    if pace == Pace.TARDY:
        return None if throw.random() < 0.25 else add_workdays(task.due, 1 + int(throw.expovariate(0.35)))
    shape = (2.2, 2.4) if pace == Pace.EARLY else (4.5, 1.4)
    return days[int(throw.betavariate(*shape) * (len(days) - 0.001))]


def _course(task: Task, number: int, day: date, throw: random.Random) -> Course:
    verdicts = []
    if throw.random() < RETURNED.get(task.kind, RETURNED_ELSE):
        verdicts.append(Verdict.RETURN)
        if throw.random() < 0.15:
            verdicts.append(Verdict.RETURN)
    return Course(
        task,
        number,
        drafted_at=office_hour(workdays_ago(day, throw.randint(1, 2)), throw),
        handed_at=office_hour(day, throw),
        verdicts=verdicts,
        patience=throw.choice((1, 1, 2, 2, 3, 5)),
        nil=task.nil_allowed and throw.random() < NIL.get(task.kind, 0.3),
    )


def arrange(planned: list[Course], first: Unit, today: date, cut: datetime, seed: str) -> None:
    """Make sure that every turn a piece can take is shown, whatever the dice have said.

    Four pieces lie returned with days left to correct them, three have come a third time, five
    were withdrawn (two for good), two were opened again. The first unit is left as it is.
    """
    throw = dice(seed, "turns")
    several = {one.task.pk for one in planned if one.number > 1}
    free = [
        one
        for one in planned
        if one.handed_at < cut and one.unit != first and one.task.at_length and one.task.pk not in several
    ]
    written = throw.sample([one for one in free if one.task.is_article], 7)
    plans = throw.sample([one for one in free if one.kind == R.PLAN], 5)
    met = throw.sample([one for one in free if one.kind == R.MINUTES], 2)
    for one, ago in zip(written[:4], (1, 1, 2, 2), strict=True):
        _leave_returned(one, ago, today, throw)
    for one in written[4:6]:
        _move(one, workdays_ago(today, 2), throw)
        one.again = False
    for one in plans[:3]:
        one.verdicts, one.patience = [Verdict.RETURN, Verdict.RETURN], 1
    for one in (*met, *written[4:7]):
        one.withdrawn = True
    for one in plans[3:]:
        one.reopened, one.verdicts = True, []


def arrange_the_pile(planned: list[Course], first: Unit, today: date, cut: datetime, seed: str) -> None:
    """Let pieces worth a look wait today: copies beside their originals, typed ones corrected once.

    An essay and an article were copied by a second school each.
    """
    throw = dice(seed, "pile")
    several = {one.task.pk for one in planned if one.number > 1}
    free = [
        one
        for one in planned
        if one.handed_at < cut
        and one.unit != first
        and one.task.at_length
        and one.task.pk not in several
        and one.review_on is None
        and one.again
        and not (one.withdrawn or one.reopened)
    ]
    for kind in (R.ESSAY, R.EXPERIENCE):
        original, copy = throw.sample([one for one in free if one.kind == kind], 2)
        copy.copied_from = original
        for one, ago in ((original, 3), (copy, 1)):
            _move(one, workdays_ago(today, ago), throw)
            one.verdicts, one.review_on, one.typed = [], today, True
    typed = throw.sample([one for one in free if one.kind == R.EXPERIENCE and not one.typed], 2)
    typed += throw.sample([one for one in free if one.kind == R.MINUTES], 2)
    for one in typed:
        _move(one, workdays_ago(today, 6), throw)
        one.verdicts, one.patience, one.typed = [Verdict.RETURN], 2, True
        one.review_on = workdays_ago(today, 4)


def _leave_returned(course: Course, ago: int, today: date, throw: random.Random) -> None:
    """Return the piece `ago` working days before today, and let it lie there."""
    _move(course, workdays_ago(today, ago + 3), throw)
    course.verdicts, course.patience = [Verdict.RETURN], 20
    course.review_on = workdays_ago(today, ago)


def _move(course: Course, day: date, throw: random.Random) -> None:
    """Hand the piece in on `day` instead."""
    course.drafted_at = office_hour(workdays_ago(day, 1), throw)
    course.handed_at = office_hour(day, throw)


def show_first_school(planned: list[Course], first: Unit, today: date, cut: datetime, seed: str) -> None:
    """Let the school that most people look at (school001) have a piece in every situation."""
    own = {one.kind: one for one in planned if one.unit == first and one.number == 1}
    throw = dice(seed, "first")
    own[R.PLAN].verdicts = [Verdict.RETURN]
    own[R.MINUTES].verdicts = []
    _leave_returned(own[R.EXPERIENCE], 1, today, throw)
    _move(own[R.ESSAY], workdays_ago(today, 2), throw)
    own[R.ESSAY].review_on = today  # still waiting
    _move(own[R.RESEARCH], workdays_ago(today, 1), throw)
    own[R.RESEARCH].nil = own[R.RESEARCH].signed = False  # on the head's desk
    yesterday = office_hour(workdays_ago(today, 1), throw)
    planned.append(Course(own[R.ESSAY].task, 2, drafted_at=yesterday, handed_at=cut))
