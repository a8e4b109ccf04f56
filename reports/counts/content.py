"""What came in: topics, activities and meetings, suggestions, indicators."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from campaigns.models import Activity as Planned
from campaigns.models import Topic as OfPlan
from notices.workdays import DAY, end_of
from reports.content import meetings as held
from reports.content import readings, works
from reports.content import topics as by_topic
from reports.content.common import branches, pieces
from reports.content.readings import Measured
from reports.counts.part import Part
from reports.counts.schema import (
    MOST_SUGGESTIONS,
    Activity,
    Indicator,
    Meetings,
    Suggestion,
    Suggestions,
    Topic,
)
from reports.sums import below
from submissions.enums import SuggestionState
from submissions.figures import SETTLED, UNSETTLED
from submissions.models import Output
from submissions.models import Suggestion as Proposed


def day(one: date | None) -> str | None:
    return one and one.isoformat()


# Pieces and topics ------------------------------------------------------------------------------------


def topics(part: Part, plan: Sequence[OfPlan], measured: Sequence[Measured]) -> dict[str, Any]:
    """`pieces`, `pieces_units`, `untopical` and `topics` (id → one without its works); one statement."""
    reported = [one.topic for one in measured if one.reported]
    found = by_topic.read(part.look, plan, reported, part.narrowed)
    listed: dict[int, Topic] = {
        one.topic.pk: {
            "number": one.topic.number,
            "title": one.topic.title,
            "depth": one.topic.depth,
            "pieces": one.count.pieces,
            "units": one.count.units,
            "measured": one.measured,
            "works": [],
        }
        for one in found.entries
    }
    return {
        "pieces": found.everything.pieces,
        "pieces_units": found.everything.units,
        "untopical": found.without.pieces,
        "topics": listed,
    }


def count_pieces(part: Part) -> int:
    return pieces(part.look, part.narrowed).count()


def count_meetings(part: Part) -> int:
    return held.minutes(part.look, part.narrowed).count()


# What was held ----------------------------------------------------------------------------------------


def activities(part: Part) -> list[Activity]:
    found = held.activities(part.look)
    return [_activity(one) for one in (found.filter(phase=part.phase) if part.phase else found)]


def _activity(one: Planned) -> Activity:
    return {
        "title": one.title,
        "kind": one.get_kind_display(),
        "starts_on": day(one.starts_on),
        "ends_on": day(one.ends_on),
        "place": one.place,
        "host": one.host.name if one.host else "",
        "standing": one.standing,
    }


def meetings(part: Part) -> Meetings:
    """Two statements: of the whole campaign the counters, of a phase its minutes one by one."""
    rows, units = _minutes(part) if part.phase else _minuted(part)
    counted = {path: (n, people or 0) for path, n, people in rows if n}
    return {
        "meetings": sum(n for n, _ in counted.values()),
        "present": sum(people for _, people in counted.values()),
        "units": units,
        "branches": [
            {"name": one.name, "meetings": counted[one.path][0], "present": counted[one.path][1]}
            for one in branches(part.look, counted)
        ],
    }


def _minuted(part: Part) -> tuple[QuerySet, int]:
    found = Output.objects.filter(part.look.narrow(), campaign=part.look.campaign).order_by()
    by_branch = found.values_list(below(part.look.depth)).annotate(m=Sum("meetings"), p=Sum("present"))
    return by_branch, found.values("unit").annotate(m=Sum("meetings")).filter(m__gt=0).count()


def _minutes(part: Part) -> tuple[QuerySet, int]:
    found = held.minutes(part.look, part.narrowed).annotate(people=held.PEOPLE).order_by()
    branch = below(part.look.depth, "assignment__branch__path")
    by_branch = found.values_list(branch).annotate(Count("pk"), Sum("people"))
    return by_branch, found.aggregate(n=Count("assignment__unit", distinct=True))["n"]


# What was proposed, and what is measured --------------------------------------------------------------


def suggestions(part: Part) -> Suggestions:
    """Two statements."""
    at = part.look.at
    found = works.suggestions(part.look).filter(_entered(part))
    parts = {one.key: Count("pk", filter=one.condition(at)) for one in (SETTLED, UNSETTLED)}
    rows = found.order_by().values_list("state").annotate(n=Count("pk"), **parts)
    counted = {state: counts for state, *counts in rows}
    total, settled, unsettled = (sum(counts[n] for counts in counted.values()) for n in range(3))
    states = {one.value: counted.get(one, [0])[0] for one in SuggestionState.in_order()}
    taken = found.filter(state__in=SuggestionState.carried_out()).select_related("unit", "responsible")
    return {
        "total": total,
        "states": states,
        "settled": settled,
        "unsettled": unsettled,
        "adopted": sum(states[one] for one in SuggestionState.carried_out()),
        "taken": [_suggestion(one) for one in taken[:MOST_SUGGESTIONS]],
    }


def _entered(part: Part) -> Q:
    """On the days of the phase, as far as they are known."""
    first, last = (part.phase.starts_on, part.phase.ends_on) if part.phase else (None, None)
    since = Q(added_at__gte=end_of(first - DAY)) if first else Q()
    return since & Q(added_at__lt=end_of(last)) if last else since


def _suggestion(one: Proposed) -> Suggestion:
    return {
        "text": one.text,
        "unit": one.unit.name if one.unit else one.source,
        "state": one.state,
        "answer": one.answer,
        "responsible": one.responsible.name if one.responsible else "",
        "due_on": day(one.due_on),
        "outcome": one.outcome,
        "done": one.done_at is not None,
    }


def indicators(measured: Sequence[Measured]) -> list[Indicator]:
    return [
        {
            "name": one.indicator.name,
            "topic": str(one.topic),
            "target": readings.target(one.indicator),
            "value": "" if one.value is None else readings.value_cell(one.indicator, one.value).shown,
            "how": one.indicator.get_aggregation_display(),
            "standing": one.standing,
            "reported": one.reported,
            "asked": one.asked,
            "due_on": day(one.indicator.due_on),
        }
        for one in measured
    ]
