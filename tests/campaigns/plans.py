"""Plans as hypothesis makes them up: whatever the format allows."""

from datetime import date, timedelta

from hypothesis import strategies as st

from campaigns.blueprints import shape, texts
from campaigns.enums import (
    ActivityKind,
    Aggregation,
    CampaignKind,
    Comparator,
    Frequency,
    LeadershipRole,
    RequirementKind,
    Told,
)
from campaigns.recurrence import periods
from campaigns.steps import FARTHEST, MOST, Step
from portal.files.kinds import FileKind
from schools.enums import Ownership, UnitKind

DAY = timedelta(days=1)

# What YAML could stumble over, among what people write.
SPICE = st.sampled_from(
    ["是", "null", "~", "- 一", "# 注", "a: b", "“引”", "*", "&x", "!y", "2026-04-30", "|", "%"]
)
letters = st.characters(exclude_categories=["Cs"])


def line(longest: int):
    made = st.one_of(SPICE, st.text(letters, min_size=1, max_size=longest)).map(texts.line)
    return made.filter(lambda text: 0 < len(text) <= longest)


def maybe(strategy):
    return st.one_of(st.just(""), strategy)


def several(strategy, most: int = 3, **more):
    return st.lists(strategy, max_size=most, **more).map(tuple)


blocks = st.lists(st.one_of(SPICE, st.text(letters, max_size=20)), max_size=4).map(
    lambda lines: texts.block("\n".join(lines))
)
units = line(20)
days = st.dates(date(2000, 1, 1), date(2100, 12, 31))


def between(first: date | None, last: date | None):
    return st.dates(first, last)


indicators = st.builds(
    shape.Indicator,
    name=line(30),
    value=st.decimals(-(10**9), 10**9, places=2),
    unit=line(10),
    comparator=st.sampled_from(Comparator.values),
    aggregation=st.sampled_from(Aggregation.values),
    due_on=st.none() | days,
)


def topics(levels: int):
    below = topics(levels - 1) if levels > 1 else st.just(())
    one = st.builds(
        shape.Topic,
        title=line(40),
        questions=several(line(60)),
        lead=maybe(units),
        supporting=several(units),
        indicators=several(indicators, unique_by=lambda one: one.name),
        children=below,
    )
    return several(one, 2)


@st.composite
def phases(draw, first: date, last: date):
    """One after the other in a track, another track beside it, some without days."""
    names = draw(st.lists(line(20), min_size=1, max_size=4, unique=True))
    edges = sorted(
        draw(st.lists(between(first, last), min_size=len(names), max_size=len(names), unique=True))
    )
    made = []
    for place, name in enumerate(names):
        starts_on = edges[place]
        latest = edges[place + 1] - DAY if place + 1 < len(edges) else last
        fields = {"name": name, "aim": draw(blocks), "suggested": draw(st.booleans())}
        if draw(st.booleans()):
            fields |= {"starts_on": starts_on, "ends_on": draw(between(starts_on, latest))}
        elif draw(st.booleans()):
            fields |= {"starts_on": first, "ends_on": last, "track": place + 2}
        made.append(shape.Phase(**fields))
    return tuple(made)


@st.composite
def activities(draw, phase: shape.Phase, numbers: list[str], first: date, last: date):
    within = between(phase.starts_on or first, phase.ends_on or last)
    dated = sorted(draw(st.lists(within, max_size=2)))
    host = draw(maybe(units))
    return shape.Activity(
        kind=draw(st.sampled_from(ActivityKind.values)),
        title=draw(line(30)),
        phase=phase.name,
        topic=draw(st.sampled_from(["", *numbers])),
        starts_on=dated[0] if dated else None,
        ends_on=dated[1] if len(dated) == 2 else None,
        place=draw(maybe(line(20))),
        host=host,
        chair=draw(maybe(line(20))),
        minutes_due=dated[-1] if dated and host and draw(st.booleans()) else None,
    )


