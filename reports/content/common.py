"""What was handed in: pieces that are with the bureau, and the branches that tables are grouped by."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from campaigns.enums import Frequency
from campaigns.models import Campaign, Occurrence, Requirement, Topic
from reports.looking import Look
from reports.narrowing import directly_below
from schools.enums import UnitKind
from schools.models import Unit
from submissions.enums import AssignmentState
from submissions.models import Submission

NO_TOPIC = "none"  # in addresses


def sees_all(look: Look) -> bool:
    """Whether everything below the campaign's host is looked at, and not a part of it."""
    host = look.campaign.host
    return look.scope.covers(host) and (look.below is None or host.path.startswith(look.below.path))


def pieces(look: Look, narrowed: Q | None = None) -> QuerySet[Submission]:
    """Pieces that are with the bureau, of assignments that stand; `narrowed` is a condition on those.

    What the counters (Output) count, one by one, with `about`: the topic that the requirement prescribes,
    or the piece's own.
    """
    owed = look.assignments().exclude(state=AssignmentState.CANCELLED).filter(narrowed or Q())
    # Said of the joined rows once more: what they are sorted by is theirs, and PostgreSQL would go through
    # the whole tree in its order to find the fifty of a county.
    within = look.narrow("assignment__branch") & Q(
        assignment__occurrence__requirement__campaign=look.campaign
    )
    found = Submission.objects.filter(within, current__isnull=False, assignment__in=owed.order_by())
    prescribed, chosen = "assignment__occurrence__requirement__topic", "current__topic"
    return found.annotate(about=Coalesce(F(prescribed), F(chosen)))


def below_topic(topic: Topic, path: str) -> Q:
    """Rows whose `path` to a topic leads to `topic` or to one below it."""
    return Q(**{f"{path}__position__0_{topic.depth}": topic.position, f"{path}__campaign": topic.campaign_id})


@dataclass(frozen=True)
class Branch:
    """A line of a table by branches: its name, what narrows a list to it, and where it can be opened."""

    path: str
    name: str
    narrowed: dict[str, Any]
    further: bool


def branches(look: Look, paths: Iterable[str]) -> list[Branch]:
    """The branches at `paths` (cut to `look.depth`) in the order of the tree."""
    found = []
    for unit in Unit.objects.filter(path__in=list(paths)).order_by("path"):
        # A shorter path is a branch itself: nothing lies between it and its schools.
        further = len(unit.path) == look.depth
        name = directly_below(unit.name) if unit.kind in UnitKind.bureaus() and not further else unit.name
        narrowed = {"below": unit.pk} if further else {"branch": unit.pk}
        found.append(Branch(unit.path, name, narrowed, further))
    return found


def asked_for(campaign: Campaign, counted: Container[int]) -> list[tuple[Requirement, str]]:
    """The campaign's requirements in the order of the plan, each with its name in tables.

    What is asked for again and again says how many of its periods are among the `counted` occurrences.
    """
    recurring = Occurrence.objects.filter(requirement__campaign=campaign)
    recurring = recurring.exclude(requirement__frequency=Frequency.ONCE)
    periods: dict[int, int] = {}
    for pk, requirement in recurring.values_list("pk", "requirement"):
        periods[requirement] = periods.get(requirement, 0) + (pk in counted)
    return [
        (one, f"{one.title}（{periods.get(one.pk, 0)}期）" if one.recurs else one.title)
        for one in campaign.requirements.all()
    ]


def plan_topics(seen: Look) -> list[Topic]:
    """The topics of the campaign with their duties, the shallow ones first."""
    return list(seen.campaign.topics.with_duties())
