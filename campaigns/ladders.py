"""Which rungs hold for a requirement: its own, those of the nearest bureau above, or those built in."""

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.enums import Told
from campaigns.models import Ladder, Requirement
from schools.models import Unit


@dataclass(frozen=True)
class Step:
    """One rung: `days` working days after the last day (negative: before it, 0: on it), and whom it tells."""

    days: int
    tells: frozenset[Told]


def _step(days: int, *tells: Told) -> Step:
    return Step(days, frozenset(tells))


#: What holds where nobody has said otherwise, lowest rung first.
DEFAULT: tuple[Step, ...] = (
    _step(-7, Told.SECRETARY),
    _step(-3, Told.SECRETARY),
    _step(-1, Told.SECRETARY, Told.GROUP),
    _step(0, Told.SECRETARY, Told.GROUP),
    _step(1, Told.SECRETARY, Told.HEAD, Told.GROUP),
    _step(3, Told.LEADER, Told.SECTION),
    _step(5, Told.OFFICE),
)


def ladders_of(requirements: Iterable[Requirement]) -> dict[int, tuple[Step, ...]]:
    """The steps that hold for each requirement, by its id, lowest first; at most four queries.

    `campaign__host` of the requirements should be read already.
    """
    requirements = list(requirements)
    own = {
        ladder.requirement_id: _steps(ladder)
        for ladder in Ladder.objects.filter(requirement__in=requirements).prefetch_related("rungs")
    }
    of_bureaus = _of_bureaus({one.campaign.host for one in requirements})
    return {one.pk: own.get(one.pk, of_bureaus[one.campaign.host_id]) for one in requirements}


def ladder_of_bureau(unit: Unit) -> tuple[Step, ...]:
    """What holds for requirements of `unit` that have no ladder of their own."""
    return _of_bureaus({unit})[unit.pk]


def _of_bureaus(units: set[Unit]) -> dict[int, tuple[Step, ...]]:
    paths = {path for unit in units for path in unit.ancestor_paths()}
    given = Ladder.objects.filter(unit__path__in=paths).select_related("unit").prefetch_related("rungs")
    by_path = {ladder.unit.path: _steps(ladder) for ladder in given}
    return {
        unit.pk: next((by_path[path] for path in reversed(unit.ancestor_paths()) if path in by_path), DEFAULT)
        for unit in units
    }


def _steps(ladder: Ladder) -> tuple[Step, ...]:
    found = (Step(rung.days, frozenset(map(Told, rung.tells))) for rung in ladder.rungs.all())
    return tuple(sorted(found, key=lambda step: step.days))
