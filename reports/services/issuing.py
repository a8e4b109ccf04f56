"""From the draft of a report to its readers: signed, kept as files, published, received."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from notices.services.telling import tell
from portal import audit
from portal.changes import Values
from portal.files import store
from portal.files.kinds import FileKind
from portal.files.names import named_after
from portal.models import StoredFile
from reports import access
from reports.enums import Audience, PaperState, ReportKind
from reports.models import Receipt, Report, SignedCopy
from reports.papers import filling
from reports.services import ordering, shapes
from reports.services.ordering import OFFICER_NEEDED
from reports.services.signoff import Desk, people_of
from schools.access import scope_of
from schools.enums import Role, UnitKind
from schools.models import Membership, Unit, User
from submissions.enums import AssignmentState
from submissions.models import Assignment, Version
from submissions.rules import NotAllowed, NotYours, require
from submissions.services import ledger

NO_ROOM = "服务器暂时无法保存文件，没有签发，请稍后再试；如仍不成功，请联系系统管理员。"
LEADER_NEEDED = "报告由主办单位的局领导签发，您不能办理。"
NOT_SIGNED = "报告签发后才能上传正式文件。"
WORDS = ("title", "opening", "ending", "number", "audience", "template_id")

log = logging.getLogger(__name__)


def _lock(report: Report, role: Role, by: User) -> Report:
    """The report as it is now; NotYours unless `by` holds `role` over its host."""
    Report.objects.select_for_update(no_key=True).get(pk=report.pk)
    found = Report.objects.select_related("host", "campaign", "phase", "template__file").get(pk=report.pk)
    if not scope_of(by, role).covers(found.host):
        raise NotYours(OFFICER_NEEDED if role == Role.OFFICER else LEADER_NEEDED)
    return found


def why_stale(report: Report) -> str | None:
    """Why it cannot go out any more: a later edition has, or work that a newsletter prints is not shown."""
    if report.kind != ReportKind.NEWSLETTER:
        editions = Report.objects.filter(subject=report.subject, state=PaperState.SENT)
        later = editions.filter(edition__gt=report.edition).first()
        return f"{later.issue}已经印发，这一版不再印发，请定为“不印发”。" if later else None
    shown = set(ordering.shelf(report.campaign).values_list("version", flat=True))
    gone = [one["title"] for one in report.figures["articles"] if one["version"] not in shown]
    if gone:
        return f"《{gone[0]}》已不在优秀成果中展示，不能印发，请定为“不印发”后重新编制。"
    if not report.figures["articles"]:
        return "选用的材料都已不在优秀成果中展示，请定为“不印发”后重新编制。"
    return None


def _keep(report: Report, by: User, at: datetime) -> None:
    """Word and workbook as they are signed, for good. Nobody takes work back meanwhile."""
    if report.kind == ReportKind.NEWSLETTER:
        printed = Version.objects.filter(pk__in=[one["version"] for one in report.figures["articles"]])
        for piece in sorted(printed.values_list("submission", flat=True)):
            ledger.lock_piece(piece)
        require(why_stale(report))
    made = [
        (kind, _written(write, report))
        for kind, write in ((FileKind.DOCX, shapes.word_of), (FileKind.XLSX, shapes.book_of))
    ]
    try:
        report.word, report.book = [_stored(report, kind, content, by, at) for kind, content in made]
    except OSError as error:
        log.exception("report %s could not be kept", report.pk)
        raise NotAllowed(NO_ROOM) from error


def _stored(report: Report, kind: FileKind, content: bytes, by: User, at: datetime) -> StoredFile:
    with store.workspace() as folder:
        path = folder / f"report.{kind}"
        path.write_bytes(content)
        return store.put(path, named_after(f"{report.title}.{kind}"), kind, by=by, at=at)


def _written(write: Callable[[Report], bytes], report: Report) -> bytes:
    """What `write` makes of it; NotAllowed where its template is faulty."""
    try:
        return write(report)
    except filling.Faulty as fault:
        raise NotAllowed(str(fault)) from fault


def _publish(report: Report, at: datetime) -> None:
    """Address it to the units in scope, each of which is to sign for it, and tell everybody."""
    recipients = people_of(report.host, Role.OFFICER) | people_of(report.host, Role.LEADER)
    units = list(addressed(report))
    Receipt.objects.bulk_create([Receipt(report=report, unit_id=pk) for pk in units], batch_size=5000)
    posts = Membership.objects.in_post(*Role.own_unit()).filter(unit__in=units)
    _tell(report, set(posts.values_list("user", flat=True)), "请阅读后签收。", at)
    _tell(report, recipients, "请阅读。", at)


def addressed(report: Report) -> list[int]:
    """Units (ids) to which it would be published now, by the tree: the sections of its bureau, or all units
    that owe what it tells of. A phase that asks for nothing is told to all of the campaign."""
    active = Unit.objects.active().order_by("path").values_list("pk", flat=True)
    if report.audience == Audience.INSIDE:
        return list(active.filter(kind=UnitKind.SECTION, parent=report.host_id))
    owing = Assignment.objects.filter(
        occurrence__requirement__campaign=report.campaign_id, state__in=AssignmentState.owed()
    ).order_by()
    in_phase = owing.filter(occurrence__requirement__phase=report.phase_id)
    concerned = in_phase if in_phase.exists() else owing
    return list(active.filter(pk__in=concerned.values("unit")))


def _tell(report: Report, recipients: set[int], asked: str, at: datetime) -> None:
    tell(
        recipients,
        matter=f"{access.PUBLISHED}{report.pk}",
        title=f"{report.get_kind_display()}：{report.title}",
        body=f"{report.host.name}已印发，{asked}",
        url=reverse("report", args=[report.pk]),
        at=at,
    )


DESK = Desk(
    noun="报告",
    named="报告",
    words=WORDS,
    needed=("title",),
    nothing="标题不能为空，请补充。",
    lock=_lock,
    page="report",
    about=lambda report: report.get_kind_display(),
    keep=_keep,
    send_out=_publish,
    why_stale=why_stale,
)
edition, submit, take_back = DESK.edition, DESK.submit, DESK.take_back
give_back, sign, discard = DESK.give_back, DESK.sign, DESK.discard


@transaction.atomic
def edit(report: Report, values: Values, *, by: User, at: datetime, seen: str | None = None) -> Report:
    """`Desk.edit`; what is chosen must fit together, so that nobody finds out at the signature."""
    current = _lock(report, Role.OFFICER, by)
    if number := values.get("number"):
        _require_unused(number, current)
    found = DESK.edit(report, values, by=by, at=at, seen=seen)
    _written(shapes.word_of, found)
    return found


def _require_unused(number: str, report: Report) -> None:
    """One 发文字号 is one paper."""
    others = Report.objects.filter(host=report.host_id, number=number).exclude(pk=report.pk)
    if used := others.exclude(state=PaperState.DISCARDED).first():
        said = f"发文字号“{number}”已用于《{used.title}》{used.issue}"
        raise NotAllowed(f"{said}，请核对；那一版不用的，请先定为“不印发”。")


# Afterwards -------------------------------------------------------------------------------------------


@transaction.atomic
def acknowledge(report: Report, unit: Unit, *, by: User, at: datetime) -> Receipt:
    """签收 for a unit, by one of its own people, once; a second click keeps the first.

    Raises NotYours for other people, NotAllowed for a unit to which it was not published.
    """
    found = Receipt.objects.select_for_update().filter(report=report, unit=unit).first()
    if found is None:
        raise NotAllowed("这份报告没有印发给本单位，无需签收。")
    if unit.pk not in scope_of(by, *Role.own_unit()).own:
        raise NotYours("报告由本单位的信息员或负责人签收，您不能代签。")
    if found.at is None:
        found.by, found.at = by, at
        found.save(update_fields=["by", "at"])
        audit.record("report.acknowledge", at=at, by=by, target=report, summary=f"{unit}签收{report.title}")
    return found


@transaction.atomic
def add_copy(report: Report, file: StoredFile, *, by: User, at: datetime) -> SignedCopy:
    """Add the version that was signed on paper: readers get it instead of the one made here.

    Raises NotYours, and NotAllowed for a report that has not been signed.
    """
    found = _lock(report, Role.OFFICER, by)
    if found.state != PaperState.SENT:
        raise NotAllowed(NOT_SIGNED)
    made = SignedCopy.objects.create(report=found, file=file, by=by, at=at)
    audit.record("report.copy", at=at, by=by, target=found, summary=f"{found.title}：{file.name}")
    return made
