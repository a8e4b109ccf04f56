"""Drafts: saving them by hand and by themselves, two people at one, files on them.

Who saves says what they had before their eyes (`seen`, the `marks` of the draft). What only others changed
since stays theirs, what only this person changed is taken; where both changed the same field nobody is
overwritten: the person is asked (`Overtaken`).
"""

from collections.abc import Collection
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from hashlib import blake2s
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from campaigns.models import Topic
from portal import audit
from portal.files import resumable, store
from portal.models import StoredFile
from schools.models import User
from submissions.enums import EventKind, PieceState
from submissions.models import Assignment, Content, Draft, DraftFile, Submission
from submissions.rules import NotAllowed, allowed_kinds, require, why_no_new_piece
from submissions.services import ledger


@dataclass(frozen=True)
class Words:
    """What a person typed for a piece; `sheet` by the names of submissions.sheets."""

    title: str
    authors: str = ""
    topic: Topic | None = None
    abstract: str = ""
    body: str = ""
    sheet: dict[str, Any] = field(default_factory=dict)


PLAIN = tuple(one.name for one in fields(Words) if one.name != "sheet")


class Overtaken(NotAllowed):
    """Somebody else changed the same fields meanwhile; `names` are those, `draft` what is stored."""

    def __init__(self, draft: Draft, names: Collection[str], by: User) -> None:
        who = "您本人在另一窗口" if draft.saved_by_id == by.pk else draft.saved_by.name
        when = timezone.localtime(draft.saved_at)
        super().__init__(
            f"在您填写期间，{who}已于{when:%H:%M}修改了同一处内容；"
            "您填写的内容仍在下方，请逐处选择保留哪一份，然后再次保存。"
        )
        self.draft, self.names = draft, list(names)


@dataclass(frozen=True)
class Saved:
    """A saved draft: `taken` are the fields in which what `other` had written meanwhile was kept."""

    piece: Submission
    words: Words
    taken: tuple[str, ...] = ()
    other: str = ""


def words_of(content: Content) -> Words:
    return Words(**{one.name: getattr(content, one.name) for one in fields(Words)})


def flat(words: Words) -> dict[str, Any]:
    """Every field that can be changed by itself: name → value, those of the sheet among them."""
    return {name: getattr(words, name) for name in PLAIN} | words.sheet


def marks(words: Words) -> str:
    """What the fields hold, as a short text that a page carries along: “title=1a2b3c4d;body=…”."""
    return ";".join(f"{name}={_mark(value)}" for name, value in sorted(flat(words).items()) if value)


def informed(seen: str, shown: str, names: Collection[str]) -> str:
    """The marks of what somebody saw who was since `shown` the fields `names` as they are stored."""
    asked = {name: mark for name, mark in _read(shown).items() if name in names}
    kept = {name: mark for name, mark in _read(seen).items() if name not in names}
    return ";".join(f"{name}={mark}" for name, mark in sorted((kept | asked).items()))


def _read(seen: str) -> dict[str, str]:
    return dict(mark.split("=", 1) for mark in seen.split(";") if "=" in mark)


def _mark(value: Any) -> str:
    said = str(value.pk if isinstance(value, Topic) else value)
    return blake2s(said.replace("\r\n", "\n").encode(), digest_size=6).hexdigest()


@transaction.atomic
def save_draft(
    assignment_id: int,
    number: int,
    words: Words,
    *,
    by: User,
    at: datetime,
    seen: str | None = None,
    yielding: Collection[str] = (),
) -> Saved:
    """Create or update piece `number` of an assignment as a draft; a repeated call changes nothing more.

    `seen` are the `marks` of what the person was looking at ("" for an empty form, None to overwrite);
    `yielding` names the fields in which they give way to what is stored. Raises Overtaken, or NotAllowed
    when the piece is with the bureau or another piece may not be begun.
    """
    assignment = ledger.lock(assignment_id)
    piece = assignment.submissions.filter(number=number).select_related("draft__saved_by").first()
    if piece is None:
        piece = _begin(assignment, number, by=by, at=at)
        Draft.objects.create(submission=piece, **vars(words), saved_at=at, saved_by=by)
        return Saved(piece, words)
    require(why_not_editable(piece))
    merged, taken = _merge(piece.draft, words, seen, yielding, by)
    other = piece.draft.saved_by.name if taken else ""
    if merged != words_of(piece.draft):
        for name, value in vars(merged).items():
            setattr(piece.draft, name, value)
        piece.draft.saved_at, piece.draft.saved_by = at, by
        piece.draft.save()
    return Saved(piece, merged, taken, other)


def _begin(assignment: Assignment, number: int, *, by: User, at: datetime) -> Submission:
    existing = assignment.submissions.count()
    if number > existing + 1:
        raise NotAllowed("没有这一篇材料，请返回任务页面重新填写。")
    require(why_no_new_piece(assignment, existing, at))
    piece = Submission.objects.create(assignment=assignment, number=number)
    ledger.settle(assignment, EventKind.DRAFTED, at=at, by=by, note=which(number))
    return piece


def which(number: int) -> str:
    """Which piece an event is about, where the task has several."""
    return f"第{number}篇" if number > 1 else ""


