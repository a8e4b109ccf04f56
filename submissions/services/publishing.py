"""From plan to ledger: resolve the audience, create the assignments, tell every unit once."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse

from campaigns import readiness
from campaigns.audience import units_owing
from campaigns.enums import CampaignState
from campaigns.models import Campaign, Occurrence, Requirement
from notices.services.telling import tell
from notices.workdays import last_day
from portal import audit
from portal.celery import hint
from schools.enums import Role, UnitKind
from schools.models import Membership, Unit, User
from submissions.enums import AssignmentState, EventKind
from submissions.models import Assignment, AssignmentEvent
from submissions.rules import NotAllowed
from submissions.services import phases
from submissions.services.ledger import BATCH, FOLD_TASK, lock_running
from submissions.services.rehearsing import Effect, named

#: Recurring work is handed out this far ahead (domain.md §4, “Horizon”): weekly reports of a province
#: are not all created at publishing.
HORIZON = timedelta(days=45)


def horizon_of(requirement: Requirement, at: datetime) -> datetime | None:
    """The instant up to which occurrences are handed out by `at`; None when all are at once."""
    return at + HORIZON if requirement.recurs else None


@transaction.atomic
def publish(campaign: Campaign, *, by: User, at: datetime) -> int:
    """Publish a ready draft; returns the number of assignments created.

    Everything in one transaction. Raises NotAllowed when it is not a draft or not ready.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if not campaign.is_draft:
        raise NotAllowed("活动已经发布，无需重复发布。")
    missing = readiness.gaps(campaign, at=at)
    if missing:
        raise NotAllowed(f"活动还不能发布：{missing[0].sentence}")
    campaign.state = CampaignState.PUBLISHED
    campaign.published_at = at
    campaign.save(update_fields=["state", "published_at"])
    campaign.requirements.update(issued_at=at)
    created = top_up(campaign, at=at)
    audit.record(
        "campaign.publish",
        at=at,
        by=by,
        target=campaign,
        summary=f"发布活动《{campaign.title}》",
        detail={"assignments": created},
    )
    phases.switch_in(campaign, at=at)
    return created


@transaction.atomic
def issue(requirement: Requirement, *, by: User, at: datetime) -> Effect:
    """Ask the units for a requirement that was added to a running campaign.

    Raises NotAllowed when it has been issued, is not ready, or the campaign is not running.
    """
    campaign = lock_running(requirement.campaign_id)
    requirement = campaign.requirements.select_related("phase", "audience_branch").get(pk=requirement.pk)
    if requirement.issued_at:
        raise NotAllowed("这项要求已经下达，无需重复下达。")
    missing = readiness.gaps_of(requirement, at=at)
    if missing:
        raise NotAllowed(f"这项要求还不能下达：{missing[0].sentence}")
    requirement.issued_at = at
    requirement.save(update_fields=["issued_at"])
    top_up(campaign, at=at)
    owed = Assignment.objects.filter(occurrence__requirement=requirement)
    units, unit_count = named(owed.values_list("unit_id", flat=True))
    later = requirement.occurrences.filter(due_at__gt=at + HORIZON).count() if requirement.recurs else 0
    effect = Effect(
        lines=(("收到任务的单位", unit_count), ("下达的任务", owed.count())),
        units=units,
        unit_count=unit_count,
        notes=(f"其余{later}期到截止前{HORIZON.days}天时自动下达。",) if later else (),
    )
    audit.record(
        "requirement.issue",
        at=at,
        by=by,
        target=requirement,
        summary=f"下达报送要求“{requirement}”：{effect.in_words}",
        detail={"before": {"issued_at": None}, "after": {"issued_at": at.isoformat()}},
    )
    return effect


