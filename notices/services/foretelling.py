"""How people would hear of a deadline if they were told now: what a page says before anybody is."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from notices import hours
from notices.enums import ChannelKind, Manner
from notices.models import Channel, Delivery
from notices.services import outbox, routing
from notices.workdays import DAY
from schools.models import Membership

INBOX = "站内消息"
NO_ADDRESS = f"{INBOX}（未登记邮箱）"
NO_SERVER = f"{INBOX}（没有可用的邮件服务器）"
TODAY = f"{INBOX}、邮件（今日汇总）"


def ways(people: Iterable[int], at: datetime) -> dict[int, str]:
    """By what each of `people` (ids) would hear at `at` of a notice about deadlines, in words.

    The inbox has it at once, the mail goes with the day's digest. Six queries at most.
    """
    people = list(people)
    wishes = outbox.wishes_of(people)
    served = set(wishes) if routing.has_server() else _served(wishes)
    digests = Delivery.objects.filter(manner=Manner.DEADLINE, recipient__in=wishes)
    sent = set(digests.filter(sent_on=timezone.localdate(at)).values_list("recipient", flat=True))
    to_come = dict(digests.open().values_list("recipient", "not_before"))
    said = dict.fromkeys(people, NO_ADDRESS) | dict.fromkeys(wishes, NO_SERVER)
    for one in served:
        when = to_come.get(one) or hours.next_digest(at, wishes[one], sent_today=one in sent)
        said[one] = _in_words(when, at)
    return said


def _served(people: Iterable[int]) -> set[int]:
    """Those of `people` who serve in a unit that has a mail server, or stands below one that has."""
    servers = Channel.objects.in_use().filter(kind=ChannelKind.MAIL)
    paths = tuple(servers.values_list("unit__path", flat=True))
    posts = Membership.objects.filter(user__in=list(people), ended_at=None)
    return {user for user, path in posts.values_list("user", "unit__path") if path.startswith(paths)}


def _in_words(when: datetime, at: datetime) -> str:
    day, today = timezone.localdate(when), timezone.localdate(at)
    if day <= today:
        return TODAY
    named = "明日" if day == today + DAY else f"{day.month}月{day.day}日"
    return f"{INBOX}，邮件{named}随汇总发送"
