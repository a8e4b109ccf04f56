"""代报: the bureau hands in for a unit without network, from the signed paper that the unit has sent."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from portal import audit
from portal.models import StoredFile
from schools.enums import Role
from schools.models import User
from submissions import access
from submissions.enums import Act, EventKind, PieceState
from submissions.models import Assignment, Draft, DraftFile, Submission, Version
from submissions.rules import NotAllowed, NotYours, require, why_no_behalf, why_no_more_behalf, why_unfit
from submissions.services import comparing, ledger
from submissions.services.drafts import Words, words_of
from submissions.services.submitting import freeze, tell_unit

CLEARED = "文件“{}”超过保存时间已清除，请重新选择文件上传。"


@transaction.atomic
def hand_in(
    assignment: Assignment,
    words: Words,
    files: Sequence[StoredFile] = (),
    *,
    by: User,
    at: datetime,
    reason: str,
    number: int | None = None,
) -> Version:
    """Hand in for the unit: a new piece, or with `number` the correction of a returned one.

    The cut-off does not hold, and nobody signs: the paper was signed. `at` decides whether it is late. The
    unit is told. A second press returns the version that the first has made. Raises NotYours when another
    bureau hosts the campaign; NotAllowed without a reason, when the unit owes nothing (more), when the
    piece is not what was asked for, or when the school is correcting it itself.
    """
    if not reason.strip():
        raise NotAllowed("请填写代报原因。")
    require(why_not_so_many(len(files)))
    _hold(files)
    assignment = ledger.lock(assignment.pk)
    if not access.hosts(by, assignment.requirement.campaign):
        raise NotYours("只有活动主办单位的活动专员可以代报。")
    if (already := _handed_in(assignment, words, files, by)) is not None:
        return already
    require(why_no_behalf(assignment))
    piece = _begin(assignment) if number is None else _returned(assignment, number)
    _write(piece, words, files, by=by, at=at)
    require(why_unfit(assignment.requirement, piece.draft, list(files)))
    ledger.move(piece, Act.SUBMIT)
    version = freeze(piece, list(files), by=by, at=at, on_behalf=True)
    piece.handed_in_at, piece.correct_by, piece.current = at, None, version
    piece.save(update_fields=["state", "handed_in_at", "correct_by", "current"])
    ledger.settle(assignment, EventKind.ON_BEHALF, at=at, by=by, version=version, note=reason)
    comparing.expect(version)
    _tell(assignment, version, reason, by=by, at=at)
    return version


def _hold(files: Sequence[StoredFile]) -> None:
    """See that no sweep takes the bytes of files that were sent with an earlier form, perhaps long ago."""
    there = StoredFile.objects.select_for_update(no_key=True).filter(purged_at=None).order_by("pk")
    held = set(there.filter(pk__in=[one.pk for one in files]).values_list("pk", flat=True))
    for one in files:
        if one.pk not in held:
            raise NotAllowed(CLEARED.format(one.name))


def why_not_so_many(files: int) -> str | None:
    """Why a piece cannot have so many files; to be asked before any of them is stored."""
    if files <= settings.UPLOAD_MAX_FILES:
        return None
    return f"一篇材料最多附{settings.UPLOAD_MAX_FILES}个文件，请减少后再提交。"


def corrections(assignment: Assignment) -> list[Submission]:
    """Returned pieces whose correction may be handed in on behalf, their `draft` being what was returned.

    Not those that the school has begun to change, nor what has never left it.
    """
    found = assignment.submissions.filter(state=PieceState.RETURNED).select_related("draft")
    return [piece for piece in found if _is_untouched(piece)]


def _is_untouched(piece: Submission) -> bool:
    newest = piece.versions.latest("number")
    if not newest.events.filter(kind__in=EventKind.handing_in()).exists():
        return False
    same_files = set(piece.draft.files.values_list("pk")) == set(newest.files.values_list("pk"))
    return same_files and piece.draft.saved_at <= newest.submitted_at


def _handed_in(assignment: Assignment, words: Words, files: Sequence[StoredFile], by: User) -> Version | None:
    """What the person has handed in on behalf with exactly these words and bytes, if it is still in."""
    mine = Version.objects.filter(
        submission__assignment=assignment,
        submission__state__in=PieceState.handed_in(),
        on_behalf=True,
        submitted_by=by,
    ).select_related("submission__draft")
    hashes = sorted(stored.sha256 for stored in files)
    for version in mine.order_by("-pk"):
        # The draft is what was sent: nobody changes it while the piece is with the bureau.
        same = words_of(version.submission.draft) == words
        if same and sorted(version.files.values_list("sha256", flat=True)) == hashes:
            return version
    return None


def _begin(assignment: Assignment) -> Submission:
    existing = assignment.submissions.count()
    require(why_no_more_behalf(assignment, existing))
    piece = Submission.objects.create(assignment=assignment, number=existing + 1)
    piece.assignment = assignment
    return piece


def _returned(assignment: Assignment, number: int) -> Submission:
    for piece in corrections(assignment):
        if piece.number == number:
            piece.assignment = assignment
            return piece
    raise NotAllowed("这篇材料不在退回状态，或学校已在自行修改，不能代为更正，请刷新页面查看最新情况。")


def _write(piece: Submission, words: Words, files: Sequence[StoredFile], *, by: User, at: datetime) -> None:
    """Make the draft what is handed in, so that the school corrects what was sent for it."""
    draft, _ = Draft.objects.update_or_create(
        submission=piece, defaults={**vars(words), "saved_at": at, "saved_by": by}
    )
    draft.draft_files.exclude(file__in=files).delete()
    held = set(draft.draft_files.values_list("file_id", flat=True))
    DraftFile.objects.bulk_create(DraftFile(draft=draft, file=one) for one in files if one.pk not in held)
    piece.draft = draft


def _tell(assignment: Assignment, version: Version, reason: str, *, by: User, at: datetime) -> None:
    """Tell the auditor and the unit."""
    audit.record(
        "version.on_behalf",
        at=at,
        by=by,
        target=version,
        summary=f"{assignment.unit.name} {assignment.name}",
        detail={"reason": reason},
    )
    for role in Role.own_unit():
        tell_unit(
            assignment,
            matter=f"behalf:{version.pk}",
            title=f"主办单位已代本单位报送《{version.title}》",
            body=f"代报原因：{reason}\n请核对；如有不符，请联系主办单位。",
            at=at,
            role=role,
        )
