"""What a template holds: a plan without persons, its units named, its days those of the source paper.

Texts are clean (`campaigns.blueprints.texts`), choices are the values of the enums, days are
calendar days in Asia/Shanghai, both ends included. Phases are referred to by name, topics by their
outline number (“2.1”).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from campaigns.enums import Aggregation, Comparator
from campaigns.steps import Step

EFFORT = 60  # minutes for a piece, when the file does not say
PIECES = 3  # at most, when the file does not say


@dataclass(frozen=True)
class Basis:
    title: str
    number: str = ""


@dataclass(frozen=True)
class Phase:
    name: str
    aim: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    suggested: bool = False
    track: int = 1


@dataclass(frozen=True)
class Indicator:
    name: str
    value: Decimal
    unit: str
    comparator: str = Comparator.AT_LEAST
    due_on: date | None = None
    aggregation: str = Aggregation.SUM


@dataclass(frozen=True)
class Topic:
    title: str
    questions: tuple[str, ...] = ()
    lead: str = ""
    supporting: tuple[str, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    children: tuple["Topic", ...] = ()


@dataclass(frozen=True)
class Seat:
    """A seat in the leading group, by post alone."""

    role: str
    post: str


@dataclass(frozen=True)
class Activity:
    kind: str
    title: str
    phase: str
    topic: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    place: str = ""
    host: str = ""
    chair: str = ""
    minutes_due: date | None = None


@dataclass(frozen=True)
class Recurrence:
    """`due_day` is the ISO weekday or the day of the month (`campaigns.recurrence`)."""

    frequency: str
    first: date
    last: date
    due_day: int


@dataclass(frozen=True)
class Requirement:
    """Due once (`due_on`), by a rule (`recurs`), or not dated yet (neither).

    `reminders` are steps of its own, lowest first; None leaves them to the bureau, () reminds of nothing.
    """

    kind: str
    title: str
    phase: str
    guidance: str = ""
    topic: str = ""
    receiver: str = ""
    min_pieces: int = 1
    max_pieces: int = PIECES
    words_min: int | None = None
    words_max: int | None = None
    file_kinds: tuple[str, ...] = ()
    due_on: date | None = None
    cutoff_on: date | None = None
    recurs: Recurrence | None = None
    audience: tuple[str, ...] = ()
    ownership: str = ""
    branch: str = ""
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    sign_off: bool = False
    district_first: bool = False
    nil_allowed: bool = False
    effort_minutes: int = EFFORT
    reminders: tuple[Step, ...] | None = None


@dataclass(frozen=True)
class Plan:
    name: str
    kind: str
    starts_on: date
    ends_on: date
    summary: str = ""
    source: str = ""
    theme: str = ""
    goals: str = ""
    office: str = ""
    bases: tuple[Basis, ...] = ()
    phases: tuple[Phase, ...] = ()
    topics: tuple[Topic, ...] = ()
    leadership: tuple[Seat, ...] = ()
    inspection_groups: tuple[str, ...] = ()
    activities: tuple[Activity, ...] = ()
    requirements: tuple[Requirement, ...] = ()


def numbered(topics: tuple[Topic, ...], above: tuple[int, ...] = ()) -> Iterator[tuple[list[int], Topic]]:
    """Every topic with its outline position ([2, 1] is “2.1”), a parent before its children."""
    for place, topic in enumerate(topics, start=1):
        position = (*above, place)
        yield list(position), topic
        yield from numbered(topic.children, position)


def number_of(position: list[int]) -> str:
    return ".".join(map(str, position))
