"""Which rungs hold for a requirement: its own, those of the nearest bureau above, or those built in."""

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.enums import Told
from campaigns.models import Ladder, Requirement
from campaigns.steps import Step
from schools.models import Unit

Steps = tuple[Step, ...]


def _step(days: int, *tells: Told) -> Step:
    return Step(days, frozenset(tells))


#: What holds where nobody has said otherwise, lowest rung first.
DEFAULT: Steps = (
    _step(-7, Told.SECRETARY),
    _step(-3, Told.SECRETARY),
    _step(-1, Told.SECRETARY, Told.GROUP),
    _step(0, Told.SECRETARY, Told.GROUP),
    _step(1, Told.SECRETARY, Told.HEAD, Told.GROUP),
    _step(3, Told.LEADER, Told.SECTION),
    _step(5, Told.OFFICE),
)


@dataclass(frozen=True)
class Held:
    """What holds for a bureau, and the bureau that says so; None where it is built in."""

    steps: Steps
    by: Unit | None

    @property
    def source(self) -> str:
        return self.by.name if self.by else "平台内置"


def ladders_of(requirements: Iterable[Requirement]) -> dict[int, Steps]:
    """The steps that hold for each requirement, by its id, lowest first; at most four queries.

    `campaign__host` of the requirements should be read already.
    """
    requirements = list(requirements)
    own = {
        ladder.requirement_id: _steps(ladder)
        for ladder in Ladder.objects.filter(requirement__in=requirements).prefetch_related("rungs")
    }
    of_bureaus = held_for({one.campaign.host for one in requirements})
    return {one.pk: own.get(one.pk, of_bureaus[one.campaign.host_id].steps) for one in requirements}


def ladder_of_bureau(unit: Unit) -> Steps:
    """What holds for requirements of `unit` that have no ladder of their own."""
    return held_for([unit])[unit.pk].steps


def held_for(units: Iterable[Unit]) -> dict[int, Held]:
    """What holds for the requirements of each unit, by its id; two queries."""
    paths = {unit.pk: unit.ancestor_paths() for unit in units}
    return _nearest(paths)


def held_above(unit: Unit) -> Held:
    """What would hold for `unit` if it said nothing itself; two queries."""
    return _nearest({unit.pk: [path for path in unit.ancestor_paths() if path != unit.path]})[unit.pk]


def own_steps(owner: Unit | Requirement) -> Steps | None:
    """What a bureau or a requirement says itself; None when it leaves that to others."""
    ladder = getattr(owner, "ladder", None)
    return None if ladder is None else _steps(ladder)


def _nearest(paths: dict[int, list[str]]) -> dict[int, Held]:
    """What the last of each list of paths says that says anything."""
    asked = {path for above in paths.values() for path in above}
    given = Ladder.objects.filter(unit__path__in=asked).select_related("unit").prefetch_related("rungs")
    by_path = {ladder.unit.path: Held(_steps(ladder), ladder.unit) for ladder in given}
    built_in = Held(DEFAULT, None)
    return {
        pk: next((by_path[path] for path in reversed(above) if path in by_path), built_in)
        for pk, above in paths.items()
    }


def _steps(ladder: Ladder) -> Steps:
    found = (Step(rung.days, frozenset(map(Told, rung.tells))) for rung in ladder.rungs.all())
    return tuple(sorted(found, key=lambda step: step.days))
