"""A new edition of a report is ordered, by a person or because something has been closed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.urls import reverse

from campaigns.enums import CampaignState, PhaseState
from campaigns.models import Campaign, Phase
from notices.services.telling import tell
from portal import audit, jobs
from portal.models import JobState
from reports.enums import Audience, PaperState, ReportKind
from reports.models import Report
from reports.services.signoff import people_of
from schools.access import scope_of
from schools.enums import Role, UnitKind
from schools.models import Unit, User
from submissions import access
from submissions.models import Exhibit
from submissions.rules import NotAllowed, NotYours
from submissions.services import ledger

COMPILE = "report.compile"
#: What was closed longer ago is history, and no report of it is expected.
LATEST = timedelta(days=30)
#: So many pieces stand in one newsletter.
MOST = 20
WEEK = timedelta(days=6)
OFFICER_NEEDED = "报告由主办单位的活动专员编制，您不能办理。"
BUSY = "上一期简报正在编制，请在它编制完成或放弃后再编制新的一期。"
NO_WORK = "请至少选择一篇正在优秀成果中展示的材料。"


@dataclass(frozen=True)
class About:
    """What a report is to be about. `subject` is one thing: its editions are numbered."""

    kind: ReportKind
    host: Unit
    subject: str
    title: str
    starts_on: date
    ends_on: date
    campaign: Campaign | None = None
    phase: Phase | None = None
    closing: datetime | None = None
    chosen: list[int] = field(default_factory=list)


# What it may be about ---------------------------------------------------------------------------------


def of_phase(phase: Phase, closing: datetime | None = None) -> About:
    """阶段报告. Raises NotAllowed for a phase that has not begun."""
    if phase.state == PhaseState.UPCOMING:
        raise NotAllowed("这个阶段还没有开始，开始后才能编制报告。")
    campaign = phase.campaign
    name = phase.name if phase.name.endswith("阶段") else f"{phase.name}阶段"
    return About(
        ReportKind.PHASE,
        campaign.host,
        f"phase:{phase.pk}",
        _title(campaign, f"{name}情况通报"),
        phase.starts_on,
        phase.ends_on,
        campaign,
        phase,
        closing,
    )


def of_campaign(campaign: Campaign, closing: datetime | None = None) -> About:
    """活动总结."""
    days = campaign.starts_on, campaign.ends_on
    subject, title = f"campaign:{campaign.pk}", _title(campaign, "工作总结")
    return About(ReportKind.CAMPAIGN, campaign.host, subject, title, *days, campaign, closing=closing)


def of_week(host: Unit, day: date) -> About:
    """每周进展 of the week (Monday to Sunday) in which `day` lies."""
    first = day - timedelta(days=day.weekday())
    last = first + WEEK
    said = f"{host.name}教育活动每周进展（{first.month}月{first.day}日至{last.month}月{last.day}日）"
    return About(ReportKind.WEEK, host, f"week:{host.pk}:{first}", said, first, last)


def of_month(host: Unit, day: date) -> About:
    """月度汇总 of the month in which `day` lies."""
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    title = f"{host.name}{day.year}年{day.month}月教育活动汇总"
    return About(ReportKind.MONTH, host, f"month:{host.pk}:{first}", title, first, last)


def newsletter(campaign: Campaign, versions: Iterable[int], day: date) -> About:
    """简报 of `versions` that stand on the shelf, in that order. Raises NotAllowed for none, and too many."""
    shown = set(shelf(campaign).values_list("version", flat=True))
    chosen = [pk for pk in dict.fromkeys(versions) if pk in shown]
    if not chosen:
        raise NotAllowed(NO_WORK)
    if len(chosen) > MOST:
        raise NotAllowed(f"一期简报最多选用{MOST}篇材料，请减少后再编制。")
    subject, title = f"newsletter:{campaign.pk}", _title(campaign, "简报")
    days = min(campaign.starts_on, day), day
    return About(ReportKind.NEWSLETTER, campaign.host, subject, title, *days, campaign, chosen=chosen)


def same_as(report: Report, day: date) -> About:
    """What another edition of `report` would be about: of a newsletter what it chose, as far as it is shown.

    `day` is today. Raises NotAllowed like the others.
    """
    match report.kind:
        case ReportKind.PHASE:
            return of_phase(report.phase)
        case ReportKind.CAMPAIGN:
            return of_campaign(report.campaign)
        case ReportKind.WEEK:
            return of_week(report.host, report.starts_on)
        case ReportKind.MONTH:
            return of_month(report.host, report.starts_on)
    return newsletter(report.campaign, report.chosen, day)


def shelf(campaign: Campaign) -> QuerySet[Exhibit]:
    """The exhibits of the campaign that are shown, with their consent."""
    return access.shown().filter(version__submission__assignment__occurrence__requirement__campaign=campaign)


def _title(campaign: Campaign, rest: str) -> str:
    """As long as a title may be. An activity is named without 书名号 (GB/T 15834)."""
    spare = Report._meta.get_field("title").max_length - len(rest)
    name = campaign.title if len(campaign.title) <= spare else f"{campaign.title[: spare - 1]}…"
    return f"{name}{rest}"


# Ordering ---------------------------------------------------------------------------------------------


@transaction.atomic
def order(about: About, *, by: User | None, at: datetime, after: int | None = None) -> Report:
    """Have a worker compile a new edition; `by` is None for what nobody asked for but the calendar.

    While one is being compiled, another order gets the same, and so does one by a person who knew of no
    edition later than `after`: a second press. Raises NotYours for people who are no officers of the host,
    NotAllowed for a campaign that has not been published, and while a newsletter of other work is compiled.
    """
    if by is not None and not scope_of(by, Role.OFFICER).covers(about.host):
        raise NotYours(OFFICER_NEEDED)
    if about.campaign is None:
        Unit.objects.select_for_update(no_key=True).get(pk=about.host.pk)
    elif ledger.lock_campaign(about.campaign.pk).is_draft:
        raise NotAllowed("活动还没有发布，发布后才能编制报告。")
    editions = Report.objects.filter(subject=about.subject)
    _make_room(editions, by=by, at=at)
    if found := editions.filter(state=PaperState.COMPILING).first():
        if found.chosen != about.chosen:
            raise NotAllowed(BUSY)
        return found
    latest = editions.aggregate(latest=Max("edition", default=0))["latest"]
    if after is not None and latest > after:
        return editions.get(edition=latest)
    made = Report.objects.create(
        **vars(about),
        **_carried(about, editions.filter(edition=latest).select_related("template").first()),
        state=PaperState.COMPILING,
        edition=latest + 1,
        ordered_by=by,
        ordered_at=at,
    )
    _start(made, by=by, at=at)
    audit.record("report.order", at=at, by=by, target=made, summary=str(made))
    return made


def _carried(about: About, before: Report | None) -> dict[str, Any]:
    """What the officer wrote for the edition before, and chose; never its 发文字号, which is used once.

    The passages of a newsletter belong to its own pieces.
    """
    if before is None:
        return {"audience": Audience.INSIDE if about.kind in ReportKind.periodic() else Audience.UNITS}
    in_use = before.template is not None and before.template.retired_at is None
    chosen = {"audience": before.audience, "template": before.template if in_use else None}
    if about.kind == ReportKind.NEWSLETTER:
        return chosen
    return chosen | {"opening": before.opening, "ending": before.ending}


@transaction.atomic
def again(report: Report, *, by: User, at: datetime) -> Report:
    """Take up an edition whose compiling has failed. While it goes on, a second press changes nothing.

    Raises NotYours, and NotAllowed when it has been compiled meanwhile.
    """
    found = _lock_compiling(report, by)
    if found.job.state != JobState.FAILED:
        return found
    _start(found, by=by, at=at)
    audit.record("report.retry", at=at, by=by, target=found, summary=str(found))
    return found


@transaction.atomic
def give_up(report: Report, *, by: User, at: datetime) -> Report:
    """Discard an edition whose compiling has failed. Raises NotYours and NotAllowed like `again`."""
    found = _lock_compiling(report, by)
    if found.job.state != JobState.FAILED:
        raise NotAllowed("报告正在编制，请稍候再办理。")
    _discard(found, by=by, at=at)
    return found


def _make_room(editions: QuerySet[Report], *, by: User | None, at: datetime) -> None:
    """An edition that could not be compiled stands in nobody's way."""
    failed = editions.filter(state=PaperState.COMPILING, job__state=JobState.FAILED)
    for one in failed.select_for_update(of=["self"]).select_related("job"):
        _discard(one, by=by, at=at)