@transaction.atomic
def top_up(campaign: Campaign, *, at: datetime) -> int:
    """Create the assignments that the published plan asks for and that do not exist yet.

    Safe to run at any time and by two workers at once: it adds what units that joined owe and
    never touches what is there. Occurrences already due are not imposed on newcomers; a campaign
    that is not (or no longer) running gets nothing.
    """
    if Campaign.objects.select_for_update().get(pk=campaign.pk).state != CampaignState.PUBLISHED:
        return 0
    newly: dict[int, int] = {}
    branches = _branches(campaign)
    for requirement in _in_force(campaign):
        until = horizon_of(requirement, at)
        for occurrence in requirement.occurrences.all():
            if occurrence.due_at > at and (until is None or occurrence.due_at <= until):
                for assignment in _create_missing(requirement, occurrence, branches, at):
                    newly[assignment.unit_id] = newly.get(assignment.unit_id, 0) + 1
    if newly:
        _tell_units(campaign, newly, at)
        hint(FOLD_TASK)
    return sum(newly.values())


def _in_force(campaign: Campaign) -> Iterator[Requirement]:
    asked = campaign.requirements.in_force()
    for requirement in asked.select_related("audience_branch").prefetch_related("occurrences"):
        requirement.campaign = campaign
        yield requirement


def _create_missing(
    requirement: Requirement, occurrence: Occurrence, branches: dict[str, int], at: datetime
) -> list[Assignment]:
    missing = (
        units_owing(requirement)
        .exclude(assignments__occurrence=occurrence)
        .only("pk", "path", "kind", "ownership")
    )
    created = Assignment.objects.bulk_create(
        (
            Assignment(
                occurrence=occurrence,
                unit=unit,
                branch_id=_branch_of(unit, branches),
                unit_kind=unit.kind,
                ownership=unit.ownership,
                due_at=occurrence.due_at,
                cutoff_at=occurrence.cutoff_at,
            )
            for unit in missing
        ),
        batch_size=BATCH,
    )
    AssignmentEvent.objects.bulk_create(
        (
            AssignmentEvent(assignment=one, at=at, kind=EventKind.ASSIGNED, after=AssignmentState.TODO)
            for one in created
        ),
        batch_size=BATCH,
    )
    return created


def _branches(campaign: Campaign) -> dict[str, int]:
    """Path → id of every body by which figures are grouped, at or under the host."""
    grouping = Unit.objects.within(campaign.host).filter(kind__in=UnitKind.branches())
    return dict(grouping.values_list("path", "pk")) | {campaign.host.path: campaign.host_id}


def _branch_of(unit: Unit, branches: dict[str, int]) -> int:
    """The nearest township or bureau strictly above `unit` (a township itself hangs under its bureau)."""
    above = reversed(unit.ancestor_paths()[:-1])
    return next(branches[path] for path in above if path in branches)


def _tell_units(campaign: Campaign, newly: dict[int, int], at: datetime) -> None:
    """One notice for each secretary and head of the units that got tasks, naming how many and the first day.

    A person of several units hears of all of them in one notice.
    """
    upcoming = Assignment.objects.filter(
        occurrence__requirement__campaign=campaign, unit__in=newly, due_at__gt=at, state=AssignmentState.TODO
    )
    first_due = dict(upcoming.order_by("-due_at").values_list("unit_id", "due_at"))
    people = Membership.objects.filter(unit__in=newly, role__in=Role.own_unit(), ended_at=None)
    units_of: dict[int, set[int]] = defaultdict(set)
    for unit_id, user_id in people.values_list("unit_id", "user_id"):
        units_of[user_id].add(unit_id)
    alike: dict[tuple[int, int, date], list[int]] = defaultdict(list)
    for user_id, units in units_of.items():
        day = last_day(min(first_due[unit_id] for unit_id in units))
        alike[len(units), sum(newly[unit_id] for unit_id in units), day].append(user_id)
    for (units, count, day), recipients in alike.items():
        whom = "本单位" if units == 1 else f"您所在的{units}个单位"
        tell(
            recipients, matter=f"campaign:{campaign.pk}:{at.isoformat()}", at=at, url=reverse("work"),
            title=f"《{campaign.title}》向{whom}布置{count}项报送任务",
            body=f"最近一项请于{day.year}年{day.month}月{day.day}日前报送。",
        )  # fmt: skip
