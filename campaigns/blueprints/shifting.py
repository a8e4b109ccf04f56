"""A template's days, moved to where a campaign begins."""

from dataclasses import replace
from datetime import date

from campaigns.blueprints.shape import Activity, Plan, Requirement, Topic
from campaigns.moving import Moved, by_calendar


def moved(plan: Plan, starts_on: date) -> Plan:
    """The plan with every day moved as its first is moved to `starts_on` (`campaigns.moving.by_calendar`)."""
    days = Moved(
        ((one.starts_on, one.ends_on) for one in (plan, *plan.phases)),
        by_calendar(plan.starts_on, starts_on),
    )
    return replace(
        plan,
        starts_on=days.start(plan.starts_on),
        ends_on=days.end(plan.ends_on),
        phases=tuple(
            replace(one, starts_on=days.start(one.starts_on), ends_on=days.end(one.ends_on))
            for one in plan.phases
        ),
        topics=tuple(_moved_topic(one, days) for one in plan.topics),
        activities=tuple(_moved_activity(one, days) for one in plan.activities),
        requirements=tuple(_moved_requirement(one, days) for one in plan.requirements),
    )


def _moved_activity(one: Activity, days: Moved) -> Activity:
    return replace(
        one,
        starts_on=days.held(one.starts_on),
        ends_on=days.due(one.ends_on),
        minutes_due=days.due(one.minutes_due),
    )


def _moved_topic(topic: Topic, days: Moved) -> Topic:
    return replace(
        topic,
        indicators=tuple(replace(one, due_on=days.due(one.due_on)) for one in topic.indicators),
        children=tuple(_moved_topic(child, days) for child in topic.children),
    )


def _moved_requirement(asked: Requirement, days: Moved) -> Requirement:
    rule = asked.recurs
    return replace(
        asked,
        due_on=days.due(asked.due_on),
        cutoff_on=days.due(asked.cutoff_on),
        recurs=rule and replace(rule, first=days.held(rule.first), last=days.due(rule.last)),
    )
