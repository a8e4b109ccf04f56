"""The worker's side of the outbox: claim, write down the attempt, send, write down the answer.

What a killed worker left is taken up when its lease is over. Only a message that the peer had taken
before the worker could write so down is sent twice: at most one for each process that dies.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from notices import hours
from notices.channels import SECONDS, Answer, Line, Message, attempts, open_line
from notices.enums import DeliveryState, Manner, Outcome
from notices.letters import Letter, composer
from notices.models import Attempt, Channel, Delivery, Notice
from notices.services import limits, outbox, preferences, routing
from notices.services.settling import (
    BACK_OFF,
    Parcel,
    drop,
    leave_in_inbox,
    note,
    put_off,
    settle,
    try_later,
)
from schools.access import scope_of
from schools.models import Unit, User

LEASE = timedelta(seconds=3 * SECONDS)

NO_ADDRESS = "收件人已停用或没有电子邮箱，站内消息已送达。"
HAS_LEFT = "收件人已不在所涉单位任职。"
NO_SERVER = "没有可用的邮件服务器，站内消息已送达。"
NO_GROUP = "工作群的机器人已停用。"
NOTHING_LEFT = "事项均已办结，无需发送。"
INTERRUPTED = "发送程序中断，对方可能已收到。"
NOT_MADE = "消息未能生成，请联系平台运维人员。"

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


class Lines:
    """The ways out that one run has opened; connections are kept from message to message.

    One at whose end nobody answers costs the run half a minute once, and not again for each message: other
    work waits for this worker, too.
    """

    def __init__(self) -> None:
        self._open: dict[int | None, Line] = {}
        self._silent: set[int | None] = set()

    def to(self, channel: Channel | None) -> Line:
        key = channel and channel.pk
        if key not in self._open:
            self._open[key] = open_line(channel)
        return self._open[key]

    def send(self, parcel: "Parcel") -> Answer:
        answer = self.to(parcel.channel).send(parcel.message)
        if answer is attempts.TOO_LATE:
            self._silent.add(parcel.channel and parcel.channel.pk)
        return answer

    def is_silent(self, channel: Channel | None) -> bool:
        return (channel and channel.pk) in self._silent

    def close(self) -> None:
        for line in self._open.values():
            line.close()


def deliver(clock: Clock, *, until: datetime) -> dict[str, int]:
    """Send what is due, one message after the other, until nothing is or `until` has come.

    Any number may run at once. Returns how many messages had which outcome, and under "passed" how
    many were due and not to be sent now, or ever.
    """
    take_up_left(clock())
    outbox.ensure_missing(clock())
    done: Counter[str] = Counter()
    lines = Lines()
    try:
        while (at := clock()) < until:
            delivery = None
            try:
                with transaction.atomic():
                    delivery = _next(at)
                    if delivery is None:
                        break
                    parcel = _claim(delivery, at, lines)
            except Exception as error:
                if delivery is None or _is_away(error):
                    raise
                parcel = _stumble(delivery, at)  # the others must not wait for the one that cannot be made
            if parcel is None:
                done["passed"] += 1
                continue
            answer = lines.send(parcel)
            _settle_surely(parcel, answer, clock)
            done[answer.outcome] += 1
    finally:
        lines.close()
    return dict(done)


def take_up_left(at: datetime) -> int:
    """Let messages be tried again whose worker has not come back; how many these were."""
    left = Delivery.objects.filter(state=DeliveryState.SENDING, lease_until__lte=at)
    with transaction.atomic():
        for delivery in (found := list(left.select_for_update(skip_locked=True))):
            begun = delivery.attempts.filter(outcome=Outcome.BEGUN)
            begun.update(outcome=Outcome.INTERRUPTED, answer=INTERRUPTED, ended_at=at)
            try_later(delivery, INTERRUPTED, at)
    return len(found)


def _next(at: datetime) -> Delivery | None:
    """Lock the message that has waited longest and that nobody else is at."""
    due = Delivery.objects.filter(state=DeliveryState.WAITING, not_before__lte=at)
    return (
        due.select_for_update(skip_locked=True, of=("self",))
        .select_related("recipient", "notice__unit", "channel__unit")
        .order_by("not_before", "pk")
        .first()
    )


def _claim(delivery: Delivery, at: datetime, lines: Lines) -> Parcel | None:
    """Begin an attempt; or end the message, or put it off, where it is not to be sent (now)."""
    channel = delivery.channel
    if channel is None:
        if not (delivery.recipient.is_active and delivery.recipient.email):
            return drop(delivery, NO_ADDRESS, at)
        if delivery.notice and _has_left(delivery.recipient, delivery.notice.unit):
            return drop(delivery, HAS_LEFT, at)
        channel = routing.mail_of(delivery.recipient)
        if channel is None and not routing.has_server():
            leave_in_inbox(delivery, at)
            return drop(delivery, NO_SERVER, at)
    elif not channel.is_active or channel.unit.closed_at:
        return drop(delivery, NO_GROUP, at)
    if lines.is_silent(channel):
        return put_off(delivery, attempts.TOO_LATE.words, at + BACK_OFF[0])
    if later := _not_now(delivery, at):
        delivery.not_before = later
        delivery.save(update_fields=["not_before"])
        return None
    letter, notices = _compose(delivery, at)
    if not letter.body:
        note(delivery, letter, notices)
        return drop(delivery, NOTHING_LEFT, at)
    delivery.title, delivery.body = letter.title[:120], letter.body
    delivery.state, delivery.lease_until = DeliveryState.SENDING, at + LEASE
    delivery.save(update_fields=["title", "body", "state", "lease_until"])
    number = delivery.attempts.count() + 1
    attempt = Attempt.objects.create(
        delivery=delivery, number=number, at=at, channel=channel, via=lines.to(channel).name[:120]
    )
    to = delivery.recipient.email if delivery.recipient else ""
    message = Message(
        key=f"{delivery.pk}-{delivery.made_at:%Y%m%d%H%M%S}", title=letter.title, body=letter.body, to=to
    )
    return Parcel(attempt, channel, message, letter, notices)


def _has_left(user: User, unit: Unit | None) -> bool:
    """Whether the matter is a unit's in which the person serves no more, nor oversees it."""
    return unit is not None and not scope_of(user).covers(unit)


