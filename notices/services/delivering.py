"""The worker's side of the outbox: claim, write down the attempt, send, write down the answer.

What a killed worker left is taken up when its lease is over. Only a message that the peer had taken
before the worker could write so down is sent twice: at most one for each process that dies.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from notices import hours
from notices.channels import SECONDS, Answer, Line, Message, attempts, open_line
from notices.enums import DeliveryState, Manner, Outcome
from notices.letters import Letter, composer
from notices.models import Attempt, Channel, Delivery, Notice, Preference
from notices.services import alarms, limits, outbox, routing
from portal.celery import hint

#: Between one failed attempt and the next; when they are used up, the message is given up.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 120, 240, 480))
LEASE = timedelta(seconds=3 * SECONDS)

NO_ADDRESS = "收件人已停用或没有电子邮箱，站内消息已送达。"
NO_SERVER = "没有可用的邮件服务器，站内消息已送达。"
NO_GROUP = "工作群的机器人已停用。"
NOTHING_LEFT = "事项均已办结，无需发送。"
INTERRUPTED = "发送程序中断，对方可能已收到。"
NOT_MADE = "消息未能生成，请联系平台运维人员。"

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


@dataclass
class Parcel:
    """A message that this worker has claimed. `letter` and `notices` (ids) are what it is made of."""

    attempt: Attempt
    channel: Channel | None
    message: Message
    letter: Letter
    notices: list[int]


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
            _try_later(delivery, INTERRUPTED, at)
    return len(found)


def _next(at: datetime) -> Delivery | None:
    """Lock the message that has waited longest and that nobody else is at."""
    due = Delivery.objects.filter(state=DeliveryState.WAITING, not_before__lte=at)
    return (
        due.select_for_update(skip_locked=True, of=("self",))
        .select_related("recipient", "notice", "channel__unit")
        .order_by("not_before", "pk")
        .first()
    )


def _claim(delivery: Delivery, at: datetime, lines: Lines) -> Parcel | None:
    """Begin an attempt; or end the message, or put it off, where it is not to be sent (now)."""
    channel = delivery.channel
    if channel is None:
        if not (delivery.recipient.is_active and delivery.recipient.email):
            return _drop(delivery, NO_ADDRESS, at)
        channel = routing.mail_of(delivery.recipient)
        if channel is None and not routing.has_server():
            _leave_in_inbox(delivery)
            return _drop(delivery, NO_SERVER, at)
    elif not channel.is_active or channel.unit.closed_at:
        return _drop(delivery, NO_GROUP, at)
    if lines.is_silent(channel):
        return _try_later(delivery, attempts.TOO_LATE.words, at)
    if later := _not_now(delivery, at):
        delivery.not_before = later
        delivery.save(update_fields=["not_before"])
        return None
    letter, notices = _compose(delivery, at)
    if not letter.body:
        _note(delivery, letter, notices)
        return _drop(delivery, NOTHING_LEFT, at)
    delivery.title, delivery.body = letter.title[:120], letter.body
    delivery.state, delivery.lease_until = DeliveryState.SENDING, at + LEASE
    delivery.save(update_fields=["title", "body", "state", "lease_until"])
    number = delivery.attempts.count() + 1
    attempt = Attempt.objects.create(
        delivery=delivery, number=number, at=at, via=lines.to(channel).name[:120]
    )
    to = delivery.recipient.email if delivery.recipient else ""
    message = Message(
        key=f"{delivery.pk}-{delivery.made_at:%Y%m%d%H%M%S}", title=letter.title, body=letter.body, to=to
    )
    return Parcel(attempt, channel, message, letter, notices)


def _not_now(delivery: Delivery, at: datetime) -> datetime | None:
    """When it may be sent, where that is not now: quiet hours (a message may have waited for a worker, or
    failed, until then), one digest a day, and what a robot bears."""
    wishes = Preference.objects.filter(user=delivery.recipient_id).first() or hours.OF_GROUPS
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
            _try_later(found, NOT_MADE, at)


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


@transaction.atomic
def settle(parcel: Parcel, answer: Answer, at: datetime) -> None:
    """Write down what the channel said. Where the lease was over and another has taken the message up,
    only the attempt is written; where it only waits to be tried again, that it was accepted ends it."""
    attempt = parcel.attempt
    delivery = (
        Delivery.objects.select_for_update(of=("self",)).select_related("channel").get(pk=attempt.delivery_id)
    )
    held = Attempt.objects.filter(pk=attempt.pk, outcome=Outcome.BEGUN).exists()
    attempt.outcome, attempt.answer, attempt.ended_at = answer.outcome, answer.words, at
    attempt.save(update_fields=["outcome", "answer", "ended_at"])
    in_time = held and delivery.state == DeliveryState.SENDING
    late = delivery.state == DeliveryState.WAITING and answer.outcome == Outcome.ACCEPTED
    if not (in_time or late):
        return
    if answer.outcome == Outcome.BUSY:
        _leave_alone(delivery, answer, at)
    elif answer.outcome == Outcome.UNREACHABLE:
        _try_later(delivery, answer.words, at, parcel)
    elif answer.outcome == Outcome.REFUSED:
        _give_up(delivery, answer.words, at, parcel)
    else:
        if delivery.manner == Manner.DEADLINE:
            delivery.sent_on = timezone.localdate(attempt.at)
        _end(delivery, DeliveryState.SENT, answer.words, at)
        _note(delivery, parcel.letter, parcel.notices)


def _leave_alone(delivery: Delivery, answer: Answer, at: datetime) -> None:
    """The channel asks for patience, which counts as no failure; nor may others of its messages go now."""
    wait = answer.wait or BACK_OFF[0]
    if delivery.channel:
        limits.block(delivery.channel, at + wait)
    _wait(delivery, answer.words, at + wait)


def _try_later(delivery: Delivery, words: str, at: datetime, parcel: Parcel | None = None) -> None:
    if delivery.tries >= len(BACK_OFF):
        _give_up(delivery, words, at, parcel)
        return
    pause = BACK_OFF[delivery.tries]
    delivery.tries += 1
    _wait(delivery, words, at + pause)


def _wait(delivery: Delivery, words: str, until: datetime) -> None:
    delivery.state, delivery.lease_until = DeliveryState.WAITING, None
    delivery.not_before, delivery.answer = until, words[:300]
    delivery.save(update_fields=["state", "lease_until", "not_before", "answer", "tries"])


def _give_up(delivery: Delivery, words: str, at: datetime, parcel: Parcel | None) -> None:
    """Loudly: those who look after the channel are told. What it was to carry waits for no other digest,
    since it stands in the inbox; the operator may send it again."""
    _end(delivery, DeliveryState.FAILED, words, at)
    if parcel:
        _note(delivery, parcel.letter, parcel.notices)
    else:
        _leave_in_inbox(delivery)
    alarms.tell_of_failure(delivery, at)


def _drop(delivery: Delivery, why: str, at: datetime) -> None:
    _end(delivery, DeliveryState.DROPPED, why, at)


def _end(delivery: Delivery, state: DeliveryState, words: str, at: datetime) -> None:
    delivery.state, delivery.lease_until = state, None
    delivery.ended_at, delivery.answer = at, words[:300]
    delivery.save(update_fields=["state", "lease_until", "ended_at", "answer", "sent_on", "tries"])


def _leave_in_inbox(delivery: Delivery) -> None:
    """What waits for a digest to this person waits no more, or the next run would make one anew each time."""
    if delivery.manner == Manner.DEADLINE and delivery.recipient_id:
        Notice.objects.filter(recipient=delivery.recipient_id).uncarried().update(digest=delivery)


def _note(delivery: Delivery, letter: Letter, notices: list[int]) -> None:
    """That nothing the letter was made of waits for another one."""
    Notice.objects.filter(pk__in=notices).update(digest=delivery)
    letter.carried(delivery)


@transaction.atomic
def send_again(delivery: Delivery, *, at: datetime) -> bool:
    """Let a message that was given up be tried anew; False when it was not, or when a newer digest to the
    same person or group says all that it would."""
    found = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    same = {"recipient": found.recipient_id, "channel": found.channel_id}
    newer = Delivery.objects.filter(manner=Manner.DEADLINE, pk__gt=found.pk, **same)
    if found.state != DeliveryState.FAILED or (found.manner == Manner.DEADLINE and newer.exists()):
        return False
    found.state, found.tries, found.not_before, found.ended_at = DeliveryState.WAITING, 0, at, None
    found.save(update_fields=["state", "tries", "not_before", "ended_at"])
    hint(outbox.DELIVER_TASK)
    return True
