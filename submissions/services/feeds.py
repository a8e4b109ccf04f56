"""Personal calendars: an .ics address that its holder alone knows, and what is to be read there.

Of the address only the SHA-256 of its token is kept; it can be replaced and taken back, never shown again.
"""

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery
from django.urls import reverse
from icalendar import Calendar, Event

from campaigns.enums import CampaignState
from campaigns.models import Occurrence
from notices.services.routing import address_of
from notices.workdays import DAY, last_day
from portal import audit
from portal.models import AuditEvent
from schools.access import scope_of
from schools.enums import Role
from schools.models import User
from submissions.access import own
from submissions.enums import AssignmentState
from submissions.models import Assignment, AssignmentEvent, CalendarFeed
from submissions.worklist import PIECE_RETURNED, RUNNING, dated

TOKEN_BYTES = 24
#: A calendar with more would be of no use to anybody; those due first stand in it.
MOST = 2000
PRODUCT = "-//Education Campaign Portal//Deadlines//ZH"
ASK_AGAIN = "PT1H"

# No calendar bears these, wherever they were pasted from.
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def current(user: User) -> CalendarFeed | None:
    """The person's feed that is in force."""
    return CalendarFeed.objects.filter(user=user, revoked_at=None).first()


@transaction.atomic
def issue(user: User, *, at: datetime) -> str:
    """A new address for the person `user`, who asks for it: its token, which is returned and nowhere kept.

    The one before, if there is one, is void.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    revoke(user, at=at)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made = CalendarFeed.objects.create(user=user, digest=_digest(token), created_at=at)
    audit.record("calendar_feed.create", at=at, by=user, target=made, summary="建立日历订阅地址")
    return token


@transaction.atomic
def revoke(user: User, *, at: datetime) -> bool:
    """Take the person's address back; whether there was one."""
    found = CalendarFeed.objects.select_for_update().filter(user=user, revoked_at=None).first()
    if found is None:
        return False
    found.revoked_at = at
    found.save(update_fields=["revoked_at"])
    audit.record("calendar_feed.retire", at=at, by=user, target=found, summary="停用日历订阅地址")
    return True


def holder(token: str) -> User | None:
    """Whose address it is; None for one that is unknown or void, or whose holder is no longer in use."""
    feeds = CalendarFeed.objects.filter(digest=_digest(token), revoked_at=None, user__is_active=True)
    found = feeds.select_related("user").first()
    return found and found.user


def calendar_of(user: User) -> bytes:
    """The person's deadlines as iCalendar (RFC 5545), each on its last day: what the own units have not
    done; for who has none, what is still missing in the campaigns they oversee. At most three queries."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("x-wr-calname", "报送期限")
    made.add("x-wr-timezone", settings.TIME_ZONE)
    made.add("x-published-ttl", ASK_AGAIN)
    serves = user.roles & set(Role.own_unit())
    for event in _own(user) if serves else _overseen(user):
        made.add_component(event)
    return made.to_ical()


def _own(user: User) -> Iterator[Event]:
    """One event for each task to be done. What has happened to a task counts its editions."""
    events = AssignmentEvent.objects.filter(assignment=OuterRef("pk")).order_by().values("assignment")
    to_do = RUNNING & (Q(state__in=AssignmentState.unfinished()) | PIECE_RETURNED)
    tasks = dated(own(user).filter(to_do)).with_plan()
    tasks = tasks.annotate(
        edition=Subquery(events.annotate(n=Count("pk")).values("n")),
        changed_at=Subquery(events.annotate(last=Max("at")).values("last")),
    )
    for one in tasks.order_by("act_by", "pk")[:MOST]:
        campaign = one.requirement.campaign
        word = "修改截止" if one.act_by == one.correct_by else "截止"
        address = address_of(reverse("assignment", args=[one.pk]))
        yield _event(
            f"assignment-{one.pk}",
            f"{one.name}（{one.unit.name}）{word}",
            (f"活动：{campaign.title}", f"状态：{one.get_state_display()}"),
            address,
            due_at=one.act_by,
            edition=one.edition or 0,
            changed_at=one.changed_at or campaign.published_at,
        )


def _overseen(user: User) -> Iterator[Event]:
    """One event for each occurrence that some unit overseen has not done. Its trail counts its editions."""
    scope = scope_of(user, *Role.overseeing())
    missing = Assignment.objects.filter(
        occurrence=OuterRef("pk"), state__in=AssignmentState.unfinished(), unit__closed_at=None
    )
    found = (
        Occurrence.objects.filter(
            Exists(missing.in_scope(scope)), requirement__campaign__state=CampaignState.PUBLISHED
        )
        .select_related("requirement__campaign")
        .order_by("due_at", "pk")[:MOST]
    )
    occurrences = list(found)
    targets = {audit.target_of(one): one for one in occurrences}
    trail = AuditEvent.objects.filter(target__in=targets).order_by().values("target")
    trails = {row["target"]: row for row in trail.annotate(n=Count("pk"), last=Max("at"))}
    for target, one in targets.items():
        campaign, row = one.requirement.campaign, trails.get(target, {})
        yield _event(
            f"occurrence-{one.pk}",
            f"《{campaign.title}》{one.name}截止",
            ("尚有单位未报齐。",),
            address_of(reverse("campaign", args=[campaign.pk])),
            due_at=one.due_at,
            edition=row.get("n", 0),
            changed_at=row.get("last") or one.requirement.issued_at,
        )


def _event(
    key: str,
    summary: str,
    lines: tuple[str, ...],
    address: str,
    *,
    due_at: datetime,
    edition: int,
    changed_at: datetime,
) -> Event:
    """All day, on the last day of `due_at`; it keeps nobody from being invited elsewhere."""
    day = last_day(due_at)
    moment = changed_at.astimezone(UTC).replace(microsecond=0)
    made = Event()
    made.add("uid", f"{key}@{urlsplit(settings.PORTAL_URL).hostname or 'portal'}")
    made.add("dtstamp", moment)
    made.add("last-modified", moment)
    made.add("sequence", edition)
    made.add("dtstart", day)
    made.add("dtend", day + DAY)
    made.add("summary", _clean(summary))
    made.add("description", _clean("\n".join([*lines, *filter(None, [address])])))
    made.add("transp", "TRANSPARENT")
    if address:
        made.add("url", address)
    return made


def _clean(words: str) -> str:
    return CONTROLS.sub(" ", words)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
