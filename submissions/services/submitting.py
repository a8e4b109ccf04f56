"""The school's side: drafts, files, handing in, withdrawing, signing for."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Topic
from notices.services import tell
from notices.workdays import last_day
from portal import audit
from portal.files import store
from portal.models import StoredFile
from schools.enums import Role
from schools.models import Membership, User
from submissions.enums import Act, EventKind, Override, PieceState
from submissions.models import Assignment, Content, Draft, DraftFile, Submission, Version, VersionFile
from submissions.rules import (
    NotAllowed,
    allowed_kinds,
    require,
    why_closed,
    why_no_new_piece,
    why_no_withdrawal,
    why_nothing_taken,
    why_unfit,
)
from submissions.services import ledger


@dataclass(frozen=True)
class Words:
    """What a person typed for a piece."""

    title: str
    authors: str = ""
    topic: Topic | None = None
    abstract: str = ""
    body: str = ""


@transaction.atomic
def save_draft(
    assignment_id: int, number: int, words: Words, *, by: User, at: datetime, seen: str | None = None
) -> Submission:
    """Create or update piece `number` of an assignment as a draft; a repeated call changes nothing more.

    `seen` is the `Draft.edition` the person was looking at ("" for none); with it, words that somebody
    has saved since are not overwritten. Raises NotAllowed then, when the piece is with the bureau, or
    when another piece may not be begun.
    """
    assignment = ledger.lock(assignment_id)
    piece = assignment.submissions.filter(number=number).select_related("draft__saved_by").first()
    if piece is None:
        existing = assignment.submissions.count()
        if number > existing + 1:
            raise NotAllowed("没有这一篇材料，请返回任务页面重新填写。")
        require(why_no_new_piece(assignment, existing, at))
        piece = Submission.objects.create(assignment=assignment, number=number)
        ledger.settle(assignment, EventKind.DRAFTED, at=at, by=by)
    else:
        require(_why_not_editable(piece) or _why_overtaken(piece.draft, words, seen))
    Draft.objects.update_or_create(submission=piece, defaults={**vars(words), "saved_at": at, "saved_by": by})
    return piece


def _words_of(content: Content) -> Words:
    return Words(**{field.name: getattr(content, field.name) for field in fields(Words)})


def _why_overtaken(draft: Draft, words: Words, seen: str | None) -> str | None:
    if seen is None or seen == draft.edition or words == _words_of(draft):
        return None
    when = timezone.localtime(draft.saved_at)
    return (
        f"在您填写期间，{draft.saved_by.name}已于{when:%H:%M}保存过这篇材料；"
        "您填写的内容仍在下方，请核对后再次保存，将以您的内容为准。"
    )


def _why_not_editable(piece: Submission) -> str | None:
    if piece.state in PieceState.editable():
        return None
    return f"这篇材料现在是“{piece.get_state_display()}”状态，不能修改；如需修改，请先撤回或联系审核人退回。"


def attach(piece: Submission, upload: UploadedFile, *, by: User, at: datetime) -> DraftFile:
    """Check and store one uploaded file and add it to the draft; the requirement may limit its kind.

    The bytes are on disk before the row exists. Raises `portal.files.checks.Refused` (nothing is
    kept) or NotAllowed.
    """
    require(_why_no_more_files(piece))
    allowed = allowed_kinds(piece.assignment.requirement)
    stored = store.save(upload, by=by, at=at, allowed=allowed)
    with transaction.atomic():
        piece = ledger.lock_piece(piece.pk)
        require(_why_no_more_files(piece))
        return DraftFile.objects.create(draft=piece.draft, file=stored)


def _why_no_more_files(piece: Submission) -> str | None:
    if piece.draft.files.count() >= settings.UPLOAD_MAX_FILES:
        return f"一篇材料最多附{settings.UPLOAD_MAX_FILES}个文件，请先移除不需要的文件。"
    return _why_not_editable(piece)


@transaction.atomic
def detach(draft_file: DraftFile, *, by: User, at: datetime) -> None:
    """Take a file off the draft; the stored file and every version that holds it stay."""
    piece = ledger.lock_piece(draft_file.draft.submission_id)
    require(_why_not_editable(piece))
    draft_file.delete()
    audit.record("draft.detach", at=at, by=by, target=draft_file.file, summary=draft_file.file.name)


@transaction.atomic
def submit(piece: Submission, *, by: User, at: datetime) -> Version:
    """Hand the draft in as the next immutable version; where sign-off is asked, lay it before the head.

    Raises NotAllowed when the state or the cut-off forbids it, when it is not what was asked for, or
    when the unit has no head to sign it.
    """
    piece = ledger.lock_piece(piece.pk)
    assignment, requirement, draft = piece.assignment, piece.assignment.requirement, piece.draft
    require(why_nothing_taken(assignment, at, piece.correct_by))
    ledger.move(piece, Act.SUBMIT_FOR_SIGNATURE if requirement.sign_off else Act.SUBMIT)
    files = list(draft.files.order_by("draft_files__pk"))
    require(why_unfit(requirement, draft, files) or _why_nobody_signs(assignment))
    version = _freeze(piece, files, by=by, at=at)
    piece.handed_in_at = at
    if not requirement.sign_off:
        piece.correct_by = None
    piece.save(update_fields=["state", "handed_in_at", "correct_by"])
    event = EventKind.SENT_TO_SIGN if requirement.sign_off else EventKind.SUBMITTED
    ledger.settle(assignment, event, at=at, by=by, version=version)
    if requirement.sign_off:
        _ask_to_sign(assignment, version, at)
    return version


def _freeze(piece: Submission, files: list[StoredFile], *, by: User, at: datetime) -> Version:
    draft = piece.draft
    version = Version.objects.create(
        submission=piece,
        number=piece.versions.count() + 1,
        submitted_at=at,
        submitted_by=by,
        title=draft.title,
        authors=draft.authors,
        topic=draft.topic,
        abstract=draft.abstract,
        body=draft.body,
        digest=_digest(draft, [stored.sha256 for stored in files]),
    )
    VersionFile.objects.bulk_create(VersionFile(version=version, file=stored) for stored in files)
    return version


def _why_nobody_signs(assignment: Assignment) -> str | None:
    if not assignment.requirement.sign_off or _people(assignment, Role.HEAD).exists():
        return None
    return "本单位还没有登记负责人，无法签发，请联系教育局系统管理员。"


def _ask_to_sign(assignment: Assignment, version: Version, at: datetime) -> None:
    due = last_day(assignment.due_at)
    tell_unit(
        assignment,
        matter=f"sign:{version.pk}",
        title=f"《{version.title}》待您签发",
        body=f"{assignment.requirement.title}，请于{due.month}月{due.day}日前报送，签发后才算报出。",
        at=at,
        role=Role.HEAD,
        url=reverse("version", args=[version.pk]),
    )


def _digest(draft: Draft, hashes: list[str]) -> str:
    """SHA-256 (hex) over words and file hashes, printed on the receipt."""
    said = [draft.title, draft.authors, draft.topic_id, draft.abstract, draft.body, *hashes]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def is_handed_in(assignment_id: int, number: int, words: Words, names: Collection[str] = ()) -> bool:
    """Whether exactly these words, with files of these names, are sent: the second press of a button."""
    piece = Submission.objects.filter(
        assignment=assignment_id, number=number, state__in=PieceState.sent()
    ).first()
    if piece is None:
        return False
    newest = piece.versions.latest("number")
    return _words_of(newest) == words and set(names) <= set(newest.files.values_list("name", flat=True))


@transaction.atomic
def withdraw(piece: Submission, *, by: User, at: datetime) -> None:
    """Take a piece back before it has been reviewed or signed; the version stays, the draft opens again.

    A correction taken back is 退回 again, with the date set then. Raises NotAllowed once the piece is
    decided, or when it could not be handed in again.
    """
    piece = ledger.lock_piece(piece.pk)
    signed = piece.state != PieceState.TO_SIGN  # then the head has no opinion open
    returned = piece.last_return(by_bureau=signed)
    closed = why_no_withdrawal(piece, at)
    ledger.move(piece, Act.WITHDRAW_CORRECTION if returned else Act.WITHDRAW)
    require(closed)
    if signed:
        piece.correct_by = returned.correct_by if returned else None
    piece.save(update_fields=["state", "correct_by"])
    ledger.settle(piece.assignment, EventKind.WITHDRAWN, at=at, by=by)


@transaction.atomic
def acknowledge(assignment: Assignment, *, by: User, at: datetime) -> None:
    """签收: one explicit click with name and time; a second click changes nothing."""
    assignment = ledger.lock(assignment.pk)
    if assignment.override == Override.ACKNOWLEDGED:
        return
    if not assignment.requirement.by_click:
        raise NotAllowed("这项任务需要报送材料，不能只签收。")
    require(why_closed(assignment, at))
    assignment.override = Override.ACKNOWLEDGED
    ledger.settle(assignment, EventKind.ACKNOWLEDGED, at=at, by=by)


def tell_unit(
    assignment: Assignment,
    *,
    matter: str,
    title: str,
    at: datetime,
    body: str = "",
    role: Role = Role.SECRETARY,
    url: str = "",
) -> None:
    """Tell those who hold `role` in the unit that owes `assignment`; it leads there unless `url` is given."""
    tell(
        _people(assignment, role).values_list("user_id", flat=True),
        matter=matter,
        title=title,
        body=body,
        at=at,
        url=url or reverse("assignment", args=[assignment.pk]),
    )


def _people(assignment: Assignment, role: Role) -> QuerySet[Membership]:
    return Membership.objects.filter(unit=assignment.unit, role=role, ended_at=None, user__is_active=True)
