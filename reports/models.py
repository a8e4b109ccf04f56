"""What leaders have seen, and what they sign."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models import Campaign, Occurrence
from reports.enums import BulletinState

USER = settings.AUTH_USER_MODEL


class Visit(models.Model):
    """When a person last looked at the overview, and since when changes are shown to them.

    Written by a beacon, never by the page itself; `since` moves on with the first look after a pause.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+", verbose_name="人员"
    )
    since = models.DateTimeField("变化起算时间", null=True)  # none at the first visit
    last_at = models.DateTimeField("最近查看时间")

    class Meta:
        verbose_name = verbose_name_plural = "查看记录"

    def __str__(self) -> str:
        return f"{self.user_id} {self.last_at}"


class Bulletin(models.Model):
    """督查通报 of one deadline: drafted after its last rung, edited by an officer, signed by a leader.

    `figures` is what was counted at `counted_at` and never changes; title and body are the officer's
    until the bulletin is sent. `note` is why the leader gave it back, or why it is not to be sent. What was
    discarded because its deadline had moved or its campaign was over has `lapsed`: should that deadline hold
    again, it gets another one.
    """

    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="bulletins", verbose_name="期次")
    edition = models.DateTimeField("期限")
    state = models.CharField("状态", max_length=10, choices=BulletinState, default=BulletinState.DRAFT)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文")
    figures = models.JSONField("统计", default=dict)
    counted_at = models.DateTimeField("统计时间")
    edited_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", verbose_name="拟稿人")
    edited_at = models.DateTimeField("拟稿时间", null=True)
    note = models.CharField("退回原因", max_length=300, blank=True)
    signed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", verbose_name="签发人")
    ended_at = models.DateTimeField("办结时间", null=True)
    lapsed = models.BooleanField("不再适用", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "督查通报"
        ordering = ["-counted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "edition"],
                condition=Q(lapsed=False),
                name="bulletin_once_per_deadline",
            ),
            models.CheckConstraint(
                condition=Q(lapsed=False) | Q(state=BulletinState.DISCARDED),
                name="bulletin_lapsed_is_discarded",
            ),
            models.CheckConstraint(condition=Q(state__in=BulletinState.values), name="bulletin_state_known"),
            models.CheckConstraint(
                condition=Q(state=BulletinState.SENT) ^ Q(signed_by=None), name="bulletin_sent_is_signed"
            ),
            models.CheckConstraint(
                condition=Q(state__in=BulletinState.open()) ^ Q(ended_at__isnull=False),
                name="bulletin_ended_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def campaign(self) -> Campaign:
        return self.occurrence.requirement.campaign
