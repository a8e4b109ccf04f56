"""Reasons that reviewers often give."""

from django.db import models

from schools.models import Unit


class CommonReason(models.Model):
    """A reason that reviewers of a bureau often return work for, to be chosen instead of typed."""

    bureau = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="所属单位")
    text = models.CharField("常用意见", max_length=200)
    order = models.PositiveSmallIntegerField("序号", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "常用审核意见"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bureau", "text"],
                name="common_reason_once",
                violation_error_message="已有相同的常用意见，无需重复添加。",
            )
        ]

    def __str__(self) -> str:
        return self.text
