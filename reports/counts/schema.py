"""The shapes of frozen figures. JSON alone: instants and days are ISO strings, decimals are strings.

`SCHEMA` is raised when a shape changes; a later one says how to read an older one. `numbers` are by the keys
of `submissions.figures.COUNTED`; all of one snapshot are of the same rows at the same instant, so that their
sums agree. A report sees what its campaign's host sees: everything below it.

Lists are bounded so that a province's report can be kept and printed; where one is, the number of all
stands beside it. Of excellent works the first `MOST_WORKS` are listed and the first `MOST_ABSTRACTS` of
those have their abstracts; of units `MOST_UNITS` with `MOST_TASKS` names of tasks each; of adopted
suggestions `MOST_SUGGESTIONS`.
"""

from typing import TypedDict

SCHEMA = 2

MOST_WORKS = 300
MOST_ABSTRACTS = 50
MOST_UNITS = 3000
MOST_TASKS = 10
MOST_SUGGESTIONS = 200

Numbers = dict[str, int]


class About(TypedDict):
    """The campaign. `kind` is its Chinese name; `host` and `office` are names, "" without an office.
    `closed_at` is the instant of its closing, None while it is not closed."""

    id: int
    title: str
    theme: str
    goals: str
    kind: str
    host: str
    office: str
    starts_on: str
    ends_on: str
    closed_at: str | None  # not in schema 1: then told by its days


class OfPhase(TypedDict):
    """`closed_at` is the instant of its closing, None while it is not closed or never ran."""

    id: int
    name: str
    aim: str
    starts_on: str | None
    ends_on: str | None
    closed_at: str | None


class Line(TypedDict):
    """A line of a table of tasks: a phase, requirement, township (by its path), kind or ownership, as
    the campaign's page has it. Groups to which nothing was given have none."""

    key: str | int
    name: str
    numbers: Numbers


class Day(TypedDict):
    """`done`: tasks first complete up to this day; `due`: those whose last day was up to it. Every day, or
    of more than 400 days every seventh, up to the day of the count or the last on which anything moved."""

    day: str
    done: int
    due: int


class Work(TypedDict):
    """A piece that was recommended as excellent, or is shown: it stands on the shelf, with its author's
    consent. `abstract` is cut at the end of a sentence within 300 characters, "" where there is none or
    others go before."""

    version: int
    title: str
    unit: str
    branch: str
    authors: str
    asked: str  # the requirement
    topic: str
    abstract: str
    recommended: bool
    shown: bool


class Topic(TypedDict):
    """`pieces` and `units` with all topics below; `measured`: units have reported values on it or below
    (whatever the phase: values are the campaign's)."""

    number: str
    title: str
    depth: int
    pieces: int
    units: int
    measured: bool
    works: list[Work]  # of the topic itself, among the listed ones


class Activity(TypedDict):
    """One that the plan has arranged; `standing`: held, ahead, missed (reports/content/meetings.py)."""

    title: str
    kind: str
    starts_on: str | None
    ends_on: str | None  # None: one day
    place: str
    host: str
    standing: str


class Held(TypedDict):
    name: str
    meetings: int
    present: int


class Meetings(TypedDict):
    """The meetings of units, by their minutes: how many, people present, by branch."""

    meetings: int
    present: int
    units: int
    branches: list[Held]


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
    `adopted`: how many were adopted, wholly or in part; `taken`: the first of those, as they were entered.
    Of a phase: those entered on its days, whatever has become of them by now."""

    total: int
    states: dict[str, int]
    settled: int
    unsettled: int
    adopted: int
    taken: list[Suggestion]


class Indicator(TypedDict):
    """`standing`: met, short, silent (reports/content/readings.py); `value` and `target` as people read them
    with their unit (“不低于15%”), `value` "" where nothing is reported. The campaign's, also in a phase."""

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
    """A unit with what it has not handed in though it is due, or has handed in late: `n` tasks, of which
    `tasks` names the first. `branch` as in `branches`; `kind` is the Chinese name. In the order of the tree;
    `missing` cut to `MOST_UNITS` by the longest delay."""

    unit: int
    name: str
    branch: str
    kind: str
    n: int
    tasks: list[str]
    days: int  # of the longest delay, calendar days from the last day to `at`; of late ones 0


class Ahead(TypedDict):
    """What is asked for next, a line for each requirement in the order of the plan. `due` and `until`: the
    last days of the first and the last of its periods still to come, which are `times` (1: both are the same
    day; 0 and None where no day is known yet); `past`: how many went before. One that is wholly past has
    no line."""

    name: str
    kind: str
    due: str | None
    until: str | None
    times: int
    past: int
    owed: int  # units, at most in one period; 0 where it has not been handed out yet


class Next(TypedDict):
    """The phase after this one in its series, if there is one; what it has behind it already is left out."""

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
    works: int  # recommended


class Stage(TypedDict):
    """Of a phase, or of a whole campaign (`phase` is None then, and `phases` has a line for each phase)."""

    schema: int
    kind: str  # ReportKind
    at: str
    campaign: About
    phase: OfPhase | None
    numbers: Numbers
    nil: int  # 零报告, among those accepted
    units: int  # that owe anything
    due_units: int  # that owe anything due
    kind_units: dict[str, int]  # of `units`, by the key of `kinds`
    whole: int  # of those: units that have handed in all that is due
    phases: list[Line]  # none of a phase
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
    recommended: int
    shown: int  # on the shelf, recommended or not
    praised: int  # either
    works: list[Work]  # shown ones first, then in the order of the tree
    missing_units: int
    missing: list[Straggler]
    late_units: int
    late: list[Straggler]
    before: Before | None
    next: Next | None
