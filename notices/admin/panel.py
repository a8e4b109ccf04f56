"""What stands above the list of messages: how many wait, and whether what sends them is well."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from notices.access import channels_within_reach
from notices.enums import ChannelKind, DeliveryState
from notices.models import Bucket, Delivery, DeliveryQuerySet
from notices.services import routing
from portal import broker
from portal.heartbeats import WORK
from portal.models import Heartbeat
from schools.models import User

#: Counting goes no further: of more, nobody needs to know how many.
ENOUGH = 10_000
SHOWN = (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.FAILED)


@dataclass(frozen=True)
class Count:
    """How many deliveries are in a state."""

    state: DeliveryState
    number: int

    @property
    def words(self) -> str:
        return f"{ENOUGH}条以上" if self.number > ENOUGH else f"{self.number}条"


@dataclass(frozen=True)
class Work:
    """A periodic work: what it is called, when it was last done, and whether it is late."""

    title: str
    done: str
    late: bool


@dataclass(frozen=True)
class Panel:
    counts: list[Count]
    first: Delivery | None  # of those that wait, the one that is to go first
    first_is_late: bool
    redis: bool
    server: bool  # in the settings
    own_servers: int  # of units within reach
    blocked: list[Bucket]
    works: list[Work]

    @property
    def has_failed(self) -> bool:
        return any(count.number for count in self.counts if count.state == DeliveryState.FAILED)

    @property
    def amiss(self) -> bool:
        """Whether some work has not been done for too long."""
        return any(work.late for work in self.works)


def panel(user: User, deliveries: DeliveryQuerySet, at: datetime) -> Panel:
    """As of `at`, of what is within the reach of `user`; the state of the portal itself is for all."""
    waiting = deliveries.filter(state=DeliveryState.WAITING)
    first = waiting.order_by("not_before").defer("title", "body").first()
    channels = channels_within_reach(user)
    blocked = Bucket.objects.filter(channel__in=channels, blocked_until__gt=at)
    return Panel(
        counts=[Count(state, bounded(deliveries.filter(state=state))) for state in SHOWN],
        first=first,
        first_is_late=first is not None and first.not_before < at - timedelta(minutes=15),
        redis=broker.answers(),
        server=routing.has_server(),
        own_servers=channels.in_use().filter(kind=ChannelKind.MAIL).count(),
        blocked=list(blocked.select_related("channel").order_by("blocked_until")),
        works=works(at),
    )


def bounded(deliveries: DeliveryQuerySet) -> int:
    """How many these are, or one more than `ENOUGH`."""
    return deliveries.order_by()[: ENOUGH + 1].count()


def works(at: datetime) -> list[Work]:
    """All periodic work, in the order of `WORK`. What has not been done yet is no trouble, since some comes
    once a day; nothing at all is."""
    done = dict(Heartbeat.objects.values_list("name", "at"))
    found = []
    for name, (title, bears) in WORK.items():
        last = done.get(name)
        late = last < at - bears if last else not done
        found.append(Work(title, ago(last, at) if last else "", late))
    return found


def ago(then: datetime, at: datetime) -> str:
    """“刚刚”, “3分钟前”, “2小时前”, “5天前”."""
    minutes = int((at - then) / timedelta(minutes=1))
    if minutes < 1:
        return "刚刚"
    if minutes < 60:
        return f"{minutes}分钟前"
    return f"{minutes // 60}小时前" if minutes < 48 * 60 else f"{minutes // (24 * 60)}天前"