def _merge(
    draft: Draft, mine: Words, seen: str | None, yielding: Collection[str], by: User
) -> tuple[Words, tuple[str, ...]]:
    """The words to store, and the fields in which what others had written is kept."""
    stored = words_of(draft)
    if seen is None or (seen == marks(stored) and not yielding):
        return mine, ()
    before = _read(seen)
    typed, theirs = flat(mine), flat(stored)
    names = [name for name in {**typed, **theirs} if _differs(typed.get(name), theirs.get(name))]
    # Theirs is what they changed since, or what this person gives way in; the rest only I changed.
    changed = [name for name in names if _mark_of(theirs.get(name)) != before.get(name, "")]
    untouched = [name for name in changed if _mark_of(typed.get(name)) == before.get(name, "")]
    taken = [name for name in names if name in yielding or name in untouched]
    disputed = [name for name in changed if name not in taken]
    if disputed:
        raise Overtaken(draft, disputed, by)
    kept = {name: theirs.get(name, "") for name in taken}
    sheet = mine.sheet | {name: value for name, value in kept.items() if name not in PLAIN}
    sheet = {name: value for name, value in sheet.items() if value}
    plain = {name: value for name, value in kept.items() if name in PLAIN}
    return replace(mine, sheet=sheet, **plain), tuple(taken)


def _mark_of(value: Any) -> str:
    return _mark(value) if value else ""


def _differs(one: Any, other: Any) -> bool:
    return _mark_of(one) != _mark_of(other)


def why_not_editable(piece: Submission) -> str | None:
    """Why the words and files of a piece cannot be changed now."""
    if piece.state in PieceState.editable():
        return None
    return f"这篇材料现在是“{piece.get_state_display()}”状态，不能修改；如需修改，请先撤回或联系审核人退回。"


# Files ------------------------------------------------------------------------------------------------


def attach(piece: Submission, upload: UploadedFile, *, by: User, at: datetime) -> DraftFile:
    """Check and store one uploaded file and add it to the draft; the requirement may limit its kind.

    A file that the draft has already, by name and content, is not added again: somebody has pressed twice.
    The bytes are on disk before the row exists. Raises `portal.files.checks.Refused` or NotAllowed; nothing
    is kept then.
    """
    require(_why_no_more_files(piece))
    stored = store.save(upload, by=by, at=at, allowed=allowed_kinds(piece.assignment.requirement))
    try:
        with transaction.atomic():
            piece = ledger.lock_piece(piece.pk)
            added = _same(piece, stored.name, stored.sha256) or _add(piece, stored)
    except NotAllowed:
        _drop(stored, at)
        raise
    if added.file_id != stored.pk:
        _drop(stored, at)
    return added


@transaction.atomic
def _drop(stored: StoredFile, at: datetime) -> None:
    store.purge(stored, at=at)


def attach_upload(piece: Submission, token: UUID, *, by: User, at: datetime) -> DraftFile:
    """Check and store a file that has come in pieces and add it to the draft; a second call changes nothing.

    Raises NotAllowed or `portal.files.checks.Refused`, and then nothing of the upload is kept;
    `resumable.Gone` or `Unfinished` when there is nothing to add yet.
    """
    try:
        found = _sealed(piece, token, by)
        with transaction.atomic():
            piece = ledger.lock_piece(piece.pk)
            upload = resumable.lock(token, by=by)
            if upload.stored_id is not None:
                return _attached(piece, upload.stored_id)
            # What cannot be added is not stored in the first place.
            require(_why_no_more_files(piece))
            if found and _same(piece, found.name, found.sha256):
                raise NotAllowed(f"文件“{found.name}”已经上传过，无需重复上传。")
            return _add(piece, resumable.keep(upload, found, by=by, at=at))
    except NotAllowed:
        resumable.discard(token, by=by)
        raise


def _sealed(piece: Submission, token: UUID, by: User) -> store.Sealed | None:
    """The upload as checked, None if there is nothing to check; laborious, so nothing is locked yet."""
    upload = resumable.find(token, by=by)
    if upload.stored_id is not None or _why_no_more_files(piece):
        return None
    return resumable.sealed(upload, allowed_kinds(piece.assignment.requirement))


def _attached(piece: Submission, file_id: int) -> DraftFile:
    """The file as the first call added it; an upload is good for one draft, and once."""
    found = piece.draft.draft_files.filter(file=file_id).first()
    if found is None:
        raise NotAllowed("这个文件已经用过，请重新选择文件上传。")
    return found


def _add(piece: Submission, stored: StoredFile) -> DraftFile:
    require(_why_no_more_files(piece))
    return DraftFile.objects.create(draft=piece.draft, file=stored)


def _same(piece: Submission, name: str, sha256: str) -> DraftFile | None:
    return piece.draft.draft_files.filter(file__name=name, file__sha256=sha256).first()


def _why_no_more_files(piece: Submission) -> str | None:
    if piece.draft.files.count() >= settings.UPLOAD_MAX_FILES:
        return f"一篇材料最多附{settings.UPLOAD_MAX_FILES}个文件，请先移除不需要的文件。"
    return why_not_editable(piece)


@transaction.atomic
def detach(draft_file: DraftFile, *, by: User, at: datetime) -> None:
    """Take a file off the draft; the stored file and every version that holds it stay."""
    piece = ledger.lock_piece(draft_file.draft.submission_id)
    require(why_not_editable(piece))
    draft_file.delete()
    audit.record("draft.detach", at=at, by=by, target=draft_file.file, summary=draft_file.file.name)
