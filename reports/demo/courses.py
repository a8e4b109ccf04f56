"""What every unit will have done by when: a pure plan of the story, before anything is written."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, auto

from campaigns.enums import RequirementKind
from notices.workdays import DAY, add_workdays
from reports.demo.dates import Frame, office_hour, workdays, workdays_ago
from reports.demo.plan import due_day
from reports.demo.texts import dice
from schools.models import Unit
from submissions.enums import Verdict

R = RequirementKind


class Pace(Enum):
    """How a unit goes about its duties."""

    EARLY = auto()
    STEADY = auto()  # in time, in the last days
    TARDY = auto()  # late, or not at all
    SILENT = auto()  # nothing in the first phase, little in the second


#: Of a hundred units: how many are silent, tardy, early; the others are steady.
SILENT, TARDY, EARLY = 10, 11, 45
#: What is written rather than reported; more than one may be handed in.
ARTICLES = (R.EXPERIENCE, R.ESSAY)
#: How often a first version comes back.
RETURNED = {R.PLAN: 0.15, R.MINUTES: 0.16, R.EXPERIENCE: 0.25, R.ESSAY: 0.2}


@dataclass
class Course:
    """The way of one piece: written, handed in, decided on (`verdicts` in turn), corrected."""

    unit: Unit
    kind: RequirementKind
    number: int
    drafted_at: datetime
    handed_at: datetime
    verdicts: list[Verdict] = field(default_factory=list)
    patience: int = 1  # working days until a returned piece is corrected
    review_on: date | None = None  # reviewed on this very day, whatever the queue looks like
    withdrawn: bool = False
    again: bool = True  # handed in again after a withdrawal
    reopened: bool = False
    version: int = 1  # the one being written

    @property
    def writes(self) -> bool:
        """An article or essay rather than a paper."""
        return self.kind in ARTICLES


def paces(units: list[Unit], seed: str) -> dict[int, Pace]:
    """The pace of each unit (by id); the first one is steady, since it is the one most people look at."""
    order = units[1:]
    dice(seed, "paces").shuffle(order)
    silent, tardy, early = (round(len(units) * share / 100) for share in (SILENT, TARDY, EARLY))
    found = {unit.pk: Pace.STEADY for unit in units}
    found |= {unit.pk: Pace.SILENT for unit in order[:silent]}
    found |= {unit.pk: Pace.TARDY for unit in order[silent : silent + tardy]}
    return found | {unit.pk: Pace.EARLY for unit in order[silent + tardy : silent + tardy + early]}


def signing_day(pace: Pace, frame: Frame, throw: random.Random) -> date | None:
    """When a unit signs for the plan."""
    if pace == Pace.SILENT:
        return None
    if pace == Pace.TARDY:
        return None if throw.random() < 0.25 else add_workdays(frame.sign_by, throw.randint(1, 6))
    days = workdays(frame.published_on + DAY, frame.sign_by)
    return days[min(int(throw.expovariate(0.7)), len(days) - 1)] if pace == Pace.EARLY else throw.choice(days)


def courses(unit: Unit, pace: Pace, kind: RequirementKind, frame: Frame, seed: str) -> Iterator[Course]:
    """The pieces of one unit for one requirement; those of the future too."""
    throw = dice(seed, unit.name, kind, "course")
    due = due_day(kind, frame)
    opens = add_workdays(frame.published_on, 3) if kind == R.PLAN else frame.learning.first + 5 * DAY
    day = handing_day(pace, kind, workdays(opens, due), due, throw)
    if day is None:
        return
    yield _course(unit, kind, 1, day, throw)
    if kind in ARTICLES and pace == Pace.EARLY and throw.random() < 0.16:
        yield _course(unit, kind, 2, add_workdays(day, throw.randint(3, 9)), throw)


def handing_day(
    pace: Pace, kind: RequirementKind, days: list[date], due: date, throw: random.Random
) -> date | None:
    """The working day on which a unit hands in something due on `due`; None if it never does."""
    if pace == Pace.SILENT:
        if kind == R.PLAN or throw.random() < 0.65:
            return None
        return add_workdays(due, throw.randint(1, 6))
    if pace == Pace.TARDY:
        return None if throw.random() < 0.25 else add_workdays(due, 1 + int(throw.expovariate(0.35)))
    shape = (2.2, 2.4) if pace == Pace.EARLY else (4.5, 1.4)
    return days[int(throw.betavariate(*shape) * (len(days) - 0.001))]


def _course(unit: Unit, kind: RequirementKind, number: int, day: date, throw: random.Random) -> Course:
    verdicts = []
    if throw.random() < RETURNED[kind]:
        verdicts.append(Verdict.RETURN)
        if throw.random() < 0.15:
            verdicts.append(Verdict.RETURN)
    return Course(
        unit,
        kind,
        number,
        drafted_at=office_hour(workdays_ago(day, throw.randint(1, 2)), throw),
        handed_at=office_hour(day, throw),
        verdicts=verdicts,
        patience=throw.choice((1, 1, 2, 2, 3, 5)),
    )


def arrange(planned: list[Course], frame: Frame, seed: str) -> None:
    """Make sure that every turn a piece can take is shown, whatever the dice have said.

    Four pieces lie returned with days left to correct them, three have come a third time, five
    were withdrawn (two for good), two were opened again. The first unit is left as it is.
    """
    throw = dice(seed, "turns")
    taken = {(one.unit.pk, one.kind) for one in planned if one.number > 1}
    taken |= {(planned[0].unit.pk, kind) for kind in R}
    free = [one for one in planned if one.handed_at < frame.cut and (one.unit.pk, one.kind) not in taken]
    written = throw.sample([one for one in free if one.kind in ARTICLES], 7)
    early = throw.sample([one for one in free if one.kind not in ARTICLES], 7)
    for one, ago in zip(written[:4], (1, 1, 2, 2), strict=True):
        _leave_returned(one, ago, frame, throw)
    for one in written[4:6]:
        _move(one, workdays_ago(frame.today, 2), throw)
        one.again = False
    for one in early[:3]:
        one.verdicts, one.patience = [Verdict.RETURN, Verdict.RETURN], 1
    for one in (*early[3:5], *written[4:7]):
        one.withdrawn = True
    for one in early[5:7]:
        one.reopened, one.verdicts = True, []


def _leave_returned(course: Course, ago: int, frame: Frame, throw: random.Random) -> None:
    """Return the piece `ago` working days before today, and let it lie there."""
    _move(course, workdays_ago(frame.today, ago + 3), throw)
    course.verdicts, course.patience = [Verdict.RETURN], 20
    course.review_on = workdays_ago(frame.today, ago)


def _move(course: Course, day: date, throw: random.Random) -> None:
    """Hand the piece in on `day` instead."""
    course.drafted_at = office_hour(workdays_ago(day, 1), throw)
    course.handed_at = office_hour(day, throw)


def show_first_school(planned: list[Course], frame: Frame, seed: str) -> None:
    """Let the school that most people look at (school001) have a piece in every situation."""
    unit = planned[0].unit
    own = {one.kind: one for one in planned if one.unit == unit}
    throw = dice(seed, "first")
    own[R.PLAN].verdicts = [Verdict.RETURN]
    own[R.MINUTES].verdicts = []
    _leave_returned(own[R.EXPERIENCE], 1, frame, throw)
    _move(own[R.ESSAY], workdays_ago(frame.today, 2), throw)
    own[R.ESSAY].review_on = frame.today  # still waiting
    yesterday = office_hour(workdays_ago(frame.today, 1), throw)
    planned.append(Course(unit, R.ESSAY, 2, drafted_at=yesterday, handed_at=frame.cut))
