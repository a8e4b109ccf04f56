"""The review queue under its filters: which pieces, in which order, and where one of them stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from campaigns.enums import RequirementKind
from portal.ids import as_id
from schools.models import User
from submissions import access
from submissions.models import Submission, Version

#: Parameter → the field it narrows. 逾期 is asked for by `late`: overdue when it was first complete.
FILTERS = {
    "campaign": "assignment__occurrence__requirement__campaign",
    "requirement": "assignment__occurrence__requirement",
    "branch": "assignment__branch",
    "kind": "assignment__occurrence__requirement__kind",
}
LATE = "late"
SOUGHT = "q"
LONGEST = 60  # characters of a search that are looked at


@dataclass(frozen=True)
class Place:
    """Where a piece stands in a queue of `count`, and the newest versions of its neighbours."""

    position: int
    count: int
    previous: int | None
    following: int | None


def chosen(asked: Mapping[str, str]) -> dict[str, str]:
    """The filters among the parameters of an address that mean something."""
    ids = {name: asked.get(name, "") for name in FILTERS if name != "kind"}
    found = {name: value for name, value in ids.items() if as_id(value)}
    if asked.get("kind") in RequirementKind.values:
        found["kind"] = asked["kind"]
    if sought := asked.get(SOUGHT, "").strip().replace("\x00", "")[:LONGEST]:
        found[SOUGHT] = sought
    return found | ({LATE: "1"} if asked.get(LATE) else {})


def address(under: Mapping[str, str]) -> str:
    """The filters as the query of an address."""
    return urlencode(under)


def waiting(user: User, under: Mapping[str, str]) -> QuerySet[Submission]:
    """Pieces that wait for this person's decision, oldest first, narrowed by `under` (see `chosen`)."""
    found = access.queue(user).filter(**{FILTERS[name]: under[name] for name in FILTERS if name in under})
    if LATE in under:
        late = Q(assignment__late=True)
        after = Q(assignment__completed_at=None, handed_in_at__gte=F("assignment__due_at"))
        found = found.filter(late | after)
    if SOUGHT in under:
        found = found.filter(_called(under[SOUGHT]))
    return found


def _called(sought: str) -> Q:
    """Pieces whose title has the words in it, or whose unit is called so, also by pinyin initials."""
    titled = Version.objects.filter(submission=OuterRef("pk"), title__icontains=sought)
    unit = "assignment__unit"
    named = Q(**{f"{unit}__name__icontains": sought}) | Q(**{f"{unit}__pinyin__istartswith": sought})
    return named | Exists(titled)


def place_of(piece: Submission, user: User, under: Mapping[str, str]) -> Place | None:
    """Where a piece stands; None when it is not in this queue."""
    ids = list(waiting(user, under).values_list("pk", flat=True))
    if piece.pk not in ids:
        return None
    at = ids.index(piece.pk)
    around = [pk for pk in ids[max(0, at - 1) : at + 2] if pk != piece.pk]
    newest = _newest(around)
    return Place(
        position=at + 1,
        count=len(ids),
        previous=newest.get(ids[at - 1]) if at else None,
        following=newest.get(ids[at + 1]) if at + 1 < len(ids) else None,
    )


def next_version(user: User, under: Mapping[str, str], after: Submission) -> int | None:
    """The version to read next: of the piece that follows where `after` stood, else of the first."""
    left = waiting(user, under).exclude(pk=after.pk)
    later = left.filter(
        Q(handed_in_at__gt=after.handed_in_at) | Q(handed_in_at=after.handed_in_at, pk__gt=after.pk)
    )
    following = later.first() or left.first()
    return _newest([following.pk])[following.pk] if following else None


def _newest(pieces: list[int]) -> dict[int, int]:
    """Piece → its newest version, by ids."""
    found = Submission.objects.filter(pk__in=pieces).order_by("versions__number")
    return dict(found.values_list("pk", "versions__pk"))
