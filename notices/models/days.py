"""Days of which administrators know more than the official calendar."""

from django.db import models
from django.db.models import F, Q

from notices.enums import DayKind


class SpecialDays(models.Model):
    """From `first` to `last`, both included, offices work (上班) or rest (放假) whatever the calendar says;
    in 学校假期 offices work and schools do not. A row that begins later goes before one that begins
    earlier, 上班 and 放假 before 学校假期. Holds for the whole installation."""

    first = models.DateField("自")
    last = models.DateField("至")
    kind = models.CharField("类别", max_length=14, choices=DayKind)
    name = models.CharField("名称", max_length=40, help_text="如“暑假”“运动会调休”。")

    class Meta:
        verbose_name = verbose_name_plural = "工作日调整"
        ordering = ["-first", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last__gte=F("first")),
                name="special_days_end_after_start",
                violation_error_message="结束日期不能早于开始日期，请改正。",
            ),
            models.CheckConstraint(condition=Q(kind__in=DayKind.values), name="special_days_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name
