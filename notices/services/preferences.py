"""The writer of what people wish of the messages that leave the house, and of their own mail address."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from notices.channels import Answer, Message
from notices.enums import Outcome
from notices.models import Channel, Preference
from notices.services import routing, trying
from portal import audit
from portal.audit import target_of
from portal.changes import difference, values_of
from portal.models import AuditEvent
from schools.models import User
from schools.rules import NotAllowed

BETWEEN_TESTS = timedelta(minutes=1)

NO_ADDRESS = "您还没有填写电子邮箱，请先填写并保存。"
NO_SERVER = "平台还没有可用的邮件服务器，请联系系统管理员。"
TOO_SOON = "测试邮件一分钟内只能发送一次，请稍候再试。"
TITLE = "教育活动管理平台测试邮件"


def wishes_of(user: User) -> Preference:
    """What the person wishes; the defaults (an unsaved row) for who has chosen nothing."""
    return Preference.objects.filter(user=user).first() or Preference(user=user)


@transaction.atomic
def change(user: User, wishes: Preference, *, email: str, at: datetime) -> None:
    """Let `wishes` hold for the person `user`, who asks for it, with `email` ("" for none) as own address.

    Messages that wait already keep their hour. The same again changes nothing.
    """
    found = User.objects.select_for_update().get(pk=user.pk)
    if found.email != email:
        detail = {"before": {"email": found.email}, "after": {"email": email}}
        found.email = email
        found.save(update_fields=["email"])
        audit.record("user.save", at=at, by=user, target=user, summary="本人修改电子邮箱", detail=detail)
    before = values_of(wishes_of(user))
    if detail := difference(before, values_of(wishes)):
        wishes.save()
        audit.record(
            "preference.change", at=at, by=user, target=wishes, summary="本人修改消息设置", detail=detail
        )


@trying.turn()
def send_test(user: User, *, at: datetime) -> Answer:
    """Send one mail to the person's own address, and return what the mail server says.

    Raises NotAllowed without an address or a server, within a minute after another, and while others try
    theirs. Takes as long as the server does (`trying.PATIENCE`), and locks no row meanwhile.
    """
    with transaction.atomic():
        found = User.objects.select_for_update().get(pk=user.pk)
        if not found.email:
            raise NotAllowed(NO_ADDRESS)
        server = routing.mail_of(found)
        if server is None and not routing.has_server():
            raise NotAllowed(NO_SERVER)
        latest = AuditEvent.objects.filter(action="test_mail.start", target=target_of(found))
        if latest.filter(at__gt=at - BETWEEN_TESTS).exists():
            raise NotAllowed(TOO_SOON)
        audit.record("test_mail.start", at=at, by=user, target=found, summary="向本人邮箱发送测试邮件")
    answer = _try_out(server, found, at)
    verb = "done" if answer.outcome == Outcome.ACCEPTED else "failed"
    audit.record(f"test_mail.{verb}", at=at, by=user, target=found, summary=f"邮件服务器答复：{answer.words}")
    return answer


def _try_out(server: Channel | None, user: User, at: datetime) -> Answer:
    moment = f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
    body = f"{user.name}，您好：\n\n这封测试邮件由您于{moment}发送。收到即表示您能收到平台的提醒，无需回复。"
    return trying.send(server, Message(f"try-{user.pk}-{at:%Y%m%d%H%M%S}", TITLE, body, user.email))
