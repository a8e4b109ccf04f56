"""督查通报: drafted after the last rung of a deadline, edited by an officer, signed by a leader, then sent.

Every act locks the campaign, then the bulletin: a deadline that moves, a second scan and a second press come
before or after, never in between.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from campaigns.enums import CampaignState
from campaigns.ladders import ladders_of
from campaigns.models import Occurrence
from portal.changes import difference
from reports.enums import PaperState
from reports.models import Bulletin
from reports.services import bulletin_figures, bulletin_words
from reports.services.bulletin_figures import Since
from reports.services.bulletin_news import send_out
from reports.services.signoff import Desk
from schools.access import scope_of
from schools.enums import Role
from schools.models import User
from submissions import rungs
from submissions.deadlines import HORIZON
from submissions.figures import OVERDUE
from submissions.models import Assignment
from submissions.rules import NotAllowed, NotYours, require
from submissions.services import changing, ledger

#: A last rung reached longer ago is history.
LATEST = timedelta(days=30)
OFFICER_NEEDED = "督查通报由主办单位的活动专员起草，您不能办理。"
LEADER_NEEDED = "督查通报由主办单位的局领导签发，您不能办理。"


# Drafting --------------------------------------------------------------------------------------------


def draft_due(at: datetime) -> int:
    """Draft what is due at `at` and not there; how many. Again, or twice at once, it drafts nothing twice."""
    return sum(_draft(one, at) for one in list(_due(at)))


def _due(at: datetime) -> Iterator[Occurrence]:
    """Occurrences in force with overdue units whose last rung has been reached, and without a bulletin; one
    that lapsed does not count."""
    overdue = Assignment.objects.filter(OVERDUE.condition(at), occurrence=OuterRef("pk"))
    drafted = Bulletin.objects.filter(occurrence=OuterRef("pk"), edition=OuterRef("due_at"), lapsed=False)
    found = Occurrence.objects.filter(
        ~Exists(drafted),
        Exists(overdue),
        due_at__lte=at,
        due_at__gt=at - HORIZON - LATEST,
        requirement__issued_at__isnull=False,
        requirement__withdrawn_at=None,
        requirement__campaign__state=CampaignState.PUBLISHED,
    )
    found = list(found.select_related("requirement__campaign__host"))
    ladders = ladders_of({one.requirement for one in found})
    today = timezone.localdate(at)
    for one in found:
        last = max((step.days for step in ladders[one.requirement_id]), default=0)
        # Bureaus draft: their calendar counts, school holidays do not.
        if last > 0 and timedelta() <= today - rungs.day_of(one.due_at, last, school=False) <= LATEST:
            yield one


@transaction.atomic
def _draft(due: Occurrence, at: datetime) -> bool:
    """Draft the bulletin of one occurrence, unless that has been overtaken meanwhile."""
    try:
        requirement = changing.lock_in_force(due.requirement)
    except NotAllowed:
        return False
    occurrence = requirement.occurrences.get(pk=due.pk)
    there = Bulletin.objects.filter(occurrence=occurrence, edition=occurrence.due_at, lapsed=False)
    if occurrence.due_at != due.due_at or there.exists():
        return False
    occurrence.requirement = requirement
    made = Bulletin(occurrence=occurrence, edition=occurrence.due_at)
    _compose(made, at)
    if not bulletin_figures.call_for_one(made.figures["numbers"], recurs=requirement.recurs):
        return False
    made.save()
    DESK.record(made, "draft", by=None, at=at, note=f"逾期未报{made.figures['numbers']['overdue']}个单位")
    DESK.tell_host(made, Role.OFFICER, "draft", "督查通报已起草，请修改后送签", "", at)
    return True


def _compose(bulletin: Bulletin, at: datetime) -> None:
    """Count anew, and put it into words."""
    bulletin.figures = bulletin_figures.count(bulletin.occurrence, at)
    bulletin.counted_at = at
    bulletin.title = bulletin_words.title_of(bulletin.occurrence)
    bulletin.body = bulletin_words.body_of(bulletin.occurrence, bulletin.figures, at)


# The way to the signature ----------------------------------------------------------------------------


def edition(bulletin: Bulletin, since: Since | None = None) -> str:
    """Changes with the words and with `since`, what has changed in the figures: what a page shows."""
    return DESK.edition(bulletin, *([] if since is None else [since.handed, since.settled]))


def edit(
    bulletin: Bulletin, *, title: str, body: str, by: User, at: datetime, seen: str | None = None
) -> Bulletin:
    """`Desk.edit`."""
    return DESK.edit(bulletin, {"title": title, "body": body}, by=by, at=at, seen=seen)


@transaction.atomic
def redraft(bulletin: Bulletin, *, by: User, at: datetime, lose_edits: bool = False) -> Bulletin:
    """Count anew and compose anew; what waited for signature is a draft again. The trail keeps the old words.

    Raises NotYours, and NotAllowed when it is over, when it no longer holds, or when somebody's
    edits would be lost and `lose_edits` does not say that they may.
    """
    found = _lock(bulletin, Role.OFFICER, by)
    DESK.require_state(found, *PaperState.open())
    require(why_stale(found))
    if found.edited_by_id and not lose_edits:
        raise NotAllowed("重新起草会替换已修改的标题和正文，请勾选确认后再重新起草。")
    before = DESK.said(found)
    _compose(found, at)
    found.state, found.edited_by, found.edited_at = PaperState.DRAFT, None, None
    found.save()
    DESK.record(found, "redraft", by=by, at=at, detail=difference(before, DESK.said(found)))
    return found


def sign(bulletin: Bulletin, *, by: User, at: datetime, seen: str | None = None) -> Bulletin:
    """`Desk.sign`: all units that owe it are told, and the host's officers. `seen` is the `edition` with what
    has changed since the figures were counted, as the leader saw it."""

    def shown(found: Bulletin) -> str:
        return edition(found, bulletin_figures.since(found, at))

    return DESK.sign(bulletin, by=by, at=at, seen=seen, shown=shown)


# What they have in common ----------------------------------------------------------------------------


def why_stale(bulletin: Bulletin) -> str | None:
    """Why what the bulletin speaks of no longer holds: it can only be discarded (or given back for that)."""
    campaign = bulletin.campaign
    if campaign.state != CampaignState.PUBLISHED:
        return f"活动{campaign.get_state_display()}，通报不再适用，请选择“不印发”。"
    if bulletin.occurrence.requirement.withdrawn_at is not None:
        return "这项报送要求已撤回，通报不再适用，请选择“不印发”。"
    if bulletin.occurrence.due_at != bulletin.edition:
        return "报送期限已调整，这份通报不再适用，请选择“不印发”；逾期后将另行起草。"
    return None


def _lock(bulletin: Bulletin, role: Role, by: User) -> Bulletin:
    """The bulletin as it is now, its campaign locked; NotYours unless `by` holds `role` over its host."""
    campaign = ledger.lock_campaign(bulletin.occurrence.requirement.campaign_id)
    Bulletin.objects.select_for_update().get(pk=bulletin.pk)
    found = Bulletin.objects.select_related(
        "occurrence__requirement__campaign__host",
        "occurrence__requirement__campaign__office",
        "occurrence__requirement__receiver",
    ).get(pk=bulletin.pk)
    if not scope_of(by, role).covers(campaign.host):
        raise NotYours(OFFICER_NEEDED if role == Role.OFFICER else LEADER_NEEDED)
    return found


def _lapse(bulletin: Bulletin) -> None:
    """What no longer held makes room for another."""
    bulletin.lapsed = why_stale(bulletin) is not None


DESK = Desk(
    noun="通报",
    named="督查通报",
    words=("title", "body"),
    needed=("title", "body"),
    nothing="标题和正文不能为空，请补充。",
    lock=_lock,
    page="bulletin",
    about=lambda bulletin: bulletin.occurrence.name,
    send_out=send_out,
    why_stale=why_stale,
    ending=_lapse,
)
submit, take_back, give_back, discard = DESK.submit, DESK.take_back, DESK.give_back, DESK.discard
