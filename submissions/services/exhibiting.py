"""优秀成果: choosing accepted work, asking for the author's consent, showing it, taking it down again."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from notices.services.telling import tell
from portal import audit
from schools.enums import Role
from schools.models import User
from submissions import access
from submissions.enums import ExhibitState, PieceState
from submissions.models import Assignment, Exhibit, Version
from submissions.rules import NotAllowed, NotYours
from submissions.services import ledger
from submissions.services.reviewing import lock_newest
from submissions.services.submitting import tell_unit

#: In these the piece is chosen; in the others it may be chosen (again).
CHOSEN = (ExhibitState.ASKED, ExhibitState.SHOWN)


@transaction.atomic
def choose(version: Version, comment: str = "", *, by: User, at: datetime) -> Exhibit:
    """Choose the newest version of an accepted piece and ask its unit for the author's consent.

    After a refusal or a removal the same row asks anew. Raises NotYours when the campaign is another
    bureau's, NotAllowed when the version is not (or no longer) the accepted one, or is chosen already.
    """
    piece = lock_newest(version, "选为优秀成果")
    _require_host(piece.assignment, by)
    if piece.state != PieceState.ACCEPTED:
        raise NotAllowed("只有终审通过的材料才能选为优秀成果。")
    exhibit = Exhibit.objects.filter(version=version).first() or Exhibit(version=version)
    if exhibit.pk and exhibit.state in CHOSEN:
        raise NotAllowed(f"这篇材料已选为优秀成果（{exhibit.get_state_display()}），不用重复选定。")
    exhibit.comment, exhibit.chosen_by, exhibit.chosen_at = comment, by, at
    exhibit.answered_by = exhibit.answered_at = exhibit.removed_by = exhibit.removed_at = None
    _move(exhibit, ExhibitState.ASKED, "choose", piece.assignment, by=by, at=at)
    _tell_school(
        exhibit,
        piece.assignment,
        f"《{version.title}》被选为优秀成果，请答复是否同意展示",
        "展示须征得作者同意，请与作者确认后答复；答复之前，其他单位看不到这篇材料。",
        at,
    )
    return exhibit


@transaction.atomic
def consent(exhibit: Exhibit, *, by: User, at: datetime) -> None:
    """The unit says that the author agrees: from now on the version is shown. A second press changes nothing.

    Raises NotAllowed when nobody asks (any more), or when the piece has been opened again meanwhile.
    """
    exhibit, assignment = _lock(exhibit)
    if exhibit.state == ExhibitState.SHOWN:
        return
    if exhibit.state == ExhibitState.DECLINED:
        raise NotAllowed("本单位已答复不同意展示；如要改为同意，请联系主办单位重新选定。")
    _require_asked(exhibit)
    exhibit.answered_by, exhibit.answered_at = by, at
    _move(exhibit, ExhibitState.SHOWN, "consent", assignment, by=by, at=at)
    _tell_chooser(exhibit, f"{assignment.unit.name}同意展示《{exhibit.version.title}》", at)


@transaction.atomic
def decline(exhibit: Exhibit, *, by: User, at: datetime) -> None:
    """The unit does not agree, or takes its consent back. A second press changes nothing.

    Raises NotAllowed when the bureau has taken it down already.
    """
    exhibit, assignment = _lock(exhibit)
    if exhibit.state == ExhibitState.DECLINED:
        return
    withdrawn = exhibit.state == ExhibitState.SHOWN
    if not withdrawn:
        _require_asked(exhibit)
    exhibit.answered_by, exhibit.answered_at = by, at
    _move(exhibit, ExhibitState.DECLINED, "decline", assignment, by=by, at=at)
    said = "不再同意展示" if withdrawn else "不同意展示"
    _tell_chooser(exhibit, f"{assignment.unit.name}{said}《{exhibit.version.title}》", at)


@transaction.atomic
def remove(exhibit: Exhibit, *, by: User, at: datetime) -> None:
    """Take it off the shelf, or the question back. A second press changes nothing.

    Raises NotYours when the campaign is another bureau's, NotAllowed when the unit has declined.
    """
    exhibit, assignment = _lock(exhibit)
    _require_host(assignment, by)
    if exhibit.state == ExhibitState.REMOVED:
        return
    if exhibit.state not in CHOSEN:
        raise NotAllowed("学校未同意展示，这篇材料没有展示，不用撤下。")
    exhibit.removed_by, exhibit.removed_at = by, at
    _move(exhibit, ExhibitState.REMOVED, "remove", assignment, by=by, at=at)
    title = f"《{exhibit.version.title}》已由主办单位撤下，不再展示"
    _tell_school(exhibit, assignment, title, "", at)


def _lock(exhibit: Exhibit) -> tuple[Exhibit, Assignment]:
    """Lock the piece, as every change of its exhibits does, and read the exhibit as it is now."""
    piece = ledger.lock_piece(exhibit.version.submission_id)
    return Exhibit.objects.select_related("version").get(pk=exhibit.pk), piece.assignment


def _require_host(assignment: Assignment, by: User) -> None:
    if not access.hosts(by, assignment.requirement.campaign):
        raise NotYours("优秀成果由活动主办单位选定，您不能办理。")


def _require_asked(exhibit: Exhibit) -> None:
    if exhibit.state != ExhibitState.ASKED:
        raise NotAllowed("主办单位已撤下这篇材料，不再展示，无需答复。")
    if not access.accepted().filter(pk=exhibit.version_id).exists():
        raise NotAllowed("这篇材料已重新打开或有了新的版本，这一版不再展示，无需答复。")


def _move(
    exhibit: Exhibit, to: ExhibitState, verb: str, assignment: Assignment, *, by: User, at: datetime
) -> None:
    before = exhibit.state if exhibit.pk else ""
    exhibit.state = to
    exhibit.save()
    audit.record(
        f"exhibit.{verb}",
        at=at,
        by=by,
        target=exhibit,
        summary=f"{assignment.unit.name} {assignment.name}",
        detail={"before": before, "after": to.value, "comment": exhibit.comment},
    )


def _tell_school(exhibit: Exhibit, assignment: Assignment, title: str, body: str, at: datetime) -> None:
    for role in Role.own_unit():
        tell_unit(
            assignment,
            matter=f"exhibit:{exhibit.pk}:{at.isoformat()}",
            title=title,
            body=body,
            at=at,
            role=role,
            url=reverse("consent", args=[exhibit.pk]),
        )


def _tell_chooser(exhibit: Exhibit, title: str, at: datetime) -> None:
    tell(
        [exhibit.chosen_by],
        matter=f"exhibit:{exhibit.pk}:{at.isoformat()}",
        title=title,
        at=at,
        url=reverse("shelf_desk"),
    )
