"""Near-duplicate work: every version that reaches the bureau is compared with all that came before it.

Found are candidates by their fingerprints, in one indexed query whose work is bounded however common the
words are; then the texts themselves are laid side by side (`submissions.passages`). docs/likeness.md states
what is found, and how that was measured.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest

from django.db import connection, transaction
from django.db.models import F, Q

from campaigns.enums import RequirementKind
from campaigns.models import Requirement
from portal import audit
from portal.celery import hint
from portal.files.store import path_of
from portal.files.text import text_of
from schools.access import scope_of
from schools.enums import Role
from schools.models import User
from submissions import access
from submissions.models import Fingerprint, Likeness, Version
from submissions.passages import SEED, Letters, Passage, Shared, compare, fingerprints, marked

TASK = "submissions.tasks.compare_versions"
SHORT = 150  # letters; below, alike texts say little
LONG = 100_000  # characters of a version that are compared
MANY = 50  # pieces; a fingerprint that more have is common speech and leads to as many of them only
CANDIDATES = 20  # pieces that are looked at more closely
VERSIONS = 5  # that a piece may well have
WORTH = 0.06  # of the fingerprints of the shorter text, for the texts to be laid side by side
ENOUGH = 15  # percent of either text that must be shared
ATTEMPTS = 3  # that a worker died over; then the version is left alone

SHOWN = 5  # pieces that a reviewer is shown

_LOCK = 0x6C696B65  # of this module alone, among the database's advisory locks

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def expect(version: Version) -> None:
    """Have a version that reached the bureau compared soon; in the caller's transaction, without work.

    A repeated call changes nothing, nor does one for a kind of material that is not compared. With the
    broker away, the periodic scan finds the row.
    """
    if version.submission.assignment.requirement.kind in RequirementKind.compared():
        Fingerprint.objects.get_or_create(version=version)
        hint(TASK)


def compare_waiting(clock: Clock) -> int:
    """Compare every version that waits and that nobody else is comparing; how many.

    Each in a transaction of its own: what goes wrong with one is logged and tried again by the next scan. One
    over which workers died is given up (`ATTEMPTS`): it would take them all, one after the other.
    """
    done = 0
    waiting = Fingerprint.objects.filter(compared_at=None).order_by("pk")
    for pk in list(waiting.values_list("pk", flat=True)):
        try:
            with _claimed(pk) as ours:
                done += ours and _attempt(pk, clock)
        except Exception:
            log.exception("version %s could not be compared", pk)
    return done


@contextmanager
def _claimed(pk: int) -> Iterator[bool]:
    """Whether nobody else is at this version, nor will be until we are done; a worker's death ends it."""
    key = [_LOCK, pk % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        [ours] = cursor.fetchone()
    try:
        yield ours
    finally:
        if ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def _attempt(pk: int, clock: Clock) -> bool:
    """Compare a version that is claimed; the attempt is on record before the work begins."""
    row = Fingerprint.objects.filter(pk=pk, compared_at=None)
    if row.filter(attempts__gte=ATTEMPTS).update(compared_at=clock()):
        log.error("version %s is not compared: workers died over it %s times", pk, ATTEMPTS)
        return False
    row.update(attempts=F("attempts") + 1)
    try:
        return _compare(pk, clock)
    except Exception:
        row.update(attempts=F("attempts") - 1)
        raise


@transaction.atomic
def _compare(pk: int, clock: Clock) -> bool:
    """Take the text of one version, find what it is like, let it be found; False if nothing is to be done."""
    free = Fingerprint.objects.select_for_update(skip_locked=True, of=("self",))
    row = free.filter(pk=pk, compared_at=None).first()
    if row is None:
        return False
    version = Version.objects.select_related("submission__assignment__occurrence__requirement").get(pk=pk)
    row.text = _text(version)
    letters = Letters.of(row.text)
    if len(letters) >= SHORT:
        # Two versions that are compared at one time would not see each other.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        kept = set(fingerprints(letters).values())
        found = _alike(version, letters, kept)
        Likeness.objects.bulk_create(found)
        row.hashes = sorted(kept)
        if found:
            audit.record(
                "likeness.find", at=clock(), target=version, summary=f"{version.title}：{len(found)}篇"
            )
    row.compared_at = clock()
    row.save(update_fields=["text", "hashes", "compared_at"])
    return True


def _text(version: Version) -> str:
    """What is compared of a version: its text and that of its files, as far as they can be read."""
    files = version.files.filter(purged_at=None).order_by("version_files__pk")
    parts = [version.body, *(text_of(path_of(stored), stored.kind) for stored in files)]
    return "\n\n".join(filter(None, parts)).replace("\0", "")[:LONG]


def _alike(version: Version, letters: Letters, kept: set[int]) -> list[Likeness]:
    """Likenesses, not saved yet, with the closest pieces that share enough."""
    given = set(Letters.of(_given(version)).grams(SEED))
    alike = []
    for other in Fingerprint.objects.filter(pk__in=_candidates(version, kept)):
        if len(kept.intersection(other.hashes)) >= WORTH * min(len(kept), len(other.hashes)):
            shared = compare(letters, Letters.of(other.text), given=given)
            if max(shared.share, shared.other_share) >= ENOUGH:
                alike.append(_likeness(version, other, shared))
    return alike


def _likeness(version: Version, other: Fingerprint, shared: Shared) -> Likeness:
    return Likeness(
        version=version,
        other_id=other.pk,
        share=shared.share,
        other_share=shared.other_share,
        passages=shared.passages,
    )


def holders(kept: set[int]) -> list[list[int]]:
    """For each fingerprint the ids of versions that have it, of a common one those of `MANY` alone.

    A look into the index each, which ends there, so that none is dear. The planner, which takes any
    fingerprint for a common one, would rather read the whole table.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "SELECT ARRAY(SELECT version_id FROM submissions_fingerprint"
            " WHERE hashes @> ARRAY[asked.hash] LIMIT %s) FROM unnest(%s::integer[]) AS asked(hash)",
            [MANY, sorted(kept)],
        )
        found = [row[0] for row in cursor.fetchall()]
        cursor.execute("SET LOCAL enable_seqscan = on")
    return found


def _candidates(version: Version, kept: set[int]) -> list[int]:
    """Ids of the versions worth looking at, one a piece: rare fingerprints in common weigh more."""
    weights: dict[int, float] = defaultdict(float)
    for found in holders(kept):
        for pk in found:
            weights[pk] += 1 / len(found)
    heaviest = nlargest(VERSIONS * CANDIDATES, weights, key=lambda one: (weights[one], one))
    kin = _kin(version.submission_id)
    piece_of = dict(Version.objects.filter(pk__in=heaviest).values_list("pk", "submission_id"))
    best: dict[int, int] = {}
    for pk in heaviest:
        if piece_of[pk] not in kin:
            best.setdefault(piece_of[pk], pk)
    return list(best.values())[:CANDIDATES]


def _kin(piece_id: int) -> set[int]:
    """The piece and all that were taken over from it or that it was taken over from (沿用)."""
    kin, size = {piece_id}, 0
    while len(kin) > size:
        size = len(kin)
        reused = Version.objects.exclude(reused_from=None)
        kin.update(reused.filter(submission__in=kin).values_list("reused_from__submission", flat=True))
        kin.update(reused.filter(reused_from__submission__in=kin).values_list("submission", flat=True))
    return kin


def _given(version: Version) -> str:
    """The words that everybody was given for this task: they make nobody's texts alike."""
    requirement: Requirement = version.submission.assignment.requirement
    words = [requirement.title, requirement.guidance]
    for topic in filter(None, {requirement.topic, version.topic}):
        words += [topic.title, topic.questions]
    if requirement.template_file and requirement.template_file.purged_at is None:
        words.append(text_of(path_of(requirement.template_file), requirement.template_file.kind))
    return "\n".join(words)


# What the reviewer is shown ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """A piece like the one that is read, and how much of either both have (percent).

    `other` is None when it lies outside the reader's scope: then nothing but the share may be known of it.
    """

    share: int
    other_share: int
    other: Version | None


@dataclass(frozen=True)
class Findings:
    """What came of comparing a version: the closest pieces, of `count` that were found in all."""

    waiting: bool
    given_up: bool
    short: bool
    count: int
    closest: list[Finding]


def found_for(version: Version, user: User) -> Findings | None:
    """What the reader of `version` may know of pieces like it.

    None for its own unit and for kinds that are not compared. `version` was looked up through
    `submissions.access.versions`.
    """
    if not scope_of(user, *Role.overseeing()).covers(version.submission.assignment.unit):
        return None
    row = Fingerprint.objects.filter(pk=version.pk).first()
    if row is None:
        return None
    pairs = _pairs(version)
    legible = access.versions(user).filter(pk__in=[pk for pk, *_ in pairs])
    others = legible.select_related("submission__assignment__unit").in_bulk()
    closest = [Finding(share, other_share, others.get(pk)) for pk, share, other_share in pairs[:SHOWN]]
    given_up = row.compared_at is not None and row.attempts >= ATTEMPTS and not row.text
    return Findings(row.compared_at is None, given_up, not row.hashes, len(pairs), closest)


def _pairs(version: Version) -> list[tuple[int, int, int]]:
    """(other version, share, its share), the closest first; of several versions of one piece the closest."""
    both_ways = Likeness.objects.filter(Q(version=version) | Q(other=version))
    pairs = []
    for mine, piece, other, other_piece, share, other_share in both_ways.values_list(
        "version", "version__submission", "other", "other__submission", "share", "other_share"
    ):
        if mine == version.pk:
            pairs.append((max(share, other_share), other, other_piece, share, other_share))
        else:
            pairs.append((max(share, other_share), mine, piece, other_share, share))
    best: dict[int, tuple[int, int, int]] = {}
    for _, other, other_piece, share, other_share in sorted(pairs, reverse=True):
        best.setdefault(other_piece, (other, share, other_share))
    return list(best.values())


Marked = list[tuple[str, int]]


def side_by_side(version: Version, other: Version) -> tuple[Likeness, Marked, Marked] | None:
    """The likeness of two versions as `version` has it; both texts cut where shared passages begin and end.

    None if they are not alike. Whether both may be read is the CALLER's duty.
    """
    found = Likeness.objects.filter(Q(version=version, other=other) | Q(version=other, other=version)).first()
    if found is None:
        return None
    passages = [Passage(*passage) for passage in found.passages]
    if found.version_id != version.pk:
        found = Likeness(version=version, other=other, share=found.other_share, other_share=found.share)
        passages = sorted(Passage(there, size, here, length) for here, length, there, size in passages)
    texts = Fingerprint.objects.in_bulk([version.pk, other.pk])
    mine = [(passage.start, passage.length) for passage in passages]
    others = [(passage.other_start, passage.other_length) for passage in passages]
    return found, marked(texts[version.pk].text, mine), marked(texts[other.pk].text, others)
