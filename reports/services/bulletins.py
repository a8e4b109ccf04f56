"""督查通报: drafted after the last rung of a deadline, edited by an officer, signed by a leader, then sent.

Every act locks the campaign, then the bulletin: a deadline that moves, a second scan and a second press come
before or after, never in between.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from campaigns.enums import CampaignState
from campaigns.ladders import ladders_of
from campaigns.models import Occurrence
from portal import audit
from portal.changes import Values, difference
from reports.enums import BulletinState
from reports.models import Bulletin
from reports.services import bulletin_figures, bulletin_words
from reports.services.bulletin_figures import Since
from reports.services.bulletin_news import people_of, send_out, tell_host
from reports.services.bulletin_trail import changed_by
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
    _record(made, "draft", by=None, at=at, note=f"逾期未报{made.figures['numbers']['overdue']}个单位")
    tell_host(made, Role.OFFICER, "draft", "督查通报已起草，请修改后送签", "", at)
    return True


def _compose(bulletin: Bulletin, at: datetime) -> None:
    """Count anew, and put it into words."""
    bulletin.figures = bulletin_figures.count(bulletin.occurrence, at)
    bulletin.counted_at = at
    bulletin.title = bulletin_words.title_of(bulletin.occurrence)
    bulletin.body = bulletin_words.body_of(bulletin.occurrence, bulletin.figures, at)


# Editing ---------------------------------------------------------------------------------------------


def edition(bulletin: Bulletin, since: Since | None = None) -> str:
    """Changes with the words and with `since`, what has changed in the figures: what a page shows."""
    shown = [bulletin.title, bulletin.body, bulletin.counted_at.isoformat()]
    if since is not None:
        shown += [since.handed, since.settled]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]


@transaction.atomic
def edit(
    bulletin: Bulletin, *, title: str, body: str, by: User, at: datetime, seen: str | None = None
) -> Bulletin:
    """Put other words into a draft. The same words again change nothing.

    `seen` is the `edition` that the person had before them. Raises NotYours, and NotAllowed when it is no
    draft (any more), when it no longer holds, when a text is empty, or when somebody has changed it since.
    """
    found = _lock(bulletin, Role.OFFICER, by)
    _require_state(found, BulletinState.DRAFT)
    require(why_stale(found))
    if not (title.strip() and body.strip()):
        raise NotAllowed("标题和正文不能为空，请补充。")
    if (found.title, found.body) == (title, body):
        return found
    if seen is not None and seen != edition(found):
        raise NotAllowed(f"这份通报刚才{changed_by(found, by)}；下面是您填写的内容，请核对后再保存。")
    before = _words(found)
    found.title, found.body, found.edited_by, found.edited_at = title, body, by, at
    found.save(update_fields=["title", "body", "edited_by", "edited_at"])
    _record(found, "change", by=by, at=at, detail=difference(before, _words(found)))
    return found


@transaction.atomic
def redraft(bulletin: Bulletin, *, by: User, at: datetime, lose_edits: bool = False) -> Bulletin:
    """Count anew and compose anew; what waited for signature is a draft again. The trail keeps the old words.

    Raises NotYours, and NotAllowed when it is over, when it no longer holds, or when somebody's
    edits would be lost and `lose_edits` does not say that they may.
    """
    found = _lock(bulletin, Role.OFFICER, by)
    _require_state(found, *BulletinState.open())
    require(why_stale(found))
    if found.edited_by_id and not lose_edits:
        raise NotAllowed("重新起草会替换已修改的标题和正文，请勾选确认后再重新起草。")
    before = _words(found)
    _compose(found, at)
    found.state, found.edited_by, found.edited_at = BulletinState.DRAFT, None, None
    found.save()
    _record(found, "redraft", by=by, at=at, detail=difference(before, _words(found)))
    return found


# Signing ---------------------------------------------------------------------------------------------


@transaction.atomic
def submit(bulletin: Bulletin, *, by: User, at: datetime, seen: str | None = None) -> Bulletin:
    """Put a draft before the leaders of the host, who are told. A second press changes nothing.

    Raises NotYours, and NotAllowed when it is over, it no longer holds, somebody has changed it
    since `seen`, or nobody could sign it.
    """
    found = _lock(bulletin, Role.OFFICER, by)
    if found.state == BulletinState.TO_SIGN:
        return found
    _require_state(found, BulletinState.DRAFT)
    require(why_stale(found))
    if seen is not None and seen != edition(found):
        raise NotAllowed(f"这份通报刚才{changed_by(found, by)}，请重新阅读后再送签。")
    if not people_of(found.campaign.host, Role.LEADER):
        raise NotAllowed("主办单位没有在用的局领导账号，无人签发，请联系系统管理员。")
    found.state, found.note = BulletinState.TO_SIGN, ""
    found.save(update_fields=["state", "note"])
    _record(found, "submit", by=by, at=at)
    tell_host(found, Role.LEADER, "submit", "有督查通报等待您签发", "", at)
    return found


@transaction.atomic
def take_back(bulletin: Bulletin, *, by: User, at: datetime) -> Bulletin:
    """The officer wants to change it before it is signed: a draft again. A second press changes nothing.

    Raises NotYours, and NotAllowed when it is over or no longer holds.
    """
    found = _lock(bulletin, Role.OFFICER, by)
    if found.state == BulletinState.DRAFT:
        return found
    _require_state(found, BulletinState.TO_SIGN)
    require(why_stale(found))
    found.state = BulletinState.DRAFT
    found.save(update_fields=["state"])
    _record(found, "take_back", by=by, at=at)
    return found


@transaction.atomic
def give_back(bulletin: Bulletin, reason: str, *, by: User, at: datetime) -> Bulletin:
    """The leader wants it otherwise: a draft again, and the officers are told why. A second press changes
    nothing. Raises NotYours, and NotAllowed without a reason or when it does not wait for a signature."""
    found = _lock(bulletin, Role.LEADER, by)
    reason = _reason(reason, "请写明退回的原因。")
    if (found.state, found.note) == (BulletinState.DRAFT, reason):
        return found
    _require_state(found, BulletinState.TO_SIGN)
    found.state, found.note = BulletinState.DRAFT, reason
    found.save(update_fields=["state", "note"])
    _record(found, "give_back", by=by, at=at, note=reason)
    tell_host(found, Role.OFFICER, "give_back", "督查通报已退回，请修改后重新送签", f"退回原因：{reason}", at)
    return found


@transaction.atomic
def sign(bulletin: Bulletin, *, by: User, at: datetime, seen: str | None = None) -> Bulletin:
    """Sign, and send it out: all units that owe it are told, and the host's officers. A second press changes
    nothing.

    `seen` is the `edition` with what has changed since the figures were counted, as the leader saw it. Raises
    NotYours, and NotAllowed when it does not wait for a signature, it no longer holds, or it reads
    otherwise by now.
    """
    found = _lock(bulletin, Role.LEADER, by)
    if found.state == BulletinState.SENT and found.signed_by_id == by.pk:
        return found
    _require_state(found, BulletinState.TO_SIGN)
    require(why_stale(found))
    if seen is not None and seen != edition(found, bulletin_figures.since(found, at)):
        raise NotAllowed("您阅读以后，通报或报送情况又有变化，请重新阅读后再签发。")
    found.state, found.signed_by, found.ended_at = BulletinState.SENT, by, at
    found.save(update_fields=["state", "signed_by", "ended_at"])
    _record(found, "sign", by=by, at=at)
    send_out(found, at)
    return found


@transaction.atomic
def discard(bulletin: Bulletin, reason: str, *, by: User, at: datetime) -> Bulletin:
    """Not to be sent, for good; what no longer held has lapsed and makes room for another. A second press
    changes nothing.

    Raises NotYours, and NotAllowed without a reason or when it has been sent.
    """
    found = _lock(bulletin, Role.OFFICER, by)
    reason = _reason(reason, "请写明不印发的原因。")
    if found.state == BulletinState.DISCARDED:
        return found
    _require_state(found, *BulletinState.open())
    found.state, found.note, found.ended_at = BulletinState.DISCARDED, reason, at
    found.lapsed = why_stale(found) is not None
    found.save(update_fields=["state", "note", "ended_at", "lapsed"])
    _record(found, "discard", by=by, at=at, note=reason)
    return found


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


def _require_state(bulletin: Bulletin, *states: BulletinState) -> None:
    if bulletin.state not in states:
        now = bulletin.get_state_display()
        raise NotAllowed(f"这份通报现在是“{now}”状态，不能这样办理；请刷新页面查看最新情况。")


def _reason(typed: str, missing: str) -> str:
    if not (reason := typed.strip()):
        raise NotAllowed(missing)
    return reason[: Bulletin._meta.get_field("note").max_length]


def _words(bulletin: Bulletin) -> Values:
    return {
        "title": bulletin.title,
        "body": bulletin.body,
        "counted_at": bulletin.counted_at.isoformat(),
        "state": bulletin.state,
    }


def _record(
    bulletin: Bulletin,
    verb: str,
    *,
    by: User | None,
    at: datetime,
    note: str = "",
    detail: Values | None = None,
) -> None:
    said = f"{bulletin.title}{f'：{note}' if note else ''}"
    detail = (detail or {}) | ({"note": note} if note else {})
    audit.record(f"bulletin.{verb}", at=at, by=by, target=bulletin, summary=said, detail=detail)