def _not_now(delivery: Delivery, at: datetime) -> datetime | None:
    """When it may be sent, where that is not now: quiet hours (a message may have waited for a worker, or
    failed, until then), one digest a day, and what a robot bears."""
    wishes = preferences.wishes_of(delivery.recipient) if delivery.recipient else hours.OF_GROUPS
    if delivery.manner == Manner.DEADLINE:
        to = {"recipient": delivery.recipient_id, "channel": delivery.channel_id}
        if Delivery.objects.filter(sent_on=timezone.localdate(at), **to).exists():
            return hours.next_digest(at, wishes, sent_today=True)
    if (later := hours.when(at, Manner(delivery.manner), wishes)) > at:
        return later
    return limits.take(delivery.channel, at) if delivery.channel else None


def _compose(delivery: Delivery, at: datetime) -> tuple[Letter, list[int]]:
    """The words, and of a digest the ids of the notices that it carries."""
    if delivery.notice:
        words = (delivery.notice.body, routing.address_of(delivery.notice.url))
        return Letter(delivery.notice.title, "\n\n".join(filter(None, (delivery.notice.title, *words)))), []
    if delivery.channel:
        return composer().for_group(delivery, at), []
    own = Notice.objects.filter(recipient=delivery.recipient)
    notices = list((own.uncarried() | own.filter(digest=delivery)).order_by("at", "pk"))
    return composer().for_person(delivery.recipient, notices, at), [one.pk for one in notices]


def _stumble(delivery: Delivery, at: datetime) -> None:
    """Put off, in the end give up, a message that fails before it is one."""
    log.exception("Message %s cannot be made", delivery.pk)
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING)
    with transaction.atomic():
        if found := waiting.select_for_update(of=("self",)).filter(pk=delivery.pk).first():
            try_later(found, NOT_MADE, at)


def _is_away(error: Exception) -> bool:
    """PostgreSQL is away, or has ended the connection (at a crash a bare DatabaseError): nothing is wrong
    with the message."""
    return isinstance(error, (OperationalError, InterfaceError)) or type(error) is DatabaseError


def _settle_surely(parcel: Parcel, answer: Answer, clock: Clock) -> None:
    """Settle, also where PostgreSQL goes away meanwhile: what the peer has taken would be sent again.

    Tried once a second for as long as a lease; then somebody else has the message.
    """
    for _ in range(int(LEASE.total_seconds())):
        try:
            settle(parcel, answer, clock())
            return
        except Exception as error:
            if not _is_away(error):
                raise
            log.warning("An answer waits for PostgreSQL to be written down: %s", error)
            connection.close_if_unusable_or_obsolete()
            time.sleep(1)
    settle(parcel, answer, clock())