def _discard(failed: Report, *, by: User | None, at: datetime) -> None:
    failed.state, failed.note, failed.ended_at = PaperState.DISCARDED, failed.job.message, at
    failed.save(update_fields=["state", "note", "ended_at"])
    audit.record("report.discard", at=at, by=by, target=failed, summary=str(failed))


def _lock_compiling(report: Report, by: User) -> Report:
    found = Report.objects.select_for_update(of=["self"]).select_related("job", "host").get(pk=report.pk)
    if not scope_of(by, Role.OFFICER).covers(found.host):
        raise NotYours(OFFICER_NEEDED)
    if found.state != PaperState.COMPILING:
        raise NotAllowed("这份报告已经编制完成，请刷新页面查看最新情况。")
    return found


def _start(report: Report, *, by: User | None, at: datetime) -> None:
    report.job = jobs.start(COMPILE, title=f"编制{report}", by=by, at=at, params={"report": report.pk})
    report.save(update_fields=["job"])


def tell_of_failures(at: datetime) -> None:
    """Tell who goes on with it, once, that an edition could not be compiled."""
    failed = Report.objects.filter(state=PaperState.COMPILING, job__state=JobState.FAILED)
    for one in failed.select_related("job", "host"):
        tell(
            {one.ordered_by_id} if one.ordered_by_id else people_of(one.host, Role.OFFICER),
            matter=f"report-failed:{one.job_id}",
            title=f"{one.get_kind_display()}没有编制完成，请重新编制或放弃",
            body=f"{one.title}\n{one.job.message}",
            url=reverse("report", args=[one.pk]),
            at=at,
        )


