"""By what messages leave the house: mail servers and group robots."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from notices.enums import ChannelKind
from schools.models import Unit


class ChannelQuerySet(models.QuerySet["Channel"]):
    def in_use(self) -> Self:
        return self.filter(is_active=True, unit__closed_at=None)

    def robots(self) -> Self:
        return self.filter(kind__in=ChannelKind.robots())


class Channel(models.Model):
    """A bureau's own mail server, or the robot of a unit's group chat.

    `unit` says for whom: mail of people in its subtree (the nearest unit above wins, then the server
    of the settings), or the schools of whose standing the group is told. `token` and `secret` are
    sealed (notices.sealing) and are never shown again: mail has the password in `secret`, a robot
    the key of its address in `token` and the key of its signature, if it has one, in `secret`.
    """

    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="channels",
        verbose_name="单位",
        help_text="邮件服务器：供本单位及其下属单位人员使用；群机器人：向群内通报本单位及其下属单位的情况。",
    )
    kind = models.CharField("类型", max_length=8, choices=ChannelKind)
    name = models.CharField("名称", max_length=60, help_text="如“示例县教育局邮件”“示例镇信息员群”。")
    is_active = models.BooleanField("在用", default=True)
    token = models.BinaryField("机器人密钥", default=bytes, editable=False)
    secret = models.BinaryField("密码或加签密钥", default=bytes, editable=False)
    host = models.CharField("服务器", max_length=120, blank=True)
    port = models.PositiveIntegerField(
        "端口",
        null=True,
        blank=True,
        validators=[
            MinValueValidator(1, "端口在1至65535之间。"),
            MaxValueValidator(65535, "端口在1至65535之间。"),
        ],
    )
    tls = models.CharField(
        "加密方式",
        max_length=8,
        blank=True,
        choices=[
            ("ssl", "SSL/TLS（常用端口465）"),
            ("starttls", "STARTTLS（常用端口587）"),
            ("none", "不加密"),
        ],
    )
    username = models.CharField("登录用户名", max_length=120, blank=True)
    sender = models.EmailField("发件人地址", blank=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息通道"
        ordering = ["unit__path", "kind", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ChannelKind.values), name="channel_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind=ChannelKind.MAIL) | (~Q(host="") & Q(port__isnull=False) & ~Q(sender="")),
                name="channel_mail_has_server",
                violation_error_message="邮件服务器须填写服务器、端口和发件人地址，请补充。",
            ),
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(kind=ChannelKind.MAIL, is_active=True),
                name="channel_one_mail_server",
                violation_error_message="这个单位已有在用的邮件服务器，请先停用原来的。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_robot(self) -> bool:
        return self.kind in ChannelKind.robots()


class Bucket(models.Model):
    """How many messages a robot may still be sent just now (a token bucket, `services.limits`)."""

    channel = models.OneToOneField(Channel, models.CASCADE, primary_key=True, related_name="bucket")
    level = models.FloatField()
    at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.level}"