@st.composite
def rules(draw, first: date, last: date):
    frequency = draw(st.sampled_from([Frequency.WEEKLY, Frequency.MONTHLY, Frequency.QUARTERLY]))
    begins = draw(between(first, last))
    ends = draw(between(begins, min(last, begins + timedelta(800))))
    due_day = draw(st.integers(1, 7 if frequency == Frequency.WEEKLY else 31))
    return shape.Recurrence(frequency.value, begins, ends, due_day)


def steps(days: int):
    allowed = Told.beforehand() if days < 0 else Told
    return st.builds(Step, st.just(days), st.frozensets(st.sampled_from(allowed), min_size=1))


ladders = st.sets(st.integers(-FARTHEST, FARTHEST), max_size=MOST).flatmap(
    lambda days: st.tuples(*map(steps, sorted(days)))
)


@st.composite
def requirements(draw, phase: shape.Phase, numbers: list[str], first: date, last: date):
    within = between(phase.starts_on or first, phase.ends_on or last)
    least = draw(st.integers(1, 9))
    words = sorted(draw(st.lists(st.integers(1, 9999), max_size=2)))
    fields = {}
    rule = draw(st.none() | rules(first, last))
    if rule and periods(rule.frequency, rule.first, rule.last, rule.due_day):
        fields = {"recurs": rule}
    elif draw(st.booleans()):
        due_on = draw(within)
        fields = {"due_on": due_on, "cutoff_on": draw(st.none() | between(due_on, date(2100, 12, 31)))}
    kinds = draw(st.one_of(st.just(set(UnitKind.schools())), st.sets(st.sampled_from(UnitKind.values))))
    files = draw(st.sets(st.sampled_from([kind for kind, _ in FileKind.offered()])))
    return shape.Requirement(
        kind=draw(st.sampled_from(RequirementKind.values)),
        title=draw(line(30)),
        phase=phase.name,
        guidance=draw(blocks),
        topic=draw(st.sampled_from(["", *numbers])),
        receiver=draw(maybe(units)),
        min_pieces=least,
        max_pieces=draw(st.integers(least, 20)),
        words_min=words[0] if words else None,
        words_max=words[1] if len(words) == 2 else None,
        file_kinds=tuple(kind for kind, _ in FileKind.offered() if kind in files),
        audience=tuple(kind for kind in UnitKind.values if kind in kinds),
        ownership=draw(st.sampled_from(["", *Ownership.values])),
        branch=draw(maybe(units)),
        included=draw(several(units)),
        excluded=draw(several(units)),
        sign_off=draw(st.booleans()),
        district_first=draw(st.booleans()),
        nil_allowed=draw(st.booleans()),
        effort_minutes=draw(st.integers(0, 6000)),
        reminders=draw(st.none() | ladders),
        **fields,
    )


@st.composite
def plans(draw):
    first = draw(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
    last = first + timedelta(draw(st.integers(6, 1500)))
    tree = draw(topics(2))
    numbers = [shape.number_of(position) for position, _ in shape.numbered(tree)]
    held = draw(phases(first, last))
    anywhere = st.sampled_from(held)
    return shape.Plan(
        name=draw(line(40)),
        kind=draw(st.sampled_from(CampaignKind.values)),
        starts_on=first,
        ends_on=last,
        summary=draw(maybe(line(60))),
        source=draw(maybe(line(60))),
        theme=draw(maybe(line(60))),
        goals=draw(blocks),
        office=draw(maybe(units)),
        bases=draw(several(st.builds(shape.Basis, title=line(40), number=maybe(line(20))))),
        phases=held,
        topics=tree,
        leadership=draw(
            several(st.builds(shape.Seat, role=st.sampled_from(LeadershipRole.values), post=line(20)))
        ),
        inspection_groups=draw(several(line(20), unique=True)),
        activities=draw(several(anywhere.flatmap(lambda one: activities(one, numbers, first, last)), 2)),
        requirements=draw(several(anywhere.flatmap(lambda one: requirements(one, numbers, first, last)), 3)),
    )