# What has been closed ---------------------------------------------------------------------------------


def order_due(at: datetime, campaigns: Iterable[int] | None = None) -> int:
    """Order the reports of what has been closed, in `campaigns` (ids) or in all; how many.

    One for each closing, whoever closed it; it may be run at any time, and twice at once.
    """
    return sum(_order_once(one, at) for one in list(_closed(at, campaigns)))


def _closed(at: datetime, campaigns: Iterable[int] | None) -> Iterator[About]:
    """Of phases that ended before they could begin there is nothing to tell."""
    running = Q(state__in=[CampaignState.PUBLISHED, CampaignState.CLOSED])
    plans = Campaign.objects.filter(running, *([] if campaigns is None else [Q(pk__in=campaigns)]))
    there = Report.objects.filter(closing=OuterRef("closed_at"))
    phases = Phase.objects.filter(
        ~Exists(there.filter(phase=OuterRef("pk"))),
        ~Q(opened_at=F("closed_at")),
        campaign__in=plans,
        state=PhaseState.CLOSED,
        closed_at__gt=at - LATEST,
    )
    for phase in phases.select_related("campaign__host"):
        yield of_phase(phase, phase.closed_at)
    over = plans.filter(
        ~Exists(there.filter(campaign=OuterRef("pk"), kind=ReportKind.CAMPAIGN)),
        state=CampaignState.CLOSED,
        closed_at__gt=at - LATEST,
    )
    for campaign in over.select_related("host"):
        yield of_campaign(campaign, campaign.closed_at)


@transaction.atomic
def _order_once(about: About, at: datetime) -> bool:
    """Order it unless somebody has done so meanwhile, or an edition asked for by hand is under way: then the
    next scan does."""
    campaign = ledger.lock_campaign(about.campaign.pk)
    closed = campaign.phases.get(pk=about.phase.pk) if about.phase else campaign
    if closed.closed_at != about.closing or closed.state not in (PhaseState.CLOSED, CampaignState.CLOSED):
        return False  # opened again meanwhile
    editions = Report.objects.filter(subject=about.subject)
    under_way = Q(state=PaperState.COMPILING) & ~Q(job__state=JobState.FAILED)
    if editions.filter(Q(closing=about.closing) | under_way).exists():
        return False
    order(about, by=None, at=at)
    return True


def hosts_of(user: User) -> list[Unit]:
    """The bureaus for which the person may have weeks and months summed up, in the order of the tree."""
    held = scope_of(user, Role.OFFICER).narrow()
    return list(Unit.objects.active().filter(held, kind__in=UnitKind.bureaus()).order_by("path"))
