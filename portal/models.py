"""Rows every room may use: stored files and the audit trail. Both are append-only in the database."""

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
