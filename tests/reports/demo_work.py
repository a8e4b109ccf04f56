"""What the demo shows of the work itself: suggestions, the shelf, requests for time, the pile on the desk."""

from collections import Counter
from datetime import datetime
from itertools import combinations

from django.db.models import Q

from campaigns.enums import CampaignKind, RequirementKind
from campaigns.models import Campaign
from portal.files.kinds import FileKind
from reports.demo.words import desk
from reports.demo.writing import COMPOSERS
from schools.enums import UnitKind
from schools.models import User
from submissions import access
from submissions.enums import (
    AssignmentState,
    EventKind,
    ExhibitState,
    ExtensionState,
    Override,
    PieceState,
    SuggestionState,
)
from submissions.models import (
    Assignment,
    AssignmentEvent,
    CommonReason,
    Exhibit,
    ExtensionRequest,
    Fingerprint,
    Submission,
    Suggestion,
    Version,
)
from submissions.passages import Letters, compare
from submissions.services import reusing


def check(now: datetime) -> None:
    """All of it, in a database that holds the demo of `now`."""
    check_common_reasons()
    check_suggestions(now)
    check_the_shelf()
    check_easing()
    check_other_ways_in()
    check_the_pile()
    check_the_first_school(now)


def user(username: str) -> User:
    return User.objects.get(username=username)


def check_common_reasons() -> None:
    assert tuple(CommonReason.objects.values_list("text", flat=True)) == desk.COMMON
    assert 6 <= len(desk.COMMON) <= 8


def check_suggestions(now: datetime) -> None:
    """Last year's are answered but for a few; this year's came from meetings, one of them is overdue."""
    S = SuggestionState
    last_year = Counter(
        Campaign.objects.get(kind=CampaignKind.INNOVATION).suggestions.values_list("state", flat=True)
    )
    assert set(last_year) == {S.NEW, S.MERGED, *S.answered()}
    assert 4 <= last_year[S.MERGED] < last_year.total() / 2
    assert last_year[S.NEW] <= 2
    running = Campaign.objects.get(kind=CampaignKind.DISCUSSION)
    heard = running.suggestions.all()
    assert Counter(one.state for one in heard) == {S.ADOPTED: 2, S.PARTLY: 1, S.DECLINED: 1, S.NEW: 3}
    assert Counter(one.source for one in heard) == {"校长座谈会": 5, "家长代表来信": 1, "": 1}
    assert all(one.topic.campaign == running for one in heard)
    for one in Suggestion.objects.filter(state__in=S.with_reason()):
        assert one.answer
    done = Suggestion.objects.exclude(done_at=None)
    assert done.count() >= 4
    assert all(one.done_by.active_memberships[0].unit == one.responsible for one in done)
    given = access.entrusted_suggestions(user("section3"))
    assert given.filter(campaign=running, done_at=None, due_on__lt=now).count() == 1
    assert given.filter(done_at=None, due_on__gte=now).exists()
    assert given.exclude(done_at=None).exists()
    mine = access.proposed_suggestions(user("school001"))
    assert mine.filter(Q(state__in=S.answered()) | Q(merged_into__state__in=S.answered())).count() >= 2
    assert mine.filter(state=S.NEW).exists()


def check_the_shelf() -> None:
    """Eight are shown, from three campaigns; the first school is asked, and one has declined."""
    E = ExhibitState
    states = Counter(Exhibit.objects.values_list("state", flat=True))
    assert states == {E.SHOWN: 8, E.ASKED: 1, E.DECLINED: 1}
    assert all(one.comment for one in Exhibit.objects.all())
    shown = access.exhibits(user("school001"))
    assert set(shown) == set(Exhibit.objects.filter(state=E.SHOWN))
    campaign = "version__submission__assignment__occurrence__requirement__campaign__kind"
    kinds = {CampaignKind.DISCUSSION, CampaignKind.INNOVATION, CampaignKind.EXCELLENCE}
    assert set(shown.values_list(campaign, flat=True)) == kinds
    assert [one.state for one in access.own_exhibits(user("head001"))] == [E.ASKED]


