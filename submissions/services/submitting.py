"""The school's side: handing in, withdrawing, signing for (drafts: services/drafts.py)."""

import hashlib
import json
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from notices.enums import Manner
from notices.services.telling import tell
from notices.workdays import last_day
from portal.models import StoredFile
from schools.enums import Role
from schools.models import Membership, User
from submissions import sheets
from submissions.enums import Act, EventKind, Override, PieceState
from submissions.models import Assignment, Draft, Submission, Version, VersionFile, VersionValue
from submissions.rules import (
    NotAllowed,
    require,
    why_closed,
    why_no_withdrawal,
    why_nothing_taken,
    why_unfit,
)
from submissions.services import comparing, ledger
from submissions.services.drafts import Words, marks, which, words_of


@transaction.atomic
def submit(piece: Submission, *, by: User, at: datetime, seen: str | None = None) -> Version:
    """Hand the draft in as the next immutable version; where sign-off is asked, lay it before the head.

    `seen` are the `marks` of what the person decided to hand in. Raises NotAllowed when somebody changed
    that meanwhile, when the state or the cut-off forbids it, when it is not what was asked for, or when the
    unit has no head to sign it.
    """
    piece = ledger.lock_piece(piece.pk)
    assignment, requirement, draft = piece.assignment, piece.assignment.requirement, piece.draft
    require(why_nothing_taken(assignment, at, piece.correct_by))
    ledger.move(piece, Act.SUBMIT_FOR_SIGNATURE if requirement.sign_off else Act.SUBMIT)
    require(_why_not_as_seen(draft, seen))
    files = list(draft.files.order_by("draft_files__pk"))
    require(why_unfit(requirement, draft, files) or _why_nobody_signs(assignment))
    version = freeze(piece, files, by=by, at=at)
    piece.handed_in_at = at
    if not requirement.sign_off:
        piece.correct_by, piece.current = None, version
    piece.save(update_fields=["state", "handed_in_at", "correct_by", "current"])
    event = EventKind.SENT_TO_SIGN if requirement.sign_off else EventKind.SUBMITTED
    ledger.settle(assignment, event, at=at, by=by, version=version)
    if requirement.sign_off:
        _ask_to_sign(assignment, version, at)
    else:
        comparing.expect(version)
    return version


def _why_not_as_seen(draft: Draft, seen: str | None) -> str | None:
    if seen is None or seen == marks(words_of(draft)):
        return None
    return "刚才有人修改了这篇材料，本次没有提交；请核对下方的最新内容后再次提交。"


def freeze(
    piece: Submission, files: list[StoredFile], *, by: User, at: datetime, on_behalf: bool = False
) -> Version:
    """Write the draft down as the next version. Raises NotAllowed when its sheet is not what is asked for."""
    draft, requirement = piece.draft, piece.assignment.requirement
    indicators = sheets.asked_for(piece.assignment)
    try:
        sheet = sheets.read(requirement.kind, draft.sheet, indicators, today=timezone.localdate(at))
    except sheets.Unfit as sentence:
        raise NotAllowed(str(sentence)) from None
    version = Version.objects.create(
        submission=piece,
        number=piece.versions.count() + 1,
        submitted_at=at,
        submitted_by=by,
        on_behalf=on_behalf,
        **vars(words_of(draft)) | {"sheet": sheet},
        reused_from=draft.reused_from,
        digest=_digest(draft, sheet, [stored.sha256 for stored in files]),
    )
    VersionFile.objects.bulk_create(VersionFile(version=version, file=stored) for stored in files)
    VersionValue.objects.bulk_create(
        VersionValue(version=version, indicator_id=indicator, value=value)
        for indicator, value in sheets.values_in(sheet)
    )
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


def _digest(draft: Draft, sheet: sheets.Sheet, hashes: list[str]) -> str:
    """SHA-256 (hex) over words, sheet and file hashes, printed on the receipt."""
    said = [draft.title, draft.authors, draft.topic_id, draft.abstract, draft.body, sheet, *hashes]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def is_handed_in(assignment_id: int, number: int, words: Words, names: Collection[str] = ()) -> bool:
    """Whether exactly these words, with files of these names, are sent: the second press of a button."""
    piece = Submission.objects.filter(
        assignment=assignment_id, number=number, state__in=PieceState.sent()
    ).first()
    if piece is None:
        return False
    # The draft is what was sent: nobody changes it while the piece is with the head or the bureau.
    newest = piece.versions.latest("number")
    return words_of(piece.draft) == words and set(names) <= set(newest.files.values_list("name", flat=True))


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
    piece.save(update_fields=["state", "correct_by", "current"])
    ledger.settle(piece.assignment, EventKind.WITHDRAWN, at=at, by=by, note=which(piece.number))


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
    manner: Manner = Manner.ORDINARY,
) -> None:
    """Tell those who hold `role` in the unit that owes `assignment`; it leads there unless `url` is given."""
    tell(
        _people(assignment, role).values_list("user_id", flat=True),
        matter=matter,
        title=title,
        body=body,
        at=at,
        url=url or reverse("assignment", args=[assignment.pk]),
        manner=manner,
        unit=assignment.unit,
    )


def _people(assignment: Assignment, role: Role) -> QuerySet[Membership]:
    return Membership.objects.in_post(role).filter(unit=assignment.unit)
