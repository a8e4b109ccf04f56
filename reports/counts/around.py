"""What came before a phase and what comes next, in its series."""

from datetime import datetime

from django.utils import timezone

from campaigns.models import Phase, Requirement
from notices.workdays import last_day
from reports import sums
from reports.counts import content, praise
from reports.counts.part import Part
from reports.counts.schema import Activity, Ahead, Before, Next
from submissions.figures import OWED


def before(part: Part) -> Before | None:
    """Four statements."""
    phase = _beside(part, -1)
    if phase is None:
        return None
    earlier = Part(part.look, phase)
    return {
        "name": phase.name,
        "numbers": sums.read(earlier.counters(), part.look.at).total,
        "pieces": content.count_pieces(earlier),
        "meetings": content.count_meetings(earlier),
        "works": praise.numbers(earlier)["recommended"],
    }


def following(part: Part) -> Next | None:
    """What it asks for is what has been issued and stands, and is still ahead."""
    phase = _beside(part, 1)
    if phase is None:
        return None
    later, today = Part(part.look, phase), timezone.localdate(part.look.at).isoformat()
    owed = {
        occurrence: numbers[OWED.key]
        for occurrence, numbers in sums.read(later.counters(), part.look.at, {"one": "occurrence"})
        .of["one"]
        .items()
    }
    asked = phase.requirements.in_force().prefetch_related("occurrences")
    return {
        "name": phase.name,
        "aim": phase.aim,
        "starts_on": content.day(phase.starts_on),
        "ends_on": content.day(phase.ends_on),
        "asked": [one for requirement in asked if (one := _asked(requirement, owed, part.look.at))],
        "activities": [one for one in content.activities(later) if _still_ahead(one, today)],
    }


def _still_ahead(one: Activity, today: str) -> bool:
    last = one["ends_on"] or one["starts_on"]
    return last is None or last >= today


def _asked(one: Requirement, owed: dict[int, int], at: datetime) -> Ahead | None:
    """Its periods whose days are still to come; None where all are past."""
    every = list(one.occurrences.all())  # in the order of their days
    periods = [period for period in every if period.due_at > at]
    if every and not periods:
        return None
    return {
        "name": one.title,
        "kind": one.get_kind_display(),
        "due": content.day(last_day(periods[0].due_at)) if periods else None,
        "until": content.day(last_day(periods[-1].due_at)) if periods else None,
        "times": len(periods),
        "past": len(every) - len(periods),
        "owed": max((owed.get(period.pk, 0) for period in periods), default=0),
    }


def _beside(part: Part, step: int) -> Phase | None:
    """The phase so many places after that of the part, if there is one."""
    if part.phase is None:
        return None
    series = list(part.look.campaign.phases.filter(track=part.phase.track))
    place = series.index(part.phase) + step
    return series[place] if 0 <= place < len(series) else None
