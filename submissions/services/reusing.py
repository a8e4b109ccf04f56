"""沿用: a unit hands in again what it has handed in elsewhere, as a piece of its own that says so."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from campaigns.enums import RequirementKind
from campaigns.models import Requirement
from portal import audit
from schools.models import User
from submissions.enums import PieceState
from submissions.models import Assignment, Content, Draft, DraftFile, Submission, Version
from submissions.rules import NotAllowed
from submissions.services import drafts, ledger, submitting
from submissions.services.drafts import Words

RECENT = timedelta(days=3 * 365)
OFFERED = 20

_REQUIREMENT = "submission__assignment__occurrence__requirement"


@dataclass(frozen=True)
class Reused:
    """The piece, and the version it was handed in as; None when it is a draft, with `refusal` saying why."""

    piece: Submission
    version: Version | None
    refusal: str = ""


def offers(assignment: Assignment, *, at: datetime, typed: str = "") -> list[Version]:
    """What may be handed in again for `assignment`: same kind of material first, then the latest.

    `typed` is looked for in title, authors and the name of the campaign.
    """
    used = Draft.objects.filter(submission__assignment=assignment, reused_from__isnull=False)
    found = _reusable(assignment, at).exclude(pk__in=used.values("reused_from"))
    if typed:
        found = found.filter(
            Q(title__icontains=typed)
            | Q(authors__icontains=typed)
            | Q(**{f"{_REQUIREMENT}__campaign__title__icontains": typed})
        )
    same = When(**{f"{_REQUIREMENT}__kind": assignment.requirement.kind}, then=Value(0))
    found = found.order_by(Case(same, default=Value(1)), "-submitted_at", "-pk")
    return list(found.select_related(f"{_REQUIREMENT}__campaign")[:OFFERED])


def _reusable(assignment: Assignment, at: datetime) -> QuerySet[Version]:
    """Newest versions of what the same unit has with a bureau elsewhere, handed in within three years."""
    newer = Version.objects.filter(submission=OuterRef("submission"), number__gt=OuterRef("number"))
    elsewhere = Version.objects.filter(submission__assignment__unit=assignment.unit_id).exclude(
        submission__assignment=assignment
    )
    return elsewhere.filter(
        ~Exists(newer), submission__state__in=PieceState.handed_in(), submitted_at__gte=at - RECENT
    ).exclude(files__purged_at__isnull=False)


@transaction.atomic
def reuse(assignment: Assignment, version: Version, *, by: User, at: datetime) -> Reused:
    """Make the next piece of `assignment` out of `version`, and hand it in at once when it is fit.

    A second press finds the piece that the first has made. Raises NotAllowed when the version is not (or no
    longer) the unit's to reuse, or when no piece may be begun.
    """
    assignment = ledger.lock(assignment.pk)
    if (piece := assignment.submissions.filter(draft__reused_from=version).first()) is not None:
        sent = piece.state in PieceState.sent()
        return Reused(piece, piece.versions.latest("number") if sent else None)
    if not _reusable(assignment, at).filter(pk=version.pk).exists():
        raise NotAllowed("这份材料已撤回、退回或有了新的版本，不能沿用，请刷新页面后重新选择。")
    number = assignment.submissions.count() + 1
    words = _words(version, assignment.requirement)
    piece = drafts.save_draft(assignment.pk, number, words, by=by, at=at).piece
    Draft.objects.filter(submission=piece).update(reused_from=version)
    DraftFile.objects.bulk_create(
        DraftFile(draft=piece.draft, file_id=file)
        for file in version.version_files.values_list("file_id", flat=True)
    )
    audit.record(
        "draft.reuse", at=at, by=by, target=piece, summary=f"{assignment.unit.name} {assignment.name}",
        detail={"from": version.pk},
    )  # fmt: skip
    try:
        with transaction.atomic():
            return Reused(piece, submitting.submit(piece, by=by, at=at))
    except NotAllowed as sentence:
        return Reused(piece, None, str(sentence))


def _words(version: Version, asked: Requirement) -> Words:
    """What is taken over: a topic of the same campaign, and the sheet where the same one is asked for.

    A progress table is never taken over: its values are those of a day.
    """
    source = version.submission.assignment.requirement
    topic = version.topic if version.topic and version.topic.campaign_id == asked.campaign_id else None
    same_sheet = source.kind == asked.kind != RequirementKind.PROGRESS
    return Words(
        title=version.title,
        authors=version.authors,
        topic=asked.topic or topic,
        abstract=version.abstract,
        body=version.body,
        sheet=version.sheet if same_sheet else {},
    )


def is_reworked(content: Content) -> bool:
    """Whether what was taken over has been changed since: words, sheet or files. The topic is no matter."""
    source = content.reused_from
    same = all(
        getattr(content, name) == getattr(source, name) for name in ("title", "authors", "abstract", "body")
    )
    same = same and _as_text(content.sheet) == _as_text(source.sheet)
    return not same or set(content.files.values_list("pk")) != set(source.files.values_list("pk"))


def _as_text(sheet: dict) -> dict[str, str]:
    """A draft keeps answers as they were typed, a version in one shape."""
    return {name: str(value) for name, value in sheet.items()}
