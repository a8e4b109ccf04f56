"""Writers of the outbox: what is to leave the house, in the transaction of its cause."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.utils import timezone

from notices import hours
from notices.enums import Manner
from notices.models import Channel, Delivery, Notice, Preference
from portal.celery import hint

DELIVER_TASK = "notices.tasks.deliver"
BATCH = 2000
#: Older notices about deadlines that no digest has carried are history (no address was known at the time).
FRESH = timedelta(days=3)


def put(notices: Mapping[int, int], manner: Manner, at: datetime) -> None:
    """Write down what has to go out for these new notices (id by recipient), as the people wish.

    People without an address, and those who want no mail about ordinary matters, read it here.
    """
    wishes = wishes_of(notices)
    if manner == Manner.DEADLINE:
        _ensure(wishes, at)
    else:
        wanted = {
            to: wish for to, wish in wishes.items() if wish.ordinary_mail or manner in Manner.mandatory()
        }
        Delivery.objects.bulk_create(
            (
                Delivery(
                    manner=manner,
                    recipient_id=to,
                    notice_id=notices[to],
                    made_at=at,
                    not_before=hours.when(at, manner, wish),
                )
                for to, wish in wanted.items()
            ),
            batch_size=BATCH,
        )
    if wishes:
        hint(DELIVER_TASK)


def wishes_of(people: Iterable[int]) -> dict[int, Preference]:
    """The wishes of those of `people` (ids) who are in use and have an address; two queries at most."""
    reachable = get_user_model().objects.filter(pk__in=list(people), is_active=True).exclude(email="")
    found = list(reachable.values_list("pk", flat=True))
    wishes = Preference.objects.in_bulk(found)  # asks nothing for nobody
    return {to: wishes.get(to) or Preference(user_id=to) for to in found}


def ensure_digests(people: Iterable[int], at: datetime) -> None:
    """Make sure that each of `people` (ids) with an address has a digest to come."""
    _ensure(wishes_of(people), at)


def _ensure(wishes: Mapping[int, Preference], at: datetime) -> None:
    sent = _sent_today("recipient", wishes, at)
    Delivery.objects.bulk_create(
        (
            Delivery(
                manner=Manner.DEADLINE,
                recipient_id=to,
                made_at=at,
                not_before=hours.next_digest(at, wish, sent_today=to in sent),
            )
            for to, wish in wishes.items()
        ),
        ignore_conflicts=True,  # one that is to come already will carry this too
        batch_size=BATCH,
    )


def ensure_group_digests(channels: Iterable[Channel], at: datetime) -> None:
    """Make sure that each of these groups has a digest to come; they have the default hours."""
    ids = [channel.pk for channel in channels]
    sent = _sent_today("channel", ids, at)
    Delivery.objects.bulk_create(
        (
            Delivery(
                manner=Manner.DEADLINE,
                channel_id=pk,
                made_at=at,
                not_before=hours.next_digest(at, hours.OF_GROUPS, sent_today=pk in sent),
            )
            for pk in ids
        ),
        ignore_conflicts=True,
    )
    if ids:
        hint(DELIVER_TASK)


def ensure_missing(at: datetime) -> None:
    """Digests for fresh notices that none will carry: those that came while the last one was being sent."""
    waiting = Notice.objects.uncarried().filter(at__gte=at - FRESH).exclude(recipient__email="")
    to_come = Delivery.objects.open().filter(manner=Manner.DEADLINE, recipient__isnull=False)
    missing = waiting.exclude(recipient__in=to_come.values("recipient")).order_by()
    ensure_digests(missing.values_list("recipient_id", flat=True).distinct(), at)


def _sent_today(to: str, ids: Iterable[int], at: datetime) -> set[int]:
    """Which of `ids` have been sent a digest on the day of `at`."""
    sent = Delivery.objects.filter(sent_on=timezone.localdate(at), **{f"{to}__in": list(ids)})
    return set(sent.values_list(f"{to}_id", flat=True))
