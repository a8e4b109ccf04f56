"""A template's days, moved to where a campaign begins."""

from dataclasses import replace
from datetime import date
from itertools import chain

from campaigns.blueprints.shape import Activity, Phase, Plan, Requirement, Topic, numbered
from campaigns.moving import Moved, by_calendar


def moved(plan: Plan, starts_on: date) -> Plan:
    """The plan with every day moved as its first is moved to `starts_on` (`campaigns.moving.by_calendar`)."""
    rules = [one.recurs for one in plan.requirements if one.recurs]
    indicators = [one for _, topic in numbered(plan.topics) for one in topic.indicators]
    days = Moved(
        chain(
            [plan.starts_on],
            (one.starts_on for one in (*plan.phases, *plan.activities)),
            (rule.first for rule in rules),
        ),
        chain(
            [plan.ends_on],
            (one.ends_on for one in (*plan.phases, *plan.activities)),
            (one.minutes_due for one in plan.activities),
            *([one.due_on, one.cutoff_on] for one in plan.requirements),
            (rule.last for rule in rules),
            (one.due_on for one in indicators),
        ),
        by_calendar(plan.starts_on, starts_on),
    )
    return replace(
        plan,
        starts_on=days.start(plan.starts_on),
        ends_on=days.end(plan.ends_on),
        phases=tuple(_moved_span(one, days) for one in plan.phases),
        topics=tuple(_moved_topic(one, days) for one in plan.topics),
        activities=tuple(
            replace(_moved_span(one, days), minutes_due=days.end(one.minutes_due)) for one in plan.activities
        ),
        requirements=tuple(_moved_requirement(one, days) for one in plan.requirements),
    )


def _moved_span(one: Phase | Activity, days: Moved) -> Phase | Activity:
    return replace(one, starts_on=days.start(one.starts_on), ends_on=days.end(one.ends_on))


def _moved_topic(topic: Topic, days: Moved) -> Topic:
    return replace(
        topic,
        indicators=tuple(replace(one, due_on=days.end(one.due_on)) for one in topic.indicators),
        children=tuple(_moved_topic(child, days) for child in topic.children),
    )


def _moved_requirement(asked: Requirement, days: Moved) -> Requirement:
    rule = asked.recurs
    return replace(
        asked,
        due_on=days.end(asked.due_on),
        cutoff_on=days.end(asked.cutoff_on),
        recurs=rule and replace(rule, first=days.start(rule.first), last=days.end(rule.last)),
    )
