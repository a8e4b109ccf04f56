"""Writers of the channels: set up, changed, tried out. What is secret is sealed here and leaves no trace."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from notices.channels import Answer, Message
from notices.enums import Outcome
from notices.models import Channel
from notices.sealing import seal
from notices.services import limits, trying
from portal import audit
from portal.audit import target_of
from portal.changes import Values, difference, values_of
from portal.models import AuditEvent
from schools.models import User
from schools.rules import NotAllowed

BETWEEN_TESTS = timedelta(seconds=10)
SECRETS = ("token", "secret")
KEPT, REPLACED = "已设置", "已更换"

TOO_SOON = f"{BETWEEN_TESTS.seconds}秒内只能测试一次，请稍候再试。"
NO_ADDRESS = "您的账号没有填写电子邮箱，测试邮件无处可发，请先在“消息设置”中填写。"
TEST_TITLE = "教育活动管理平台测试消息"


@transaction.atomic
def save(
    channel: Channel,
    *,
    token: str = "",
    secret: str = "",
    clear_secret: bool = False,
    at: datetime,
    by: User,
) -> None:
    """Save a new or changed channel. An empty `token` or `secret` leaves what is there, unless it is to
    be cleared."""
    new = channel.pk is None
    old = None if new else Channel.objects.select_for_update().get(pk=channel.pk)
    channel.token, channel.secret = (old.token, old.secret) if old else (b"", b"")
    before = _facts(old) if old else {}
    if token:
        channel.token = seal(token)
    if secret:
        channel.secret = seal(secret)
    elif clear_secret:
        channel.secret = b""
    channel.save()
    after = _facts(channel)
    for name, given in (("token", token), ("secret", secret)):
        if given and before.get(name):
            after[name] = REPLACED
    if detail := difference(before, after):
        action, verb = ("channel.create", "新增") if new else ("channel.save", "修改")
        audit.record(action, at=at, by=by, target=channel, summary=f"{verb}消息通道{channel}", detail=detail)


@trying.turn()
def send_test(channel: Channel, *, at: datetime, by: User) -> Answer:
    """Send one message and return what the channel says: by mail to `by` alone, by a robot to its group.

    Raises NotAllowed where there is no address, after a test a moment ago, when the robot's limit is used
    up, and while others try theirs. Takes as long as the channel does (`trying.PATIENCE`), and locks no row
    meanwhile.
    """
    if not (channel.is_robot or by.email):
        raise NotAllowed(NO_ADDRESS)
    with transaction.atomic():
        found = Channel.objects.select_for_update(of=("self",)).select_related("unit").get(pk=channel.pk)
        latest = AuditEvent.objects.filter(action="channel.test", target=target_of(found))
        if latest.filter(at__gt=at - BETWEEN_TESTS).exists():
            raise NotAllowed(TOO_SOON)
        if later := limits.take(found, at):
            raise NotAllowed(f"消息发送已达平台限制，请于{timezone.localtime(later):%H:%M:%S}以后再试。")
        audit.record("channel.test", at=at, by=by, target=found, summary=f"经{found}发送测试消息")
    answer = _try_out(found, at=at, by=by)
    with transaction.atomic():
        if answer.outcome == Outcome.BUSY:
            limits.block(found, at + (answer.wait or BETWEEN_TESTS))
        audit.record(
            "channel.answer",
            at=at,
            by=by,
            target=found,
            summary=f"{found}测试结果：{Outcome(answer.outcome).label}",
            detail={"outcome": answer.outcome, "words": answer.words},
        )
    return answer


def _try_out(channel: Channel, *, at: datetime, by: User) -> Answer:
    moment = f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
    body = f"本消息由{by.name}于{moment}发出，用于测试消息通道“{channel}”。收到即表示设置正确，无需回复。"
    to = "" if channel.is_robot else by.email
    return trying.send(channel, Message(f"test-{channel.pk}-{at:%Y%m%d%H%M%S}", TEST_TITLE, body, to))


def _facts(channel: Channel) -> Values:
    """Fields for the trail; of what is secret only whether it is there."""
    facts = values_of(channel)
    return facts | {name: KEPT if getattr(channel, name) else "" for name in SECRETS}
