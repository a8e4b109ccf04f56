"""A bureau's own templates for campaigns; the built-in ones are files in `campaigns/blueprints/`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.enums import CampaignKind
from schools.models import Unit


class Blueprint(models.Model):
    """One edition of a template. Importing or exporting under a known name makes the next edition."""

    host = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="所属单位")
    name = models.CharField("模板名称", max_length=80)
    edition = models.PositiveSmallIntegerField("版次", default=1)
    kind = models.CharField("活动类型", max_length=12, choices=CampaignKind)
    summary = models.CharField("说明", max_length=300, blank=True)
    text = models.TextField("内容")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="保存人"
    )
    created_at = models.DateTimeField("保存时间")
    retired_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "活动模板"
        ordering = ["kind", "name", "-edition"]
        constraints = [
            models.UniqueConstraint(fields=["host", "name", "edition"], name="blueprint_edition_once"),
            models.CheckConstraint(condition=Q(edition__gte=1), name="blueprint_edition_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（第{self.edition}版）"
