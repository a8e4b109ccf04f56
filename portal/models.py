"""Rows every room may use: stored files and the audit trail (append-only in the database), long jobs."""

from uuid import uuid4

from django.conf import settings
from django.db import models

from portal.files.kinds import FileKind


class StoredFile(models.Model):
    """One uploaded file: its bytes lie under MEDIA_ROOT at `key`, its hash here.

    A trigger refuses every change of a row but setting `purged_at` (retention may remove the
    bytes; row, hash and trace stay).
    """

    key = models.CharField("存储键", max_length=64, unique=True)
    name = models.CharField("文件名", max_length=200)
    kind = models.CharField("类型", max_length=8, choices=FileKind)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="上传人"
    )
    uploaded_at = models.DateTimeField("上传时间")
    purged_at = models.DateTimeField("清除时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "存储文件"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="stored_file_hashed"
            ),
            models.CheckConstraint(condition=models.Q(size__gt=0), name="stored_file_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_preview(self) -> bool:
        """Whether the page can show what is in it."""
        return self.kind in FileKind.IMAGES | FileKind.TEXTS | {FileKind.PDF} and self.purged_at is None


class Upload(models.Model):
    """A file on its way in pieces (portal/files/resumable.py); the bytes so far lie in the incoming folder.

    `stored` is set once the whole file was checked and kept: asking for it again gives the same row.
    """

    token = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(db_index=True)
    stored = models.OneToOneField(StoredFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "分段上传"

    def __str__(self) -> str:
        return self.name


class AuditEvent(models.Model):
    """Who did what to which object, when: append-only by trigger (domain invariant 8)."""

    at = models.DateTimeField("时间", db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="操作人",
    )
    action = models.CharField("动作", max_length=60)
    target = models.CharField("对象", max_length=120, blank=True, help_text="类型:编号")
    summary = models.CharField("说明", max_length=300, blank=True)
    detail = models.JSONField("前后内容", default=dict, blank=True)
    address = models.GenericIPAddressField("来源地址", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["target", "-at"], name="audit_by_target")]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"


class JobState(models.TextChoices):
    WAITING = "waiting", "等待处理"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"


class Job(models.Model):
    """A long piece of work that a worker does for a person: import, export, archive; or, without one, for the
    portal itself: the report of a phase whose days are over.

    The row changes once more, to `done` in the transaction of the work itself, or to `failed`.
    How far it has come stands in `JobProgress`, written on a second connection (portal.jobs).
    """

    kind = models.CharField("类型", max_length=40)
    title = models.CharField("名称", max_length=120)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="发起人"
    )
    params = models.JSONField("参数", default=dict)
    source = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="原始文件"
    )
    created_at = models.DateTimeField("发起时间")
    state = models.CharField("状态", max_length=8, choices=JobState, default=JobState.WAITING)
    finished_at = models.DateTimeField("完成时间", null=True)
    result = models.JSONField("结果", default=dict)
    product = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="结果文件"
    )
    message = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(state="waiting"), name="job_waiting")
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state=JobState.WAITING) ^ models.Q(finished_at__isnull=False),
                name="job_finished_has_time",
            )
        ]

    def __str__(self) -> str:
        return self.title


class JobProgress(models.Model):
    """How far a job has come; seen by everybody at once, whatever becomes of the work."""

    job = models.OneToOneField(Job, models.CASCADE, primary_key=True, related_name="progress")
    attempts = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(max_length=60, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.step} {self.done}/{self.total}"


class Heartbeat(models.Model):
    """When a periodic work was last done, and what it came to; one row for each (`portal.heartbeats`)."""

    name = models.CharField("名称", max_length=40, primary_key=True)
    at = models.DateTimeField("最近一次")
    seconds = models.FloatField("用时（秒）")
    summary = models.JSONField("结果", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "定时任务"

    def __str__(self) -> str:
        return self.name
