"""The in-site inbox, the first and certain channel, and what people wish of the others."""

from datetime import time
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from notices.enums import Manner
from schools.models import Unit


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unread(self) -> Self:
        return self.filter(read_at=None)

    def uncarried(self) -> Self:
        """About deadlines, and in no digest yet."""
        return self.filter(manner=Manner.DEADLINE, digest=None)


class Notice(models.Model):
    """One message for one person about one matter; `matter` makes re-running a job harmless.

    `unit`: whose matter it is, where that is one unit's alone; nothing of it is sent after a person who has
    left. `digest` is the delivery that has carried it out of the house, where it goes with others.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices", verbose_name="收件人"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所涉单位"
    )
    matter = models.CharField("事由", max_length=100)
    manner = models.CharField("方式", max_length=8, choices=Manner, default=Manner.ORDINARY)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=200, blank=True)
    at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True, blank=True)
    digest = models.ForeignKey(
        "Delivery", models.PROTECT, null=True, blank=True, related_name="notices", verbose_name="汇总消息"
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "matter"], name="notice_once_per_matter"),
            models.CheckConstraint(condition=Q(manner__in=Manner.values), name="notice_manner_known"),
            models.CheckConstraint(
                condition=Q(digest=None) | Q(manner=Manner.DEADLINE), name="notice_digest_of_deadlines"
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-at"], name="notice_inbox"),
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(
                fields=["recipient", "at"],
                condition=Q(manner=Manner.DEADLINE, digest=None),
                name="notice_uncarried",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Preference(models.Model):
    """What a person wishes of the messages that leave the house; without a row, the defaults hold.

    Digests and urgent matters are mandatory: only their hour can be chosen. Hours are of Asia/Shanghai.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+", verbose_name="人员"
    )
    ordinary_mail = models.BooleanField("一般消息也发邮件", default=True)
    digest_hour = models.PositiveSmallIntegerField(
        "每日汇总时间",
        default=8,
        validators=[MinValueValidator(6, "请选择6点至21点。"), MaxValueValidator(21, "请选择6点至21点。")],
    )
    quiet_from = models.TimeField("免打扰开始", default=time(21))
    quiet_until = models.TimeField("免打扰结束", default=time(7))

    class Meta:
        verbose_name = verbose_name_plural = "消息设置"
        constraints = [
            models.CheckConstraint(
                condition=Q(digest_hour__gte=6, digest_hour__lte=21),
                name="preference_digest_by_day",
                violation_error_message="每日汇总时间须在6点至21点之间，请重新选择。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}的消息设置"
