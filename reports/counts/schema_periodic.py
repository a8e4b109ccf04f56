"""The shapes of frozen figures of a week, a month and a newsletter; conventions as in `schema.py`.

`SCHEMA` is raised when one of them changes; a later one says how to read an older one.
"""

from typing import TypedDict

from reports.counts.schema import Line, Numbers

SCHEMA = 1


class Flow(TypedDict):
    """What happened in a stretch of days, up to the instant of the count.

    By events, of tasks that are owed still: `complete` first complete, `late` of those; `accepted` tasks that
    became so; `returned` times. By effective deadlines: `due` owed, `in_time` of those. By the days of their
    minutes: `meetings`, `present` people together.
    """

    complete: int
    late: int
    accepted: int
    returned: int
    due: int
    in_time: int
    meetings: int
    present: int


class Running(TypedDict):
    """A campaign that ran in the days. `host` is "" for the bureau's own; `ended`: closed by the end of the
    days; `phases` are those open at the count."""

    id: int
    title: str
    host: str
    ended: bool
    phases: list[str]
    numbers: Numbers
    flow: Flow


class Due(TypedDict):
    """An occurrence due in the days, with its tasks that are due in them. `extended`: its own last day lies
    elsewhere. `numbers` are {} where it has not been handed out yet."""

    campaign: int
    name: str
    kind: str
    due: str
    extended: bool
    numbers: Numbers


class Step(TypedDict):
    """A phase that began or ended, or will. `day`: its first or last one, as it happened or by its dates."""

    campaign: int
    name: str
    day: str


class Held(TypedDict):
    """An activity of the plan; `standing`: held, ahead, missed (reports/content/meetings.py)."""

    campaign: int
    title: str
    kind: str
    starts_on: str
    ends_on: str | None
    place: str
    host: str
    standing: str


class Behind(TypedDict):
    """A unit with overdue tasks: how many, and calendar days since the last day of the oldest."""

    unit: int
    name: str
    branch: str
    tasks: int
    days: int


class Reported(TypedDict):
    """An indicator for which values arrived in the days from `fresh` units; `value` of all `reported` units
    as people read it; `standing`: met, short, part (reports/content/readings.py)."""

    campaign: int
    name: str
    target: str
    value: str
    how: str
    standing: str
    fresh: int
    reported: int


class ToDo(TypedDict):
    """An adopted suggestion that is overdue, or due in the days to come."""

    campaign: int
    text: str
    responsible: str
    due_on: str
    overdue: bool


class Suggested(TypedDict):
    """Suggestions to the bureau's own campaigns: `made`, `answered`, `done` in the days; now `waiting` for an
    answer and `unsettled`; `due` in the days to come. `listed`: of the last two the first ones."""

    made: int
    answered: int
    done: int
    waiting: int
    unsettled: int
    due: int
    listed: list[ToDo]


class Shown(TypedDict):
    """A piece that came onto the shelf in the days."""

    campaign: int
    title: str
    unit: str


class Works(TypedDict):
    """In the days: `recommended` versions, `shown` on the shelf; `listed`: of the latter the first ones."""

    recommended: int
    shown: int
    listed: list[Shown]


class Ahead(TypedDict):
    """What the next week or month brings (both days included), from the day of the count on where that is
    later; `starts_on` is after `ends_on` when all of it is over."""

    starts_on: str
    ends_on: str
    due: list[Due]
    begins: list[Step]
    ends: list[Step]
    activities: list[Held]


class Periodic(TypedDict):
    """Of all campaigns of a bureau in the days from `starts_on` to `ends_on`, both included.

    `over`: the days had passed at `at`; only then are they compared with `before`, the stretch before.
    `behind` are the first of `behind_units`; `uncorrected`: returned tasks past their correction.
    `indicators_beyond`: so many more than `indicators` lists.
    """

    schema: int
    kind: str  # ReportKind
    at: str
    host: str
    starts_on: str
    ends_on: str
    over: bool
    numbers: Numbers
    flow: Flow
    before: Flow
    campaigns: list[Running]
    branches: list[Line]
    due: list[Due]
    begun: list[Step]
    ended: list[Step]
    activities: list[Held]
    behind: list[Behind]
    behind_units: int
    uncorrected: int
    indicators: list[Reported]
    indicators_beyond: int
    suggestions: Suggested
    works: Works
    bulletins: list[str]
    ahead: Ahead


class Value(TypedDict):
    """A line of a progress table, as people read it."""

    name: str
    value: str
    target: str
    met: bool


class Article(TypedDict):
    """A piece as the shelf shows it. `facts`: label and answer of a meeting; `text` is from its files where
    `from_files`. `text_name`: what the text of this kind is called."""

    version: int
    title: str
    unit: str
    authors: str
    kind: str
    asked: str
    topic: str
    comment: str
    abstract: str
    facts: list[list[str]]
    items: list[str]
    values: list[Value]
    text: str
    text_name: str
    from_files: bool
    files: list[str]


class LeftOut(TypedDict):
    """A chosen piece that was no longer shown at the instant of the count."""

    version: int
    title: str
    unit: str


class Newsletter(TypedDict):
    schema: int
    kind: str
    at: str
    campaign: str
    host: str
    edition: int
    articles: list[Article]
    left_out: list[LeftOut]
