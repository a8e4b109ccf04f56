"""What becomes of a message: sent, put off, tried later, given up, dropped. The only writer of its state
once it has been claimed, and of what the channel answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from notices.channels import Answer, Message
from notices.enums import DeliveryState, Manner, Outcome
from notices.letters import Letter, composer
from notices.models import Attempt, Channel, Delivery, Notice
from notices.services import alarms, limits, outbox
from portal.celery import hint

#: Between one failed attempt and the next; when they are used up, the message is given up.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 120, 240, 480))
#: For how long a channel may ask for patience before that counts as failure.
PATIENCE = timedelta(days=1)


@dataclass
class Parcel:
    """A message that this worker has claimed. `letter` and `notices` (ids) are what it is made of."""

    attempt: Attempt
    channel: Channel | None
    message: Message
    letter: Letter
    notices: list[int]


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
        _leave_alone(delivery, answer, at, parcel)
    elif answer.outcome == Outcome.UNREACHABLE:
        try_later(delivery, answer.words, at, parcel)
    elif answer.outcome == Outcome.REFUSED:
        _give_up(delivery, answer.words, at, parcel)
    else:
        if delivery.manner == Manner.DEADLINE:
            delivery.sent_on = timezone.localdate(attempt.at)
        _end(delivery, DeliveryState.SENT, answer.words, at)
        note(delivery, parcel.letter, parcel.notices)


def _leave_alone(delivery: Delivery, answer: Answer, at: datetime, parcel: Parcel) -> None:
    """The channel asks for patience, which counts as no failure; nor may others of its messages go now."""
    wait = answer.wait or BACK_OFF[0]
    if delivery.channel:
        limits.block(delivery.channel, at + wait)
    if at - delivery.made_at < PATIENCE:
        put_off(delivery, answer.words, at + wait)
    else:
        try_later(delivery, answer.words, at, parcel)


def try_later(delivery: Delivery, words: str, at: datetime, parcel: Parcel | None = None) -> None:
    if delivery.tries >= len(BACK_OFF):
        _give_up(delivery, words, at, parcel)
        return
    pause = BACK_OFF[delivery.tries]
    delivery.tries += 1
    put_off(delivery, words, at + pause)


def put_off(delivery: Delivery, words: str, until: datetime) -> None:
    delivery.state, delivery.lease_until = DeliveryState.WAITING, None
    delivery.not_before, delivery.answer = until, words[:300]
    delivery.save(update_fields=["state", "lease_until", "not_before", "answer", "tries"])


def _give_up(delivery: Delivery, words: str, at: datetime, parcel: Parcel | None) -> None:
    """Loudly: those who look after the channel are told. What it was to carry waits for no other digest,
    since it stands in the inbox; the operator may send it again."""
    _end(delivery, DeliveryState.FAILED, words, at)
    if parcel:
        note(delivery, parcel.letter, parcel.notices)
    else:
        leave_in_inbox(delivery, at)
    alarms.tell_of_failure(delivery, at)


def drop(delivery: Delivery, why: str, at: datetime) -> None:
    _end(delivery, DeliveryState.DROPPED, why, at)


def _end(delivery: Delivery, state: DeliveryState, words: str, at: datetime) -> None:
    delivery.state, delivery.lease_until = state, None
    delivery.ended_at, delivery.answer = at, words[:300]
    delivery.save(update_fields=["state", "lease_until", "ended_at", "answer", "sent_on", "tries"])


def leave_in_inbox(delivery: Delivery, at: datetime) -> None:
    """What waits for a digest to this person or group waits no more, or the next run would make one anew
    each time."""
    if delivery.manner == Manner.DEADLINE:
        Notice.objects.filter(recipient=delivery.recipient_id).uncarried().update(digest=delivery)
        if delivery.channel:
            composer().for_group(delivery, at).carried(delivery)


def note(delivery: Delivery, letter: Letter, notices: list[int]) -> None:
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
    try:
        with transaction.atomic():
            found.save(update_fields=["state", "tries", "not_before", "ended_at"])
    except IntegrityError:  # a newer digest has come this very moment
        return False
    hint(outbox.DELIVER_TASK)
    return True