def check_easing() -> None:
    E = ExtensionState
    states = Counter(ExtensionRequest.objects.values_list("state", flat=True))
    assert states == {E.OPEN: 3, E.GRANTED: 1, E.REFUSED: 1}
    assert access.extension_queue(user("officer1")).count() == 3
    [granted] = ExtensionRequest.objects.filter(state=E.GRANTED).select_related("assignment")
    assert granted.assignment.due_at == granted.granted_until == granted.until
    events = Counter(AssignmentEvent.objects.values_list("kind", flat=True))
    assert (events[EventKind.EXEMPTED], events[EventKind.OWED_AGAIN]) == (2, 1)
    [exempt] = Assignment.objects.filter(state=AssignmentState.EXEMPT)
    assert exempt.unit.kind == UnitKind.KINDERGARTEN
    by_bureau = AssignmentEvent.objects.filter(kind=EventKind.NIL, by=user("officer1"))
    assert [one.assignment.override for one in by_bureau] == [Override.NIL]


def check_other_ways_in() -> None:
    """One piece came through the bureau, one was there before; both wait for a review."""
    [behalf] = Version.objects.filter(on_behalf=True)
    assert behalf.submitted_by == user("officer1")
    assert [file.kind for file in behalf.files.all()] == [FileKind.PDF]
    [again] = Version.objects.exclude(reused_from=None)
    source, task = again.reused_from.submission.assignment, again.submission.assignment
    assert (source.requirement.kind, task.requirement.kind) == (
        RequirementKind.RESEARCH,
        RequirementKind.EXPERIENCE,
    )
    assert source.unit == task.unit
    assert {behalf.submission, again.submission} <= set(access.queue(user("officer1")))


def check_the_pile() -> None:
    """Copies wait beside their originals, typed corrections are worth comparing, few others are alike."""
    queue = access.queue(user("officer1"))
    waiting = Version.objects.filter(submission__in=queue).order_by("-number")
    newest = {version.submission_id: version for version in reversed(waiting)}.values()
    typed = [one for one in newest if one.body and not one.files.exists()]
    at_length = [one for one in typed if one.submission.assignment.requirement.kind in COMPOSERS]
    pairs = [(one, other) for one, other in combinations(at_length, 2) if shared_by(one, other) > 60]
    owed = [[version.submission.assignment for version in pair] for pair in pairs]
    assert sorted(one.requirement.kind for one, _ in owed) == [
        RequirementKind.ESSAY,
        RequirementKind.EXPERIENCE,
    ]
    assert all(one.unit != other.unit for one, other in owed)
    corrections = [one for one in at_length if one.number == 2]
    reworked = [one for one in corrections if lines_of(one.submission.versions.get(number=1)) - lines_of(one)]
    assert len(reworked) >= 4
    # Comparing is left to the worker.
    assert Fingerprint.objects.count() == Fingerprint.objects.filter(compared_at=None).count() > 500


def lines_of(version: Version) -> set[str]:
    return set(version.body.splitlines())


def shared_by(one: Version, other: Version) -> int:
    """Percent that two texts share, of the one that shares more."""
    found = compare(Letters.of(one.body), Letters.of(other.body))
    return max(found.share, found.other_share)


def check_the_first_school(now: datetime) -> None:
    """A piece in every situation, a draft with a file, and something to hand in again."""
    secretary = user("school001")
    pieces = Submission.objects.filter(assignment__in=access.own(secretary))
    P = PieceState
    states = Counter(piece.state for piece in pieces)
    assert states == {P.ACCEPTED: 3, P.RETURNED: 1, P.PENDING: 1, P.TO_SIGN: 1, P.DRAFT: 2}
    summary = pieces.get(assignment__occurrence__requirement__kind=RequirementKind.SUMMARY)
    assert [file.kind for file in summary.draft.files.all()] == [FileKind.XLSX]
    todo = access.own(secretary).get(
        occurrence__requirement__kind=RequirementKind.SUGGESTION, state=AssignmentState.TODO
    )
    offered = reusing.offers(todo, at=now)
    assert offered[0].submission.assignment.requirement.title == "创新合理化建议"
