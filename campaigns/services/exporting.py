"""A campaign as a template: what it asks, without persons and files."""

from collections.abc import Iterable

from django.db.models import F, Value

from campaigns.blueprints import shape, texts
from campaigns.enums import LeadershipRole
from campaigns.ladders import own_steps
from campaigns.models import Activity, Basis, Campaign, Indicator, Leadership, Phase, Requirement, Topic
from notices.workdays import last_day
from schools.enums import UnitKind
from schools.models import Unit, User


def export(campaign: Campaign, *, name: str = "") -> shape.Plan:
    """The plan of `campaign`, called `name` (else by its title); a dozen queries.

    Seats held by a person are described by the role alone, and so are posts that name a person of the
    portal; a chair so named is left out. Of the inspection groups the names stay.
    Requirements that were withdrawn, and minutes, which are told with their activity, are left out.
    """
    activities = campaign.activities.select_related("phase", "topic", "host", "minutes")
    requirements = campaign.requirements.filter(activity=None, withdrawn_at=None)
    requirements = requirements.select_related("phase", "topic", "receiver", "audience_branch")
    people = _people_in(campaign)
    topics = campaign.topics.select_related("lead").prefetch_related("supporting", "indicators")
    tree, numbers = _tree(list(topics))
    return shape.Plan(
        name=texts.line(name or campaign.title)[:80],
        kind=campaign.kind,
        theme=texts.line(campaign.theme),
        goals=texts.block(campaign.goals),
        office=_name(campaign.office),
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        bases=tuple(
            shape.Basis(texts.line(one.title), texts.line(one.number)) for one in campaign.bases.all()
        ),
        phases=tuple(_phase(one) for one in campaign.phases.all()),
        topics=tree,
        leadership=tuple(_seat(one, people) for one in campaign.leadership.all()),
        inspection_groups=tuple(texts.line(one.name) for one in campaign.inspection_groups.all()),
        activities=tuple(
            _activity(one, numbers, people)
            for one in activities.prefetch_related("minutes__occurrences").order_by(
                "phase__track", "phase__order", "starts_on", "pk"
            )
        ),
        requirements=tuple(
            _requirement(one, numbers)
            for one in requirements.prefetch_related("occurrences", "included", "excluded", "ladder__rungs")
        ),
    )


def _basis(one: Basis) -> shape.Basis:
    return shape.Basis(texts.line(one.title), texts.line(one.number))


def _phase(one: Phase) -> shape.Phase:
    return shape.Phase(
        name=texts.line(one.name),
        aim=texts.block(one.aim),
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        suggested=one.suggested,
        track=one.track,
    )


def _tree(topics: list[Topic]) -> tuple[tuple[shape.Topic, ...], dict[int, str]]:
    """The topics as a tree without holes in its numbers, and each one's new number by its id.

    A topic whose parent is missing hangs under the nearest ancestor there is.
    """
    below: dict[tuple[int, ...], list[Topic]] = {}
    known = {tuple(topic.position) for topic in topics}
    for topic in topics:
        above = tuple(topic.position[:-1])
        while above and above not in known:
            above = above[:-1]
        below.setdefault(above, []).append(topic)
    numbers: dict[int, str] = {}

    def grown(above: tuple[int, ...], number: list[int]) -> tuple[shape.Topic, ...]:
        branches = []
        for place, topic in enumerate(below.get(above, []), start=1):
            here = [*number, place]
            numbers[topic.pk] = shape.number_of(here)
            branches.append(_topic(topic, grown(tuple(topic.position), here)))
        return tuple(branches)

    return grown((), []), numbers


def _topic(topic: Topic, children: tuple[shape.Topic, ...]) -> shape.Topic:
    return shape.Topic(
        title=texts.line(topic.title),
        questions=tuple(one for line in topic.questions.splitlines() if (one := texts.line(line))),
        lead=_name(topic.lead),
        supporting=_names(topic.supporting.all()),
        indicators=tuple(_indicator(one) for one in topic.indicators.all()),
        children=children,
    )


def _indicator(one: Indicator) -> shape.Indicator:
    return shape.Indicator(
        texts.line(one.name), one.value, texts.line(one.unit), one.comparator, one.due_on, one.aggregation
    )


def _people_in(campaign: Campaign) -> list[str]:
    """Names of the portal's people that were written where a post should stand."""
    written = [*campaign.leadership.values_list("post", flat=True)]
    written += campaign.activities.values_list("chair", flat=True)
    told = User.objects.annotate(told=Value("\n".join(written))).filter(told__contains=F("name"))
    return list(told.exclude(name="").values_list("name", flat=True).distinct().order_by("name"))


def _impersonal(text: str, people: list[str]) -> str:
    return "" if any(name in text for name in people) else texts.line(text)


def _seat(seat: Leadership, people: list[str]) -> shape.Seat:
    return shape.Seat(seat.role, _impersonal(seat.post, people) or LeadershipRole(seat.role).label)


def _activity(one: Activity, numbers: dict[int, str], people: list[str]) -> shape.Activity:
    minutes = getattr(one, "minutes", None)
    due = minutes and next((last_day(each.due_at) for each in minutes.occurrences.all()), None)
    return shape.Activity(
        kind=one.kind,
        title=texts.line(one.title),
        phase=texts.line(one.phase.name),
        topic=numbers.get(one.topic_id, ""),
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        place=texts.line(one.place),
        host=_name(one.host),
        chair=_impersonal(one.chair, people),
        minutes_due=due,
    )


def _requirement(one: Requirement, numbers: dict[int, str]) -> shape.Requirement:
    due = None if one.recurs else next(iter(one.occurrences.all()), None)
    return shape.Requirement(
        kind=one.kind,
        title=texts.line(one.title),
        phase=texts.line(one.phase.name),
        guidance=texts.block(one.guidance),
        topic=numbers.get(one.topic_id, ""),
        receiver=_name(one.receiver),
        min_pieces=one.min_pieces,
        max_pieces=one.max_pieces,
        words_min=one.words_min,
        words_max=one.words_max,
        file_kinds=tuple(one.file_kinds),
        due_on=due and last_day(due.due_at),
        cutoff_on=due and due.cutoff_at and last_day(due.cutoff_at),
        recurs=_rule(one),
        audience=tuple(kind for kind in UnitKind.values if kind in one.audience_kinds),
        ownership=one.audience_ownership,
        branch=_name(one.audience_branch),
        included=_names(one.included.all()),
        excluded=_names(one.excluded.all()),
        sign_off=one.sign_off,
        district_first=one.district_first,
        nil_allowed=one.nil_allowed,
        effort_minutes=one.effort_minutes,
        reminders=own_steps(one),
    )


def _rule(one: Requirement) -> shape.Recurrence | None:
    if not one.recurs:
        return None
    return shape.Recurrence(one.frequency, one.recurs_from, one.recurs_until, one.due_day)


def _name(unit: Unit | None) -> str:
    return texts.line(unit.name) if unit else ""


def _names(units: Iterable[Unit]) -> tuple[str, ...]:
    return tuple(_name(unit) for unit in units)
