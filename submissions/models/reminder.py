"""Who was reminded of what: the ledger of reminders, of nudges by hand, and personal calendars."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models import Campaign, Occurrence
from notices.models import Channel, Delivery, Notice
from schools.models import Unit
from submissions.enums import NudgeResult
from submissions.models.assignment import Assignment

USER = settings.AUTH_USER_MODEL


class Nudge(models.Model):
    """一键催办: somebody's words to units that have not handed in; what became of each is a `NudgedUnit`."""

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="nudges", verbose_name="活动"
    )
    text = models.TextField("催办内容")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="催办人")
    at = models.DateTimeField("催办时间")

    class Meta:
        verbose_name = verbose_name_plural = "催办"
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="nudge_has_text")]

    def __str__(self) -> str:
        return self.text


class NudgedUnit(models.Model):
    """What a nudge came to for one unit: how many people were told, of how many tasks; else why nobody."""

    nudge = models.ForeignKey(Nudge, models.PROTECT, related_name="units", verbose_name="催办")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="nudged", verbose_name="单位")
    result = models.CharField("结果", max_length=8, choices=NudgeResult)
    told = models.PositiveSmallIntegerField("通知人数", default=0)
    tasks = models.PositiveSmallIntegerField("涉及任务", default=0)
    at = models.DateTimeField("催办时间")

    class Meta:
        verbose_name = verbose_name_plural = "催办结果"
        ordering = ["unit__path"]
        constraints = [
            models.UniqueConstraint(fields=["nudge", "unit"], name="nudged_unit_once"),
            models.CheckConstraint(
                condition=Q(result__in=NudgeResult.values), name="nudged_unit_result_known"
            ),
            models.CheckConstraint(
                condition=Q(result=NudgeResult.TOLD) ^ Q(told=0), name="nudged_unit_told_somebody"
            ),
        ]
        indexes = [
            models.Index(
                fields=["unit", "-at"], condition=Q(result=NudgeResult.TOLD), name="nudged_unit_latest"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.get_result_display()}"


class Reminder(models.Model):
    """One person was reminded of one assignment, at most once for each deadline and rung (append-only).

    `edition` is the deadline reminded of: the assignment's `due_at`, or the first `correct_by` of what came
    back; another deadline is another edition, and begins a new ladder. `rung`: working days after the
    last day of the edition, as in “-3”, “0”, “5”; “N12” for nudge 12. `notice` is what the person read.
    """

    assignment = models.ForeignKey(
        Assignment, models.PROTECT, related_name="reminders", verbose_name="报送任务"
    )
    edition = models.DateTimeField("期限")
    rung = models.CharField("节点", max_length=12)
    person = models.ForeignKey(USER, models.PROTECT, related_name="reminders", verbose_name="被催办人")
    at = models.DateTimeField("催办时间")
    nudge = models.ForeignKey(
        Nudge, models.PROTECT, null=True, blank=True, related_name="reminders", verbose_name="人工催办"
    )
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="reminders", verbose_name="消息")

    class Meta:
        verbose_name = verbose_name_plural = "催办记录"
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "edition", "rung", "person"], name="reminder_once_per_rung"
            ),
            models.CheckConstraint(
                condition=Q(nudge=None, rung__regex=r"^-?\d+$")
                | Q(nudge__isnull=False, rung__regex=r"^N\d+$"),
                name="reminder_rung_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id}/{self.rung} {self.person_id}"


class GroupReminder(models.Model):
    """A group was told how many units are missing, at most once for each deadline and rung.

    `digest` is the delivery that has carried it; none yet: it waits for the group's next one.
    """

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="reminders", verbose_name="工作群")
    occurrence = models.ForeignKey(
        Occurrence, models.PROTECT, related_name="group_reminders", verbose_name="期次"
    )
    edition = models.DateTimeField("期限")
    rung = models.CharField("节点", max_length=12)
    at = models.DateTimeField("催办时间")
    digest = models.ForeignKey(
        Delivery,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="group_reminders",
        verbose_name="外发消息",
    )

    class Meta:
        verbose_name = verbose_name_plural = "工作群催办记录"
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "occurrence", "edition", "rung"], name="group_reminder_once_per_rung"
            )
        ]
        indexes = [
            models.Index(fields=["channel"], condition=Q(digest=None), name="group_reminder_uncarried")
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.occurrence_id}/{self.rung}"


class CalendarFeed(models.Model):
    """A person's .ics address; of the token in it only the SHA-256 is kept. Revoked ones stay."""

    user = models.ForeignKey(USER, models.CASCADE, related_name="calendar_feeds", verbose_name="人员")
    digest = models.CharField("令牌摘要", max_length=64, unique=True)
    created_at = models.DateTimeField("建立时间")
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "日历订阅"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(revoked_at=None), name="calendar_feed_one")
        ]

    def __str__(self) -> str:
        return f"{self.user}的日历订阅"
