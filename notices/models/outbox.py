"""What leaves the house: one row for each message to one address, and one for each attempt to send it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from notices.enums import DeliveryState, Manner, Outcome
from notices.models.channels import Channel
from notices.models.inbox import Notice

OPEN = Q(state__in=DeliveryState.open())
DIGEST = Q(manner=Manner.DEADLINE)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def open(self) -> Self:
        return self.filter(OPEN)


class Delivery(models.Model):
    """One message on its way: a mail to `recipient`, or a robot's words in the group of `channel`.

    Written in the transaction of its cause, sent by a worker (`services.delivering`). Of a digest title
    and body are composed when it is sent, out of what still holds then; of others they are the notice's.
    `not_before` is when it may be tried (again); `lease_until` until when a worker has it to itself.
    `sent_on` is the day of Asia/Shanghai on which a digest was accepted: one a person or group and day.
    """

    manner = models.CharField("方式", max_length=8, choices=Manner)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name="收件人",
    )
    notice = models.OneToOneField(
        Notice, models.PROTECT, null=True, blank=True, related_name="delivery", verbose_name="消息"
    )
    channel = models.ForeignKey(
        Channel, models.PROTECT, null=True, blank=True, related_name="deliveries", verbose_name="工作群"
    )
    title = models.CharField("标题", max_length=120, blank=True)
    body = models.TextField("内容", blank=True)
    made_at = models.DateTimeField("生成时间")
    not_before = models.DateTimeField("最早发送时间")
    state = models.CharField("状态", max_length=8, choices=DeliveryState, default=DeliveryState.WAITING)
    tries = models.PositiveSmallIntegerField("连续未成次数", default=0)
    lease_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    sent_on = models.DateField("发送日期", null=True, blank=True)
    answer = models.CharField("最近答复", max_length=300, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "外发消息"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(recipient=None) ^ Q(channel=None), name="delivery_to_one_person_or_group"
            ),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.open()) ^ Q(ended_at__isnull=False),
                name="delivery_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.SENDING) ^ Q(lease_until=None),
                name="delivery_lease_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(notice=None) | ~DIGEST, name="delivery_digest_has_no_notice_of_its_own"
            ),
            models.UniqueConstraint(
                fields=["recipient"], condition=DIGEST & OPEN, name="delivery_one_open_digest"
            ),
            models.UniqueConstraint(
                fields=["channel"], condition=DIGEST & OPEN, name="delivery_one_open_group_digest"
            ),
            models.UniqueConstraint(
                fields=["recipient", "sent_on"],
                condition=DIGEST & Q(sent_on__isnull=False),
                name="delivery_one_digest_a_day",
            ),
            models.UniqueConstraint(
                fields=["channel", "sent_on"],
                condition=DIGEST & Q(sent_on__isnull=False),
                name="delivery_one_group_digest_a_day",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(state=DeliveryState.WAITING), name="delivery_waiting"
            ),
            models.Index(
                fields=["lease_until"], condition=Q(state=DeliveryState.SENDING), name="delivery_sending"
            ),
            models.Index(fields=["state", "-id"], name="delivery_by_state"),
        ]

    def __str__(self) -> str:
        """Without its title, which is a matter of the school that it is about."""
        return f"{'期限汇总' if self.manner == Manner.DEADLINE else '消息'}{self.pk}"


class Attempt(models.Model):
    """One attempt, written before anything is sent; what the channel answered is added once it is known.

    Without a `channel` it went by the mail server of the settings; `via` is what the way was called then.
    """

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts", verbose_name="外发消息")
    number = models.PositiveSmallIntegerField("第几次")
    at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    channel = models.ForeignKey(
        Channel, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="通道"
    )
    via = models.CharField("经由", max_length=120)
    outcome = models.CharField("结果", max_length=12, choices=Outcome, default=Outcome.BEGUN)
    answer = models.TextField("对方答复", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "发送记录"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="attempt_once"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="attempt_outcome_known"),
        ]
        indexes = [
            models.Index(
                fields=["channel", "-id"], condition=Q(channel__isnull=False), name="attempt_by_channel"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id}第{self.number}次"
