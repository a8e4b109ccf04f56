"""The shapes of frozen figures. JSON alone: instants and days are ISO strings, decimals are strings.

`SCHEMA` is raised when a shape changes; a later one says how to read an older one. `numbers` are by the keys
of `submissions.figures.COUNTED`; all of one snapshot are of the same rows at the same instant, so that their
sums agree.
"""

from typing import Any, TypedDict

SCHEMA = 1

Numbers = dict[str, int]


class Line(TypedDict):
    """A line of a table of tasks: a phase, requirement, township or kind."""

    key: str | int
    name: str
    numbers: Numbers


class Day(TypedDict):
    """`done`: tasks first complete up to this day; `due`: those whose last day was up to it."""

    day: str
    done: int
    due: int


class Work(TypedDict):
    """A recommended piece. `shown`: it stands on the shelf, with its author's consent."""

    version: int
    title: str
    unit: str
    branch: str
    authors: str
    asked: str  # the requirement
    topic: str
    abstract: str
    shown: bool


class Topic(TypedDict):
    """`pieces` and `units` with all topics below; `measured`: units have reported values on it."""

    number: str
    title: str
    depth: int
    pieces: int
    units: int
    measured: bool
    works: list[Work]  # of the topic itself


class Activity(TypedDict):
    """One that the plan has arranged; `standing`: held, ahead, missed (reports/content/meetings.py)."""

    title: str
    kind: str
    days: str
    place: str
    host: str
    standing: str


class Meetings(TypedDict):
    """The meetings of units, by their minutes: how many, people present, by branch."""

    meetings: int
    present: int
    units: int
    branches: list[dict[str, Any]]  # name, meetings, present


class Suggestion(TypedDict):
    text: str
    unit: str
    state: str
    answer: str
    responsible: str
    due_on: str | None
    outcome: str
    done: bool


class Suggestions(TypedDict):
    """`states`: by SuggestionState value; `settled`, `unsettled` (overdue): of those to be carried out.
    `taken`: what was adopted, wholly or in part."""

    total: int
    states: dict[str, int]
    settled: int
    unsettled: int
    taken: list[Suggestion]


class Indicator(TypedDict):
    """`standing`: met, short, silent (reports/content/readings.py); `value` as people read it, or ""."""

    name: str
    topic: str
    target: str
    value: str
    how: str
    standing: str
    reported: int
    asked: int
    due_on: str | None


class Straggler(TypedDict):
    """A unit with what it has not handed in though it is due (`missing`: requirements), or handed in late."""

    unit: int
    name: str
    branch: str
    kind: str
    tasks: list[str]
    days: int  # of the longest delay, calendar days; of late ones 0


class Ahead(TypedDict):
    """What is asked for next. `due`: the last day."""

    name: str
    kind: str
    due: str
    owed: int  # units; 0 where it has not been handed out yet


class Next(TypedDict):
    """The phase after this one in its series, if there is one."""

    name: str
    aim: str
    starts_on: str | None
    ends_on: str | None
    asked: list[Ahead]
    activities: list[Activity]


class Before(TypedDict):
    """The phase before this one in its series: its figures at the instant of this count."""

    name: str
    numbers: Numbers
    pieces: int
    meetings: int
    works: int


class Stage(TypedDict):
    """Of a phase, or of a whole campaign (`phase` is None then, and `phases` has a line for each phase)."""

    schema: int
    kind: str  # ReportKind
    at: str
    campaign: dict[str, Any]  # id, title, theme, goals, kind, host, office, starts_on, ends_on
    phase: dict[str, Any] | None  # id, name, aim, starts_on, ends_on, closed_at
    numbers: Numbers
    units: int  # that owe anything
    whole: int  # units that have handed in all that is due (of those that owe anything due)
    phases: list[Line]
    requirements: list[Line]
    branches: list[Line]
    kinds: list[Line]
    ownerships: list[Line]
    course: list[Day]
    pieces: int
    pieces_units: int
    returns: int  # how often the bureau sent a piece back
    topics: list[Topic]
    untopical: int  # pieces about no topic
    activities: list[Activity]
    meetings: Meetings
    suggestions: Suggestions
    indicators: list[Indicator]
    works: list[Work]
    missing: list[Straggler]
    late: list[Straggler]
    before: Before | None
    next: Next | None
